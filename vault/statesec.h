/* SPDX-License-Identifier: ISC */
/*
 * statesec: the line that puts the signing key under another passphrase. Private to state*.c.
 */
#ifndef VAULT_STATESEC_H
#define VAULT_STATESEC_H

#include "vault/state.h"

/* The next vault-<n>.sec counts; the one before leaves the vault's files. */
bool statesec_passphrase(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
