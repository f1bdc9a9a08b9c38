/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/medium.h"
#include "tests/fault.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SET "8f3c9a0d11223344"
#define NAME "example.org-ec-p256-5f0c7c1e." SET ".001.share"
#define OTHER "example.net-ec-p256-00000000." SET ".001.share"

static const struct medium_kind *const kinds[] = { &medium_dir, NULL };
static const struct medium_host host = { .kinds = kinds };

static void
write_file(void **state, const char *name, const char *text)
{
	struct err e;

	assert_ok(file_write_new(support_path(state, name), 0600, text, strlen(text), &e), &e);
}

static void
make_folder(void **state, const char *name)
{
	assert_int_equal(mkdir(support_path(state, name), 0700), 0);
}

static bool
open_medium(void **state, const char *name, struct medium *out, struct err *e)
{
	AUTO_STR spec = NULL;

	assert_ok(file_path(&spec, e, "dir:%s", support_path(state, name)), e);
	return medium_open(&host, NULL, spec, out, e);
}

static void
text_secret(struct secret *out, const char *text)
{
	struct err e;

	assert_ok(secret_copy(out, text, strlen(text), &e), &e);
}

/* The record whose label ends in `name`. */
static const struct medium_record *
find(const struct medium_records *records, const char *name)
{
	for (size_t i = 0; i < records->count; i++) {
		const char *slash = strrchr(records->items[i].label, '/');
		if (slash && strcmp(slash + 1, name) == 0)
			return &records->items[i];
	}
	return NULL;
}

static void
specs_are_checked_without_a_look_at_the_place(void **state)
{
	static const struct {
		const char *spec, *message;
	} bad[] = {
		{ "/media/usb1", "no such kind" },
		{ "", "no such kind" },
		{ "floppy:a", "no such kind" },
		{ "directory:/x", "no such kind" },
		{ "dir:", "names no place" },
		{ "dir:/media/usb+1", "no such layer" },
		{ "dir:/media/usb+lock", "no such layer" },
		{ "dir:/media/a\\b", "backslash" },
		{ "dir:/media/a\\", "backslash" },
	};
	struct err e;

	(void)state;
	assert_ok(medium_check(kinds, "dir:/nowhere", &e), &e);
	assert_ok(medium_check(kinds, "dir:a\\+b\\\\c:d", &e), &e);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_fails(medium_check(kinds, bad[i].spec, &e), &e, ERR_USAGE, bad[i].message);
}

static void
a_path_becomes_absolute_and_nothing_else_of_it_changes(void **state)
{
	static const struct {
		const char *spec, *tail;
	} rows[] = {
		{ "dir:usb", "/us\\+b/usb" },
		{ "dir:./usb", "/us\\+b/usb" },
		{ "dir:../a\\+b/", "/us\\+b/../a\\+b/" },
	};
	AUTO_STR before = getcwd(NULL, 0);
	AUTO_STR same = NULL;
	struct err e;

	make_folder(state, "us+b");
	assert_int_equal(chdir(support_path(state, "us+b")), 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_STR spec = NULL;
		size_t tail = strlen(rows[i].tail);

		assert_ok(medium_absolute(kinds, rows[i].spec, &spec, &e), &e);
		assert_memory_equal(spec, "dir:/", 5);
		assert_string_equal(spec + strlen(spec) - tail, rows[i].tail);
	}
	assert_ok(medium_absolute(kinds, "dir:/media/usb/", &same, &e), &e);
	assert_string_equal(same, "dir:/media/usb/");
	assert_fails(medium_absolute(kinds, "usb", &same, &e), &e, ERR_USAGE, "no such kind");
	assert_int_equal(chdir(before), 0);
}

static void
a_backslash_escapes_a_plus_in_a_path(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	make_folder(state, "usb+1");
	assert_ok(open_medium(state, "usb\\+1", &m, &e), &e);
	assert_string_equal(strrchr(m.path, '/'), "/usb+1");
}

