/* SPDX-License-Identifier: ISC */
#include "base/encode.h"
#include "base/secret.h"
#include "tests/support.h"

#include <stdlib.h>

/* RFC 4648 section 10. */
static const struct {
	const char *data, *base64, *hex;
} vectors[] = {
	{ "", "", "" },
	{ "f", "Zg==", "66" },
	{ "fo", "Zm8=", "666f" },
	{ "foo", "Zm9v", "666f6f" },
	{ "foob", "Zm9vYg==", "666f6f62" },
	{ "fooba", "Zm9vYmE=", "666f6f6261" },
	{ "foobar", "Zm9vYmFy", "666f6f626172" },
};

static void
vectors_of_rfc_4648_go_both_ways(void **state)
{
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) {
		const uint8_t *data = (const uint8_t *)vectors[i].data;
		size_t len = strlen(vectors[i].data);
		char text[32];
		uint8_t back[8];

		encode_base64(text, data, len);
		assert_string_equal(text, vectors[i].base64);
		assert_int_equal(encode_base64_len(text, strlen(text)), len);
		assert_ok(encode_unbase64(back, len, text, strlen(text), &e), &e);
		assert_memory_equal(back, data, len);

		encode_hex(text, data, len);
		assert_string_equal(text, vectors[i].hex);
		assert_ok(encode_unhex(back, len, text, strlen(text), &e), &e);
		assert_memory_equal(back, data, len);
	}
}

static void
every_byte_survives(void **state)
{
	struct err e = { 0 };
	uint8_t data[256];
	uint8_t back[256];
	char text[ENCODE_HEX_SIZE(256)];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)i;
	encode_hex(text, data, sizeof(data));
	assert_ok(encode_unhex(back, sizeof(back), text, strlen(text), &e), &e);
	assert_memory_equal(back, data, sizeof(data));
	encode_base64(text, data, sizeof(data));
	assert_ok(encode_unbase64(back, sizeof(back), text, strlen(text), &e), &e);
	assert_memory_equal(back, data, sizeof(data));
}

static void
unhex_takes_nothing_but_canonical_text(void **state)
{
	static const char *const refused[] = { "666F", "666", "666f6", "666f6f", "66 6", "66:6",
		"66g6", " 666", "666\n", "0x66", "" };
	struct err e = { 0 };
	uint8_t out[2];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		memset(out, 0xaa, sizeof(out));
		assert_fails(encode_unhex(out, 2, refused[i], strlen(refused[i]), &e), &e,
			ERR_FORMAT, "4 lower-case hex digits");
		assert_memory_equal(out, "\0\0", 2);
	}
	assert_fails(encode_unhex(out, 2, "66\0f", 4, &e), &e, ERR_FORMAT, "hex");
}

static void
unbase64_takes_nothing_but_canonical_text(void **state)
{
	/* The last two have trailing bits that are not zero. */
	static const char *const refused[] = { "Zg", "Zg=", "Zg==\n",
		" Zg=", "Zg= ", "Z-==", "Z_==", "Zm8=", "Zm9v", "====", "Z===", "=Zg=", "",
		"Zh==", "Zv==" };
	struct err e = { 0 };
	uint8_t out[1];

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		out[0] = 0xaa;
		assert_fails(encode_unbase64(out, 1, refused[i], strlen(refused[i]), &e), &e,
			ERR_FORMAT, "1 bytes in base64");
		assert_int_equal(out[0], 0);
	}
	assert_fails(encode_unbase64(out, 1, "Z\0==", 4, &e), &e, ERR_FORMAT, "base64");
}

static void
unbase64_takes_no_byte_above_ascii(void **state)
{
	struct err e;
	uint8_t out[3];

	(void)state;
	for (int c = 0x80; c <= 0xff; c++) {
		const char text[] = { 'A', 'A', (char)c, 'A' };
		assert_fails(encode_unbase64(out, 3, text, 4, &e), &e, ERR_FORMAT, "base64");
	}
}

static void
text_need_not_end_in_nul(void **state)
{
	struct err e = { 0 };
	uint8_t out[2];
	char *text = malloc(4);

	(void)state;
	assert_non_null(text);
	memcpy(text, "666f", 4);
	assert_ok(encode_unhex(out, 2, text, 4, &e), &e);
	memcpy(text, "Zm8=", 4);
	assert_ok(encode_unbase64(out, 2, text, 4, &e), &e);
	assert_memory_equal(out, "fo", 2);
	free(text);
}

static void
length_is_told_from_length_and_ending(void **state)
{
	(void)state;
	assert_int_equal(encode_base64_len("", 0), 0);
	assert_int_equal(encode_base64_len("Zm9vYg==", 8), 4);
	assert_int_equal(encode_base64_len("Zm9vYg==", 7), SIZE_MAX);
	assert_int_equal(encode_base64_len("A===", 4), SIZE_MAX);
	assert_int_equal(encode_base64_len("====", 4), SIZE_MAX);
}

static void
buf_gets_long_data_in_one_piece(void **state)
{
	struct err e = { 0 };
	BUF_AUTO b = BUF_NONE;
	uint8_t data[2000];
	char text[ENCODE_BASE64_SIZE(2000)];

	(void)state;
	for (size_t i = 0; i < sizeof(data); i++)
		data[i] = (uint8_t)(i * 7);
	encode_base64(text, data, sizeof(data));
	buf_adds(&b, "data: ");
	encode_base64_buf(&b, data, sizeof(data));
	assert_ok(buf_ok(&b, &e), &e);
	assert_string_equal(b.data + 6, text);
}

static void
secrets_are_decoded_in_their_own_memory(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(secret_new(&s, 6, &e), &e);
	assert_ok(encode_unbase64(s.data, s.len, "Zm9vYmFy", 8, &e), &e);
	assert_memory_equal(s.data, "foobar", 6);
}

static void
hash_is_blake2b_256(void **state)
{
	char hex[ENCODE_HASH_HEX];

	(void)state;
	/* printf abc | b2sum -l 256, and the same of nothing */
	encode_hash_hex(hex, "abc", 3);
	assert_string_equal(
		hex, "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319");
	encode_hash_hex(hex, NULL, 0);
	assert_string_equal(
		hex, "0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(vectors_of_rfc_4648_go_both_ways),
		unit(every_byte_survives),
		unit(unhex_takes_nothing_but_canonical_text),
		unit(unbase64_takes_nothing_but_canonical_text),
		unit(unbase64_takes_no_byte_above_ascii),
		unit(text_need_not_end_in_nul),
		unit(length_is_told_from_length_and_ending),
		unit(buf_gets_long_data_in_one_piece),
		unit(secrets_are_decoded_in_their_own_memory),
		unit(hash_is_blake2b_256),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
