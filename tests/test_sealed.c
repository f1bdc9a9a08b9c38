/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/encode.h"
#include "base/file.h"
#include "shares/sealed.h"
#include "tests/shareset.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#define VECTORS "tests/vectors/"
#define SET "8f3c9a0d11223344"

static void
read_kek(struct secret *kek)
{
	BUF_AUTO hex = BUF_NONE;
	struct err e;

	assert_ok(file_read(VECTORS "kek.hex", 100, &hex, &e), &e);
	assert_ok(secret_new(kek, SEALED_KEK_LEN, &e), &e);
	assert_ok(encode_unhex(kek->data, kek->len, hex.data, hex.len - 1, &e), &e);
}

static void
the_vector_opens_to_its_private_key(void **state)
{
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	SEALED_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO want = BUF_NONE;
	struct err e;

	(void)state;
	read_kek(&kek);
	assert_ok(file_read(VECTORS "sealed.txt", FILE_LIMIT, &text, &e), &e);
	assert_ok(file_read(VECTORS "plain.pem", FILE_LIMIT, &want, &e), &e);
	assert_ok(sealed_parse(text.data, text.len, &s, &e), &e);
	assert_ok(sealed_open(&s, &kek, &plain, &e), &e);
	assert_int_equal(plain.len, want.len);
	assert_memory_equal(plain.data, want.data, want.len);
}

static void
sealing_the_vectors_key_gives_the_vector(void **state)
{
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	SEALED_AUTO want = { 0 };
	SEALED_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO again = BUF_NONE;
	struct err e;

	(void)state;
	read_kek(&kek);
	assert_ok(file_read(VECTORS "sealed.txt", FILE_LIMIT, &text, &e), &e);
	assert_ok(file_read_secret(VECTORS "plain.pem", FILE_LIMIT, &plain, &e), &e);
	assert_ok(sealed_parse(text.data, text.len, &want, &e), &e);
	memcpy(s.key, want.key, sizeof(s.key));
	memcpy(s.pin, want.pin, sizeof(s.pin));
	memcpy(s.set, want.set, sizeof(s.set));
	assert_ok(sealed_seal(&s, want.nonce, &kek, &plain, &e), &e);
	sealed_encode(&s, &again);
	assert_int_equal(again.len, text.len);
	assert_memory_equal(again.data, text.data, text.len);
}

static void
openssl_opens_what_is_sealed_here(void **state)
{
	SHARESET_AUTO d = { 0 };
	BUF_AUTO command = BUF_NONE;
	BUF_AUTO plain = BUF_NONE;
	char kek[ENCODE_HEX_SIZE(SEALED_KEK_LEN)], nonce[ENCODE_HEX_SIZE(SEALED_NONCE_LEN)];
	const char *in = support_path(state, "data"), *out = support_path(state, "plain");
	struct err e;

	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	encode_hex(kek, d.kek.data, d.kek.len);
	encode_hex(nonce, d.sealed.nonce, SEALED_NONCE_LEN);
	assert_ok(file_write_new(
			  in, 0600, d.sealed.data.data, d.sealed.data.len - SEALED_TAG_LEN, &e),
		&e);
	buf_addf(&command, "openssl enc -d -chacha20 -K %s -iv 01000000%s -in %s -out %s", kek,
		nonce, in, out);
	assert_int_equal(system(command.data), 0);
	assert_ok(file_read(out, FILE_LIMIT, &plain, &e), &e);
	assert_string_equal(plain.data, SHARESET_PLAIN);
}

static void
another_key_does_not_open_it(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO plain = SECRET_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	d.kek.data[31] ^= 1;
	assert_fails(sealed_open(&d.sealed, &d.kek, &plain, &e), &e, ERR_AUTH, "altered");
	assert_null(plain.data);
}

