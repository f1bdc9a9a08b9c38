/* SPDX-License-Identifier: ISC */
/*
 * auditfile: every file that the journal names: there, unaltered, and saying what it should.
 */
#ifndef VAULT_AUDITFILE_H
#define VAULT_AUDITFILE_H

#include "vault/auditwork.h"

void auditfile_all(struct auditwork *w);

#endif
