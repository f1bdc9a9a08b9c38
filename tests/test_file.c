/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include "tests/fault.h"
#include "tests/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static struct err e;

static void
put(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
}

static void
existence_counts_dangling_links_and_folders_count_through_links(void **state)
{
	assert_int_equal(symlink("nowhere", support_path(state, "dangling")), 0);
	assert_int_equal(symlink(".", support_path(state, "here")), 0);
	put(support_path(state, "file"), "", 0);
	assert_true(file_exists(support_path(state, "dangling")));
	assert_false(file_exists(support_path(state, "nowhere")));
	assert_true(file_is_dir(support_path(state, "here")));
	assert_false(file_is_dir(support_path(state, "file")));
	assert_false(file_is_dir(support_path(state, "dangling")));
}

static void
remove_takes_files_and_links_but_no_folder(void **state)
{
	put(support_path(state, "file"), "", 0);
	assert_int_equal(symlink("file", support_path(state, "link")), 0);
	assert_ok(file_remove(support_path(state, "link"), &e), &e);
	assert_true(file_exists(support_path(state, "file")));
	assert_ok(file_remove(support_path(state, "file"), &e), &e);
	assert_false(file_exists(support_path(state, "file")));
	assert_fails(file_remove(support_path(state, "file"), &e), &e, ERR_MISSING, "file");
	assert_fails(file_remove(*state, &e), &e, ERR_IO, "removing");
	assert_true(file_is_dir(*state));
}

static bool
remove_file(void *path)
{
	struct err why;

	return file_remove(path, &why);
}

static bool
sync_folder(void *path)
{
	struct err why;

	return file_sync_dir(path, &why);
}

static void
folders_are_synced_after_a_removal_and_as_a_whole_where_they_cannot_be(void **state)
{
	static const struct fault failing[] = { { SYS_fsync, EIO, 0, 0, 0 } };
	static const struct fault none[] = { { SYS_fsync, EINVAL, 0, 0, 0 },
		{ SYS_syncfs, FAULT_WATCH, 0, 0, 0 } };
	static const struct fault neither[] = { { SYS_fsync, EINVAL, 0, 0, 0 },
		{ SYS_syncfs, EIO, 0, 0, 0 } };
	struct fault_report r;
	char path[512];

	snprintf(path, sizeof(path), "%s", support_path(state, "file"));
	put(path, "", 0);
	fault_run(failing, 1, remove_file, path, &r);
	assert_int_equal(WEXITSTATUS(r.status), 1);
	fault_run(none, 2, sync_folder, *state, &r);
	assert_int_equal(r.status, 0);
	assert_int_equal(r.count, 2);
	assert_int_equal(r.trace[1], SYS_syncfs);
	fault_run(neither, 2, sync_folder, *state, &r);
	assert_int_equal(WEXITSTATUS(r.status), 1);
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

static void
mkdir_gives_the_exact_mode_and_never_takes_what_is_there(void **state)
{
	mode_t before = umask(077);

	assert_ok(file_mkdir(support_path(state, "dir"), 0755, &e), &e);
	umask(before);
	assert_int_equal(mode_of(support_path(state, "dir")), 0755);
	assert_fails(file_mkdir(support_path(state, "dir"), 0700, &e), &e, ERR_EXISTS, "dir");
	assert_fails(
		file_mkdir(support_path(state, "no/dir"), 0700, &e), &e, ERR_MISSING, "no/dir");
	assert_ok(file_mkdir(support_path(state, "slash/"), 0700, &e), &e);
	assert_names(*state, 2);
}

static bool
make_folder(void *path)
{
	struct err why;

	return file_mkdir(path, 0700, &why);
}

static void
mkdir_that_cannot_be_synced_leaves_nothing(void **state)
{
	static const struct fault faults[] = { { SYS_fsync, EIO, 0, 0, 0 } };
	struct fault_report r;
	char path[512];

	snprintf(path, sizeof(path), "%s", support_path(state, "dir"));
	fault_run(faults, 1, make_folder, path, &r);
	assert_int_equal(WEXITSTATUS(r.status), 1);
	assert_int_equal(r.fired, 1);
	assert_names(*state, 0);
}

static void
list_gives_all_names_sorted(void **state)
{
	struct file_list l = { 0 };
	char name[8];

	assert_ok(file_list(*state, &l, &e), &e);
	assert_int_equal(l.count, 0);
	file_list_free(&l);
	for (size_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%02zu", i * 37 % 100);
		put(support_path(state, name), "", 0);
	}
	put(support_path(state, ".hidden"), "", 0);
	assert_ok(file_list(*state, &l, &e), &e);
	assert_int_equal(l.count, 101);
	assert_string_equal(l.names[0], ".hidden");
	for (size_t i = 0; i < 100; i++) {
		snprintf(name, sizeof(name), "%02zu", i);
		assert_string_equal(l.names[i + 1], name);
	}
	file_list_free(&l);
	file_list_free(&l);
	assert_fails(file_list(support_path(state, "none"), &l, &e), &e, ERR_MISSING, "none");
	assert_fails(file_list(support_path(state, "00"), &l, &e), &e, ERR_MISSING, "00");
}

static bool
list_names(void *dir)
{
	struct file_list l;
	struct err why;

	return file_list(dir, &l, &why);
}

static void
list_of_half_a_folder_is_an_error(void **state)
{
	static const struct fault faults[] = { { SYS_getdents64, EIO, 2, 0, 0 } };
	struct fault_report r;

	put(support_path(state, "file"), "", 0);
	fault_run(faults, 1, list_names, *state, &r);
	assert_int_equal(r.fired, 1);
	assert_int_equal(WEXITSTATUS(r.status), 1);
}

static void
parents_are_as_dirname_has_them(void **state)
{
	static const char *const pairs[][2] = { { "a", "." }, { "/a", "/" }, { "a/b", "a" },
		{ "/a/b", "/a" }, { "a/b/", "a" }, { "/", "/" }, { "..", "." }, { "", "." } };

	(void)state;
	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++) {
		AUTO_STR dir = NULL;
		assert_ok(file_parent(pairs[i][0], &dir, &e), &e);
		assert_string_equal(dir, pairs[i][1]);
	}
}

