/* SPDX-License-Identifier: ISC */
#include "base/filebatch.h"

#include "base/file.h"
#include "tests/fault.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err e;

static size_t
count_names(const char *dir)
{
	struct file_list l;
	struct err why = { 0 };

	assert_ok(file_list(dir, &l, &why), &why);
	size_t count = l.count;
	file_list_free(&l);
	return count;
}

static void
assert_content(const char *path, const char *want)
{
	BUF_AUTO text = BUF_NONE;
	struct err why = { 0 };

	assert_ok(file_read(path, FILE_LIMIT, &text, &why), &why);
	assert_string_equal(text.data, want);
}

/* Folders 0, 1 ... in `dir`, and files 0, 1 ... spread over them, each with its path inside. */
struct job {
	const char *dir;
	size_t folders, files;
	bool keep;
};

static bool
add_all(struct filebatch *b, const struct job *job, struct err *why)
{
	for (size_t i = 0; i < job->folders; i++) {
		AUTO_STR path = NULL;
		if (!file_path(&path, why, "%s/%zu", job->dir, i) ||
			!filebatch_mkdir(b, path, 0700, why))
			return false;
	}
	for (size_t i = 0; i < job->files; i++) {
		AUTO_STR path = NULL;
		if (!file_path(&path, why, "%s/%zu/%zu", job->dir, i % job->folders, i) ||
			!filebatch_add(b, path, 0600, path, strlen(path), why))
			return false;
	}
	return true;
}

/* How many of its files stand there; none may be there in part. */
static size_t
count_whole(const struct job *job)
{
	size_t count = 0;

	for (size_t i = 0; i < job->files; i++) {
		AUTO_STR path = NULL;
		assert_ok(file_path(&path, &e, "%s/%zu/%zu", job->dir, i % job->folders, i), &e);
		if (!file_exists(path))
			continue;
		assert_content(path, path);
		count++;
	}
	return count;
}

static bool
run_job(void *arg)
{
	const struct job *job = arg;
	FILEBATCH_AUTO b = NULL;
	struct err why;

	if (!filebatch_new(&b, &why) || !add_all(b, job, &why) || !filebatch_sync(b, &why))
		return false;
	if (job->keep)
		filebatch_keep(b);
	return true;
}

