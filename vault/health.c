/* SPDX-License-Identifier: ISC */
#include "vault/health.h"

/*
 * Both cut-offs are for alpha = 2^-40 and H = 8 bits a byte, that is p = 2^-8 for any one value.
 *
 * Repetition count, section 4.4.1: C = 1 + ceil(40 / H).
 *
 * Adaptive proportion, section 4.4.2: C = 1 + critbinom(W, p, 1 - alpha). critbinom is the least k
 * for which a binomial variable of 512 trials at 1/256 stays at or below k with probability
 * 1 - alpha or more: above 17 it comes with 2^-37.6, above 18 with 2^-40.9, so it is 18.
 */
#define REPEATS_CUTOFF 6
#define WINDOW 512
#define WINDOW_CUTOFF 19

void
health_init(struct health *h)
{
	*h = (struct health){ .last = -1 };
}

static bool
repeats_within(struct health *h, uint8_t sample)
{
	h->repeats = h->last == sample ? h->repeats + 1 : 1;
	h->last = sample;
	return h->repeats < REPEATS_CUTOFF;
}

/* Counts how often a window's first value comes in it, that first one included. */
static bool
proportion_within(struct health *h, uint8_t sample)
{
	if (h->window_seen == 0) {
		h->window_first = sample;
		h->window_hits = 0;
	}
	if (h->window_first == sample)
		h->window_hits++;
	h->window_seen = (h->window_seen + 1) % WINDOW;
	return h->window_hits < WINDOW_CUTOFF;
}

bool
health_feed(struct health *h, const uint8_t *samples, size_t len, struct err *e)
{
	for (size_t i = 0; i < len && !h->failed; i++) {
		bool repeats = repeats_within(h, samples[i]);
		bool proportion = proportion_within(h, samples[i]);
		h->failed = !repeats || !proportion;
	}
	if (!h->failed)
		return true;
	err_set(e, ERR_INTERNAL, "the random source failed its health test (%s)",
		h->repeats >= REPEATS_CUTOFF ? "repetition count" : "adaptive proportion");
	return err_hint(e, "do not make keys on this machine");
}
