/* SPDX-License-Identifier: ISC */
/*
 * rebuild: what a vault is made from again when its folder is gone: the custodians' shares, and the
 * last export.
 *
 * Each key of the manifest is brought back in memory from the shares given, all k-subsets of them,
 * under the vault's key; its pin must be the manifest's. What is kept is what the shares carry, the
 * sealed record, and what is public. No private key is written but the signing key, under a new
 * passphrase.
 */
#ifndef VAULT_REBUILD_H
#define VAULT_REBUILD_H

#include "pins/trust.h"
#include "vault/gather.h"

#include <sys/types.h>

/* One that the new vault gets. */
struct rebuild_file {
	char *path; /* below the vault */
	mode_t mode;
	struct buf bytes;
};

struct rebuild {
	/* Given. */
	const char *folder;      /* the export folder */
	struct minisign_pub key; /* the vault's first */
	struct gather *sources;
	bool partial; /* go on although keys cannot be brought back */

	/* Found. */
	struct trust from;           /* the manifest */
	struct minisign_pub *before; /* keys that signed for the next one, up to the manifest's */
	size_t before_count;
	struct signer signer;
	unsigned threshold;
	bool offline;
	json_t *custodians; /* name -> medium, of those whose share of the signing key was there */
	json_t *keys;       /* as the journal's line has them; the signing key first */
	json_t *lost; /* [{"key", "pin", "kept", "error"}]: not brought back; kept as a pin? */
	struct rebuild_file *files;
	size_t file_count;
};
#define REBUILD_AUTO __attribute__((cleanup(rebuild_free))) struct rebuild
void rebuild_free(struct rebuild *r);

/* Everything is read and proven, nothing written. ERR_REFUSED when a key of the manifest cannot be
 * brought back, unless `partial`; the signing key must be. */
bool rebuild_collect(struct rebuild *r, struct err *e) FALLIBLE;

/* The body of the `rebuild` line; `files` is what store_add_file made. */
bool rebuild_line(const struct rebuild *r, json_t *files, json_t **out, struct err *e) FALLIBLE;

#endif
