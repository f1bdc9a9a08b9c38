/* SPDX-License-Identifier: ISC */
/*
 * backup: a copy of a vault's folder that is a vault's folder itself.
 *
 * Every file that the journal names, and the journal; without the operator's file of the signing
 * key unless that is wanted: then nothing in it opens anything without k shares. The journal gets
 * its name last, when everything else was read back from the disk and is what the journal says, so
 * a copy that was cut short is no vault. A failure removes what was written.
 */
#ifndef VAULT_BACKUP_H
#define VAULT_BACKUP_H

#include "vault/store.h"

struct backup {
	size_t files;   /* copied, the journal among them */
	uint64_t bytes; /* in them */
	bool skipped;   /* a file of the signing key was left out */
};

/* `to` does not exist, or is empty, and lies outside the vault. */
bool backup_make(const struct store *s, const char *to, bool signing_key, struct backup *out,
	struct err *e) FALLIBLE;

#endif
