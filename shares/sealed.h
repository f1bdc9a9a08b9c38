/* SPDX-License-Identifier: ISC */
/*
 * sealed: the sealed record: one private key under one key-encryption key (docs/FORMAT.md).
 *
 * ChaCha20-Poly1305 (IETF, RFC 8439); the associated data is every byte before "nonce:". A
 * key-encryption key (KEK) seals exactly one record and is never stored. The record itself is
 * public; only the KEK and the plaintext (PKCS#8 PEM) are secret.
 */
#ifndef SHARES_SEALED_H
#define SHARES_SEALED_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

#include <stdint.h>

#define SEALED_KEK_LEN 32
#define SEALED_NONCE_LEN 12
#define SEALED_TAG_LEN 16
#define SEALED_PLAIN_MAX 16384 /* bytes; RSA-4096 as PEM takes 3272 */
#define SEALED_KEY_ID_MAX 228  /* characters: a share's file name, 27 longer, fits in 255 */
#define SEALED_PIN_TEXT 45     /* a pin in base64, with NUL */
#define SEALED_SET_TEXT 17     /* 16 hex digits, with NUL */

struct sealed {
	char key[SEALED_KEY_ID_MAX + 1];
	char pin[SEALED_PIN_TEXT];
	char set[SEALED_SET_TEXT];
	uint8_t nonce[SEALED_NONCE_LEN];
	struct buf data; /* ciphertext and tag */
};
#define SEALED_AUTO __attribute__((cleanup(sealed_free))) struct sealed
void sealed_free(struct sealed *s);

/* Seals `plain` into *s, whose key, pin and set are set. `nonce` must be fresh random bytes. */
bool sealed_seal(struct sealed *s, const uint8_t nonce[static SEALED_NONCE_LEN],
	const struct secret *kek, const struct secret *plain, struct err *e) FALLIBLE;
/* ERR_AUTH when the KEK is not this record's or any byte of it was altered. */
bool sealed_open(const struct sealed *s, const struct secret *kek, struct secret *plain,
	struct err *e) FALLIBLE;

void sealed_encode(const struct sealed *s, struct buf *out);
bool sealed_parse(const char *text, size_t len, struct sealed *out, struct err *e) FALLIBLE;
bool sealed_copy(const struct sealed *from, struct sealed *to, struct err *e) FALLIBLE;

/* Hex BLAKE2b-256 of the encoded record: a share's "sealed-hash". */
bool sealed_hash(const struct sealed *s, char out[static 65], struct err *e) FALLIBLE;

#endif
