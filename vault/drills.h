/* SPDX-License-Identifier: ISC */
/*
 * drills: when each custodian's shares were last seen good, and who is overdue.
 */
#ifndef VAULT_DRILLS_H
#define VAULT_DRILLS_H

#include "vault/state.h"

/* The shares of the current sets of keys that may yet be needed: standby, presigned, active, and
 * the signing key's. */
struct drills_item {
	const char *custodian;
	size_t shares;
	int64_t seen; /* of the share that was not seen for the longest time; CLOCK_NONE: never */
	int64_t due;  /* likewise: at once */
	const char *key;    /* that share's */
	const char *medium; /* likewise */
	bool overdue;
};
struct drills {
	struct drills_item *items; /* in the order in which custodians first got a share */
	size_t count;
};
#define DRILLS_AUTO __attribute__((cleanup(drills_free))) struct drills
void drills_free(struct drills *d);

/* Borrows from the state. */
bool drills_make(const struct state *s, int64_t now, struct drills *out, struct err *e) FALLIBLE;

#endif
