/* SPDX-License-Identifier: ISC */
/* What stands behind file_write_new, watched and hindered from outside. */
#include "base/filenew.h"

#include "base/file.h"
#include "tests/fault.h"
#include "tests/support.h"
#include "tests/volume.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define TEXT "every byte or no file at all\n"

/* File systems without unnamed files, and those that cannot refuse to clobber either. */
#define NO_UNNAMED                                                                                 \
	{                                                                                          \
		SYS_openat, EOPNOTSUPP, 0, 2, O_TMPFILE                                            \
	}
#define NO_NOREPLACE                                                                               \
	{                                                                                          \
		SYS_renameat2, EINVAL, 0, 0, 0                                                     \
	}
#define NO_MODES                                                                                   \
	{                                                                                          \
		SYS_fchmod, EPERM, 0, 0, 0                                                         \
	}

static struct err e;

static void
assert_content(const char *path, const char *want)
{
	BUF_AUTO text = BUF_NONE;

	assert_ok(file_read(path, FILE_LIMIT, &text, &e), &e);
	assert_string_equal(text.data, want);
}

static void
assert_names(const char *dir, size_t count)
{
	struct file_list l;

	assert_ok(file_list(dir, &l, &e), &e);
	if (l.count != count)
		fail_msg(
			"%zu names, not %zu; first: %s", l.count, count, l.count ? l.names[0] : "");
	file_list_free(&l);
}

static mode_t
mode_of(const char *path)
{
	struct stat st;

	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static bool
write_text(void *path)
{
	struct err why;

	return file_write_new(path, 0640, TEXT, strlen(TEXT), &why);
}

static void
run(const struct fault *faults, size_t count, const char *path, struct fault_report *r)
{
	char copy[512];

	snprintf(copy, sizeof(copy), "%s", path);
	fault_run(faults, count, write_text, copy, r);
}

static void
write_gives_the_bytes_and_the_exact_mode(void **state)
{
	static const mode_t modes[] = { 0600, 0644, 0640, 0400 }, masks[] = { 077, 0, 027 };
	mode_t before = umask(0);

	for (size_t i = 0; i < 4; i++) {
		for (size_t j = 0; j < 3; j++) {
			char name[8];
			snprintf(name, sizeof(name), "%zu%zu", i, j);
			const char *path = support_path(state, name);
			umask(masks[j]);
			assert_ok(file_write_new(path, modes[i], TEXT, strlen(TEXT), &e), &e);
			assert_content(path, TEXT);
			assert_int_equal(mode_of(path), modes[i]);
		}
	}
	umask(before);
	assert_names(*state, 12);
}

static void
write_takes_an_empty_file_and_the_longest_name(void **state)
{
	char name[NAME_MAX + 2];

	assert_ok(file_write_new(support_path(state, "empty"), 0600, "", 0, &e), &e);
	assert_content(support_path(state, "empty"), "");
	memset(name, 'n', sizeof(name));
	name[NAME_MAX] = '\0';
	assert_ok(file_write_new(support_path(state, name), 0600, "x", 1, &e), &e);
	name[NAME_MAX] = 'n';
	name[NAME_MAX + 1] = '\0';
	assert_fails(file_write_new(support_path(state, name), 0600, "x", 1, &e), &e, ERR_IO,
		"too long");
	assert_names(*state, 2);
}

static void
write_never_overwrites(void **state)
{
	const char *file = support_path(state, "file"), *link = support_path(state, "link"),
		   *dangling = support_path(state, "dangling"), *dir = support_path(state, "dir");

	assert_ok(file_write_new(file, 0600, "first", 5, &e), &e);
	assert_int_equal(symlink("file", link), 0);
	assert_int_equal(symlink("nowhere", dangling), 0);
	assert_int_equal(mkdir(dir, 0700), 0);
	const char *taken[] = { file, link, dangling, dir };
	for (size_t i = 0; i < 4; i++) {
		assert_fails(
			file_write_new(taken[i], 0600, "second", 6, &e), &e, ERR_EXISTS, taken[i]);
		assert_string_not_equal(e.hint, "");
	}
	assert_content(file, "first");
	assert_false(file_exists(support_path(state, "nowhere")));
	assert_names(*state, 4);
}

static void
write_wants_a_folder_to_write_to(void **state)
{
	assert_ok(file_write_new(support_path(state, "file"), 0600, "", 0, &e), &e);
	assert_fails(file_write_new(support_path(state, "no/where"), 0600, "x", 1, &e), &e,
		ERR_MISSING, "no/where");
	assert_string_not_equal(e.hint, "");
	assert_fails(file_write_new(support_path(state, "file/x"), 0600, "x", 1, &e), &e,
		ERR_MISSING, "file/x");
	assert_names(*state, 1);
}

/* Every way to write there is, from the best to the poorest file system. */
static const struct {
	const char *name;
	struct fault faults[3];
	size_t count;
	int naming; /* the call that gives the name */
} ways[] = {
	{ "unnamed", { { 0 } }, 0, SYS_linkat },
	{ "no-unnamed", { NO_UNNAMED }, 1, SYS_renameat2 },
	{ "no-noreplace", { NO_UNNAMED, NO_NOREPLACE, NO_MODES }, 3, SYS_renameat2 },
};

#define WAYS (sizeof(ways) / sizeof(ways[0]))

static void
write_works_on_any_file_system(void **state)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct fault_report r;
		const char *path = support_path(state, ways[i].name);
		run(ways[i].faults, ways[i].count, path, &r);
		assert_int_equal(r.status, 0);
		assert_int_equal(r.fired, ways[i].count);
		assert_content(path, TEXT);
		assert_int_equal(mode_of(path), i < 2 ? 0640 : 0600);
	}
	assert_names(*state, WAYS);
}

