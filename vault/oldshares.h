/* SPDX-License-Identifier: ISC */
/*
 * oldshares: shares that were superseded or replaced, or whose sealed record in the vault was
 * destroyed: they work for ever until they are destroyed themselves.
 *
 * Any k shares of a set open its sealed record, whatever came after it; and copies of that record
 * are on the shares themselves, in the vault folder and in its backups. So an old set is harmless
 * when fewer than k of its shares are left: n-k+1 of them destroyed. Nobody but their holders can
 * say that they are: what they affirm is journalled.
 */
#ifndef VAULT_OLDSHARES_H
#define VAULT_OLDSHARES_H

#include "vault/state.h"

/* How many of an old set's shares are yet to be destroyed; 0 when it is harmless, or current,
 * or void. */
unsigned oldshares_left(const struct state_set *set);
/* Whether a share of this set should be destroyed and was not. */
bool oldshares_is_old(const struct state_set *set, const struct state_share *share);

/* Whose shares could still be destroyed, as "anna, ben, cleo": each name once. */
void oldshares_names(const struct state *s, struct buf *out);

/* Every old set of the key that is not harmless: appends {"key", "set", "threshold", "destroy" (how
 * many yet), "shares" [{"number", "custodian", "medium", "sealed" (does it carry the sealed key)}],
 * "sealed" (path of the sealed record in the vault, or null)}. */
bool oldshares_list(
	const struct state *s, const struct state_key *k, json_t *out, struct err *e) FALLIBLE;
/* What oldshares_list made, for people. */
void oldshares_text(const json_t *list, struct buf *out);

#endif
