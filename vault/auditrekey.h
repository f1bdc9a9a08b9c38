/* SPDX-License-Identifier: ISC */
/*
 * auditrekey: do the statements lead from the vault's first key to the one that signs now? Private
 * to audit*.c.
 */
#ifndef VAULT_AUDITREKEY_H
#define VAULT_AUDITREKEY_H

#include "vault/auditwork.h"

void auditrekey_all(struct auditwork *w);
/* What a rekey that was cut off may have left, besides what any batch leaves. */
void auditrekey_leftovers(struct auditwork *w, const char *batch);

#endif
