/* SPDX-License-Identifier: ISC */
/*
 * ramp: a max-age that grows step by step, so that the first mistakes are forgotten soon.
 *
 * The first manifest of a domain carries the first step; each one that is known to be deployed
 * since the ramp was set allows the next. A step is never taken back by itself.
 */
#ifndef VAULT_RAMP_H
#define VAULT_RAMP_H

#include "vault/ready.h"

struct ramp {
	unsigned step;  /* that the next manifest carries, 1 .. steps */
	unsigned steps; /* 0: the domain has no ramp */
	int64_t now;    /* seconds, of this step */
	int64_t next;   /* of the one after it, or CLOCK_NONE */
};

/* The max-age of the domain's next manifest: the ramp's, or its policy's where it has none. */
int64_t ramp_max_age(const struct state *s, const struct ready_history *h,
	const struct state_domain *d, struct ramp *out);

#endif
