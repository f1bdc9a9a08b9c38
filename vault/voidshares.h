/* SPDX-License-Identifier: ISC */
/*
 * voidshares: what an interrupted making of the vault left on its custodians' media.
 *
 * The signing key is split again when it is gone on with. k shares of the void splitting would open
 * it as well, and a recovery could not tell which of the two counts: so they go.
 */
#ifndef VAULT_VOIDSHARES_H
#define VAULT_VOIDSHARES_H

#include "shares/medium.h"
#include "vault/state.h"

/* Removes this vault's shares of sets that were begun and not committed, while the vault is not
 * ready; does nothing to one that is. Only files with the name of their share; cards keep theirs.
 * Says on standard error how many went. */
bool voidshares_remove(const struct state *s, struct medium *m, struct err *e) FALLIBLE;

#endif