static void
a_change_of_any_character_is_seen(void **state)
{
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	sealed_encode(&d.sealed, &text);
	assert_ok(buf_ok(&text, &e), &e);
	for (size_t i = 0; i < text.len; i++) {
		SECRET_AUTO plain = SECRET_NONE;
		SEALED_AUTO s = { 0 };

		text.data[i] ^= 1;
		if (sealed_parse(text.data, text.len, &s, &e))
			assert_fails(sealed_open(&s, &d.kek, &plain, &e), &e, ERR_AUTH, "altered");
		text.data[i] ^= 1;
	}
}

static void
a_record_has_one_form_only(void **state)
{
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	SEALED_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	sealed_encode(&d.sealed, &text);
	buf_addf(&other, "%s\n", text.data);
	assert_fails(sealed_parse(other.data, other.len, &s, &e), &e, ERR_FORMAT, "blank lines");
	buf_clear(&other);
	buf_addf(&other, "\r\n%s", text.data);
	assert_fails(sealed_parse(other.data, other.len, &s, &e), &e, ERR_FORMAT, "blank lines");
	for (size_t len = 0; len < text.len; len++) /* cut off anywhere */
		assert_false(sealed_parse(text.data, len, &s, &e));
	assert_null(s.data.data);
}

static void
what_it_is_about_is_authenticated(void **state)
{
	SHARESET_AUTO d = { 0 };
	SHARESET_AUTO other = { 0 };
	SECRET_AUTO plain = SECRET_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	shareset_make(&other, "Ops", "example.net", SET, 2, 2);
	memcpy(d.sealed.pin, other.sealed.pin, sizeof(d.sealed.pin));
	assert_fails(sealed_open(&d.sealed, &d.kek, &plain, &e), &e, ERR_AUTH, "altered");
}

static void
sizes_are_bounded_before_anything_is_done(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO plain = SECRET_NONE;
	SECRET_AUTO short_kek = SECRET_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	assert_ok(secret_new(&plain, SEALED_PLAIN_MAX + 1, &e), &e);
	assert_ok(secret_new(&short_kek, 16, &e), &e);
	assert_fails(sealed_seal(&d.sealed, d.sealed.nonce, &d.kek, &plain, &e), &e, ERR_INTERNAL,
		"16385 bytes");
	secret_shorten(&plain, SEALED_PLAIN_MAX);
	assert_ok(sealed_seal(&d.sealed, d.sealed.nonce, &d.kek, &plain, &e), &e);
	assert_fails(sealed_seal(&d.sealed, d.sealed.nonce, &short_kek, &plain, &e), &e,
		ERR_INTERNAL, "16 bytes");
	assert_fails(sealed_open(&d.sealed, &short_kek, &plain, &e), &e, ERR_INTERNAL, "16 bytes");
	secret_shorten(&plain, 0);
	assert_fails(sealed_seal(&d.sealed, d.sealed.nonce, &d.kek, &plain, &e), &e, ERR_INTERNAL,
		"0 bytes");
}

static void
the_largest_record_survives_its_text(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO plain = SECRET_NONE;
	SECRET_AUTO back = SECRET_NONE;
	SEALED_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 2);
	assert_ok(secret_new(&plain, SEALED_PLAIN_MAX, &e), &e);
	randombytes_buf(plain.data, plain.len);
	assert_ok(sealed_seal(&d.sealed, d.sealed.nonce, &d.kek, &plain, &e), &e);
	sealed_encode(&d.sealed, &text);
	assert_ok(sealed_parse(text.data, text.len, &s, &e), &e);
	assert_ok(sealed_open(&s, &d.kek, &back, &e), &e);
	assert_memory_equal(back.data, plain.data, plain.len);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_vector_opens_to_its_private_key),
		unit(sealing_the_vectors_key_gives_the_vector),
		unit_in_dir(openssl_opens_what_is_sealed_here),
		unit(another_key_does_not_open_it),
		unit(a_change_of_any_character_is_seen),
		unit(a_record_has_one_form_only),
		unit(what_it_is_about_is_authenticated),
		unit(sizes_are_bounded_before_anything_is_done),
		unit(the_largest_record_survives_its_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