static bool
lock_it(void *dir)
{
	struct err why;
	int fd;

	return file_lock(dir, true, &fd, &why);
}

static bool
share_it(void *dir)
{
	struct err why = { 0 };
	int fd;

	return file_lock(dir, false, &fd, &why);
}

static void
assert_lockable(void *dir, bool exclusive, bool shared)
{
	struct fault_report r;

	fault_run(NULL, 0, lock_it, dir, &r);
	assert_int_equal(WEXITSTATUS(r.status), exclusive ? 0 : 1);
	fault_run(NULL, 0, share_it, dir, &r);
	assert_int_equal(WEXITSTATUS(r.status), shared ? 0 : 1);
}

static void
lock_keeps_other_processes_out_until_it_is_closed(void **state)
{
	int fd = -1, other = -1;

	assert_ok(file_lock(*state, true, &fd, &e), &e);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_lockable(*state, false, false);
	assert_fails(file_lock(*state, true, &other, &e), &e, ERR_BUSY,
		"is in use by another coldspare process");
	assert_non_null(strstr(e.message, *state));
	assert_string_not_equal(e.hint, "");
	assert_int_equal(other, -1);
	close(fd);
	assert_lockable(*state, true, true);

	assert_ok(file_lock(*state, false, &fd, &e), &e);
	assert_lockable(*state, false, true);
	close(fd);

	put(support_path(state, "file"), "", 0);
	assert_fails(
		file_lock(support_path(state, "none"), true, &fd, &e), &e, ERR_MISSING, "none");
	assert_fails(
		file_lock(support_path(state, "file"), true, &fd, &e), &e, ERR_MISSING, "file");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(existence_counts_dangling_links_and_folders_count_through_links),
		unit_in_dir(remove_takes_files_and_links_but_no_folder),
		unit_in_dir(folders_are_synced_after_a_removal_and_as_a_whole_where_they_cannot_be),
		unit_in_dir(mkdir_gives_the_exact_mode_and_never_takes_what_is_there),
		unit_in_dir(mkdir_that_cannot_be_synced_leaves_nothing),
		unit_in_dir(list_gives_all_names_sorted),
		unit_in_dir(list_of_half_a_folder_is_an_error),
		unit_in_dir(parents_are_as_dirname_has_them),
		unit_in_dir(lock_keeps_other_processes_out_until_it_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
