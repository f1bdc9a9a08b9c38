/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/encode.h"
#include "base/file.h"
#include "shares/lock.h"
#include "shares/locked.h"
#include "tests/shareset.h"

#include <stdlib.h>

#define VECTOR "tests/vectors/example.org-ed25519-c5026cef.3f6b1574fa7f54e1.001."
#define HEAD "card TEST:00000001"

static const uint8_t nonce[SEALED_NONCE_LEN] = { 1, 2, 3 };

static void
read_share(const char *path, struct share *out)
{
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	assert_ok(file_read_secret(path, FILE_LIMIT, &text, &e), &e);
	assert_ok(share_parse(text.data, text.len, out, &e), &e);
}

/* What tests/vectors/make.py locks with. */
static void
vector_key(struct secret *out)
{
	static const char label[] = "coldspare test vector: card lock";
	uint8_t hash[ENCODE_HASH_LEN];
	struct err e;

	encode_hash(hash, label, strlen(label));
	assert_ok(secret_copy(out, hash, sizeof(hash), &e), &e);
}

static void
any_key(uint8_t byte, struct secret *out)
{
	struct err e;

	assert_ok(secret_new(out, LOCK_KEY_LEN, &e), &e);
	memset(out->data, byte, out->len);
}

static void
the_vector_opens_to_its_share_and_closes_to_the_same_bytes(void **state)
{
	SHARE_AUTO open = { 0 };
	SHARE_AUTO locked = { 0 };
	SECRET_AUTO key = SECRET_NONE;
	uint8_t vector_nonce[SEALED_NONCE_LEN];
	char head[LOCKED_TEXT_MAX];
	struct err e;

	(void)state;
	read_share(VECTOR "share", &open);
	read_share(VECTOR "locked", &locked);
	vector_key(&key);
	locked_head(locked.locked, head);
	assert_string_equal(head, HEAD);
	assert_ok(encode_unhex(vector_nonce, sizeof(vector_nonce), locked.locked + strlen(HEAD) + 1,
			  2 * sizeof(vector_nonce), &e),
		&e);
	assert_ok(lock_close(&open, head, vector_nonce, &key, &e), &e);
	assert_null(open.data.data);
	assert_string_equal(open.locked, locked.locked);
	assert_ok(lock_open(&locked, &key, &e), &e);
	assert_null(locked.locked);
	assert_ok(share_verify(&locked, &locked.vault_key, &e), &e);
}

static void
another_key_opens_nothing_and_changes_nothing(void **state)
{
	SHARE_AUTO s = { 0 };
	SECRET_AUTO other = SECRET_NONE;
	struct err e;

	(void)state;
	read_share(VECTOR "locked", &s);
	any_key(7, &other);
	assert_fails(lock_open(&s, &other, &e), &e, ERR_AUTH,
		"another secret than the smartcard TEST:00000001 has");
	assert_non_null(s.locked);
	assert_null(s.data.data);
	assert_ok(share_verify(&s, &s.vault_key, &e), &e);
}

static void
every_byte_is_authenticated(void **state)
{
	static const struct {
		const char *from, *to;
	} rows[] = {
		{ "custodian-1", "custodian-2" },
		{ "number: 1", "number: 2" },
		{ "set: 3f", "set: 4f" },
		{ "commitment: a8", "commitment: b8" },
		{ "TEST:00000001", "TEST:00000002" },
		{ " 75b2bdc2", " 75b2bdc3" },
		{ " E9Xtb87y", " F9Xtb87y" },
		{ "L3NI\n", "L3NJ\n" },
	};
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO key = SECRET_NONE;
	struct err e;

	(void)state;
	assert_ok(file_read_secret(VECTOR "locked", FILE_LIMIT, &text, &e), &e);
	vector_key(&key);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SHARE_AUTO s = { 0 };
		BUF_AUTO original = BUF_NONE;
		BUF_AUTO altered = BUF_NONE;

		buf_add(&original, text.data, text.len);
		shareset_replaced(original.data, rows[i].from, rows[i].to, &altered);
		assert_ok(share_parse((uint8_t *)altered.data, altered.len, &s, &e), &e);
		assert_fails(lock_open(&s, &key, &e), &e, ERR_AUTH, "its lock does not open");
	}
}

static void
what_is_locked_already_or_has_another_keys_size_is_not_locked(void **state)
{
	SHARE_AUTO open = { 0 };
	SHARE_AUTO locked = { 0 };
	SECRET_AUTO key = SECRET_NONE;
	SECRET_AUTO shorter = SECRET_NONE;
	struct err e;

	(void)state;
	read_share(VECTOR "share", &open);
	read_share(VECTOR "locked", &locked);
	any_key(1, &key);
	assert_ok(secret_copy(&shorter, key.data, LOCK_KEY_LEN - 1, &e), &e);
	assert_fails(lock_close(&locked, HEAD, nonce, &key, &e), &e, ERR_INTERNAL, "locked so");
	assert_fails(lock_close(&open, HEAD, nonce, &shorter, &e), &e, ERR_INTERNAL, "locked so");
	assert_fails(
		lock_close(&open, "card with spaces", nonce, &key, &e), &e, ERR_FORMAT, "card");
	assert_fails(lock_open(&open, &key, &e), &e, ERR_INTERNAL, "unlocked so");
	assert_fails(lock_open(&locked, &shorter, &e), &e, ERR_INTERNAL, "unlocked so");
	assert_int_equal(open.data.len, SHARE_DATA_LEN);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_vector_opens_to_its_share_and_closes_to_the_same_bytes),
		unit(another_key_opens_nothing_and_changes_nothing),
		unit(every_byte_is_authenticated),
		unit(what_is_locked_already_or_has_another_keys_size_is_not_locked),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
