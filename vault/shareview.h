/* SPDX-License-Identifier: ISC */
/*
 * shareview: shares as `share show`, `verify` and `list` show them: everything but the payload.
 */
#ifndef VAULT_SHAREVIEW_H
#define VAULT_SHAREVIEW_H

#include "base/json.h"
#include "shares/medium.h"
#include "shares/share.h"

/* The fields of docs/FORMAT.md without payloads. NULL when out of memory. */
json_t *shareview_json(const struct share *s);
void shareview_print(const char *label, const struct share *s);

/*
 * What a share says of itself, or why it does not: parses and, with `verify`, authenticates it by
 * `anchor` or, when that is NULL, by the key it names itself.
 */
bool shareview_read(const struct medium_record *record, bool verify,
	const struct minisign_pub *anchor, struct share *out, struct err *e) FALLIBLE;

#endif
