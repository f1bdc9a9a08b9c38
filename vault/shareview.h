/* SPDX-License-Identifier: ISC */
/*
 * shareview: shares as `share show`, `verify` and `list` show them: everything but the payload.
 */
#ifndef VAULT_SHAREVIEW_H
#define VAULT_SHAREVIEW_H

#include "base/json.h"
#include "base/opt.h"
#include "shares/medium.h"
#include "shares/share.h"
#include "vault/anchor.h"

/* Row for the tables of options of the commands that take share files. */
#define SHAREVIEW_UNLOCK                                                                           \
	{                                                                                          \
		"unlock", OPT_ONE, "LAYER", "what locked shares are locked with: card:READER"      \
	}

/* A FILE operand as a medium: `dir:FILE`, with the layers' `+` escaped, and --unlock's layer. */
bool shareview_spec(const struct opts *o, const char *path, char **out, struct err *e) FALLIBLE;

/* The fields of docs/FORMAT.md without payloads. NULL when out of memory. `unlocked`: what the
 * record was unlocked with, or NULL. */
json_t *shareview_json(const struct share *s, const char *unlocked);
void shareview_print(const char *label, const struct share *s, const char *unlocked);

/*
 * What a share says of itself, or why it does not: parses and, with `verify`, authenticates it by
 * `anchor`, which may be NULL without it.
 */
bool shareview_read(const struct medium_record *record, bool verify, const struct anchor *anchor,
	struct share *out, struct err *e) FALLIBLE;

#endif
