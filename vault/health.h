/* SPDX-License-Identifier: ISC */
/*
 * health: the continuous health tests of NIST SP 800-90B section 4.4 over bytes.
 *
 * Repetition count (4.4.1) and adaptive proportion (4.4.2, window 512), with cut-offs for full
 * entropy (8 bits a byte) at a false-positive rate of 2^-40. They catch a stuck or biased source,
 * never a bad generator: hence the mixing (entropy.h).
 */
#ifndef VAULT_HEALTH_H
#define VAULT_HEALTH_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define HEALTH_STARTUP 1024 /* samples of the start-up test, section 4.3 */

struct health {
	int last; /* -1 before the first sample */
	unsigned repeats;
	uint8_t window_first;
	unsigned window_seen;
	unsigned window_hits;
	bool failed;
};

void health_init(struct health *h);
/* ERR_INTERNAL when either test fails; the state is then failed for good. */
bool health_feed(struct health *h, const uint8_t *samples, size_t len, struct err *e) FALLIBLE;

#endif
