/* SPDX-License-Identifier: ISC */
#include "vault/journal.h"

#include "base/clock.h"
#include "base/file.h"
#include "tests/journalfile.h"
#include "tests/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static bool
collect(void *context, const struct journal_line *line, struct err *e)
{
	struct buf *seen = context;

	(void)e;
	buf_addf(seen, "%d %s%s;", (int)line->n, line->event, line->online ? " online" : "");
	return true;
}

static bool
refuse(void *context, const struct journal_line *line, struct err *e)
{
	(void)context;
	(void)line;
	return err_set(e, ERR_FORMAT, "unheard of");
}

static void
what_was_appended_is_read_back(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO again = { 0 };
	BUF_AUTO seen = BUF_NONE;
	struct err e = { 0 };

	journalfile_fill(state, &j);
	j.online = true;
	journalfile_append(&j, "export", json_pack("{s:i}", "serial", 1));
	assert_ok(journal_read(*state, collect, &seen, &again, &e), &e);
	assert_string_equal(seen.data, "1 create;2 policy;3 drill;4 export online;");
	assert_int_equal(again.entries, 4);
	assert_string_equal(again.head, j.head);
	assert_int_equal(again.last_time, j.last_time);
	assert_int_equal(again.good_bytes, j.good_bytes);
	assert_int_equal(again.torn_bytes, 0);
}

static void
lines_have_the_documented_form(void **state)
{
	JOURNAL_AUTO j = { 0 };
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO want = BUF_NONE;
	char time[CLOCK_TEXT], hash[ENCODE_HASH_HEX], first[ENCODE_HASH_HEX];
	struct err e = { 0 };

	assert_ok(journal_new(*state, &j, &e), &e);
	journalfile_append(&j, "create", json_pack("{s:s, s:[i]}", "name", "A", "list", 1));
	clock_format(j.last_time, time);
	buf_addf(&want,
		"{\"n\":1,\"time\":\"%s\",\"prev\":\"%064d\",\"event\":\"create\","
		"\"name\":\"A\",\"list\":[1]",
		time, 0);
	encode_hash_hex(hash, want.data, want.len);
	buf_addf(&want, ",\"check\":\"%s\"}", hash);
	encode_hash_hex(first, want.data, want.len);
	buf_adds(&want, "\n");
	journalfile_read(state, &text);
	assert_string_equal(text.data, want.data);
	assert_string_equal(j.head, first);

	j.online = true;
	journalfile_append(&j, "drill", json_object());
	clock_format(j.last_time, time);
	buf_clear(&want);
	buf_addf(&want,
		"{\"n\":2,\"time\":\"%s\",\"prev\":\"%s\",\"event\":\"drill\",\"online\":true",
		time, first);
	encode_hash_hex(hash, want.data, want.len);
	buf_addf(&want, ",\"check\":\"%s\"}\n", hash);
	journalfile_read(state, &text);
	assert_string_equal(strchr(text.data, '\n') + 1, want.data);
}

