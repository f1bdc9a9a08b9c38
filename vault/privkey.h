/* SPDX-License-Identifier: ISC */
/*
 * privkey: private keys: generating, checking, and moving them in and out of guarded memory.
 *
 * An EVP_PKEY lives on OpenSSL's secure heap (harden.h). Serialised forms pass through secure-heap
 * BIOs into struct secret; what OpenSSL puts on its ordinary heap meanwhile is wiped (wipeheap.h).
 */
#ifndef VAULT_PRIVKEY_H
#define VAULT_PRIVKEY_H

#include "base/secret.h"
#include "pins/alg.h"
#include "pins/pin.h"
#include "vault/entropy.h"

#include <openssl/types.h>

#define AUTO_EVP_PKEY __attribute__((cleanup(privkey_free))) EVP_PKEY *
void privkey_free(EVP_PKEY **key);

/* A new key pair in the mix's library context, from a generator freshly seeded; checked as
 * privkey_check does, but for the primality of RSA's factors, which their making has tested. */
bool privkey_generate(
	struct entropy *x, const struct alg *alg, EVP_PKEY **out, struct err *e) FALLIBLE;

/* One of the seven algorithms, sound by EVP_PKEY_check, RSA exponent 65537, none of the weak ones
 * that weakkey.h knows, and its two halves belong together: a signature made with it verifies
 * (pairwise test), a changed one does not. ERR_REFUSED. `alg` may be NULL. */
bool privkey_check(EVP_PKEY *key, const struct alg **alg, struct err *e) FALLIBLE;

bool privkey_to_pem(EVP_PKEY *key, struct secret *pem, struct err *e) FALLIBLE; /* PKCS#8 */
/* Any plain form that privkey_parse knows. */
bool privkey_from_pem(const struct secret *pem, EVP_PKEY **out, struct err *e) FALLIBLE;

/* The public key as PEM SubjectPublicKeyInfo. */
struct buf;
bool privkey_public_pem(EVP_PKEY *key, struct buf *out, struct err *e) FALLIBLE;

/* Asked for a passphrase only when the file turns out to be encrypted. */
typedef bool (*privkey_passphrase)(void *context, struct secret *out, struct err *e);

/* PEM or DER; PKCS#8 (plain or encrypted), PKCS#1, SEC1; the first private key in it. ERR_FORMAT
 * when there is none, ERR_AUTH for a wrong passphrase, or for an encrypted one where `ask` is NULL;
 * ERR_REFUSED when decrypting it would take absurdly long. Never asks by itself. */
bool privkey_parse(const struct secret *file, privkey_passphrase ask, void *context, EVP_PKEY **out,
	struct err *e) FALLIBLE;

#endif
