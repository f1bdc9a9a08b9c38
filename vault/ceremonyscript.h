/* SPDX-License-Identifier: ISC */
/*
 * ceremonyscript: the paper that people at a ceremony read along on: who does what, what the screen
 * says, boxes to tick, room for digests, notes and signatures.
 *
 * Made from the plan and from the table of steps (ceremonysteps.h) that the program itself follows.
 * Locations of custodians are on it, contacts are not. Nothing secret.
 */
#ifndef VAULT_CEREMONYSCRIPT_H
#define VAULT_CEREMONYSCRIPT_H

#include "vault/plan.h"
#include "vault/sheet.h"

/* `vault`: the folder as the command line will name it, or NULL. */
bool ceremonyscript_write(const struct plan *p, const char *vault, const struct sheet_form *form,
	struct buf *out, struct err *e) FALLIBLE;

#endif