static void
write_never_overwrites_on_any_file_system(void **state)
{
	const char *path = support_path(state, "dangling");

	assert_int_equal(symlink("nowhere", path), 0);
	for (size_t i = 0; i < WAYS; i++) {
		/* Blind to what stands there until it takes the name. */
		struct fault faults[4] = { { SYS_newfstatat, ENOENT, 1, 0, 0 } };
		struct fault_report r;
		memcpy(faults + 1, ways[i].faults, sizeof(ways[i].faults));
		run(faults, ways[i].count + 1, path, &r);
		assert_int_equal(WEXITSTATUS(r.status), 1);
		assert_int_equal(r.fired, ways[i].count + 1);
		assert_names(*state, 1);
	}
}

static void
bytes_are_on_disk_before_the_name_and_the_name_before_success(void **state)
{
	for (size_t i = 0; i < WAYS; i++) {
		struct fault faults[5] = { { SYS_fsync, FAULT_WATCH, 0, 0, 0 },
			{ ways[i].naming, FAULT_WATCH, 0, 0, 0 } };
		struct fault_report r;
		memcpy(faults + 2, ways[i].faults, sizeof(ways[i].faults));
		run(faults, 2 + ways[i].count, support_path(state, ways[i].name), &r);
		assert_int_equal(r.status, 0);
		int order[3];
		size_t n = 0;
		for (size_t j = 0; j < r.count; j++)
			if (r.trace[j] == SYS_fsync || r.trace[j] == ways[i].naming)
				order[n++ % 3] = r.trace[j];
		assert_int_equal(n, 3);
		assert_int_equal(order[0], SYS_fsync);
		assert_int_equal(order[1], ways[i].naming);
		assert_int_equal(order[2], SYS_fsync);
	}
}

/* Runs way `way` with one more fault, which counts over the way's own. */
static void
run_way(size_t way, struct fault more, const char *path, struct fault_report *r)
{
	struct fault faults[4];

	memcpy(faults, ways[way].faults, sizeof(ways[way].faults));
	faults[ways[way].count] = more;
	run(faults, ways[way].count + 1, path, r);
}

static void
a_failing_call_leaves_nothing_behind(void **state)
{
	static const struct {
		struct fault fault;
		bool met[WAYS]; /* on this way the call is made */
	} failures[] = {
		{ { SYS_openat, EACCES, 0, 2, O_TMPFILE }, { true, true, true } },
		{ { SYS_fchmod, EIO, 0, 0, 0 }, { true, true, true } },
		{ { SYS_write, ENOSPC, 1, 0, 0 }, { true, true, true } },
		{ { SYS_fsync, EIO, 1, 0, 0 }, { true, true, true } }, /* the file */
		{ { SYS_fsync, EIO, 2, 0, 0 }, { true, true, true } }, /* its folder */
		{ { SYS_linkat, EIO, 0, 0, 0 }, { true, false, false } },
		{ { SYS_renameat2, EIO, 0, 0, 0 }, { false, true, true } },
		{ { SYS_rename, EIO, 0, 0, 0 }, { false, false, true } },
		{ { SYS_close, EIO, 0, 0, 0 }, { true, true, true } },
	};
	const char *path = support_path(state, "file");

	for (size_t way = 0; way < WAYS; way++) {
		for (size_t i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
			struct fault_report r;
			if (!failures[i].met[way])
				continue;
			run_way(way, failures[i].fault, path, &r);
			assert_true(r.fired > 0);
			if (!WIFEXITED(r.status) || WEXITSTATUS(r.status) != 1)
				fail_msg("way %s, failure %zu: no error", ways[way].name, i);
			assert_names(*state, 0);
		}
	}
}

