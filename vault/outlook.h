/* SPDX-License-Identifier: ISC */
/*
 * outlook: how one domain stands: its slots filled or empty, what is published, what comes when.
 *
 * The policy that large sites converged on has three slots for each algorithm: one active key, one
 * presigned backup that can serve at once, and one or more that have seen nothing but the vault.
 */
#ifndef VAULT_OUTLOOK_H
#define VAULT_OUTLOOK_H

#include "vault/ramp.h"

#define OUTLOOK_SLOTS_MAX 16 /* algorithms */

struct outlook_slot {
	const char *algorithm;
	size_t active;      /* keys and live certificates of this algorithm: 0 or 1 */
	size_t presigned;   /* backups with a certificate that is valid yet */
	size_t standby;     /* the other backups */
	size_t usable;      /* backups that are ready now */
	int64_t next_ready; /* when the first of the rest will be, or CLOCK_NONE */
	int64_t last_ready; /* when the last of those will be whose time is known, or CLOCK_NONE */
};

struct outlook {
	const struct state_domain *domain;
	struct state_policy policy;
	struct ramp ramp;
	struct outlook_slot
		slots[OUTLOOK_SLOTS_MAX]; /* of the algorithms that the vault has keys of */
	size_t slot_count;
	size_t served; /* pins meant to be in the served chain: active ones and CAs */

	int64_t serial;        /* of the newest manifest, 0 when there is none */
	bool deployed;         /* it is known to be */
	size_t unpublished;    /* pins it lacks, or has in another role */
	size_t leftover;       /* pins it has and the next one will not */
	int64_t max_age;       /* that it says, or CLOCK_NONE where the domain is not in it */
	bool compromised_in;   /* it has a compromised pin */
	bool compromised_live; /* the newest manifest that is known to be deployed has one */

	const struct state_key *presign;  /* a backup that a CA could sign, or NULL */
	const struct state_key *expiring; /* active or presigned, with the earliest end; or NULL */
	int64_t expires;                  /* that end */
	char displaced[SEALED_KEY_ID_MAX + 1]; /* the first that waits for `retire`; or "" */
};

/* `newest`: the newest manifest, or NULL. Borrows from all of them. */
void outlook_make(const struct state *s, const struct ready_history *h,
	const struct manifest *newest, const struct state_domain *d, int64_t now,
	struct outlook *out);

size_t outlook_backups(const struct outlook_slot *slot);

#endif
