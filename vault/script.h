/* SPDX-License-Identifier: ISC */
/*
 * script: one paper for a ceremony, being written. Private to ceremonyscript.c and scriptsteps.c.
 */
#ifndef VAULT_SCRIPT_H
#define VAULT_SCRIPT_H

#include "vault/plan.h"
#include "vault/sheet.h"

struct script {
	const struct plan *plan;
	const char *vault;
	struct sheet sheet;
	struct buf text; /* of sentences that are put together */
};

/* Puts a sentence together and hands it to one of the sheet's functions. */
void script_say(struct script *s, void (*how)(struct sheet *sheet, const char *text),
	const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* As the paper names it. */
const char *script_medium(const struct plan_custodian *c);

/* The pages with the steps: scriptsteps.c. */
void scriptsteps_write(struct script *s);

#endif
