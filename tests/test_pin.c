/* SPDX-License-Identifier: ISC */
#include "pins/pin.h"
#include "tests/support.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

/* RFC 8032 section 7.1, test 1: its public key as SubjectPublicKeyInfo (RFC 8410), and the pin as
 * `openssl dgst -sha256` and base64 print it. */
#define SPKI                                                                                       \
	"302a300506032b6570032100"                                                                 \
	"d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
#define SPKI_LEN 44
#define SECRET "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
#define TEXT "BuP9j9opu2CrWVV95h7bCuzbIxE0vjDnW0Vfjht5L6k="
#define HEX "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9"

static void
unhex(uint8_t *out, size_t len, const char *hex)
{
	size_t got;

	assert_int_equal(sodium_hex2bin(out, len, hex, strlen(hex), NULL, &got, NULL), 0);
	assert_int_equal(got, len);
}

static void
assert_is_the_vector(const struct pin *pin)
{
	char text[PIN_TEXT], hex[PIN_HEX];

	pin_encode(pin, text);
	pin_encode_hex(pin, hex);
	assert_string_equal(text, TEXT);
	assert_string_equal(hex, HEX);
}

static void
pin_of_spki_equals_the_vector(void **state)
{
	uint8_t spki[SPKI_LEN];
	struct pin pin;

	(void)state;
	unhex(spki, sizeof(spki), SPKI);
	pin_of_spki(spki, sizeof(spki), &pin);
	assert_is_the_vector(&pin);
}

static void
pin_of_key_is_the_same_for_private_and_public_keys(void **state)
{
	uint8_t secret[32], spki[SPKI_LEN];
	struct pin pin;
	struct err e = { 0 };
	EVP_PKEY *key;

	(void)state;
	unhex(secret, sizeof(secret), SECRET);
	key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, secret, sizeof(secret));
	assert_ok(pin_of_key(key, &pin, &e), &e);
	assert_is_the_vector(&pin);
	EVP_PKEY_free(key);
	unhex(spki, sizeof(spki), SPKI);
	key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, spki + SPKI_LEN - 32, 32);
	assert_ok(pin_of_key(key, &pin, &e), &e);
	assert_is_the_vector(&pin);
	EVP_PKEY_free(key);
}

static void
pin_of_key_refuses_a_key_without_anything_in_it(void **state)
{
	EVP_PKEY *key = EVP_PKEY_new();
	struct pin pin;
	struct err e = { 0 };

	(void)state;
	assert_fails(pin_of_key(key, &pin, &e), &e, ERR_FORMAT, "no public key");
	EVP_PKEY_free(key);
}

/* What the design's line prints: openssl pkey -pubin -outform der | openssl dgst | base64. */
static void
pins_equal_what_openssl_prints(void **state)
{
	EVP_PKEY *keys[] = { EVP_EC_gen("P-256"), EVP_EC_gen("P-521"), EVP_RSA_gen(2048),
		EVP_PKEY_Q_keygen(NULL, NULL, "ED25519") };

	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		const char *path = support_path(state, "key.pem");
		struct err e = { 0 };
		struct pin pin;
		char text[PIN_TEXT], line[1024], printed[128] = "";
		FILE *f = fopen(path, "w");

		assert_non_null(f);
		assert_int_equal(PEM_write_PUBKEY(f, keys[i]), 1);
		fclose(f);
		assert_ok(pin_of_key(keys[i], &pin, &e), &e);
		pin_encode(&pin, text);
		snprintf(line, sizeof(line),
			"openssl pkey -pubin -in '%s' -outform der | openssl dgst -sha256 -binary "
			"| base64",
			path);
		f = popen(line, "r");
		assert_non_null(f);
		assert_non_null(fgets(printed, sizeof(printed), f));
		assert_int_equal(pclose(f), 0);
		printed[strcspn(printed, "\n")] = '\0';
		assert_string_equal(text, printed);
		EVP_PKEY_free(keys[i]);
	}
}

static void
parse_takes_base64_and_hex_in_either_case(void **state)
{
	static const char *const texts[] = { TEXT, HEX,
		"06E3FD8FDA29BB60AB59557DE61EDB0AECDB231134BE30E75B455F8E1B792FA9" };
	struct pin pin;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		memset(&pin, 0, sizeof(pin));
		assert_ok(pin_parse(texts[i], &pin, &e), &e);
		assert_is_the_vector(&pin);
	}
}

static void
parse_refuses_everything_else(void **state)
{
	static const char *const texts[] = {
		"", "sha256/" TEXT, TEXT " ", HEX "0",
		"g6e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9", /* not a hex
										       digit */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",  /* without padding */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAB=", /* bits that are not in the 32 bytes
								 */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA==", /* 31 bytes */
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", /* 33 bytes */
		"____________________________________________", /* the URL alphabet */
	};
	struct pin pin, before;
	struct err e = { 0 };

	(void)state;
	memset(&pin, 0x5a, sizeof(pin));
	before = pin;
	for (size_t i = 0; i < sizeof(texts) / sizeof(*texts); i++) {
		assert_fails(pin_parse(texts[i], &pin, &e), &e, ERR_FORMAT, "not a pin");
		assert_memory_equal(&pin, &before, sizeof(pin));
	}
}

static void
equal_looks_at_every_byte(void **state)
{
	struct pin a = { { 0 } }, b = { { 0 } };

	(void)state;
	assert_true(pin_equal(&a, &b));
	for (size_t i = 0; i < PIN_LEN; i++) {
		b.hash[i] = 1;
		assert_false(pin_equal(&a, &b));
		b.hash[i] = 0;
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(pin_of_spki_equals_the_vector),
		unit(pin_of_key_is_the_same_for_private_and_public_keys),
		unit(pin_of_key_refuses_a_key_without_anything_in_it),
		unit_in_dir(pins_equal_what_openssl_prints),
		unit(parse_takes_base64_and_hex_in_either_case),
		unit(parse_refuses_everything_else),
		unit(equal_looks_at_every_byte),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
