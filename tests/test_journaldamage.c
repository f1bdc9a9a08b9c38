/* SPDX-License-Identifier: ISC */
/* The journal damaged, torn, and repaired. */
#include "vault/journal.h"

#include "base/file.h"
#include "tests/journalfile.h"
#include "tests/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

static void
a_cut_at_any_byte_of_the_last_line_is_a_torn_tail(void **state)
{
	JOURNAL_AUTO j = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_read(state, &text);
	size_t start = text.len - 1;
	while (text.data[start - 1] != '\n')
		start--;
	for (size_t cut = start + 1; cut < text.len; cut++) {
		JOURNAL_AUTO torn = { 0 };
		journalfile_put(state, text.data, cut);
		assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
		assert_int_equal(torn.entries, 2);
		assert_int_equal(torn.good_bytes, start);
		assert_int_equal(torn.torn_bytes, cut - start);
	}
}

static void
a_flipped_bit_anywhere_is_found(void **state)
{
	JOURNAL_AUTO j = { 0 };
	BUF_AUTO text = BUF_NONE;

	journalfile_fill(state, &j);
	journalfile_read(state, &text);
	for (size_t i = 0; i < text.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			JOURNAL_AUTO read = { 0 };
			struct err e = { 0 };
			text.data[i] = (char)(text.data[i] ^ 1 << bit);
			journalfile_put(state, text.data, text.len);
			text.data[i] = (char)(text.data[i] ^ 1 << bit);
			if (!journal_read(*state, NULL, NULL, &read, &e)) {
				assert_non_null(strstr(e.message, "line "));
				continue;
			}
			/* The last LF: its line is torn, and never counts. */
			assert_int_equal(i, text.len - 1);
			assert_int_not_equal(read.torn_bytes, 0);
		}
	}
}

static void
damage_names_the_line(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_read(state, &text);
	char *second = strchr(text.data, '\n') + 1;
	char *third = strchr(second, '\n') + 1;

	memcpy(strstr(second, "5184000"), "5184001", 7);
	journalfile_put(state, text.data, text.len);
	assert_fails(
		journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH, "line 2: was altered");
	memcpy(strstr(second, "5184001"), "5184000", 7);

	BUF_AUTO without = BUF_NONE;
	buf_add(&without, text.data, (size_t)(second - text.data));
	buf_adds(&without, third);
	journalfile_put(state, without.data, without.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH,
		"line 2: says that it is line 3");

	third[-1] = ' ';
	journalfile_put(state, text.data, text.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH, "line 2");
	third[-1] = '\n';

	BUF_AUTO blank = BUF_NONE;
	buf_add(&blank, text.data, (size_t)(third - text.data));
	buf_adds(&blank, "\n");
	buf_adds(&blank, third);
	journalfile_put(state, blank.data, blank.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_FORMAT,
		"line 3: does not end with its check");
}

static void
a_line_of_another_journal_does_not_continue_this_one(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_forge(
		state, "00", "\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"");
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH,
		"line 4: does not continue");
}

static void
a_line_older_than_the_one_before_is_refused(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_forge(
		state, j.head, "\"n\":4,\"time\":\"2001-01-01T00:00:00Z\",\"event\":\"drill\"");
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH, "line 4: is older");
}

static void
ill_typed_members_are_refused(void **state)
{
	static const char *const lines[] = {
		"\"n\":4,\"time\":\"2999-01-01T00:00:00Z\"",
		"\"n\":4,\"time\":1,\"event\":\"drill\"",
		"\"n\":\"4\",\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"",
		"\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\",\"online\":1",
		"\"n\":4,\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"",
	};

	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		JOURNAL_AUTO j = { 0 };
		JOURNAL_AUTO read = { 0 };
		struct err e = { 0 };
		unlink(journalfile_path(state));
		journalfile_fill(state, &j);
		journalfile_forge(state, j.head, lines[i]);
		assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_FORMAT, "line 4");
	}
}

static bool
collect(void *context, const struct journal_line *line, struct err *e)
{
	struct buf *seen = context;

	(void)e;
	buf_addf(seen, "%d %s%s;", (int)line->n, line->event, line->online ? " online" : "");
	return true;
}

/* Repair ----------------------------------------------------------------------------------- */

static void
tear(void **state, const char *tail)
{
	int fd = open(journalfile_path(state), O_WRONLY | O_APPEND);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, tail, strlen(tail)), (ssize_t)strlen(tail));
	close(fd);
}

static void
repair_keeps_the_tail_and_journals_its_hash(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO torn = { 0 };
	JOURNAL_AUTO read = { 0 };
	BUF_AUTO kept = BUF_NONE;
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO seen = BUF_NONE;
	char hash[ENCODE_HASH_HEX];
	struct err e = { 0 };

	journalfile_fill(state, &j);
	tear(state, "{\"n\":4,\"ti");
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_ok(journal_repair(&torn, collect, &seen, &e), &e);
	assert_string_equal(seen.data, "4 repair;");
	assert_ok(file_read(support_path(state, "journal.torn-4"), 100, &kept, &e), &e);
	assert_string_equal(kept.data, "{\"n\":4,\"ti");
	encode_hash_hex(hash, kept.data, kept.len);
	journalfile_read(state, &text);
	assert_non_null(strstr(
		text.data, "\"event\":\"repair\",\"bytes\":10,\"files\":{\"journal.torn-4\":\""));
	assert_non_null(strstr(text.data, hash));
	assert_ok(journal_read(*state, NULL, NULL, &read, &e), &e);
	assert_int_equal(read.entries, 4);
	assert_int_equal(read.torn_bytes, 0);
}

static void
repair_leaves_a_whole_journal_alone(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_ok(journal_repair(&j, NULL, NULL, &e), &e);
	assert_int_equal(j.entries, 3);
}

/* Killed after it wrote the tail aside: the same bytes serve. Killed after the cut, and the next
 * line torn too: another name. */
static void
an_interrupted_repair_is_done_again(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO torn = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_ok(file_write_new(support_path(state, "journal.torn-4"), 0600, "one", 3, &e), &e);
	tear(state, "one");
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_ok(journal_repair(&torn, NULL, NULL, &e), &e);
	assert_false(file_exists(support_path(state, "journal.torn-4-2")));

	assert_ok(file_write_new(support_path(state, "journal.torn-5"), 0600, "one", 3, &e), &e);
	tear(state, "two");
	journal_free(&torn);
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_ok(journal_repair(&torn, NULL, NULL, &e), &e);
	assert_true(file_exists(support_path(state, "journal.torn-5-2")));
	assert_int_equal(torn.entries, 5);
}

static void
a_torn_journal_is_not_appended_to(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO torn = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	tear(state, "{");
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_fails(journal_append(&torn, "drill", json_object(), NULL, NULL, &e), &e, ERR_BUSY,
		"changed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_cut_at_any_byte_of_the_last_line_is_a_torn_tail),
		unit_in_dir(a_flipped_bit_anywhere_is_found),
		unit_in_dir(damage_names_the_line),
		unit_in_dir(a_line_of_another_journal_does_not_continue_this_one),
		unit_in_dir(a_line_older_than_the_one_before_is_refused),
		unit_in_dir(ill_typed_members_are_refused),
		unit_in_dir(repair_keeps_the_tail_and_journals_its_hash),
		unit_in_dir(repair_leaves_a_whole_journal_alone),
		unit_in_dir(an_interrupted_repair_is_done_again),
		unit_in_dir(a_torn_journal_is_not_appended_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
