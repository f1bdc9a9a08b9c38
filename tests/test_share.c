/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/gf.h"
#include "shares/locked.h"
#include "shares/share.h"
#include "tests/deal.h"
#include "tests/scan.h"

#include <sodium.h>
#include <stdlib.h>

#define VECTORS "tests/vectors/example.org-ed25519-c5026cef.3f6b1574fa7f54e1."
#define SET "8f3c9a0d11223344"
#define LOCKED_BASE64 "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define LOCKED_NONCE "000102030405060708090a0b"
#define LOCKED_CARD "card D2760001240103040006123456780000 " LOCKED_NONCE " " LOCKED_BASE64
#define LOCKED_ARGON "argon2id 3 1048576 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64

static const char *const vectors[] = { "001", "002", "003", "200", "255" };
#define VECTOR_COUNT (sizeof(vectors) / sizeof(vectors[0]))

static void
read_vector(const char *number, struct secret *text)
{
	AUTO_STR path = NULL;
	struct err e;

	assert_ok(file_path(&path, &e, VECTORS "%s.share", number), &e);
	assert_ok(file_read_secret(path, FILE_LIMIT, text, &e), &e);
}

static bool
parse_text(const char *text, struct share *out, struct err *e)
{
	return share_parse((const uint8_t *)text, strlen(text), out, e);
}

/* The text of a share as a C string, for tests that change it. */
static void
text_of(const struct share *s, struct buf *out)
{
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	assert_ok(share_encode(s, false, &text, &e), &e);
	buf_clear(out);
	buf_add(out, text.data, text.len);
}

/* `text` with the first `from` replaced by `to`. */
static void
replaced(const char *text, const char *from, const char *to, struct buf *out)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	buf_clear(out);
	buf_add(out, text, (size_t)(at - text));
	buf_adds(out, to);
	buf_adds(out, at + strlen(from));
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

static void
crlf_and_surrounding_blank_lines_change_nothing(void **state)
{
	DEAL_AUTO d = { 0 };
	SHARE_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	BUF_AUTO again = BUF_NONE;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	buf_adds(&other, "\r\n\n");
	for (const char *p = text.data; *p; p++)
		buf_addf(&other, "%s%c", *p == '\n' ? "\r" : "", *p);
	buf_adds(&other, "\n\r\n");
	assert_ok(parse_text(other.data, &s, &e), &e);
	assert_ok(share_verify(&s, &d.pub, &e), &e);
	text_of(&s, &again);
	assert_string_equal(again.data, text.data);
}

/* Any one line left out, doubled, or swapped with the next is refused, and the line is named. */
static void
fields_stand_in_their_order_once_each(void **state)
{
	DEAL_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	const char *lines[32];
	size_t count = 0;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	for (char *p = strtok(text.data, "\n"); p; p = strtok(NULL, "\n"))
		lines[count++] = p;
	assert_int_equal(count, 18);
	for (size_t i = 0; i < count; i++) {
		BUF_AUTO without = BUF_NONE;
		BUF_AUTO twice = BUF_NONE;
		BUF_AUTO swapped = BUF_NONE;
		SHARE_AUTO s = { 0 };

		for (size_t j = 0; j < count; j++) {
			size_t k = j == i ? i + 1 : j == i + 1 ? i : j;
			if (j != i)
				buf_addf(&without, "%s\n", lines[j]);
			buf_addf(&twice, "%s\n%s%s", lines[j], j == i ? lines[j] : "",
				j == i ? "\n" : "");
			if (k < count)
				buf_addf(&swapped, "%s\n", lines[k]);
		}
		assert_fails(parse_text(without.data, &s, &e), &e, ERR_FORMAT, "line ");
		assert_fails(parse_text(twice.data, &s, &e), &e, ERR_FORMAT, "line ");
		assert_fails(parse_text(swapped.data, &s, &e), &e, ERR_FORMAT, "line ");
	}
}

static void
a_text_cut_off_anywhere_is_refused(void **state)
{
	DEAL_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	size_t detached = (size_t)(strstr(text.data, "sealed-nonce:") - text.data);
	for (size_t len = 0; len < text.len; len++)
		if (len != detached)
			assert_fails(share_parse((const uint8_t *)text.data, len, &s, &e), &e,
				ERR_FORMAT, "");
	assert_null(s.data.data);
}

