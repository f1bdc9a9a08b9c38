/* SPDX-License-Identifier: ISC */
/*
 * audittree: what lies in the vault folder and is named by no line of the journal: explained, where
 * a killed command leaves such a thing, or stray.
 */
#ifndef VAULT_AUDITTREE_H
#define VAULT_AUDITTREE_H

#include "vault/auditwork.h"

void audittree_walk(struct auditwork *w);

#endif
