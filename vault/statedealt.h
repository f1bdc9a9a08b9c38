/* SPDX-License-Identifier: ISC */
/*
 * statedealt: what a commit says of one set's shares: their commitments, where they went, and which
 * of them do not carry the sealed key. Private to state*.c.
 */
#ifndef VAULT_STATEDEALT_H
#define VAULT_STATEDEALT_H

#include "vault/state.h"

/* `item`: the set's among the line's keys. */
bool statedealt_take(struct state_set *set, const struct journal_line *line, const json_t *item,
	struct err *e) FALLIBLE;

#endif
