/* SPDX-License-Identifier: ISC */
/*
 * plan: the plan file of a ceremony: what people reviewed is what is run (docs/FORMAT.md, "Plan").
 *
 * All of it is public but contacts and locations, which stay within the vault. A plan that was
 * loaded is right in itself: names, counts, durations, media specs and algorithms are checked, and
 * nothing is given twice. Whether the media and files that it names are there is not looked at.
 * Errors are ERR_FORMAT (ERR_MISSING, ERR_IO for the file) and begin with "PLAN:LINE: ".
 */
#ifndef VAULT_PLAN_H
#define VAULT_PLAN_H

#include "base/encode.h"
#include "pins/alg.h"
#include "shares/share.h"
#include "vault/signer.h"

#include <stdint.h>

#define PLAN_LIST_MAX 100     /* entries of one list */
#define PLAN_BACKUPS_MAX 1000 /* keys of one algorithm for one domain */
#define PLAN_KEYS_MAX 10000   /* keys in all */
#define PLAN_PROMPT "prompt"  /* medium: asked for at the ceremony */

struct plan_custodian {
	char name[SHARE_NAME_MAX + 1];
	char *medium;   /* spec, its path absolute; NULL: asked for when it is needed ("prompt") */
	char *contact;  /* or NULL */
	char *location; /* or NULL */
};

struct plan_list {
	char **items;
	size_t count;
};

struct plan_domain {
	char *name;
	struct plan_list names; /* name_san forms, the domain first */
	struct plan_list
		active;         /* files of live certificates; relative ones by the plan's folder */
	struct plan_list ca;    /* files of CA certificates, likewise */
	char *report_uri;       /* or NULL */
	char *subject;          /* of the CSRs, or NULL */
	int64_t max_age;        /* CLOCK_NONE: the vault's */
	int include_subdomains; /* -1 unset, 0 no, 1 yes */
};

struct plan {
	char *path;                 /* as given */
	char hash[ENCODE_HASH_HEX]; /* BLAKE2b-256 of the file's bytes: the very ones that were read
				     */
	char name[SHARE_NAME_MAX + 1]; /* of the vault */
	unsigned threshold;
	int64_t max_age;
	int64_t valid_for;   /* CLOCK_NONE: manifests do not expire */
	int64_t drill_every; /* CLOCK_NONE: not said */
	unsigned backups;    /* keys of each algorithm, for each domain */
	const struct alg *algorithms[16];
	size_t algorithm_count;
	const struct signer_kdf *kdf;
	bool dice;
	bool detached;
	char *export_dir; /* absolute */
	struct plan_custodian *custodians;
	size_t custodian_count;
	struct plan_domain *domains;
	size_t domain_count;
};
#define PLAN_AUTO __attribute__((cleanup(plan_free))) struct plan
void plan_free(struct plan *p);

bool plan_load(const char *path, struct plan *out, struct err *e) FALLIBLE;

/* How many keys it makes, and how many of each custodian's shares: the signing key's is one more.
 */
size_t plan_keys(const struct plan *p);

/* Shares that all lie in one place burn together: where locations are given, there are at least
 * two different ones. ERR_REFUSED. */
bool plan_locations_check(const struct plan *p, struct err *e) FALLIBLE;

#endif
