/* SPDX-License-Identifier: ISC */
/*
 * rebuildfile: the files that a rebuilt vault gets. Private to rebuild*.c.
 */
#ifndef VAULT_REBUILDFILE_H
#define VAULT_REBUILDFILE_H

#include "vault/rebuild.h"

bool rebuildfile_public(
	struct rebuild *r, const char *key, EVP_PKEY *private_key, struct err *e) FALLIBLE;
bool rebuildfile_sealed(struct rebuild *r, const struct sealed *record, struct err *e) FALLIBLE;
/* From the export: ERR_AUTH when it is not of that key. */
bool rebuildfile_request(struct rebuild *r, const struct manifest_pin *p, struct err *e) FALLIBLE;
bool rebuildfile_manifest(struct rebuild *r, const char *suffix, struct err *e) FALLIBLE;
/* By which the vault's first key leads to the manifest's. */
bool rebuildfile_statements(struct rebuild *r, struct err *e) FALLIBLE;

#endif
