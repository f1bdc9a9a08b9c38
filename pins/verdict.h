/* SPDX-License-Identifier: ISC */
/*
 * verdict: a domain's pins held against the paths of what is served.
 *
 * A client takes one of the paths, nobody knows which: the verdict is a match when each path has a
 * certificate whose key is pinned (RFC 7469 section 2.6).
 */
#ifndef PINS_VERDICT_H
#define PINS_VERDICT_H

#include "pins/chain.h"
#include "pins/index.h"

struct verdict {
	const struct manifest_domain *domain;
	const struct chain *chain;
	struct index_pins pins; /* of the domain */
	bool match;
	size_t backups_outside; /* backup pins of no certificate on any path: section 2.5 wants one
				 */
	const struct pubfile_item *expires_first; /* of the certificates; NULL: no end */
	int64_t expires_at;
};
#define VERDICT_AUTO __attribute__((cleanup(verdict_free))) struct verdict
void verdict_free(struct verdict *v);

/* Borrows both. */
bool verdict_make(const struct manifest_domain *d, const struct chain *c, struct verdict *out,
	struct err *e) FALLIBLE;

/* The pin that the certificate's key matches, or NULL. */
const struct manifest_pin *verdict_pin(const struct verdict *v, const struct pubfile_item *item);
bool verdict_path_matches(const struct verdict *v, const struct chain_path *path);

/* When a certificate ends; CLOCK_NONE when it says "never" (RFC 5280 section 4.1.2.5). */
int64_t verdict_not_after(const struct pubfile_item *item);

#endif
