/* SPDX-License-Identifier: ISC */
/*
 * statebatch: the lines that bring keys into the vault: begin and commit. Private to state*.c.
 */
#ifndef VAULT_STATEBATCH_H
#define VAULT_STATEBATCH_H

#include "vault/state.h"

/* Its keys are void until the commit comes. A void key may be begun again. */
bool statebatch_begin(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;
/* All of the batch's keys, or none. */
bool statebatch_commit(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

/* A step of it that a rebuilt vault takes, too: a key that is new, or was void, by `key`, `pin`,
 * `algorithm` and `domain`. */
bool statebatch_take_key(
	struct state *s, const json_t *item, struct state_key **out, struct err *e) FALLIBLE;

#endif
