/* SPDX-License-Identifier: ISC */
/*
 * seedsource: an OpenSSL library context whose generators are seeded by a function of ours.
 *
 * OpenSSL makes keys and signatures with CTR-DRBGs (SP 800-90A) that belong to a library context.
 * Here they hang on a provider whose one algorithm is a seed source that calls `fill`.
 */
#ifndef VAULT_SEEDSOURCE_H
#define VAULT_SEEDSOURCE_H

#include "base/err.h"

#include <openssl/types.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

struct seedsource {
	/* Full-entropy bytes, called from any thread. A failure fails the generator that asked. */
	bool (*fill)(void *context, uint8_t *out, size_t len, struct err *e);
	void *context;

	OSSL_LIB_CTX *libctx;
	OSSL_PROVIDER *providers[2];
	atomic_ulong draws; /* how often OpenSSL asked */
};

/*
 * A fresh context with the default provider, the seed source, and AES-256 CTR-DRBGs upon it; the
 * first of them is instantiated. ERR_INTERNAL unless that one has drawn on *s: OpenSSL 3.0 falls
 * back to the operating system without a word when a seed source cannot be had.
 * `fill` and `context` are set by the caller. After a failure, too, seedsource_close.
 */
bool seedsource_open(struct seedsource *s, struct err *e) FALLIBLE;
void seedsource_close(struct seedsource *s); /* what was made in the context is gone before */

#endif
