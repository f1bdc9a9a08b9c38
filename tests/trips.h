/* SPDX-License-Identifier: ISC */
/*
 * trips: for each rule of lint, manifests that break it, as changes of the sample.
 */
#ifndef TESTS_TRIPS_H
#define TESTS_TRIPS_H

#include "pins/lint.h"
#include "tests/support_manifest.h"

/* What a change may touch. */
struct given {
	json_t *m;        /* the sample, before */
	json_t *previous; /* none unless a change makes one */
	struct lint_context ctx;
	const char *dir; /* a folder of the test's own */
};

/* The change trips the rule, and nothing but that and what it implies. */
struct trip {
	const char *rule;
	void (*change)(struct given *g);
	const char *implied; /* ids, separated by blanks */
};
extern const struct trip trips[];
extern const size_t trip_count;

/* Changes that other tests use, too. */
void trips_without_active(struct given *g);
void trips_with_cas(struct given *g);

#endif
