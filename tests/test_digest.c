/* SPDX-License-Identifier: ISC */
#include "base/digest.h"
#include "tests/support.h"

#include <stdio.h>

#define HEX                                                                                        \
	"e58294f2e9a227486e8b061b31cc528fd7fa3f19"                                                 \
	"00ff7f80aa5501fe10ef2233"

/* The words of the first twenty bytes are the example of the PGP word list's own description. */
static void
a_digest_is_shown_as_hex_and_words_row_by_row(void **state)
{
	struct digest_row rows[DIGEST_ROWS];
	struct err e = { 0 };

	(void)state;
	assert_ok(digest_rows(HEX, rows, &e), &e);
	assert_string_equal(rows[0].hex, "e582 94f2");
	assert_string_equal(rows[0].words, "topmost Istanbul Pluto vagabond");
	assert_string_equal(rows[1].hex, "e9a2 2748");
	assert_string_equal(rows[1].words, "treadmill Pacific brackish dictator");
	assert_string_equal(rows[5].words, "aardvark Yucatan lockup intention");
}

static void
lines_and_words_say_the_same(void **state)
{
	BUF_AUTO lines = BUF_NONE;
	BUF_AUTO words = BUF_NONE;
	struct err e = { 0 };

	(void)state;
	assert_ok(digest_text(HEX, "    ", &lines, &e), &e);
	assert_ok(digest_words(HEX, &words, &e), &e);
	assert_int_equal(strncmp(lines.data,
				 "    e582 94f2  topmost Istanbul Pluto vagabond\n"
				 "    e9a2 2748  treadmill Pacific brackish dictator\n",
				 98),
		0);
	assert_int_equal(strncmp(words.data, "topmost Istanbul Pluto vagabond treadmill", 41), 0);
	for (const char *line = lines.data; *line; line = strchr(line, '\n') + 1)
		assert_true(strcspn(line, "\n") <= 80);
}

static void
the_longest_words_are_not_cut(void **state)
{
	struct digest_row rows[DIGEST_ROWS];
	struct err e = { 0 };
	char hex[65];
	BUF_AUTO words = BUF_NONE;

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		for (size_t i = 0; i < 32; i++)
			snprintf(hex + 2 * i, 3, "%02x", byte);
		buf_clear(&words);
		assert_ok(digest_rows(hex, rows, &e), &e);
		assert_ok(digest_words(hex, &words, &e), &e);
		assert_int_equal(strncmp(words.data, rows[0].words, strlen(rows[0].words)), 0);
		assert_int_equal(words.data[strlen(rows[0].words)], ' ');
	}
}

static void
what_is_no_digest_is_refused(void **state)
{
	struct digest_row rows[DIGEST_ROWS];
	BUF_AUTO text = BUF_NONE;
	struct err e;

	(void)state;
	assert_fails(digest_rows("e582", rows, &e), &e, ERR_FORMAT, "digest");
	assert_fails(digest_text(HEX "00", "", &text, &e), &e, ERR_FORMAT, "digest");
	assert_fails(digest_words("", &text, &e), &e, ERR_FORMAT, "digest");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_digest_is_shown_as_hex_and_words_row_by_row),
		unit(lines_and_words_say_the_same),
		unit(the_longest_words_are_not_cut),
		unit(what_is_no_digest_is_refused),
	};

	return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