static void
the_file_is_the_owners_alone(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct stat st;

	journalfile_fill(state, &j);
	assert_int_equal(stat(journalfile_path(state), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void
the_head_is_shown_in_groups_of_four(void **state)
{
	struct journal j = { .entries = 17 };
	BUF_AUTO text = BUF_NONE;

	(void)state;
	memset(j.head, 'a', 64);
	memcpy(j.head, "5f0c7c1e", 8);
	journal_head_text(&j, &text);
	assert_string_equal(text.data,
		"17 entries, head 5f0c 7c1e aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa aaaa "
		"aaaa aaaa aaaa");
	j.entries = 1;
	buf_clear(&text);
	journal_head_text(&j, &text);
	assert_memory_equal(text.data, "1 entry, head 5f0c ", 19);
}

static void
a_missing_journal_is_missing_and_an_empty_one_is_empty(void **state)
{
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_MISSING, JOURNAL_FILE);
	journalfile_put(state, "", 0);
	assert_ok(journal_read(*state, NULL, NULL, &read, &e), &e);
	assert_int_equal(read.entries, 0);
	assert_int_equal(read.last_time, CLOCK_NONE);
}

static void
what_the_visitor_refuses_is_never_written(void **state)
{
	JOURNAL_AUTO j = { 0 };
	BUF_AUTO before = BUF_NONE;
	BUF_AUTO after = BUF_NONE;
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_read(state, &before);
	assert_fails(journal_append(&j, "drill", json_object(), refuse, NULL, &e), &e, ERR_FORMAT,
		"line 4 (drill) not written: unheard of");
	journalfile_read(state, &after);
	assert_string_equal(before.data, after.data);
}

static void
a_body_cannot_take_the_place_of_a_line_s_own_members(void **state)
{
	static const char *const names[] = { "n", "time", "prev", "event", "online", "check" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		JOURNAL_AUTO j = { 0 };
		JOURNAL_AUTO read = { 0 };
		struct err e = { 0 };
		unlink(journalfile_path(state));
		journalfile_fill(state, &j);
		j.online = true;
		json_t *body = json_pack("{s:i}", names[i], 1);
		assert_fails(journal_append(&j, "drill", body, NULL, NULL, &e), &e, ERR_FORMAT,
			"line 4");
		assert_ok(journal_read(*state, NULL, NULL, &read, &e), &e);
		assert_int_equal(read.entries, 3);
	}
}

static void
a_journal_that_grew_behind_our_back_is_not_appended_to(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO other = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_ok(journal_read(*state, NULL, NULL, &other, &e), &e);
	journalfile_append(&other, "drill", json_object());
	assert_fails(journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_BUSY,
		"changed by another program");
}

static void
a_clock_before_the_last_line_is_refused(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	journalfile_forge(
		state, j.head, "\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"");
	assert_ok(journal_read(*state, NULL, NULL, &read, &e), &e);
	assert_fails(journal_clock(&read, &e), &e, ERR_REFUSED, "2999-01-01T00:00:00Z");
	assert_fails(journal_append(&read, "drill", json_object(), NULL, NULL, &e), &e, ERR_REFUSED,
		"the clock says");
}

/* A file-size limit stands for the full disk: the write comes out short. */
static void
a_line_that_does_not_fit_is_taken_back_and_nothing_follows_it(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct rlimit old, small;
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = old;
	small.rlim_cur = (rlim_t)j.good_bytes + 10;
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	bool done = journal_append(&j, "drill", json_object(), NULL, NULL, &e);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(done);
	assert_int_equal(e.code, ERR_IO);

	assert_fails(journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_IO,
		"after a failure");
	assert_ok(journal_read(*state, NULL, NULL, &read, &e), &e);
	assert_int_equal(read.entries, 3);
	assert_int_equal(read.torn_bytes, 0);
}

static void
a_full_journal_takes_no_more(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_int_equal(truncate(journalfile_path(state), (off_t)FILE_LIMIT_LARGE - 10), 0);
	j.good_bytes = (int64_t)FILE_LIMIT_LARGE - 10;
	assert_fails(journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_REFUSED,
		"is full");
}

static void
a_symlink_in_the_journal_s_place_is_not_written_through(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct err e = { 0 };

	journalfile_fill(state, &j);
	assert_int_equal(rename(journalfile_path(state), support_path(state, "elsewhere")), 0);
	assert_int_equal(symlink("elsewhere", journalfile_path(state)), 0);
	assert_fails(
		journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_IO, "opening");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(what_was_appended_is_read_back),
		unit_in_dir(lines_have_the_documented_form),
		unit_in_dir(the_file_is_the_owners_alone),
		unit_in_dir(the_head_is_shown_in_groups_of_four),
		unit_in_dir(a_missing_journal_is_missing_and_an_empty_one_is_empty),
		unit_in_dir(what_the_visitor_refuses_is_never_written),
		unit_in_dir(a_body_cannot_take_the_place_of_a_line_s_own_members),
		unit_in_dir(a_journal_that_grew_behind_our_back_is_not_appended_to),
		unit_in_dir(a_clock_before_the_last_line_is_refused),
		unit_in_dir(a_line_that_does_not_fit_is_taken_back_and_nothing_follows_it),
		unit_in_dir(a_full_journal_takes_no_more),
		unit_in_dir(a_symlink_in_the_journal_s_place_is_not_written_through),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
