/* SPDX-License-Identifier: ISC */
/*
 * alg: the seven key algorithms, their names, and how to recognise them in a public key.
 */
#ifndef PINS_ALG_H
#define PINS_ALG_H

#include "base/err.h"

#include <openssl/types.h>
#include <stddef.h>

struct alg {
	const char *name;   /* "ec:p256": on command lines and in manifests */
	const char *slug;   /* "ec-p256": in key ids */
	const char *type;   /* OpenSSL's key type: "RSA", "EC", "ED25519" */
	const char *group;  /* OpenSSL's curve name for EC, else NULL */
	unsigned bits;      /* modulus bits for RSA, else 0 */
	const char *digest; /* for signing a CSR: "SHA256", "SHA384", "SHA512"; NULL for Ed25519 */
};

extern const struct alg alg_table[];
extern const size_t alg_count;
extern const struct alg *const alg_default; /* ec:p256 */

/* ERR_USAGE, listing the seven names. */
bool alg_find(const char *name, const struct alg **out, struct err *e) FALLIBLE;

/* The algorithm of a key, or NULL when it is none of the seven (an external pin may be of any). */
const struct alg *alg_of_key(EVP_PKEY *key);

/* A name for any public key, for records about external pins: "ec:p256", or "rsa:1024",
 * "ec:secp256k1", "ed448" for what is none of ours. Writes at most `size` bytes with NUL. */
void alg_describe(EVP_PKEY *key, char *out, size_t size);

#endif
