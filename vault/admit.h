/* SPDX-License-Identifier: ISC */
/*
 * admit: takes new spares into the vault: begin, write, read back, prove, commit.
 *
 * The order is the promise: a `begin` line; shares to their media and files to the vault, synced in
 * batches; every share read back from its medium past the page cache, verified, and proven
 * (deal.h); the offline guard once more; then one `commit` line. Whatever fails before it leaves
 * the spares void, and what was written is removed. A spare of a key that the vault has already
 * gets another set; until its commit the one before counts.
 */
#ifndef VAULT_ADMIT_H
#define VAULT_ADMIT_H

#include "vault/deal.h"
#include "vault/entropy.h"
#include "vault/store.h"

struct admit {
	struct store *store;
	const struct entropy *entropy; /* for its sources' names */
	const char *kind;              /* "init", "generate", "import", "reshare", "rekey" */
	struct deal deal;
	bool allow_online;
	struct spare *spares;
	size_t count;
	const struct state_domain *domains; /* names and names to record */
	size_t domain_count;
	json_t *more; /* further members of the commit line, or NULL */
	/* Adds further files of the vault, named by the commit line, too; NULL: there are none. */
	bool (*add)(void *context, struct filebatch *files, json_t *hashes, struct err *e);
	/* Asked when all is proven and nothing counts yet; NULL: nobody. */
	bool (*consent)(void *context, const struct admit *a, struct err *e);
	void *context;
	uint64_t subsets; /* out: k-subsets that rebuilt each key */
};
bool admit_run(struct admit *a, struct err *e) FALLIBLE;

/* After it: a line for each custodian's shares, and a warning where too few carry the sealed key.
 */
void admit_print_shares(const struct admit *a);

#endif
