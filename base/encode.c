/* SPDX-License-Identifier: ISC */
#include "base/encode.h"

#include <sodium.h>

void
encode_hex(char *out, const uint8_t *data, size_t len)
{
	sodium_bin2hex(out, ENCODE_HEX_SIZE(len), data, len);
}

void
encode_base64(char *out, const uint8_t *data, size_t len)
{
	sodium_bin2base64(out, ENCODE_BASE64_SIZE(len), data, len, sodium_base64_VARIANT_ORIGINAL);
}

void
encode_base64_buf(struct buf *out, const uint8_t *data, size_t len)
{
	enum { CHUNK = 3 * 256 }; /* a multiple of 3: padding only at the end */
	char text[ENCODE_BASE64_SIZE(CHUNK)];

	while (len > 0) {
		size_t n = len < CHUNK ? len : CHUNK;
		encode_base64(text, data, n);
		buf_adds(out, text);
		data += n;
		len -= n;
	}
}

/* libsodium reads upper-case hex too. Looks at every character whatever the others are. */
static bool
has_upper_case(const char *text, size_t len)
{
	unsigned found = 0;

	for (size_t i = 0; i < len; i++)
		found |= (unsigned)((unsigned char)text[i] - 'A') < 26;
	return found != 0;
}

/* libsodium 1.0.18 takes every byte above 0x7f for a '/': its comparison of a negative char wraps.
 * Looks at every character, too. */
static bool
is_ascii(const char *text, size_t len)
{
	unsigned found = 0;

	for (size_t i = 0; i < len; i++)
		found |= (unsigned char)text[i];
	return (found & 0x80) == 0;
}

bool
encode_unhex(uint8_t *out, size_t len, const char *text, size_t text_len, struct err *e)
{
	size_t got = 0;

	if (!has_upper_case(text, text_len) &&
		sodium_hex2bin(out, len, text, text_len, NULL, &got, NULL) == 0 && got == len)
		return true;
	sodium_memzero(out, len);
	return err_set(e, ERR_FORMAT, "expected %zu lower-case hex digits", 2 * len);
}

bool
encode_unbase64(uint8_t *out, size_t len, const char *text, size_t text_len, struct err *e)
{
	size_t got = 0;

	if (is_ascii(text, text_len) &&
		sodium_base642bin(out, len, text, text_len, NULL, &got, NULL,
			sodium_base64_VARIANT_ORIGINAL) == 0 &&
		got == len)
		return true;
	sodium_memzero(out, len);
	return err_set(e, ERR_FORMAT, "expected %zu bytes in base64, %zu characters", len,
		ENCODE_BASE64_SIZE(len) - 1);
}

size_t
encode_base64_len(const char *text, size_t text_len)
{
	size_t padding = 0;

	while (padding < text_len && text[text_len - 1 - padding] == '=')
		padding++;
	if (text_len % 4 != 0 || padding > 2)
		return SIZE_MAX;
	return text_len / 4 * 3 - padding;
}

void
encode_hash(uint8_t out[static ENCODE_HASH_LEN], const void *data, size_t len)
{
	crypto_generichash(out, ENCODE_HASH_LEN, data, len, NULL, 0);
}

void
encode_hash_hex(char out[static ENCODE_HASH_HEX], const void *data, size_t len)
{
	uint8_t hash[ENCODE_HASH_LEN];

	encode_hash(hash, data, len);
	encode_hex(out, hash, sizeof(hash));
}
