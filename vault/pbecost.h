/* SPDX-License-Identifier: ISC */
/*
 * pbecost: what it would cost to open a password-encrypted private key, before it is tried.
 *
 * The file says how many rounds its key derivation takes: a hostile one keeps us busy for years.
 */
#ifndef VAULT_PBECOST_H
#define VAULT_PBECOST_H

#include "base/err.h"

#include <openssl/types.h>

#define PBECOST_ROUNDS_MAX 20000000 /* PBKDF2: some ten seconds */
#define PBECOST_LANES_MAX 64        /* scrypt's p; its memory OpenSSL bounds at 32 MiB */

/* Of the algorithm of an EncryptedPrivateKeyInfo (RFC 5958 section 3): PBES2 with PBKDF2 or scrypt,
 * or one of the older schemes with a plain count. ERR_FORMAT when its parameters are malformed,
 * ERR_REFUSED when the cost is out of bounds. What is of another kind OpenSSL does not open. */
bool pbecost_check(const X509_ALGOR *algorithm, struct err *e) FALLIBLE;

#endif
