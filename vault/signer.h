/* SPDX-License-Identifier: ISC */
/*
 * signer: the vault's signing key: minisign's secret-key file, and signatures. The only signing
 * code of the project.
 *
 * File format: https://jedisct1.github.io/minisign/ ("Secret key format"): scrypt
 * (crypto_pwhash_scryptsalsa208sha256), checksum BLAKE2b-256. `minisign -S -s` takes the file.
 */
#ifndef VAULT_SIGNER_H
#define VAULT_SIGNER_H

#include "base/minisign.h"
#include "base/secret.h"
#include "vault/entropy.h"

#include <openssl/types.h>

struct signer_kdf {
	const char *name; /* "sensitive", "interactive" */
	uint64_t opslimit;
	uint64_t memlimit; /* bytes */
};
extern const struct signer_kdf signer_kdfs[]; /* name NULL ends */
bool signer_kdf_find(const char *name, const struct signer_kdf **out, struct err *e) FALLIBLE;

struct signer {
	struct minisign_pub pub;
	struct secret key; /* 64 bytes: seed, public key */
};
#define SIGNER_AUTO __attribute__((cleanup(signer_free))) struct signer
void signer_free(struct signer *s);

bool signer_new(struct entropy *x, struct signer *out, struct err *e) FALLIBLE;
/* The secret-key file's text; unencrypted, as `minisign -G -W` makes it, when `passphrase` is NULL
 * (and `kdf` with it). ERR_MEMORY when the KDF's memory cannot be had. */
bool signer_encode(const struct signer *s, const struct secret *passphrase,
	const struct signer_kdf *kdf, struct secret *out, struct err *e) FALLIBLE;
/* Whether the secret-key file is under a passphrase. */
bool signer_is_encrypted(const struct secret *file, bool *out, struct err *e) FALLIBLE;
/* ERR_AUTH for a wrong passphrase; bounds of the KDF parameters are checked first. A file that is
 * not encrypted is taken only with `passphrase` NULL (else ERR_REFUSED): nobody shall believe in a
 * passphrase that protects nothing. */
bool signer_decode(const struct secret *file, const struct secret *passphrase, struct signer *out,
	struct err *e) FALLIBLE;

/* The Ed25519 key as OpenSSL's, and back (recover --format minisign, splitting). */
bool signer_to_key(const struct signer *s, EVP_PKEY **out, struct err *e) FALLIBLE;
/* Whether this public key is the private one's other half. */
bool signer_is_of(const struct minisign_pub *pub, EVP_PKEY *key);
bool signer_from_key(EVP_PKEY *key, const uint8_t id[static MINISIGN_ID_LEN], struct signer *out,
	struct err *e) FALLIBLE;

/* Ed25519 over the bytes themselves: shares. */
void signer_sign(
	const struct signer *s, const void *data, size_t len, uint8_t out[static MINISIGN_SIG_LEN]);
/* A .minisig file's text: prehashed, as `minisign -S` makes. `comment` is the trusted comment:
 * ERR_USAGE when it is too long, or not one line. */
bool signer_minisig(const struct signer *s, const void *data, size_t len, const char *comment,
	struct buf *out, struct err *e) FALLIBLE;

#endif