static void
batch_writes_files_and_folders_with_their_exact_modes(void **state)
{
	FILEBATCH_AUTO b = NULL;
	const char *dir = support_path(state, "dir"), *file = support_path(state, "dir/file");
	struct stat st;
	mode_t before = umask(077);

	assert_ok(filebatch_new(&b, &e), &e);
	assert_ok(filebatch_mkdir(b, dir, 0755, &e), &e);
	assert_ok(filebatch_add(b, file, 0644, "text", 4, &e), &e);
	umask(before);
	assert_false(file_exists(file)); /* not before its bytes are on disk */
	assert_ok(filebatch_sync(b, &e), &e);
	assert_content(file, "text");
	filebatch_keep(b);
	filebatch_free(&b);
	filebatch_free(&b);
	assert_content(file, "text");
	assert_int_equal(stat(dir, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0644);
}

static void
batch_freed_without_a_keep_takes_everything_back(void **state)
{
	FILEBATCH_AUTO b = NULL;

	assert_ok(filebatch_new(&b, &e), &e);
	assert_ok(filebatch_mkdir(b, support_path(state, "a"), 0700, &e), &e);
	assert_ok(filebatch_add(b, support_path(state, "a/1"), 0600, "1", 1, &e), &e);
	assert_ok(filebatch_mkdir(b, support_path(state, "a/b"), 0700, &e), &e);
	assert_ok(filebatch_sync(b, &e), &e);
	assert_ok(filebatch_add(b, support_path(state, "a/b/2"), 0600, "2", 1, &e), &e);
	assert_ok(filebatch_add(b, support_path(state, "3"), 0600, "3", 1, &e), &e);
	assert_ok(filebatch_sync(b, &e), &e);
	assert_ok(filebatch_add(b, support_path(state, "4"), 0600, "4", 1, &e), &e);
	assert_true(file_exists(support_path(state, "a/b/2")));
	filebatch_free(&b);
	assert_int_equal(count_names(*state), 0);
}

static void
batch_takes_back_nothing_that_it_did_not_make(void **state)
{
	FILEBATCH_AUTO b = NULL;
	const char *taken = support_path(state, "taken"), *dir = support_path(state, "dir");

	assert_ok(file_write_new(taken, 0600, "mine", 4, &e), &e);
	assert_ok(filebatch_new(&b, &e), &e);
	assert_ok(filebatch_mkdir(b, dir, 0700, &e), &e);
	assert_ok(filebatch_add(b, support_path(state, "dir/new"), 0600, "1", 1, &e), &e);
	assert_fails(filebatch_add(b, taken, 0600, "2", 1, &e), &e, ERR_EXISTS, taken);
	assert_fails(filebatch_mkdir(b, taken, 0700, &e), &e, ERR_EXISTS, taken);
	assert_ok(file_write_new(support_path(state, "dir/other"), 0600, "mine", 4, &e), &e);
	filebatch_free(&b);
	assert_content(taken, "mine");
	assert_content(support_path(state, "dir/other"), "mine"); /* and so its folder */
	assert_int_equal(count_names(*state), 2);
	assert_int_equal(count_names(dir), 1);
}

static void
batch_refuses_one_name_twice_and_a_name_taken_meanwhile(void **state)
{
	FILEBATCH_AUTO twice = NULL;
	FILEBATCH_AUTO late = NULL;
	const char *path = support_path(state, "file");

	assert_ok(filebatch_new(&twice, &e), &e);
	assert_ok(filebatch_add(twice, path, 0600, "1", 1, &e), &e);
	assert_ok(filebatch_add(twice, path, 0600, "2", 1, &e), &e);
	assert_fails(filebatch_sync(twice, &e), &e, ERR_EXISTS, path);
	filebatch_free(&twice);
	assert_int_equal(count_names(*state), 0);

	assert_ok(filebatch_new(&late, &e), &e);
	assert_ok(filebatch_add(late, path, 0600, "1", 1, &e), &e);
	assert_ok(file_write_new(path, 0600, "other", 5, &e), &e);
	assert_fails(filebatch_sync(late, &e), &e, ERR_EXISTS, path);
	filebatch_free(&late);
	assert_content(path, "other");
}

static bool
run_job_with_few_descriptors(void *arg)
{
	struct rlimit limit = { 256, 256 };

	return setrlimit(RLIMIT_NOFILE, &limit) == 0 && run_job(arg);
}

static void
batch_of_a_thousand_files_needs_few_descriptors(void **state)
{
	struct job job = { *state, 5, 1000, true };
	struct fault_report r;

	fault_run(NULL, 0, run_job_with_few_descriptors, &job, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(count_whole(&job), job.files);
}

static const struct fault watched[] = {
	{ SYS_syncfs, FAULT_WATCH, 0, 0, 0 },
	{ SYS_fsync, FAULT_WATCH, 0, 0, 0 },
	{ SYS_linkat, FAULT_WATCH, 0, 0, 0 },
};

static size_t
count_calls(const struct fault_report *r, int call, size_t from, size_t to)
{
	size_t n = 0;

	for (size_t i = from; i < to; i++)
		n += r->trace[i] == call ? 1 : 0;
	return n;
}

static void
batch_syncs_bytes_then_names_each_once_for_all_files(void **state)
{
	struct job job = { *state, 3, 50, true };
	struct fault_report r;

	fault_run(watched, 3, run_job, &job, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 2 + 50 + 2);
	assert_int_equal(r.trace[0], SYS_syncfs);
	assert_int_equal(r.trace[1], SYS_fsync);
	assert_int_equal(count_calls(&r, SYS_linkat, 2, 52), 50);
	assert_int_equal(r.trace[52], SYS_syncfs);
	assert_int_equal(r.trace[53], SYS_fsync);
	assert_int_equal(count_whole(&job), job.files);
}

static bool
add_at(struct filebatch *b, const char *dir, const char *sub, size_t i)
{
	AUTO_STR path = NULL;
	struct err why;

	return file_path(&path, &why, "%s/%s/%zu", dir, sub, i) &&
	       filebatch_add(b, path, 0600, "x", 1, &why);
}

static bool
write_both(void *dir)
{
	FILEBATCH_AUTO b = NULL;
	struct err why;

	if (!filebatch_new(&b, &why))
		return false;
	for (size_t i = 0; i < 20; i++)
		if (!add_at(b, dir, i % 2 ? "other" : "own", i))
			return false;
	if (!filebatch_sync(b, &why) || !add_at(b, dir, "own", 20) || !filebatch_sync(b, &why))
		return false;
	filebatch_keep(b);
	return true;
}

static void
batch_syncs_each_file_system_it_wrote_to_and_no_other(void **state)
{
	const char *other = support_path(state, "other"), *own = support_path(state, "own");
	struct fault_report r;

	assert_int_equal(mkdir(own, 0700), 0);
	assert_int_equal(mkdir(other, 0700), 0);
	if (!volume_tmpfs(other, "size=1m"))
		skip();
	fault_run(watched, 1, write_both, *state, &r);
	size_t there = count_names(other);
	volume_unmount(other);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 2 + 2 + 1 + 1); /* the second time one of them had nothing new */
	assert_int_equal(count_names(own), 11);
	assert_int_equal(there, 10);
}

static void
batch_names_large_batches_in_groups(void **state)
{
	struct job job = { *state, 2, 450, true };
	struct fault_report r;

	fault_run(watched, 1, run_job, &job, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 2 * 3);
	assert_int_equal(count_whole(&job), job.files);
}

static void
a_failing_call_leaves_nothing_behind(void **state)
{
	static const struct fault failures[][2] = {
		{ { SYS_openat, EACCES, 3, 2, O_TMPFILE } },
		{ { SYS_write, ENOSPC, 5, 0, 0 } },
		{ { SYS_fchmod, EIO, 2, 0, 0 } },
		{ { SYS_syncfs, EIO, 1, 0, 0 } },
		{ { SYS_syncfs, EIO, 2, 0, 0 } },
		{ { SYS_fsync, EIO, 1, 0, 0 } },
		{ { SYS_linkat, EIO, 4, 0, 0 } },
		{ { SYS_linkat, EEXIST, 10, 0, 0 } },
		{ { SYS_openat, EOPNOTSUPP, 0, 2, O_TMPFILE }, { SYS_renameat2, EIO, 7, 0, 0 } },
		{ { SYS_openat, EOPNOTSUPP, 0, 2, O_TMPFILE }, { SYS_write, EIO, 7, 0, 0 } },
		{ { SYS_close, EIO, 0, 0, 0 } },
	};
	struct job job = { *state, 3, 10, true };

	for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		struct fault_report r;
		fault_run(failures[i], failures[i][1].call ? 2 : 1, run_job, &job, &r);
		assert_true(r.fired > 0);
		if (!WIFEXITED(r.status) || WEXITSTATUS(r.status) != 1)
			fail_msg("failure %zu: no error", i);
		assert_int_equal(count_names(*state), 0);
	}
}

