/* SPDX-License-Identifier: ISC */
/*
 * pgpkdf: what an OpenPGP card with a KDF data object wants in place of a PIN (version 3.4, 4.3.2;
 * the hash is RFC 4880's iterated and salted S2K, 3.7.1.3).
 */
#ifndef HSM_PGPKDF_H
#define HSM_PGPKDF_H

#include "base/secret.h"

enum pgpkdf_pin { PGPKDF_USER, PGPKDF_ADMIN }; /* each may have a salt of its own */

/* `kdf`: the value of data object 00F9. A PIN is handed on as it is where that says so. An unknown
 * algorithm, or a count of more than 64 MiB, is ERR_DEVICE: a guess would cost a try. */
bool pgpkdf_derive(const uint8_t *kdf, size_t len, enum pgpkdf_pin which, const struct secret *pin,
	struct secret *out, struct err *e) FALLIBLE;

#endif