static void
a_missing_place_is_never_made(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	assert_fails(open_medium(state, "usb", &m, &e), &e, ERR_MISSING, "/usb");
	assert_non_null(strstr(e.hint, "never made"));
	assert_false(file_exists(support_path(state, "usb")));
	assert_null(m.spec);
}

static void
what_is_neither_folder_nor_file_is_refused(void **state)
{
	MEDIUM_AUTO m = { 0 };
	struct err e;

	assert_int_equal(mkfifo(support_path(state, "fifo"), 0600), 0);
	assert_fails(open_medium(state, "fifo", &m, &e), &e, ERR_MISSING, "neither a folder");
	assert_int_equal(symlink("nowhere", support_path(state, "link")), 0);
	assert_fails(open_medium(state, "link", &m, &e), &e, ERR_MISSING, "/link");
}

static void
one_place_has_one_identity_however_it_is_spelt(void **state)
{
	MEDIUM_AUTO a = { 0 };
	MEDIUM_AUTO b = { 0 };
	MEDIUM_AUTO c = { 0 };
	MEDIUM_AUTO other = { 0 };
	struct err e;

	make_folder(state, "usb");
	make_folder(state, "usb2");
	assert_int_equal(symlink("usb", support_path(state, "link")), 0);
	assert_ok(open_medium(state, "usb", &a, &e), &e);
	assert_ok(open_medium(state, "./usb2/../usb/", &b, &e), &e);
	assert_ok(open_medium(state, "link", &c, &e), &e);
	assert_ok(open_medium(state, "usb2", &other, &e), &e);
	assert_string_equal(a.identity, b.identity);
	assert_string_equal(a.identity, c.identity);
	assert_string_equal(a.path, c.path);
	assert_string_not_equal(a.identity, other.identity);
}

static void
shares_are_not_written_to_what_took_the_place_of_a_medium(void **state)
{
	MEDIUM_AUTO m = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	struct file_list left;
	struct err e;

	make_folder(state, "usb");
	text_secret(&text, "share\n");
	assert_ok(open_medium(state, "usb", &m, &e), &e);
	AUTO_STR from = strdup(support_path(state, "usb"));
	assert_int_equal(rename(from, support_path(state, "pulled")), 0);
	assert_fails(medium_write(&m, NAME, &text, &e), &e, ERR_MISSING, "/usb");
	make_folder(state, "usb");
	assert_fails(medium_write(&m, NAME, &text, &e), &e, ERR_IO, "another one");
	assert_ok(file_list(from, &left, &e), &e);
	assert_int_equal(left.count, 0);
	file_list_free(&left);
}

