/* SPDX-License-Identifier: ISC */
/*
 * entropy: secret random bytes mixed from independent sources, so that any one good one suffices.
 *
 * Every request draws fresh bytes from the kernel (getrandom) and from OpenSSL's own generator and
 * hashes them (BLAKE2b) together with a pool that holds what came before and any dice. The
 * kernel's bytes pass the continuous health tests of SP 800-90B section 4.4 (health.h): a stuck
 * source is ERR_INTERNAL, before any of its bytes is used. Thread-safe.
 */
#ifndef VAULT_ENTROPY_H
#define VAULT_ENTROPY_H

#include "base/err.h"

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#define ENTROPY_DICE_MIN 50 /* rolls of a six-sided die: 129 bits */

struct entropy;

/* Runs the start-up tests on the kernel's source. */
bool entropy_new(struct entropy **out, struct err *e) FALLIBLE;
void entropy_free(struct entropy **x); /* wipes the pool */
#define ENTROPY_AUTO __attribute__((cleanup(entropy_free))) struct entropy

/* Adds rolls, digits 1 to 6 (blanks between them are passed over). Fewer than ENTROPY_DICE_MIN,
 * or anything else among them: ERR_USAGE; a run that no dice give: ERR_REFUSED. */
bool entropy_dice(struct entropy *x, const char *rolls, size_t len, struct err *e) FALLIBLE;

/* Any length; `out` is zeroed on failure. */
bool entropy_fill(struct entropy *x, uint8_t *out, size_t len, struct err *e) FALLIBLE;
/* The same as a gf_random (shares/gf.h). */
bool entropy_random(void *x, uint8_t *out, size_t len, struct err *e) FALLIBLE;

/* A library context whose generators are seeded from here (seedsource.h): keys generated and
 * signatures made in it draw on the mix. Lives as long as *x. */
OSSL_LIB_CTX *entropy_libctx(struct entropy *x);
/* Seeds them anew: before each key, so that every key has randomness of its own from here. */
bool entropy_reseed(struct entropy *x, struct err *e) FALLIBLE;

/* "kernel, openssl" or "kernel, openssl, dice": for the journal and transcripts. */
const char *entropy_sources(const struct entropy *x);

#endif
