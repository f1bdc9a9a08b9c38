/* SPDX-License-Identifier: ISC */
#include "vault/journal.h"

#include "base/clock.h"
#include "base/file.h"
#include "tests/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *
path_of(void **state)
{
	return support_path(state, JOURNAL_FILE);
}

static void
read_all(void **state, struct buf *out)
{
	struct err e = { 0 };

	buf_free(out);
	assert_ok(file_read(path_of(state), FILE_LIMIT_LARGE, out, &e), &e);
}

static void
replace(void **state, const char *data, size_t len)
{
	FILE *f = fopen(path_of(state), "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, len, f), len);
	assert_int_equal(fclose(f), 0);
}

static void
append(struct journal *j, const char *event, json_t *body)
{
	struct err e = { 0 };

	assert_ok(journal_append(j, event, body, NULL, NULL, &e), &e);
}

/* Three lines. */
static void
fill(void **state, struct journal *j)
{
	struct err e = { 0 };

	assert_ok(journal_new(*state, j, &e), &e);
	append(j, "create", json_pack("{s:s}", "name", "Example Ops"));
	append(j, "policy", json_pack("{s:n, s:i}", "domain", "max_age", 5184000));
	append(j, "drill", json_object());
}

/* One line by hand, chained to what stands there, so that the reader's own rules can be tried. */
static void
forge(void **state, const char *prev, const char *members)
{
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO line = BUF_NONE;
	char check[ENCODE_HASH_HEX];

	read_all(state, &text);
	buf_addf(&line, "{\"prev\":\"%s\",%s", prev, members);
	encode_hash_hex(check, line.data, line.len);
	buf_addf(&line, ",\"check\":\"%s\"}\n", check);
	buf_add(&text, line.data, line.len);
	replace(state, text.data, text.len);
}

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

	fill(state, &j);
	j.online = true;
	append(&j, "export", json_pack("{s:i}", "serial", 1));
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
	append(&j, "create", json_pack("{s:s, s:[i]}", "name", "A", "list", 1));
	clock_format(j.last_time, time);
	buf_addf(&want,
		"{\"n\":1,\"time\":\"%s\",\"prev\":\"%064d\",\"event\":\"create\","
		"\"name\":\"A\",\"list\":[1]",
		time, 0);
	encode_hash_hex(hash, want.data, want.len);
	buf_addf(&want, ",\"check\":\"%s\"}", hash);
	encode_hash_hex(first, want.data, want.len);
	buf_adds(&want, "\n");
	read_all(state, &text);
	assert_string_equal(text.data, want.data);
	assert_string_equal(j.head, first);

	j.online = true;
	append(&j, "drill", json_object());
	clock_format(j.last_time, time);
	buf_clear(&want);
	buf_addf(&want,
		"{\"n\":2,\"time\":\"%s\",\"prev\":\"%s\",\"event\":\"drill\",\"online\":true",
		time, first);
	encode_hash_hex(hash, want.data, want.len);
	buf_addf(&want, ",\"check\":\"%s\"}\n", hash);
	read_all(state, &text);
	assert_string_equal(strchr(text.data, '\n') + 1, want.data);
}

