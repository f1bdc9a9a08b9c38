/* SPDX-License-Identifier: ISC */
/*
 * staterekey: the commit that gives the vault another signing key. Private to state*.c.
 */
#ifndef VAULT_STATEREKEY_H
#define VAULT_STATEREKEY_H

#include "vault/state.h"

/* The member `rekey` of a commit, which a batch of kind "rekey" (`wanted`) has and no other: from
 * here on the batch's key is the vault's signing key. */
bool staterekey_take(
	struct state *s, const struct journal_line *line, bool wanted, struct err *e) FALLIBLE;

#endif
