/* SPDX-License-Identifier: ISC */
/*
 * weakkey: keys that are sound and weak all the same, by failures of generators that happened.
 *
 * - RSA factors closer than FIPS 186-4 appendix B.3.3 allows: Fermat's method finds them
 *   (CVE-2022-26320).
 * - RSA moduli of Infineon's chips (ROCA, CVE-2017-15361): the factors are powers of 65537 modulo
 *   many small primes. Looking at each prime alone flags good keys, so the discrete logarithms must
 *   fit together.
 * - EC scalars that are short: 64 leading zero bits come once in 2^64 keys.
 *
 * Primes shared between keys show only when moduli are compared, and a generator that knew few
 * states (Debian's of 2008) only in a list of what it made: neither is looked for here.
 */
#ifndef VAULT_WEAKKEY_H
#define VAULT_WEAKKEY_H

#include "base/err.h"

#include <openssl/types.h>

/* ERR_REFUSED, saying which weakness. Other kinds of keys pass. */
bool weakkey_check(EVP_PKEY *key, struct err *e) FALLIBLE;

#endif
