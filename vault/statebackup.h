/* SPDX-License-Identifier: ISC */
/*
 * statebackup: what `backup` lines do to the state. Private to state*.c.
 */
#ifndef VAULT_STATEBACKUP_H
#define VAULT_STATEBACKUP_H

#include "vault/state.h"

bool statebackup_apply(struct state *s, const struct journal_line *line, struct err *e) FALLIBLE;

#endif
