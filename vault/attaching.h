/* SPDX-License-Identifier: ISC */
/*
 * attaching: an issued chain becomes part of the vault: its file, and the line that names it.
 */
#ifndef VAULT_ATTACHING_H
#define VAULT_ATTACHING_H

#include "vault/issued.h"
#include "vault/store.h"

/* ERR_EXISTS when this certificate is attached already. `path` (below the vault) and `line` (the
 * event's members) may be NULL; else they are the caller's to free. */
bool attaching_run(struct store *s, const struct state_key *key, const struct state_domain *domain,
	const struct issued *issued, char **path, json_t **line, struct err *e) FALLIBLE;

#endif
