/* SPDX-License-Identifier: ISC */
/*
 * admit: takes new spares into the vault: begin, write, read back, prove, commit.
 *
 * The order is the promise: a `begin` line; shares to their media and files to the vault, synced in
 * batches; every share read back from its medium past the page cache and verified; every k-subset
 * rebuilds the key (1000 random ones when there are more); the offline guard once more; then one
 * `commit` line. Anything that fails before it leaves the spares void, and what was written is
 * removed.
 */
#ifndef VAULT_ADMIT_H
#define VAULT_ADMIT_H

#include "shares/medium.h"
#include "vault/entropy.h"
#include "vault/spare.h"
#include "vault/store.h"

#define ADMIT_SUBSETS 1000

/* Who gets share i + 1 of every key. */
struct admit_holder {
	char name[SHARE_NAME_MAX + 1];
	struct medium medium;
};
struct admit_holders {
	struct admit_holder *items;
	size_t count;
};
#define ADMIT_HOLDERS_AUTO __attribute__((cleanup(admit_holders_free))) struct admit_holders
void admit_holders_free(struct admit_holders *h);

/* Opens each custodian's medium. Two on one medium, or one inside the vault folder: ERR_REFUSED. */
bool admit_holders_open(const char *vault_dir, const char *const *names, const char *const *specs,
	size_t count, struct admit_holders *out, struct err *e) FALLIBLE;

struct admit {
	struct store *store;
	const struct signer *signer;
	struct entropy *entropy;
	const char *kind; /* "init", "generate", "import" */
	enum manifest_origin origin;
	bool allow_online;
	bool detached;
	unsigned threshold;
	struct admit_holders *holders;
	struct spare *spares;
	size_t count;
	json_t *domain; /* what the commit says of the domain: {"domain", "names"}; NULL for none;
			   borrowed */
};
bool admit_run(struct admit *a, struct err *e) FALLIBLE;

#endif
