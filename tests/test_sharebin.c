/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/sharebin.h"
#include "tests/shareset.h"

#include <stdio.h>
#include <stdlib.h>

#define VECTORS "tests/vectors/example.org-ed25519-c5026cef.3f6b1574fa7f54e1."
#define SET "8f3c9a0d11223344"

static void
share_text(const struct share *s, bool detached, struct secret *out)
{
	struct err e;

	assert_ok(share_encode(s, detached, out, &e), &e);
}

/* To binary and back: the same text, byte for byte. */
static void
assert_lossless(const struct share *s, bool detached, size_t *size)
{
	SECRET_AUTO text = SECRET_NONE, again = SECRET_NONE, bytes = SECRET_NONE;
	SHARE_AUTO back = { 0 };
	struct err e;

	share_text(s, detached, &text);
	assert_ok(sharebin_encode(s, detached, &bytes, &e), &e);
	assert_ok(sharebin_decode(bytes.data, bytes.len, &back, &e), &e);
	share_text(&back, false, &again);
	assert_int_equal(again.len, text.len);
	assert_memory_equal(again.data, text.data, text.len);
	*size = bytes.len;
}

static void
the_vectors_are_each_others_encoding(void **state)
{
	static const char *const numbers[] = { "001", "002", "003", "200", "255" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		SECRET_AUTO text = SECRET_NONE, bytes = SECRET_NONE, made = SECRET_NONE;
		SHARE_AUTO s = { 0 };
		char path[128];

		snprintf(path, sizeof(path), VECTORS "%s.share", numbers[i]);
		assert_ok(file_read_secret(path, FILE_LIMIT, &text, &e), &e);
		snprintf(path, sizeof(path), VECTORS "%s.sharebin", numbers[i]);
		assert_ok(file_read_secret(path, FILE_LIMIT, &bytes, &e), &e);
		assert_ok(sharebin_decode(bytes.data, bytes.len, &s, &e), &e);
		share_text(&s, false, &made);
		assert_int_equal(made.len, text.len);
		assert_memory_equal(made.data, text.data, text.len);
		assert_ok(sharebin_encode(&s, false, &made, &e), &e);
		assert_int_equal(made.len, bytes.len);
		assert_memory_equal(made.data, bytes.data, bytes.len);
	}
}

static void
shares_of_every_kind_are_lossless(void **state)
{
	SHARESET_AUTO d = { 0 };
	size_t size;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	struct share *s = &d.shares[0];
	assert_lossless(s, false, &size);
	s->rehearsal = true;
	strcpy(s->origin, "imported");
	s->created = INT64_C(253402300799);
	assert_lossless(s, false, &size);
	s->created = INT64_C(-62167219200);
	assert_lossless(s, true, &size);
	strcpy(s->key, SHARE_SIGNING_KEY);
	strcpy(s->sealed.key, s->key);
	assert_lossless(s, false, &size);
	memset(s->commitment, 'a', sizeof(s->commitment) - 1);
	memset(s->sealed_hash, '0', sizeof(s->sealed_hash) - 1);
	assert_lossless(s, false, &size);
}

static void
a_share_takes_at_most_224_bytes_and_its_names(void **state)
{
	SHARESET_AUTO d = { 0 };
	size_t size;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	const struct share *s = &d.shares[1];
	size_t names = strlen(s->vault) + strlen(s->key) + strlen(s->custodian);
	assert_lossless(s, true, &size);
	assert_int_equal(size, SHAREBIN_FIXED + names - 8);
	assert_true(size <= 224 + names);
}

static void
a_locked_share_stays_locked(void **state)
{
	static const char locked[] =
		"card 0006:12345678 000102030405060708090a0b "
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	SHARESET_AUTO d = { 0 };
	size_t size;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	struct share *s = &d.shares[0];
	s->locked = strdup(locked);
	secret_free(&s->data);
	assert_lossless(s, false, &size);
	assert_lossless(s, true, &size);
}

/* Whatever is changed, it is refused or another share: never the same one. */
static void
there_is_one_form_of_each_share(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO bytes = SECRET_NONE, text = SECRET_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	share_text(&d.shares[0], false, &text);
	assert_ok(sharebin_encode(&d.shares[0], false, &bytes, &e), &e);
	for (size_t bit = 0; bit < bytes.len * 8; bit++) {
		SHARE_AUTO s = { 0 };
		SECRET_AUTO other = SECRET_NONE;

		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (sharebin_decode(bytes.data, bytes.len, &s, &e)) {
			share_text(&s, false, &other);
			assert_false(other.len == text.len &&
				     memcmp(other.data, text.data, text.len) == 0);
		}
		bytes.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
}

static void
other_lengths_versions_and_flags_are_refused(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO bytes = SECRET_NONE, longer = SECRET_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	assert_ok(sharebin_encode(&d.shares[0], true, &bytes, &e), &e);
	for (size_t len = 0; len < bytes.len; len++)
		assert_fails(sharebin_decode(bytes.data, len, &s, &e), &e, ERR_FORMAT, "");
	assert_ok(secret_new(&longer, bytes.len + 1, &e), &e);
	memcpy(longer.data, bytes.data, bytes.len);
	assert_fails(sharebin_decode(longer.data, longer.len, &s, &e), &e, ERR_FORMAT, "length");
	bytes.data[0] = 2;
	assert_fails(sharebin_decode(bytes.data, bytes.len, &s, &e), &e, ERR_FORMAT, "version 1");
	bytes.data[0] = 1;
	bytes.data[1] |= 0x03;
	assert_fails(sharebin_decode(bytes.data, bytes.len, &s, &e), &e, ERR_FORMAT, "flags");
	assert_null(s.data.data);
}

/* A name with a line end in it would be read as lines of its own. */
static void
a_name_cannot_smuggle_lines_in(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO bytes = SECRET_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	strcpy(d.shares[0].vault, "O\nvault: O");
	assert_ok(sharebin_encode(&d.shares[0], true, &bytes, &e), &e);
	assert_fails(sharebin_decode(bytes.data, bytes.len, &s, &e), &e, ERR_FORMAT, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_vectors_are_each_others_encoding),
		unit(shares_of_every_kind_are_lossless),
		unit(a_share_takes_at_most_224_bytes_and_its_names),
		unit(a_locked_share_stays_locked),
		unit(there_is_one_form_of_each_share),
		unit(other_lengths_versions_and_flags_are_refused),
		unit(a_name_cannot_smuggle_lines_in),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
