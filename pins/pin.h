/* SPDX-License-Identifier: ISC */
/*
 * pin: an SPKI pin: SHA-256 over the DER SubjectPublicKeyInfo (RFC 7469 section 2.4).
 *
 * The same 32 bytes are the certificate-association data of a TLSA 3 1 1 record (RFC 6698).
 * Everything here is public.
 */
#ifndef PINS_PIN_H
#define PINS_PIN_H

#include "base/err.h"

#include <openssl/types.h>
#include <stddef.h>
#include <stdint.h>

#define PIN_LEN 32
#define PIN_TEXT 45 /* base64 with NUL */
#define PIN_HEX 65  /* with NUL */

struct pin {
	uint8_t hash[PIN_LEN];
};

void pin_of_spki(const uint8_t *der, size_t len, struct pin *out);
/* The public half only is looked at, so a private key may be given. ERR_FORMAT. */
bool pin_of_key(EVP_PKEY *key, struct pin *out, struct err *e) FALLIBLE;

void pin_encode(const struct pin *pin, char out[static PIN_TEXT]);
void pin_encode_hex(const struct pin *pin, char out[static PIN_HEX]);
/* Canonical base64 (44 characters) or lower- or upper-case hex (64). ERR_FORMAT. */
bool pin_parse(const char *text, struct pin *out, struct err *e) FALLIBLE;
bool pin_equal(const struct pin *a, const struct pin *b);

#endif
