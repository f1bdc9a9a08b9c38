/* SPDX-License-Identifier: ISC */
/* The journal under a kernel that fails, and killed at any of its calls. */
#include "vault/journal.h"

#include "base/file.h"
#include "tests/fault.h"
#include "tests/support.h"

#include <errno.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#define TAIL "{\"n\":4,\"ti"

struct scene {
	const char *dir;
	struct journal j;
};

static void
fill(void **state, struct scene *s, int lines)
{
	struct err e = { 0 };

	s->dir = *state;
	assert_ok(journal_new(*state, &s->j, &e), &e);
	for (int i = 0; i < lines; i++)
		assert_ok(journal_append(&s->j, "drill", json_object(), NULL, NULL, &e), &e);
}

static bool
append(void *arg)
{
	struct scene *s = arg;
	struct err e;

	return journal_append(&s->j, "drill", json_object(), NULL, NULL, &e);
}

/* True when both fail, the first for the disk's reason and the second for being one too many. */
static bool
append_twice_in_vain(void *arg)
{
	struct scene *s = arg;
	struct err first, second;

	return !journal_append(&s->j, "drill", json_object(), NULL, NULL, &first) &&
	       first.code == ERR_IO && strstr(first.message, "Input/output error") &&
	       !journal_append(&s->j, "drill", json_object(), NULL, NULL, &second) &&
	       strstr(second.message, "after a failure");
}

static bool
repair(void *arg)
{
	struct scene *s = arg;
	JOURNAL_AUTO j = { 0 };
	struct err e;

	return journal_read(s->dir, NULL, NULL, &j, &e) && journal_repair(&j, NULL, NULL, &e);
}

static void
assert_lines(void **state, int64_t lines)
{
	JOURNAL_AUTO j = { 0 };
	struct err e = { 0 };

	assert_ok(journal_read(*state, NULL, NULL, &j, &e), &e);
	assert_int_equal(j.entries, lines);
	assert_int_equal(j.torn_bytes, 0);
}

static const struct fault watch[] = {
	{ SYS_write, FAULT_WATCH, 0, 0, 0 },
	{ SYS_fsync, FAULT_WATCH, 0, 0, 0 },
	{ SYS_ftruncate, FAULT_WATCH, 0, 0, 0 },
};

static void
an_append_is_one_write_and_one_fsync(void **state)
{
	struct scene s;
	struct fault_report r;

	fill(state, &s, 1);
	fault_run(watch, FAULT_COUNT(watch), append, &s, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.trace[0], SYS_write);
	assert_int_equal(r.trace[1], SYS_fsync);
	assert_lines(state, 2);
	journal_free(&s.j);
}

static void
the_first_append_syncs_the_folder_too(void **state)
{
	struct scene s;
	struct fault_report r;

	fill(state, &s, 0);
	fault_run(watch, FAULT_COUNT(watch), append, &s, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 3);
	assert_int_equal(r.trace[1], SYS_fsync);
	assert_int_equal(r.trace[2], SYS_fsync);
	journal_free(&s.j);
}

static void
after_a_failed_sync_the_line_is_taken_back_and_nothing_retried(void **state)
{
	static const struct fault faults[] = { { SYS_fsync, EIO, 1, 0, 0 },
		{ SYS_write, FAULT_WATCH, 0, 0, 0 }, { SYS_ftruncate, FAULT_WATCH, 0, 0, 0 } };
	struct scene s;
	struct fault_report r;

	fill(state, &s, 3);
	fault_run(faults, FAULT_COUNT(faults), append_twice_in_vain, &s, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.fired, 1);
	assert_int_equal(r.count, 3);
	assert_int_equal(r.trace[2], SYS_ftruncate);
	assert_lines(state, 3);
	journal_free(&s.j);
}

static void
a_first_line_that_cannot_be_synced_leaves_no_journal(void **state)
{
	static const struct fault faults[] = { { SYS_fsync, EIO, 1, 0, 0 } };
	struct scene s;
	struct fault_report r;

	fill(state, &s, 0);
	fault_run(faults, 1, append_twice_in_vain, &s, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.fired, 1);
	assert_false(file_exists(support_path(state, JOURNAL_FILE)));
	journal_free(&s.j);
}

static void
a_line_killed_before_its_sync_is_whole_or_not_there(void **state)
{
	static const int calls[] = { SYS_write, SYS_fsync };

	for (size_t i = 0; i < 2; i++) {
		const struct fault kill = { calls[i], FAULT_KILL, 1, 0, 0 };
		struct scene s;
		struct fault_report r;
		remove(support_path(state, JOURNAL_FILE));
		fill(state, &s, 2);
		fault_run(&kill, 1, append, &s, &r);
		assert_true(WIFSIGNALED(r.status));
		assert_lines(state, i == 0 ? 2 : 3);
		journal_free(&s.j);
	}
}

/* Tears the third line; whatever call of the repair the process dies at, the next repair ends with
 * a whole journal, and the tail's bytes are in a file. */
static void
a_repair_killed_anywhere_is_done_by_the_next(void **state)
{
	static const int calls[] = { SYS_openat, SYS_write, SYS_fsync, SYS_linkat, SYS_ftruncate };
	size_t killed = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		for (unsigned when = 1;; when++) {
			const struct fault kill = { calls[i], FAULT_KILL, when, 0, 0 };
			struct scene s;
			struct fault_report r;
			BUF_AUTO kept = BUF_NONE;
			struct err e = { 0 };
			fill(state, &s, 3);
			FILE *f = fopen(support_path(state, JOURNAL_FILE), "a");
			assert_non_null(f);
			assert_true(fputs(TAIL, f) >= 0 && fclose(f) == 0);
			fault_run(&kill, 1, repair, &s, &r);
			assert_true(repair(&s));
			JOURNAL_AUTO j = { 0 };
			assert_ok(journal_read(*state, NULL, NULL, &j, &e), &e);
			assert_int_equal(j.torn_bytes, 0);
			assert_in_range(j.entries, 3, 4);
			assert_ok(file_read(support_path(state, JOURNAL_TORN "4"), 100, &kept, &e),
				&e);
			assert_string_equal(kept.data, TAIL);
			journal_free(&s.j);
			support_dir_teardown(state);
			support_dir_setup(state);
			if (r.fired == 0)
				break;
			killed++;
		}
	}
	assert_in_range(killed, 8, 100);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(an_append_is_one_write_and_one_fsync),
		unit_in_dir(the_first_append_syncs_the_folder_too),
		unit_in_dir(after_a_failed_sync_the_line_is_taken_back_and_nothing_retried),
		unit_in_dir(a_first_line_that_cannot_be_synced_leaves_no_journal),
		unit_in_dir(a_line_killed_before_its_sync_is_whole_or_not_there),
		unit_in_dir(a_repair_killed_anywhere_is_done_by_the_next),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
