/* SPDX-License-Identifier: ISC */
/*
 * successor: which backup to use when the key in production is lost or compromised.
 *
 * One that can serve at once comes first: presigned, with a certificate that is valid now, and
 * ready. Then one that is ready; then by when it will be. Among equals: a cold one, one of the same
 * algorithm, the oldest.
 */
#ifndef VAULT_SUCCESSOR_H
#define VAULT_SUCCESSOR_H

#include "vault/ready.h"

struct successor {
	const struct state_key *key;
	bool ready;
	int64_t ready_at;                            /* CLOCK_NONE: not known */
	const struct state_certificate *certificate; /* valid now; or NULL */
};

/* `algorithm` is that of the key to be replaced. False when the domain has no proven backup. */
bool successor_choose(const struct store *s, const struct ready_history *h,
	const struct state_domain *d, const char *algorithm, int64_t now, struct successor *out);

/* "presigned until 2027-01-01T00:00:00Z, ready" */
void successor_describe(const struct successor *c, struct buf *out);

#endif
