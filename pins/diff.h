/* SPDX-License-Identifier: ISC */
/*
 * diff: what changed between two manifests: the head, the domains, the pins.
 *
 * Changes borrow from both manifests. A domain that came or went brings a change for itself and
 * one for each of its pins.
 */
#ifndef PINS_DIFF_H
#define PINS_DIFF_H

#include "pins/manifest.h"

enum diff_kind { DIFF_ADDED, DIFF_REMOVED, DIFF_CHANGED };
const char *diff_kind_name(enum diff_kind kind); /* "added", "removed", "changed" */

struct diff_field {
	const char *name; /* as in the manifest: "role" */
	char *from, *to;  /* as text; "none" for null */
};

struct diff_change {
	enum diff_kind kind;
	const char *domain;             /* NULL: the manifest itself */
	const struct manifest_pin *pin; /* the newer one where there are two; NULL: the domain */
	struct diff_field *fields;      /* what changed; none unless DIFF_CHANGED */
	size_t field_count;
};

struct diff {
	struct diff_change *list; /* the manifest, then by domain as in the newer one */
	size_t count;
};
#define DIFF_AUTO __attribute__((cleanup(diff_free))) struct diff
void diff_free(struct diff *d);

bool diff_manifests(const struct manifest *from, const struct manifest *to, struct diff *out,
	struct err *e) FALLIBLE;

#endif
