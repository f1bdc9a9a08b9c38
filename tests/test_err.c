/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>

static void
set_fills_code_and_message_and_clears_the_hint(void **state)
{
	struct err e = { .hint = "old" };

	(void)state;
	assert_false(err_set(&e, ERR_FORMAT, "share %d: no signature", 3));
	assert_int_equal(e.code, ERR_FORMAT);
	assert_string_equal(e.message, "share 3: no signature");
	assert_string_equal(e.hint, "");
}

static void
wrap_puts_context_before_and_keeps_code_and_hint(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_AUTH, "altered");
	assert_false(err_hint(&e, "ask %s", "custodian-2"));
	assert_false(err_wrap(&e, "share %d", 2));
	assert_false(err_wrap(&e, "reading %s", "a"));
	assert_string_equal(e.message, "reading a: share 2: altered");
	assert_string_equal(e.hint, "ask custodian-2");
	assert_int_equal(e.code, ERR_AUTH);
}

static void
arguments_may_be_the_message_itself(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_IO, "inner");
	err_set(&e, ERR_AUTH, "outer (%s)", e.message);
	assert_string_equal(e.message, "outer (inner)");
	err_wrap(&e, "again %s", e.message);
	assert_string_equal(e.message, "again outer (inner): outer (inner)");
}

static void
errno_picks_the_code_and_appends_the_reason(void **state)
{
	static const struct {
		int number;
		enum err_code code;
	} rows[] = {
		{ ENOENT, ERR_MISSING },
		{ ENOTDIR, ERR_MISSING },
		{ EEXIST, ERR_EXISTS },
		{ ENOMEM, ERR_MEMORY },
		{ ENOSPC, ERR_IO },
		{ EACCES, ERR_IO },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		errno = rows[i].number;
		assert_false(err_errno(&e, "opening %s", "f"));
		assert_int_equal(e.code, rows[i].code);
	}
	errno = ENOENT;
	err_errno(&e, "opening %s", "f");
	assert_string_equal(e.message, "opening f: No such file or directory");
}

static void
openssl_appends_the_oldest_reason_and_empties_the_queue(void **state)
{
	struct err e = { 0 };

	(void)state;
	ERR_raise(ERR_LIB_EVP, EVP_R_BAD_DECRYPT);
	ERR_raise(ERR_LIB_EVP, EVP_R_UNSUPPORTED_ALGORITHM);
	assert_false(err_openssl(&e, ERR_FORMAT, "key %s", "k"));
	assert_string_equal(e.message, "key k: bad decrypt");
	assert_int_equal(e.code, ERR_FORMAT);
	assert_int_equal(ERR_peek_error(), 0);
	assert_false(err_openssl(&e, ERR_INTERNAL, "nothing queued"));
	assert_string_equal(e.message, "nothing queued");
}

static void
openssl_shows_the_reason_of_a_system_call(void **state)
{
	struct err e = { 0 };

	(void)state;
	ERR_raise(ERR_LIB_SYS, ENOSPC);
	err_openssl(&e, ERR_IO, "writing");
	assert_string_equal(e.message, "writing: No space left on device");
}

static void
control_characters_cannot_reach_the_terminal(void **state)
{
	struct err e = { 0 };

	(void)state;
	err_set(&e, ERR_FORMAT, "file %s", "a\x1b[2J\r\n\x7f");
	assert_string_equal(e.message, "file a?[2J???");
	err_set(&e, ERR_FORMAT, "file %s%s", "\xc2\x9b", "31m M\xc3\xbcller \xc3\x9b");
	assert_string_equal(e.message, "file ??31m M\xc3\xbcller \xc3\x9b");
	err_set(&e, ERR_FORMAT, "%s", "\xc2\xa9 \xe2\x82\xac");
	assert_string_equal(e.message, "\xc2\xa9 \xe2\x82\xac");
	err_hint(&e, "%s", "\x1b]0;x\x07");
	assert_string_equal(e.hint, "?]0;x?");
	err_wrap(&e, "%s", "\t");
	assert_int_equal(e.message[0], '?');
}

static void
only_utf8_that_reads_as_it_stands_is_clean(void **state)
{
	static const struct {
		const char *text, *clean;
	} rows[] = {
		{ "\x9b"
		  "31m",
			"?31m" },
		{ "a\xff", "a?" },
		{ "\xc3(", "?(" },
		{ "\xe2\x82", "??" },
		{ "\xc0\xaf \xe0\x80\xaf", "?? ???" },
		{ "\xed\xa0\x80", "???" },
		{ "\xf4\x90\x80\x80", "????" },
		{ "\xe2\x80\xae"
		  "gnp.share",
			"???gnp.share" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[32];

		snprintf(text, sizeof(text), "%s", rows[i].text);
		assert_false(err_is_clean(text));
		err_clean(text);
		assert_string_equal(text, rows[i].clean);
		assert_true(err_is_clean(text));
	}
	assert_true(err_is_clean("M\xc3\xbcller \xe2\x82\xac \xf0\x9f\x94\x91"));
	assert_true(err_is_clean(""));
}

static void
long_texts_are_cut_between_characters(void **state)
{
	char text[4000];
	struct err e = { 0 };

	(void)state;
	memset(text, 'a', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	err_set(&e, ERR_FORMAT, "%s", text);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 1);
	err_wrap(&e, "%s", text);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 1);
	err_hint(&e, "%s", text);
	assert_int_equal(strlen(e.hint), sizeof(e.hint) - 1);

	for (size_t i = 1; i + 2 < sizeof(text); i += 2)
		memcpy(text + i, "\xc3\xbc", 2);
	err_set(&e, ERR_FORMAT, "%s", text);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 1);
	err_set(&e, ERR_FORMAT, "x%s", text);
	assert_int_equal(strlen(e.message), sizeof(e.message) - 2);
	err_set(&e, ERR_FORMAT, "%s", text);
	err_wrap(&e, "y");
	assert_int_equal(strlen(e.message), sizeof(e.message) - 2);
}

static void
statuses_and_names_are_those_of_the_table(void **state)
{
	(void)state;
	assert_int_equal(err_status(ERR_NONE), 0);
	assert_int_equal(err_status(ERR_USAGE), 64);
	assert_int_equal(err_status(ERR_BUSY), 75);
	assert_int_equal(err_status(ERR_REFUSED), 78);
	assert_string_equal(err_name(ERR_AUTH), "not-authentic");
	assert_string_equal(err_name(ERR_NONE), "none");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(set_fills_code_and_message_and_clears_the_hint),
		unit(wrap_puts_context_before_and_keeps_code_and_hint),
		unit(arguments_may_be_the_message_itself),
		unit(errno_picks_the_code_and_appends_the_reason),
		unit(openssl_appends_the_oldest_reason_and_empties_the_queue),
		unit(openssl_shows_the_reason_of_a_system_call),
		unit(control_characters_cannot_reach_the_terminal),
		unit(only_utf8_that_reads_as_it_stands_is_clean),
		unit(long_texts_are_cut_between_characters),
		unit(statuses_and_names_are_those_of_the_table),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
