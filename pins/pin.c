/* SPDX-License-Identifier: ISC */
#include "pins/pin.h"

#include "base/encode.h"

#include <openssl/crypto.h>
#include <openssl/x509.h>
#include <sodium.h>
#include <string.h>

_Static_assert(PIN_LEN == crypto_hash_sha256_BYTES, "a pin is a SHA-256");
_Static_assert(PIN_TEXT == ENCODE_BASE64_SIZE(PIN_LEN), "with NUL");
_Static_assert(PIN_HEX == ENCODE_HEX_SIZE(PIN_LEN), "with NUL");

void
pin_of_spki(const uint8_t *der, size_t len, struct pin *out)
{
	crypto_hash_sha256(out->hash, der, len);
}

bool
pin_of_key(EVP_PKEY *key, struct pin *out, struct err *e)
{
	unsigned char *der = NULL;
	int len = i2d_PUBKEY(key, &der);

	if (len <= 0)
		return err_openssl(e, ERR_FORMAT, "no public key to encode");
	pin_of_spki(der, (size_t)len, out);
	OPENSSL_free(der);
	return true;
}

void
pin_encode(const struct pin *pin, char out[static PIN_TEXT])
{
	encode_base64(out, pin->hash, PIN_LEN);
}

void
pin_encode_hex(const struct pin *pin, char out[static PIN_HEX])
{
	encode_hex(out, pin->hash, PIN_LEN);
}

/* Upper-case digits are made lower-case: what prints pins in hex is not agreed on the case. */
static void
fold_hex(const char *text, char out[static PIN_HEX])
{
	for (size_t i = 0; i < PIN_HEX; i++)
		out[i] = text[i] >= 'A' && text[i] <= 'F' ? (char)(text[i] + 'a' - 'A') : text[i];
}

bool
pin_parse(const char *text, struct pin *out, struct err *e)
{
	struct pin pin;
	struct err why = { 0 };
	size_t len = strlen(text);
	char hex[PIN_HEX];
	bool ok;

	if (len == PIN_HEX - 1) {
		fold_hex(text, hex);
		ok = encode_unhex(pin.hash, PIN_LEN, hex, len, &why);
	} else {
		ok = encode_unbase64(pin.hash, PIN_LEN, text, len, &why);
	}
	if (!ok)
		return err_set(e, ERR_FORMAT,
			"not a pin (44 characters of base64, or 64 hex digits): %s", text);
	*out = pin;
	return true;
}

bool
pin_equal(const struct pin *a, const struct pin *b)
{
	return memcmp(a->hash, b->hash, PIN_LEN) == 0;
}
