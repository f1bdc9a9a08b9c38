/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/gf.h"
#include "shares/share.h"
#include "tests/scan.h"
#include "tests/shareset.h"

#include <stdlib.h>

#define VECTORS "tests/vectors/example.org-ed25519-c5026cef.3f6b1574fa7f54e1."
#define SET "8f3c9a0d11223344"
#define LOCKED                                                                                     \
	"argon2id 3 1048576 abcdefghij012345 000102030405060708090a0b "                            \
	"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const char *const vectors[] = { "001", "002", "003", "200", "255" };
#define VECTOR_COUNT (sizeof(vectors) / sizeof(vectors[0]))

static bool
parse_text(const char *text, struct share *out, struct err *e)
{
	return share_parse((const uint8_t *)text, strlen(text), out, e);
}

static void
read_vector(const char *number, struct secret *text)
{
	AUTO_STR path = NULL;
	struct err e;

	assert_ok(file_path(&path, &e, VECTORS "%s.share", number), &e);
	assert_ok(file_read_secret(path, FILE_LIMIT, text, &e), &e);
}

static void
the_vectors_are_authentic_and_encode_to_the_same_bytes(void **state)
{
	struct minisign_pub anchor;
	struct err e;

	(void)state;
	assert_ok(minisign_pub_load("tests/vectors/vault.pub", &anchor, &e), &e);
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		SECRET_AUTO text = SECRET_NONE;
		SECRET_AUTO again = SECRET_NONE;
		SHARE_AUTO s = { 0 };

		read_vector(vectors[i], &text);
		assert_ok(share_parse(text.data, text.len, &s, &e), &e);
		assert_ok(share_verify(&s, &anchor, &e), &e);
		assert_int_equal(s.number, atoi(vectors[i]));
		assert_true(s.rehearsal);
		assert_int_equal(s.carries_sealed, s.number != 255);
		assert_ok(share_encode(&s, false, &again, &e), &e);
		assert_int_equal(again.len, text.len);
		assert_memory_equal(again.data, text.data, text.len);
	}
}

static void
three_vectors_open_the_sealed_key_they_carry(void **state)
{
	static const size_t picks[][3] = { { 0, 1, 2 }, { 4, 3, 0 }, { 2, 4, 3 } };
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	struct share s[VECTOR_COUNT] = { 0 };
	struct err e;

	(void)state;
	assert_ok(secret_new(&kek, SEALED_KEK_LEN, &e), &e);
	for (size_t i = 0; i < VECTOR_COUNT; i++) {
		SECRET_AUTO text = SECRET_NONE;
		read_vector(vectors[i], &text);
		assert_ok(share_parse(text.data, text.len, &s[i], &e), &e);
	}
	for (size_t i = 0; i < sizeof(picks) / sizeof(picks[0]); i++) {
		const size_t *p = picks[i];
		const uint8_t x[] = { (uint8_t)s[p[0]].number, (uint8_t)s[p[1]].number,
			(uint8_t)s[p[2]].number };
		const uint8_t *y[] = { s[p[0]].data.data, s[p[1]].data.data, s[p[2]].data.data };
		assert_ok(gf_combine(3, x, y, kek.data, &e), &e);
		assert_ok(sealed_open(&s[0].sealed, &kek, &plain, &e), &e);
	}
	for (size_t i = 0; i < VECTOR_COUNT; i++)
		share_free(&s[i]);
}

/* Each row alters one field of a share; which check must say so. */
static void
an_altered_field_is_not_authentic(void **state)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "vault: Ops", "vault: Opt", "signature" },
		{ "\nkey: example.org", "\nkey: example.net", "signature" },
		{ "\npin: ", NULL, "signature" },
		{ "set: 8f", "set: 9f", "signature" },
		{ "threshold: 2", "threshold: 3", "signature" },
		{ "shares: 3", "shares: 4", "signature" },
		{ "number: 1", "number: 2", "signature" },
		{ "origin: offline", "origin: online", "signature" },
		{ "custodian: custodian-1", "custodian: custodian-2", "signature" },
		{ "created: 2026", "created: 2025", "signature" },
		{ "commitment: ", "rehearsal: yes\ncommitment: ", "signature" },
		{ "\ncommitment: ", NULL, "signature" },
		{ "\nsealed-hash: ", NULL, "signature" },
		{ "\nsignature: ", NULL, "signature" },
		{ "\ndata: ", NULL, "commitment" },
		{ "\nsealed-nonce: ", NULL, "sealed key" },
		{ "\nsealed-data: ", NULL, "sealed key" },
	};
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SHARE_AUTO s = { 0 };

		if (rows[i].to) {
			shareset_replaced(text.data, rows[i].from, rows[i].to, &other);
		} else { /* its value's first character, to another of its alphabet */
			shareset_replaced(text.data, "", "", &other);
			char *c = strstr(other.data, rows[i].from) + strlen(rows[i].from);
			*c = *c == 'a' ? 'b' : 'a';
		}
		assert_ok(parse_text(other.data, &s, &e), &e);
		assert_fails(share_verify(&s, &d.pub, &e), &e, ERR_AUTH, rows[i].message);
	}
}

static void
a_share_of_another_vault_is_named_as_such(void **state)
{
	SHARESET_AUTO d = { 0 };
	SHARESET_AUTO other = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_make(&other, "Other", "example.org", SET, 2, 3);
	assert_fails(share_verify(&other.shares[0], &d.pub, &e), &e, ERR_AUTH,
		"a share of another vault: \"Other\"");
	assert_ok(share_verify(&other.shares[0], &other.pub, &e), &e);

	/* Naming our vault key does not help a forger. */
	other.shares[0].vault_key = d.pub;
	shareset_sign(&other, &other.shares[0]);
	assert_fails(share_verify(&other.shares[0], &d.pub, &e), &e, ERR_AUTH, "signature");
}

