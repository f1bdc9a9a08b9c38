/* SPDX-License-Identifier: ISC */
/*
 * gf: splitting and combining with libgfshare: the only file that includes its header.
 *
 * Shamir over GF(256) with polynomial 0x11d, byte by byte. Not authenticated: too few or wrong
 * shares give wrong bytes without an error, so callers check commitments before and the sealed
 * record after. Not constant-time (table look-ups); see the threat model.
 * Limits are checked here as wide integers before the library narrows them.
 */
#ifndef SHARES_GF_H
#define SHARES_GF_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

#define GF_SECRET_LEN 32

/* Where the coefficients come from; false aborts the splitting with its err. */
typedef bool (*gf_random)(void *context, uint8_t *out, size_t len, struct err *e);

/*
 * Splits `secret` (GF_SECRET_LEN bytes) into `count` shares. numbers[i] (distinct, 1..255) is the
 * x coordinate of share i, written to out + i * GF_SECRET_LEN; `out` is secret memory of
 * count * GF_SECRET_LEN bytes. 2 <= threshold <= count <= 255, else ERR_USAGE.
 * Thread-safe. Must never be called twice with the same secret.
 */
bool gf_split(const uint8_t secret[static GF_SECRET_LEN], unsigned threshold, unsigned count,
	const uint8_t *numbers, gf_random random, void *context, uint8_t *out,
	struct err *e) FALLIBLE;

/* Interpolates at 0 from `count` shares (2..255, distinct nonzero numbers, else ERR_USAGE);
 * shares[i] points to GF_SECRET_LEN bytes. `out` is secret memory. */
bool gf_combine(unsigned count, const uint8_t *numbers, const uint8_t *const *shares,
	uint8_t out[static GF_SECRET_LEN], struct err *e) FALLIBLE;

/*
 * The share with number `x` from `count` others, which are at least as many as the threshold:
 * interpolates at x. It is the share that gf_split would have given; fewer give another one,
 * without an error. `x` is 1..255 and none of the numbers, else ERR_USAGE. `out` is secret memory.
 */
bool gf_interpolate(unsigned count, const uint8_t *numbers, const uint8_t *const *shares,
	unsigned x, uint8_t out[static GF_SECRET_LEN], struct err *e) FALLIBLE;

#endif
