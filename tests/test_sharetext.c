/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "shares/share.h"
#include "tests/shareset.h"

#include <sodium.h>

#define SET "8f3c9a0d11223344"

static bool
parse_text(const char *text, struct share *out, struct err *e)
{
	return share_parse((const uint8_t *)text, strlen(text), out, e);
}

static void
crlf_and_surrounding_blank_lines_change_nothing(void **state)
{
	SHARESET_AUTO d = { 0 };
	SHARE_AUTO s = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	BUF_AUTO again = BUF_NONE;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
	buf_adds(&other, "\r\n\n");
	for (const char *p = text.data; *p; p++)
		buf_addf(&other, "%s%c", *p == '\n' ? "\r" : "", *p);
	buf_adds(&other, "\n\r\n");
	assert_ok(parse_text(other.data, &s, &e), &e);
	assert_ok(share_verify(&s, &d.pub, &e), &e);
	shareset_text(&s, &again);
	assert_string_equal(again.data, text.data);
}

/* Any one line left out, doubled, or swapped with the next is refused, and the line is named. */
static void
fields_stand_in_their_order_once_each(void **state)
{
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	const char *lines[32];
	size_t count = 0;
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
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
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
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
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		shareset_replaced(text.data, rows[i].from, rows[i].to, &other);
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

static void
a_share_is_locked_or_open_but_not_both(void **state)
{
	SHARESET_AUTO d = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	SHARE_AUTO s = { 0 };
	struct err e;

	(void)state;
	shareset_make(&d, "Ops", "example.org", SET, 2, 3);
	shareset_text(&d.shares[0], &text);
	shareset_replaced(text.data, "sealed-nonce", "locked: x\nsealed-nonce", &other);
	assert_fails(parse_text(other.data, &s, &e), &e, ERR_FORMAT, "line 17: nothing may follow");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(crlf_and_surrounding_blank_lines_change_nothing),
		unit(fields_stand_in_their_order_once_each),
		unit(a_text_cut_off_anywhere_is_refused),
		unit(a_value_in_another_form_is_refused_and_its_line_named),
		unit(no_message_shows_what_a_line_holds),
		unit(what_is_no_share_at_all_is_refused),
		unit(a_share_is_locked_or_open_but_not_both),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