static void
one_signature_holds_with_and_without_the_sealed_key_and_locked(void **state)
{
	SHARESET_AUTO d = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	BUF_AUTO locked = BUF_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	SHARE_AUTO detached = { 0 };
	assert_ok(share_encode(&d.shares[0], true, &text, &e), &e);
	assert_null(memmem(text.data, text.len, "sealed-nonce", 12));
	assert_ok(share_parse(text.data, text.len, &detached, &e), &e);
	assert_false(detached.carries_sealed);
	assert_ok(share_verify(&detached, &d.pub, &e), &e);

	SHARE_AUTO s = { 0 };
	d.shares[0].locked = strdup(LOCKED);
	shareset_text(&d.shares[0], &locked);
	assert_null(strstr(locked.data, "\ndata: "));
	assert_non_null(strstr(locked.data, "\nlocked: argon2id "));
	assert_ok(parse_text(locked.data, &s, &e), &e);
	assert_string_equal(s.locked, LOCKED);
	assert_null(s.data.data);
	assert_ok(share_verify(&s, &d.pub, &e), &e);
}

static void
names_counts_and_file_names_keep_their_bounds(void **state)
{
	SHARESET_AUTO d = { 0 };
	AUTO_STR name = NULL;
	struct err e;

	(void)state;
	assert_ok(share_name_check("vault", "A name-1_2.", &e), &e);
	assert_fails(share_name_check("vault", "", &e), &e, ERR_USAGE, "vault \"\"");
	assert_fails(share_name_check("vault", " a", &e), &e, ERR_USAGE, "cannot be used");
	assert_fails(share_name_check("vault", "a ", &e), &e, ERR_USAGE, "cannot be used");
	assert_fails(share_name_check("vault", "a/b", &e), &e, ERR_USAGE, "cannot be used");
	assert_fails(share_name_check("vault", "123456789012345678901234567890123", &e), &e,
		ERR_USAGE, "cannot be used");

	assert_ok(share_counts_check(2, 2, &e), &e);
	assert_ok(share_counts_check(255, 255, &e), &e);
	assert_fails(share_counts_check(1, 5, &e), &e, ERR_USAGE, "1 of 5");
	assert_fails(share_counts_check(0, 5, &e), &e, ERR_USAGE, "0 of 5");
	assert_fails(share_counts_check(-254, 5, &e), &e, ERR_USAGE, "-254 of 5");
	assert_fails(share_counts_check(258, 5, &e), &e, ERR_USAGE, "258 of 5");
	assert_fails(share_counts_check(3, 256, &e), &e, ERR_USAGE, "3 of 256");
	assert_fails(share_counts_check(4294967298, 4294967299, &e), &e, ERR_USAGE, "no splitting");

	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	memset(d.shares[0].key, 'a', SEALED_KEY_ID_MAX);
	assert_ok(share_file_name(&d.shares[0], &name, &e), &e);
	assert_int_equal(strlen(name), 255);
	assert_string_equal(name + SEALED_KEY_ID_MAX, "." SET ".001.share");
}

static void
a_key_is_meant_by_id_prefix_or_pin(void **state)
{
	static const char key[] = "example.org-ec-p256-5f0c7c1e";
	static const char pin[] = "Xwx8HgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
	static const char hex[] =
		"5F0c7c1e00000000000000000000000000000000000000000000000000000000";

	(void)state;
	assert_true(share_is_wanted(key, key, pin));
	assert_true(share_is_wanted("example.org-ec", key, pin));
	assert_true(share_is_wanted(pin, key, pin));
	assert_true(share_is_wanted(hex, key, pin));
	assert_true(share_is_wanted(hex, key, NULL));
	assert_true(share_is_wanted(hex, SHARE_SIGNING_KEY, NULL));
	assert_false(share_is_wanted("example.net", key, pin));
	assert_false(share_is_wanted("example.org-ec-p256-5f0c7c1ef", key, pin));
	assert_false(share_is_wanted(hex, "example.org-ec-p256-00000000", NULL));
	assert_false(share_is_wanted(pin, key, "Xwx8HgBAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="));
}

static void
a_payload_stays_in_guarded_memory(void **state)
{
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	read_vector("001", &text);
	assert_ok(share_parse(text.data, text.len, &s, &e), &e);
	assert_ok(share_verify(&s, &s.vault_key, &e), &e);
	assert_ok(share_encode(&s, false, &again, &e), &e);
	const uint8_t *base64 = memmem(again.data, again.len, "\ndata: ", 7);
	assert_non_null(base64);
	assert_int_equal(scan_copies(s.data.data, s.data.len), 0);
	assert_int_equal(scan_copies(base64, 7 + 44), 1); /* in `text` */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_vectors_are_authentic_and_encode_to_the_same_bytes),
		unit(three_vectors_open_the_sealed_key_they_carry),
		unit(an_altered_field_is_not_authentic),
		unit(a_share_of_another_vault_is_named_as_such),
		unit(one_signature_holds_with_and_without_the_sealed_key_and_locked),
		unit(names_counts_and_file_names_keep_their_bounds),
		unit(a_key_is_meant_by_id_prefix_or_pin),
		unit(a_payload_stays_in_guarded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
