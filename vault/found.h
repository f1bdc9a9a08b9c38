/* SPDX-License-Identifier: ISC */
/*
 * found: a vault made: its folder, its identity, line 1 of its journal, and its signing key split.
 */
#ifndef VAULT_FOUND_H
#define VAULT_FOUND_H

#include "vault/spare.h"
#include "vault/store.h"

/* What a vault is made from, checked by the caller. */
struct found {
	const char *dir;
	const char *name;
	unsigned threshold;
	int64_t max_age; /* seconds */
	const struct signer_kdf *kdf;
	const char *const *custodians; /* their names */
	const char *const *media;      /* their specs, absolute */
	size_t custodian_count;
	bool online;
	bool rehearsal;
	const char *plan; /* hash of the plan of a ceremony, or NULL */
	json_t *rebuilt;  /* what a rebuilt vault goes on from, or NULL */
};

/*
 * The folder, the three identity files and line 1 of the journal. `secret_file` is the signing key
 * as signer_encode gives it. The files are in `files`: kept by the caller when all went well; else
 * freed, and then store_discard takes the rest back. On failure nothing is left.
 */
bool found_begin(const struct found *f, const struct signer *signer,
	const struct secret *secret_file, struct filebatch **files, struct store *out,
	struct err *e) FALLIBLE;

/* Removes what a killed found_begin for this plan left in a folder that has no whole line in its
 * journal. *left is false when there was no such folder. ERR_EXISTS when anything else lies in it.
 */
bool found_clear(const char *dir, const char *plan, bool *left, struct err *e) FALLIBLE;

/* The signing key as a spare, to be split like any other. `payloads`: as for spare_from_key. */
bool found_spare(const struct signer *signer, unsigned threshold, unsigned shares,
	enum manifest_origin origin, struct entropy *x, uint8_t *payloads, struct spare *out,
	struct err *e) FALLIBLE;

#endif
