/* SPDX-License-Identifier: ISC */
/*
 * publish: the next manifest signed, kept in the vault, and written to an export folder: pins.json,
 * its signature, vault.pub, the CSRs and the certificates, and nothing secret, ever.
 *
 * Everything is on disk, but for the name pins.json, when the journal's line commits: a folder
 * without it was never exported. An export that fails uses up no serial.
 */
#ifndef VAULT_PUBLISH_H
#define VAULT_PUBLISH_H

#include "base/filenew.h"
#include "vault/store.h"

struct publish {
	struct store *store;
	const char *to;    /* the export folder; made when it is not there */
	int64_t valid_for; /* CLOCK_NONE: the policy's */
	bool force;        /* publish a set that is not safe */
	bool online;       /* --allow-online was given */

	struct manifest manifest; /* from here on publish's own */
	struct buf warnings;      /* lines for standard error */
	struct buf bytes;         /* pins.json */
	struct buf signature;     /* pins.json.minisig */
	struct filebatch *files;
	struct filenew pins; /* pins.json in the export folder, on disk and not named yet */
	json_t *hashes;      /* of the vault's own copies */
};
#define PUBLISH_NONE ((struct publish){ .valid_for = CLOCK_NONE, .pins = FILENEW_NONE })
#define PUBLISH_AUTO __attribute__((cleanup(publish_free))) struct publish
void publish_free(struct publish *p);

/* Everything that can be refused without a secret: the folder (nothing else may lie there), and a
 * set that could lock clients out. */
bool publish_prepare(struct publish *p, struct err *e) FALLIBLE;

/* Signs, writes, looks whether the machine is still offline, journals: from then on it counts. */
bool publish_run(struct publish *p, const struct signer *signer, struct err *e) FALLIBLE;

/* What a killed export left in a folder that never got its pins.json: nobody was given that. Only
 * names that an export has; whatever else lies there stays, and is in the way. */
bool publish_clear(const char *to, struct err *e) FALLIBLE;
/* pins.json of a manifest that was journalled, in the folder where it did not get its name any
 * more; nothing where that folder is another one. */
bool publish_finish(const struct store *s, int64_t serial, const char *to, struct err *e) FALLIBLE;

#endif