static void
what_is_written_and_kept_is_read_back(void **state)
{
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO back = SECRET_NONE;
	struct stat st;
	struct err e;

	make_folder(state, "usb");
	text_secret(&text, "a share\n");
	{
		MEDIUM_AUTO m = { 0 };
		assert_ok(open_medium(state, "usb", &m, &e), &e);
		mode_t mask = umask(0777);
		assert_ok(medium_write(&m, NAME, &text, &e), &e);
		umask(mask);
		assert_ok(medium_sync(&m, &e), &e);
		assert_ok(medium_reread(&m, NAME, &back, &e), &e);
		assert_int_equal(back.len, text.len);
		assert_memory_equal(back.data, text.data, text.len);
		medium_keep(&m);
	}
	assert_int_equal(stat(support_path(state, "usb/" NAME), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static bool
reread_written(void *medium)
{
	SECRET_AUTO back = SECRET_NONE;
	struct err e;

	return medium_reread(medium, NAME, &back, &e);
}

static void
a_share_is_read_back_from_the_medium_and_not_from_the_cache(void **state)
{
	static const struct fault watch[] = { { SYS_fadvise64, FAULT_WATCH, 0, 0, 0 } };
	struct fault_report report;
	MEDIUM_AUTO m = { 0 };
	struct err e;

	make_folder(state, "usb");
	write_file(state, "usb/" NAME, "a share\n");
	assert_ok(open_medium(state, "usb", &m, &e), &e);
	fault_run(watch, FAULT_COUNT(watch), reread_written, &m, &report);
	assert_int_equal(report.status, 0);
	assert_true(report.count >= 1); /* again, where a file system keeps its cache (tmpfs) */
}

static void
what_is_not_kept_is_gone_after_close(void **state)
{
	SECRET_AUTO text = SECRET_NONE;
	struct file_list left;
	struct err e;

	make_folder(state, "usb");
	write_file(state, "usb/before", "x");
	text_secret(&text, "a share\n");
	for (int synced = 0; synced <= 1; synced++) {
		MEDIUM_AUTO m = { 0 };
		assert_ok(open_medium(state, "usb", &m, &e), &e);
		assert_ok(medium_write(&m, NAME, &text, &e), &e);
		if (synced)
			assert_ok(medium_sync(&m, &e), &e);
	}
	assert_ok(file_list(support_path(state, "usb"), &left, &e), &e);
	assert_int_equal(left.count, 1);
	file_list_free(&left);
}

static void
a_share_that_is_there_is_never_overwritten(void **state)
{
	SECRET_AUTO text = SECRET_NONE;
	BUF_AUTO old = BUF_NONE;
	struct err e;

	make_folder(state, "usb");
	write_file(state, "usb/" NAME, "old");
	text_secret(&text, "new");
	{
		MEDIUM_AUTO m = { 0 };
		assert_ok(open_medium(state, "usb", &m, &e), &e);
		assert_fails(medium_write(&m, NAME, &text, &e) && medium_sync(&m, &e), &e,
			ERR_EXISTS, NAME);
	}
	assert_ok(file_read(support_path(state, "usb/" NAME), 100, &old, &e), &e);
	assert_string_equal(old.data, "old");
}

static void
a_file_is_read_whatever_its_name_and_never_written_to(void **state)
{
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	write_file(state, "from-paper.txt", "typed");
	text_secret(&text, "x");
	assert_ok(open_medium(state, "from-paper.txt", &m, &e), &e);
	assert_ok(medium_read(&m, "example.org", &records, &e), &e);
	assert_int_equal(records.count, 1);
	assert_int_equal(records.items[0].text.len, 5);
	assert_fails(medium_write(&m, NAME, &text, &e), &e, ERR_USAGE, "a file, not a folder");
	assert_fails(medium_reread(&m, NAME, &text, &e), &e, ERR_USAGE, "a file, not a folder");
	assert_ok(medium_sync(&m, &e), &e);
	medium_keep(&m);
}

static void
reading_a_folder_takes_its_share_files_only(void **state)
{
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	struct err e;

	make_folder(state, "usb");
	make_folder(state, "usb/inner");
	write_file(state, "usb/" NAME, "1");
	write_file(state, "usb/" OTHER, "2");
	write_file(state, "usb/renamed.share", "3");
	write_file(state, "usb/notes.txt", "no");
	write_file(state, "usb/.share", "no");
	write_file(state, "usb/inner/deep.share", "no");
	assert_ok(open_medium(state, "usb", &m, &e), &e);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	assert_int_equal(records.count, 3);
	assert_non_null(find(&records, NAME));
	assert_non_null(find(&records, OTHER));
	assert_non_null(find(&records, "renamed.share"));
}

static void
names_of_our_own_that_say_another_key_are_passed_over(void **state)
{
	static const struct {
		const char *key;
		bool ours, other;
	} rows[] = {
		{ "example.org-ec-p256-5f0c7c1e", true, false },
		{ "example.org", true, false },
		{ "example.", true, true },
		{ "example.com", false, false },
		{ "5f0c7c1e00000000000000000000000000000000000000000000000000000000", true, false },
		{ "Xwx8HgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", true, false },
	};
	MEDIUM_AUTO m = { 0 };
	struct err e;

	make_folder(state, "usb");
	write_file(state, "usb/" NAME, "1");
	write_file(state, "usb/" OTHER, "2");
	write_file(state, "usb/example.net." SET ".1.share", "not quite our scheme");
	assert_ok(open_medium(state, "usb", &m, &e), &e);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		MEDIUM_RECORDS_AUTO records = { 0 };
		assert_ok(medium_read(&m, rows[i].key, &records, &e), &e);
		assert_int_equal(find(&records, NAME) != NULL, rows[i].ours);
		assert_int_equal(find(&records, OTHER) != NULL, rows[i].other);
		assert_non_null(find(&records, "example.net." SET ".1.share"));
	}
}

static void
what_cannot_be_read_is_named_and_stops_nothing(void **state)
{
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	const struct medium_record *r;
	struct err e;

	make_folder(state, "usb");
	write_file(state, "usb/empty.share", "");
	write_file(state, "usb/good.share", "good");
	make_folder(state, "usb/folder.share");
	assert_int_equal(mkfifo(support_path(state, "usb/fifo.share"), 0600), 0);
	assert_int_equal(symlink("good.share", support_path(state, "usb/link.share")), 0);
	assert_int_equal(symlink("nowhere", support_path(state, "usb/dangling.share")), 0);
	write_file(state, "usb/large.share", "");
	assert_int_equal(truncate(support_path(state, "usb/large.share"), 2 << 20), 0);

	assert_ok(open_medium(state, "usb", &m, &e), &e);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	assert_int_equal(records.count, 7);
	r = find(&records, "good.share");
	assert_int_equal(r->err.code, ERR_NONE);
	assert_memory_equal(r->text.data, "good", 4);
	r = find(&records, "link.share");
	assert_memory_equal(r->text.data, "good", 4);
	r = find(&records, "empty.share");
	assert_int_equal(r->err.code, ERR_NONE);
	assert_int_equal(r->text.len, 0);

	static const struct {
		const char *name;
		enum err_code code;
	} unreadable[] = {
		{ "folder.share", ERR_MISSING },
		{ "fifo.share", ERR_MISSING },
		{ "dangling.share", ERR_MISSING },
		{ "large.share", ERR_FORMAT },
	};
	for (size_t i = 0; i < sizeof(unreadable) / sizeof(unreadable[0]); i++) {
		r = find(&records, unreadable[i].name);
		assert_int_equal(r->err.code, unreadable[i].code);
		assert_non_null(strstr(r->err.message, unreadable[i].name));
		assert_null(r->text.data);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(specs_are_checked_without_a_look_at_the_place),
		unit_in_dir(a_path_becomes_absolute_and_nothing_else_of_it_changes),
		unit_in_dir(a_backslash_escapes_a_plus_in_a_path),
		unit_in_dir(a_missing_place_is_never_made),
		unit_in_dir(what_is_neither_folder_nor_file_is_refused),
		unit_in_dir(one_place_has_one_identity_however_it_is_spelt),
		unit_in_dir(shares_are_not_written_to_what_took_the_place_of_a_medium),
		unit_in_dir(what_is_written_and_kept_is_read_back),
		unit_in_dir(a_share_is_read_back_from_the_medium_and_not_from_the_cache),
		unit_in_dir(what_is_not_kept_is_gone_after_close),
		unit_in_dir(a_share_that_is_there_is_never_overwritten),
		unit_in_dir(a_file_is_read_whatever_its_name_and_never_written_to),
		unit_in_dir(reading_a_folder_takes_its_share_files_only),
		unit_in_dir(names_of_our_own_that_say_another_key_are_passed_over),
		unit_in_dir(what_cannot_be_read_is_named_and_stops_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
