/* SPDX-License-Identifier: ISC */
/*
 * spare: one backup key on its way into the vault: generated, put into a CSR, sealed, its
 * key-encryption key split; the private key and the KEK are gone when these functions return.
 */
#ifndef VAULT_SPARE_H
#define VAULT_SPARE_H

#include "base/buf.h"
#include "pins/alg.h"
#include "pins/manifest.h"
#include "pins/pin.h"
#include "shares/share.h"
#include "vault/entropy.h"

struct spare {
	char id[SEALED_KEY_ID_MAX + 1];
	struct pin pin;
	const struct alg *alg;
	char *domain;          /* NULL for the vault's signing key */
	struct buf csr;        /* PEM; empty for the signing key, and for a key that is known */
	struct buf public_pem; /* likewise empty for one that is known */
	enum manifest_origin origin;
	bool known;           /* the vault has the key already: this is another set of it */
	struct sealed sealed; /* set id, nonce, ciphertext */
	uint8_t *payloads;    /* secret: shares x SHARE_DATA_LEN bytes, in the caller's arena */
	bool bare[SHARE_COUNT_MAX]; /* share i + 1 came back without the sealed key (deal_prove) */
};
void spare_free(struct spare *s);

struct spare_recipe {
	const char *id; /* SHARE_SIGNING_KEY, that of a known key, or NULL: made from domain,
			   algorithm and pin */
	const char *domain;
	const char *subject; /* or NULL */
	char *const *names;
	size_t name_count;
	const struct alg *alg; /* what to generate; ignored when a key is given */
	unsigned threshold, shares;
	enum manifest_origin origin;
	bool known;
};

/* From a key that exists (checked by the caller). Numbers are 1..shares. */
bool spare_from_key(const struct spare_recipe *r, EVP_PKEY *key, struct entropy *x,
	uint8_t *payloads, struct spare *out, struct err *e) FALLIBLE;

/* Generates spares[i] by recipes[i] in parallel workers (threads, one per processor), with
 * progress. All or none. `payloads` is an arena of the sum of shares x SHARE_DATA_LEN bytes. */
bool spare_generate(const struct spare_recipe *recipes, size_t count, struct entropy *x,
	uint8_t *payloads, struct spare *spares, struct err *e) FALLIBLE;

#endif
