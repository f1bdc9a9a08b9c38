/* SPDX-License-Identifier: ISC */
/*
 * stateevents: the kinds of journal lines, and what each does to the state. Private to state*.c.
 */
#ifndef VAULT_STATEEVENTS_H
#define VAULT_STATEEVENTS_H

#include "vault/state.h"

struct stateevents_row {
	const char *event;
	bool signs; /* its command unlocks the signing key */
	bool (*apply)(struct state *s, const struct journal_line *line, struct err *e);
};

/* NULL for a kind that this version does not know. */
const struct stateevents_row *stateevents_find(const char *event);

/* Pins from outside: an `add-pin` line, or a part of another one. */
bool stateevents_add_pin(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
