/* SPDX-License-Identifier: ISC */
/*
 * auditmanifest: every signed manifest: signature, place in the row, pins, and the journal's head
 * that it saw.
 */
#ifndef VAULT_AUDITMANIFEST_H
#define VAULT_AUDITMANIFEST_H

#include "vault/auditwork.h"

void auditmanifest_all(struct auditwork *w);

/* A manifest that no line names: what a killed export leaves, unless it saw more of the journal
 * than there is now. False when `path` is something else. */
bool auditmanifest_explain(struct auditwork *w, const char *path);

#endif