/* Runs the job, killed right before the n-th of the calls that matter; whether it got that far. */
static bool
kill_at(struct job *job, int call, unsigned n)
{
	const struct fault faults[] = { { call, FAULT_KILL, n, 0, 0 } };
	struct fault_report r;

	fault_run(faults, 1, run_job, job, &r);
	return WIFSIGNALED(r.status);
}

static void
a_kill_leaves_whole_files_only(void **state)
{
	static const int calls[] = { SYS_mkdir, SYS_write, SYS_syncfs, SYS_linkat, SYS_close };
	struct job job = { NULL, 2, 6, true };
	size_t killed = 0;

	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]) * 8; i++) {
		AUTO_STR dir = NULL;
		assert_ok(file_path(&dir, &e, "%s/%zu", (char *)*state, i), &e);
		assert_int_equal(mkdir(dir, 0700), 0);
		job.dir = dir;
		bool died = kill_at(&job, calls[i / 8], 1 + (unsigned)(i % 8));
		size_t whole = count_whole(&job);
		killed += died ? 1 : 0;
		if (!died)
			assert_int_equal(whole, job.files);
	}
	assert_int_equal(killed, 2 + 6 + 2 + 6 + 8);
}

static void
batch_works_on_a_fat_stick(void **state)
{
	const char *dir = support_path(state, "stick");
	struct job job = { dir, 3, 30, false };
	struct fault_report undone, done;

	assert_int_equal(mkdir(dir, 0700), 0);
	if (!volume_fat(dir))
		skip();
	fault_run(NULL, 0, run_job, &job, &undone);
	size_t left = count_names(dir);
	job.keep = true;
	fault_run(NULL, 0, run_job, &job, &done);
	size_t names = count_names(dir), whole = count_whole(&job);
	volume_unmount(dir);
	assert_int_equal(undone.status, 0);
	assert_int_equal(left, 0);
	assert_int_equal(done.status, 0);
	assert_int_equal(names, job.folders); /* and no temporary names */
	assert_int_equal(whole, job.files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(batch_writes_files_and_folders_with_their_exact_modes),
		unit_in_dir(batch_freed_without_a_keep_takes_everything_back),
		unit_in_dir(batch_takes_back_nothing_that_it_did_not_make),
		unit_in_dir(batch_refuses_one_name_twice_and_a_name_taken_meanwhile),
		unit_in_dir(batch_of_a_thousand_files_needs_few_descriptors),
		unit_in_dir(batch_syncs_bytes_then_names_each_once_for_all_files),
		unit_in_dir(batch_syncs_each_file_system_it_wrote_to_and_no_other),
		unit_in_dir(batch_names_large_batches_in_groups),
		unit_in_dir(a_failing_call_leaves_nothing_behind),
		unit_in_dir(a_kill_leaves_whole_files_only),
		unit_in_dir(batch_works_on_a_fat_stick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