static void
the_file_is_the_owners_alone(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct stat st;

	fill(state, &j);
	assert_int_equal(stat(path_of(state), &st), 0);
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
a_cut_at_any_byte_of_the_last_line_is_a_torn_tail(void **state)
{
	JOURNAL_AUTO j = { 0 };
	BUF_AUTO text = BUF_NONE;
	struct err e = { 0 };

	fill(state, &j);
	read_all(state, &text);
	size_t start = text.len - 1;
	while (text.data[start - 1] != '\n')
		start--;
	for (size_t cut = start + 1; cut < text.len; cut++) {
		JOURNAL_AUTO torn = { 0 };
		replace(state, text.data, cut);
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

	fill(state, &j);
	read_all(state, &text);
	for (size_t i = 0; i < text.len; i++) {
		for (int bit = 0; bit < 8; bit++) {
			JOURNAL_AUTO read = { 0 };
			struct err e = { 0 };
			text.data[i] = (char)(text.data[i] ^ 1 << bit);
			replace(state, text.data, text.len);
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

	fill(state, &j);
	read_all(state, &text);
	char *second = strchr(text.data, '\n') + 1;
	char *third = strchr(second, '\n') + 1;

	memcpy(strstr(second, "5184000"), "5184001", 7);
	replace(state, text.data, text.len);
	assert_fails(
		journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH, "line 2: was altered");
	memcpy(strstr(second, "5184001"), "5184000", 7);

	BUF_AUTO without = BUF_NONE;
	buf_add(&without, text.data, (size_t)(second - text.data));
	buf_adds(&without, third);
	replace(state, without.data, without.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH,
		"line 2: says that it is line 3");

	third[-1] = ' ';
	replace(state, text.data, text.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH, "line 2");
	third[-1] = '\n';

	BUF_AUTO blank = BUF_NONE;
	buf_add(&blank, text.data, (size_t)(third - text.data));
	buf_adds(&blank, "\n");
	buf_adds(&blank, third);
	replace(state, blank.data, blank.len);
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_FORMAT,
		"line 3: does not end with its check");
}

static void
a_line_of_another_journal_does_not_continue_this_one(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	fill(state, &j);
	forge(state, "00", "\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"");
	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_AUTH,
		"line 4: does not continue");
}

static void
a_line_older_than_the_one_before_is_refused(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	fill(state, &j);
	forge(state, j.head, "\"n\":4,\"time\":\"2001-01-01T00:00:00Z\",\"event\":\"drill\"");
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
		unlink(path_of(state));
		fill(state, &j);
		forge(state, j.head, lines[i]);
		assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_FORMAT, "line 4");
	}
}

static void
a_missing_journal_is_missing_and_an_empty_one_is_empty(void **state)
{
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	assert_fails(journal_read(*state, NULL, NULL, &read, &e), &e, ERR_MISSING, JOURNAL_FILE);
	replace(state, "", 0);
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

	fill(state, &j);
	read_all(state, &before);
	assert_fails(journal_append(&j, "drill", json_object(), refuse, NULL, &e), &e, ERR_FORMAT,
		"line 4 (drill) not written: unheard of");
	read_all(state, &after);
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
		unlink(path_of(state));
		fill(state, &j);
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

	fill(state, &j);
	assert_ok(journal_read(*state, NULL, NULL, &other, &e), &e);
	append(&other, "drill", json_object());
	assert_fails(journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_BUSY,
		"changed by another program");
}

static void
a_clock_before_the_last_line_is_refused(void **state)
{
	JOURNAL_AUTO j = { 0 };
	JOURNAL_AUTO read = { 0 };
	struct err e = { 0 };

	fill(state, &j);
	forge(state, j.head, "\"n\":4,\"time\":\"2999-01-01T00:00:00Z\",\"event\":\"drill\"");
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

	fill(state, &j);
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

	fill(state, &j);
	assert_int_equal(truncate(path_of(state), (off_t)FILE_LIMIT_LARGE - 10), 0);
	j.good_bytes = (int64_t)FILE_LIMIT_LARGE - 10;
	assert_fails(journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_REFUSED,
		"is full");
}

static void
a_symlink_in_the_journal_s_place_is_not_written_through(void **state)
{
	JOURNAL_AUTO j = { 0 };
	struct err e = { 0 };

	fill(state, &j);
	assert_int_equal(rename(path_of(state), support_path(state, "elsewhere")), 0);
	assert_int_equal(symlink("elsewhere", path_of(state)), 0);
	assert_fails(
		journal_append(&j, "drill", json_object(), NULL, NULL, &e), &e, ERR_IO, "opening");
}

/* Repair ----------------------------------------------------------------------------------- */

static void
tear(void **state, const char *tail)
{
	int fd = open(path_of(state), O_WRONLY | O_APPEND);

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

	fill(state, &j);
	tear(state, "{\"n\":4,\"ti");
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_ok(journal_repair(&torn, collect, &seen, &e), &e);
	assert_string_equal(seen.data, "4 repair;");
	assert_ok(file_read(support_path(state, "journal.torn-4"), 100, &kept, &e), &e);
	assert_string_equal(kept.data, "{\"n\":4,\"ti");
	encode_hash_hex(hash, kept.data, kept.len);
	read_all(state, &text);
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

	fill(state, &j);
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

	fill(state, &j);
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

	fill(state, &j);
	tear(state, "{");
	assert_ok(journal_read(*state, NULL, NULL, &torn, &e), &e);
	assert_fails(journal_append(&torn, "drill", json_object(), NULL, NULL, &e), &e, ERR_BUSY,
		"changed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(what_was_appended_is_read_back),
		unit_in_dir(lines_have_the_documented_form),
		unit_in_dir(the_file_is_the_owners_alone),
		unit_in_dir(the_head_is_shown_in_groups_of_four),
		unit_in_dir(a_cut_at_any_byte_of_the_last_line_is_a_torn_tail),
		unit_in_dir(a_flipped_bit_anywhere_is_found),
		unit_in_dir(damage_names_the_line),
		unit_in_dir(a_line_of_another_journal_does_not_continue_this_one),
		unit_in_dir(a_line_older_than_the_one_before_is_refused),
		unit_in_dir(ill_typed_members_are_refused),
		unit_in_dir(a_missing_journal_is_missing_and_an_empty_one_is_empty),
		unit_in_dir(what_the_visitor_refuses_is_never_written),
		unit_in_dir(a_body_cannot_take_the_place_of_a_line_s_own_members),
		unit_in_dir(a_journal_that_grew_behind_our_back_is_not_appended_to),
		unit_in_dir(a_clock_before_the_last_line_is_refused),
		unit_in_dir(a_line_that_does_not_fit_is_taken_back_and_nothing_follows_it),
		unit_in_dir(a_full_journal_takes_no_more),
		unit_in_dir(a_symlink_in_the_journal_s_place_is_not_written_through),
		unit_in_dir(repair_keeps_the_tail_and_journals_its_hash),
		unit_in_dir(repair_leaves_a_whole_journal_alone),
		unit_in_dir(an_interrupted_repair_is_done_again),
		unit_in_dir(a_torn_journal_is_not_appended_to),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