static void
a_value_in_another_form_is_refused_and_its_line_named(void **state)
{
	static const struct {
		const char *from, *to, *message;
	} rows[] = {
		{ "coldspare-share-1", "coldspare-share-2",
			"line 1: \"coldspare-share-1\" expected" },
		{ "vault: Ops", "vault:  Ops", "line 2: vault: " },
		{ "vault: Ops", "vault: Ops ", "line 2: vault: " },
		{ "vault: Ops", "vault: ", "line 2: vault: " },
		{ "vault: Ops", "vault: Ops\033[2J", "line 2: vault: " },
		{ "vault: Ops", "vault: Ops of a company with a long name",
			"line 2: vault: over 32" },
		{ "vault: Ops", "Vault: Ops", "line 2: \"vault: ...\" expected" },
		{ "vault-key: RW", "vault-key: AW", "line 3: vault-key: " },
		{ "vault-key: RW", "vault-key: RWA", "line 3: vault-key: " },
		{ "key: example.org-", "key: ../../etc-", "line 4: key: not a key id" },
		{ "key: example.org-", "key: example/org-", "line 4: key: not a key id" },
		{ "pin: ", "pin: A", "line 5: pin: " },
		{ "set: 8f", "set: 8F", "line 6: set: " },
		{ "threshold: 2", "threshold: 02", "line 7: threshold: not in the one form" },
		{ "threshold: 2", "threshold: 0", "line 7: threshold: not a number" },
		{ "threshold: 2", "threshold: 1", "no splitting needs 1 of 3" },
		{ "threshold: 2", "threshold: 4", "no splitting needs 4 of 3" },
		{ "shares: 3", "shares: 256", "line 8: shares: not a number from 1 to 255" },
		{ "shares: 3", "shares: 4294967299", "line 8: shares: not a number" },
		{ "number: 1", "number: +1", "line 9: number: not a number" },
		{ "number: 1", "number: 0", "line 9: number: not a number" },
		{ "number: 1", "number: ", "line 9: number: not a number" },
		{ "origin: offline", "origin: nowhere", "line 10: origin: " },
		{ "created: 2026", "created: 2026-", "line 12: created: " },
		{ "created: 2026-11", "created: 2026-13", "line 12: created: " },
		{ "commitment: ", "rehearsal: no\ncommitment: ", "line 13: rehearsal: " },
		{ "commitment: ", "commitment: 0", "line 13: commitment: " },
		{ "signature: ", "signature: A", "line 15: signature: " },
		{ "\ndata: ", "\ndata: A", "line 16: data: " },
		{ "\ndata: ", "\ndate: ", "line 16: \"data: ...\" or \"locked: ...\" expected" },
		{ "sealed-nonce: ", "sealed-nonce: 0", "line 17: sealed-nonce: " },
		{ "sealed-data: ", "sealed-data: =", "line 18: sealed-data: " },
		{ "\nsealed-nonce: ", "\nsealed-once: ", "line 17: nothing may follow" },
	};
	DEAL_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		replaced(text.data, rows[i].from, rows[i].to, &other);
		assert_fails(parse_text(other.data, &s, &e), &e, ERR_FORMAT, rows[i].message);
	}
}

static void
no_message_shows_what_a_line_holds(void **state)
{
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	assert_fails(parse_text("coldspare-share-1\nSECRET: SECRET\n", &s, &e), &e, ERR_FORMAT,
		"line 2");
	assert_null(strstr(e.message, "SECRET"));
	assert_fails(parse_text("SECRET\n", &s, &e), &e, ERR_FORMAT, "line 1");
	assert_null(strstr(e.message, "SECRET"));
}