static void
a_kill_leaves_all_of_the_file_or_nothing_at_its_name(void **state)
{
	static const int calls[] = { SYS_write, SYS_fsync, SYS_linkat, SYS_renameat2, SYS_rename,
		SYS_close };
	const char *path = support_path(state, "file");
	size_t killed = 0;

	for (size_t i = 0; i < WAYS * FAULT_COUNT(calls) * 2; i++) {
		const size_t way = i % WAYS, call = i / WAYS / 2;
		const struct fault kill = { calls[call], FAULT_KILL, 1 + i / WAYS % 2, 0, 0 };
		struct fault_report r;
		run_way(way, kill, path, &r);
		killed += WIFSIGNALED(r.status) ? 1 : 0;
		if (!file_exists(path))
			continue;
		struct stat st;
		assert_int_equal(stat(path, &st), 0);
		if (way < 2 || st.st_size > 0) /* the last one may show the empty reservation */
			assert_content(path, TEXT);
		assert_int_equal(unlink(path), 0);
	}
	assert_int_equal(killed, 6 + 6 + 7);
}

static void
interrupted_calls_are_taken_up_again(void **state)
{
	static const struct fault faults[] = { { SYS_write, EINTR, 1, 0, 0 } };
	struct fault_report r;

	run(faults, 1, support_path(state, "file"), &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.fired, 1);
	assert_content(support_path(state, "file"), TEXT);
}

static bool
write_too_much(void *path)
{
	static const char big[8192];
	struct rlimit limit = { 5000, 5000 };
	struct err why;

	signal(SIGXFSZ, SIG_IGN);
	return setrlimit(RLIMIT_FSIZE, &limit) == 0 &&
	       !file_write_new(path, 0600, big, sizeof(big), &why) && why.code == ERR_IO &&
	       strstr(why.message, "too large");
}

static void
a_short_write_is_no_success(void **state)
{
	struct fault_report r;
	char path[512];

	snprintf(path, sizeof(path), "%s", support_path(state, "file"));
	fault_run(NULL, 0, write_too_much, path, &r); /* the first write gets 5000 bytes through */
	assert_int_equal(r.status, 0);
	assert_names(*state, 0);
}

static void
a_full_disk_leaves_nothing(void **state)
{
	const char *dir = support_path(state, "small");
	static const char big[200000];

	assert_int_equal(mkdir(dir, 0700), 0);
	if (!volume_tmpfs(dir, "size=64k"))
		skip();
	const char *path = support_path(state, "small/file");
	bool wrote = file_write_new(path, 0600, big, sizeof(big), &e);
	bool left = file_exists(path);
	struct err ignored;
	bool fits = file_write_new(path, 0600, big, 30000, &ignored);
	volume_unmount(dir);
	assert_false(wrote);
	assert_non_null(strstr(e.message, "No space left"));
	assert_int_equal(e.code, ERR_IO);
	assert_false(left);
	assert_true(fits);
}

static void
write_works_on_a_fat_stick(void **state)
{
	const char *dir = support_path(state, "stick");

	assert_int_equal(mkdir(dir, 0700), 0);
	if (!volume_fat(dir))
		skip();
	const char *path = support_path(state, "stick/file");
	struct fault_report r;
	run(NULL, 0, path, &r);
	bool again = file_write_new(path, 0600, "x", 1, &e);
	SECRET_AUTO back = SECRET_NONE;
	struct err why = { 0 };
	bool reread = file_reread_secret(path, FILE_LIMIT, &back, &why);
	struct file_list l = { 0 };
	bool listed = file_list(dir, &l, &why);
	size_t count = l.count;
	file_list_free(&l);
	volume_unmount(dir);
	assert_int_equal(r.status, 0);
	assert_false(again);
	assert_int_equal(e.code, ERR_EXISTS);
	assert_ok(reread, &why);
	assert_int_equal(back.len, strlen(TEXT));
	assert_memory_equal(back.data, TEXT, back.len);
	assert_true(listed && count == 1);
}

static void
write_needs_no_proc(void **state)
{
	if (!volume_tmpfs("/proc", "size=4k"))
		skip();
	bool wrote = file_write_new(support_path(state, "file"), 0600, TEXT, strlen(TEXT), &e);
	volume_unmount("/proc");
	assert_ok(wrote, &e);
	assert_content(support_path(state, "file"), TEXT);
	assert_names(*state, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(write_gives_the_bytes_and_the_exact_mode),
		unit_in_dir(write_takes_an_empty_file_and_the_longest_name),
		unit_in_dir(write_never_overwrites),
		unit_in_dir(write_wants_a_folder_to_write_to),
		unit_in_dir(write_works_on_any_file_system),
		unit_in_dir(write_never_overwrites_on_any_file_system),
		unit_in_dir(bytes_are_on_disk_before_the_name_and_the_name_before_success),
		unit_in_dir(a_failing_call_leaves_nothing_behind),
		unit_in_dir(a_kill_leaves_all_of_the_file_or_nothing_at_its_name),
		unit_in_dir(interrupted_calls_are_taken_up_again),
		unit_in_dir(a_short_write_is_no_success),
		unit_in_dir(a_full_disk_leaves_nothing),
		unit_in_dir(write_works_on_a_fat_stick),
		unit_in_dir(write_needs_no_proc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
