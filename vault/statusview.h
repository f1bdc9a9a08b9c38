/* SPDX-License-Identifier: ISC */
/*
 * statusview: all that `status` shows, as JSON and as text of at most 80 columns.
 */
#ifndef VAULT_STATUSVIEW_H
#define VAULT_STATUSVIEW_H

#include "vault/ready.h"

/* What is looked at; borrowed. */
struct statusview {
	const struct store *store;
	const struct ready_history *history;
	const struct manifest *newest; /* NULL when there is none */
	int64_t now;
};

/* The document of `status --json`, but for "journal". */
bool statusview_json(const struct statusview *v, json_t **out, struct err *e) FALLIBLE;
/* To standard output. */
bool statusview_print(const struct statusview *v, struct err *e) FALLIBLE;

#endif
