/* SPDX-License-Identifier: ISC */
/*
 * caution: what the one who keeps a vault should mind: the warnings of `status`.
 */
#ifndef VAULT_CAUTION_H
#define VAULT_CAUTION_H

#include "vault/store.h"

struct caution_rule {
	const char *id; /* "detached"; NULL ends the table */
	/* Writes one sentence, or nothing. */
	void (*look)(const struct store *s, struct buf *out);
};
extern const struct caution_rule caution_rules[];

#endif
