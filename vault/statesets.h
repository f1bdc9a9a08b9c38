/* SPDX-License-Identifier: ISC */
/*
 * statesets: the lines that change who holds a key that the vault has: a new set of shares, one
 * share made anew, old shares destroyed. Private to state*.c.
 */
#ifndef VAULT_STATESETS_H
#define VAULT_STATESETS_H

#include "vault/state.h"

/* The key that an item of a reshare's `begin` names: in the vault, and with that pin. */
bool statesets_known(
	const struct state *s, const json_t *item, struct state_key **out, struct err *e) FALLIBLE;
/* The committed set `now` takes the place of the key's earlier ones. */
void statesets_supersede(struct state_key *k, const struct state_set *now);

/* One item of a batch of kind "replace": a new share of the key's current set, counted as given out
 * from here on, and in the set when the batch commits. `item` is an item of the line. */
bool statesets_begin_share(struct state *s, const struct journal_line *line, const json_t *item,
	struct err *e) FALLIBLE;
bool statesets_commit_share(struct state *s, const struct journal_line *line, const json_t *begin,
	const json_t *item, size_t at, struct err *e) FALLIBLE;

/* `from`, where the line has it: [{key, set, custodians}], whose shares were read, and good. */
bool statesets_from(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

bool statesets_destroyed(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
