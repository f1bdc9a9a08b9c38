/* SPDX-License-Identifier: ISC */
/*
 * minisign: public keys and signatures in minisign's formats: reading and verifying.
 *
 * Formats: https://jedisct1.github.io/minisign/ ("Public key format", "Signature format").
 * Public key: base64 of 'E' 'd', key id (8 bytes), Ed25519 public key (32): 56 characters.
 * Signature: prehashed ('E' 'D') Ed25519 over BLAKE2b-512 of the data, and a global signature
 * over signature || trusted comment. Legacy 'E' 'd' signatures are refused.
 * Everything here is public. Signing lives in the vault alone.
 */
#ifndef BASE_MINISIGN_H
#define BASE_MINISIGN_H

#include "base/buf.h"
#include "base/err.h"

#include <stdint.h>

#define MINISIGN_ID_LEN 8
#define MINISIGN_KEY_LEN 32
#define MINISIGN_SIG_LEN 64
#define MINISIGN_PUB_TEXT 57 /* base64 with NUL */
/* With NUL: 16 upper-case hex digits, the id read as a little-endian number. minisign prints the
 * same number, without leading zeros. */
#define MINISIGN_ID_TEXT 17
#define MINISIGN_COMMENT_MAX 1024

struct minisign_pub {
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t key[MINISIGN_KEY_LEN];
};

void minisign_pub_encode(const struct minisign_pub *pub, char out[static MINISIGN_PUB_TEXT]);
void minisign_pub_id(const struct minisign_pub *pub, char out[static MINISIGN_ID_TEXT]);
bool minisign_pub_equal(const struct minisign_pub *a, const struct minisign_pub *b);
/* The file `vault.pub`: an untrusted comment line and the base64 line. */
void minisign_pub_file(const struct minisign_pub *pub, struct buf *out);

/* From the base64 text alone. ERR_FORMAT. */
bool minisign_pub_parse(const char *base64, struct minisign_pub *out, struct err *e) FALLIBLE;
/* From what a user gives: a file's path, or the base64 itself. */
bool minisign_pub_load(
	const char *path_or_base64, struct minisign_pub *out, struct err *e) FALLIBLE;

struct minisign_sig {
	uint8_t id[MINISIGN_ID_LEN];
	uint8_t sig[MINISIGN_SIG_LEN];
	uint8_t global[MINISIGN_SIG_LEN];
	char comment[MINISIGN_COMMENT_MAX]; /* the trusted comment */
};

bool minisign_sig_parse(
	const char *text, size_t len, struct minisign_sig *out, struct err *e) FALLIBLE;
void minisign_sig_encode(const struct minisign_sig *sig, struct buf *out);

/* ERR_AUTH when the id is another key's (the message says so), when either signature fails. */
bool minisign_verify(const struct minisign_pub *pub, const struct minisign_sig *sig,
	const void *data, size_t len, struct err *e) FALLIBLE;

#endif