static void
what_is_no_share_at_all_is_refused(void **state)
{
	static uint8_t large[2 << 20];
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	assert_fails(parse_text("", &s, &e), &e, ERR_FORMAT, "empty");
	assert_fails(parse_text("\n\n\r\n", &s, &e), &e, ERR_FORMAT, "ends too early");
	assert_fails(share_parse(large, sizeof(large), &s, &e), &e, ERR_FORMAT, "over 65536");
	for (size_t len = 0; len < 2000; len += 7) {
		randombytes_buf(large, len);
		assert_false(share_parse(large, len, &s, &e));
	}
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
	DEAL_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SHARE_AUTO s = { 0 };

		if (rows[i].to) {
			replaced(text.data, rows[i].from, rows[i].to, &other);
		} else { /* its value's first character, to another of its alphabet */
			replaced(text.data, "", "", &other);
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
	DEAL_AUTO d = { 0 };
	DEAL_AUTO other = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	deal_make(&other, "Other", "example.org", SET, 2, 3);
	assert_fails(share_verify(&other.shares[0], &d.pub, &e), &e, ERR_AUTH,
		"a share of another vault: \"Other\"");
	assert_ok(share_verify(&other.shares[0], &other.pub, &e), &e);

	/* Naming our vault key does not help a forger. */
	other.shares[0].vault_key = d.pub;
	deal_sign(&other, &other.shares[0]);
	assert_fails(share_verify(&other.shares[0], &d.pub, &e), &e, ERR_AUTH, "signature");
}

static void
one_signature_holds_with_and_without_the_sealed_key_and_locked(void **state)
{
	DEAL_AUTO d = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	BUF_AUTO locked = BUF_NONE;
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	SHARE_AUTO detached = { 0 };
	assert_ok(share_encode(&d.shares[0], true, &text, &e), &e);
	assert_null(memmem(text.data, text.len, "sealed-nonce", 12));
	assert_ok(share_parse(text.data, text.len, &detached, &e), &e);
	assert_false(detached.carries_sealed);
	assert_ok(share_verify(&detached, &d.pub, &e), &e);

	SHARE_AUTO s = { 0 };
	d.shares[0].locked = strdup(LOCKED_ARGON);
	text_of(&d.shares[0], &locked);
	assert_null(strstr(locked.data, "\ndata: "));
	assert_non_null(strstr(locked.data, "\nlocked: argon2id "));
	assert_ok(parse_text(locked.data, &s, &e), &e);
	assert_string_equal(s.locked, LOCKED_ARGON);
	assert_null(s.data.data);
	assert_ok(share_verify(&s, &d.pub, &e), &e);
}

static void
locked_lines_are_checked_for_form(void **state)
{
	static const struct {
		const char *text, *message;
	} rows[] = {
		{ "", "no known kind" },
		{ "rot13 1", "no known kind" },
		{ "argon2id", "passes" },
		{ "argon2id 0 8 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "passes" },
		{ "argon2id 1001 8 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "passes" },
		{ "argon2id 3 7 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "memory" },
		{ "argon2id 3 4194305 abcdefghij012345 " LOCKED_NONCE " " LOCKED_BASE64, "memory" },
		{ "argon2id 3 99999999999999999999 abcdefghij012345 " LOCKED_NONCE, "memory" },
		{ "argon2id 3 8 abcdefghij01234 " LOCKED_NONCE " " LOCKED_BASE64, "salt" },
		{ "argon2id 3 8 abcdefghij012345  " LOCKED_NONCE " " LOCKED_BASE64, "nonce" },
		{ "argon2id 3 8 abcdefghij012345 " LOCKED_NONCE, "ciphertext" },
		{ LOCKED_ARGON "A", "ciphertext" },
		{ LOCKED_ARGON " ", "nothing may follow" },
		{ LOCKED_ARGON " x", "nothing may follow" },
		{ "card  " LOCKED_NONCE " " LOCKED_BASE64, "serial" },
		{ "card 1 " LOCKED_NONCE, "ciphertext" },
		{ "card 1 000102030405060708090A0B " LOCKED_BASE64, "nonce" },
	};
	struct err e;

	(void)state;
	assert_ok(locked_check(LOCKED_ARGON, strlen(LOCKED_ARGON), &e), &e);
	assert_string_equal(locked_with(LOCKED_ARGON), "a passphrase");
	assert_ok(locked_check(LOCKED_CARD, strlen(LOCKED_CARD), &e), &e);
	assert_string_equal(locked_with(LOCKED_CARD), "a smartcard");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(locked_check(rows[i].text, strlen(rows[i].text), &e), &e, ERR_FORMAT,
			rows[i].message);
}

static void
a_share_is_locked_or_open_but_not_both(void **state)
{
	DEAL_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	deal_make(&d, "Ops", "example.org", SET, 2, 3);
	text_of(&d.shares[0], &text);
	replaced(text.data, "sealed-nonce", "locked: " LOCKED_ARGON "\nsealed-nonce", &other);
	assert_fails(parse_text(other.data, &s, &e), &e, ERR_FORMAT, "line 17: nothing may follow");
}

static void
names_counts_and_file_names_keep_their_bounds(void **state)
{
	DEAL_AUTO d = { 0 };
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

	deal_make(&d, "Ops", "example.org", SET, 2, 3);
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
		unit(crlf_and_surrounding_blank_lines_change_nothing),
		unit(fields_stand_in_their_order_once_each),
		unit(a_text_cut_off_anywhere_is_refused),
		unit(a_value_in_another_form_is_refused_and_its_line_named),
		unit(no_message_shows_what_a_line_holds),
		unit(what_is_no_share_at_all_is_refused),
		unit(an_altered_field_is_not_authentic),
		unit(a_share_of_another_vault_is_named_as_such),
		unit(one_signature_holds_with_and_without_the_sealed_key_and_locked),
		unit(locked_lines_are_checked_for_form),
		unit(a_share_is_locked_or_open_but_not_both),
		unit(names_counts_and_file_names_keep_their_bounds),
		unit(a_key_is_meant_by_id_prefix_or_pin),
		unit(a_payload_stays_in_guarded_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
