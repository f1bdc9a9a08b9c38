/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/file.h"
#include "shares/locker.h"
#include "tests/shareset.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#define NAME "a.b.001.share"

/* A locker of the kind "card" whose key is its place's first letter, 32 times. */
static struct {
	char wanted[LOCKED_TEXT_MAX];
	bool synced, kept, fails;
} seen;

static bool
toy_check(const char *place, struct err *e)
{
	return *place || err_set(e, ERR_USAGE, "names no card");
}

static bool
toy_open(struct locker *l, const char *place, const char *wanted, struct err *e)
{
	memset(&seen, 0, sizeof(seen));
	strcpy(seen.wanted, wanted ? wanted : "");
	l->state = strdup(place);
	return file_path(&l->identity, e, "toy %s", place);
}

static bool
toy_key(const struct locker *l, const struct share *s, struct secret *key, struct err *e)
{
	const char *place = l->state;
	char serial[LOCKED_TEXT_MAX];

	locked_first(s->locked, serial);
	if (strcmp(serial, place) != 0)
		return err_set(e, ERR_AUTH, "locked with %s", serial);
	if (!secret_new(key, 32, e))
		return false;
	memset(key->data, place[0], 32);
	return true;
}

static bool
toy_fresh(struct locker *l, const struct share *s, char head[static LOCKED_TEXT_MAX],
	struct secret *key, struct err *e)
{
	const char *place = l->state;

	(void)s;
	(void)snprintf(head, LOCKED_TEXT_MAX, "card %s", place);
	if (!secret_new(key, 32, e))
		return false;
	memset(key->data, place[0], 32);
	return true;
}

static bool
toy_sync(struct locker *l, struct err *e)
{
	(void)l;
	seen.synced = true;
	return !seen.fails || err_set(e, ERR_DEVICE, "the toy broke");
}

static void
toy_keep(struct locker *l)
{
	(void)l;
	seen.kept = true;
}

static void
toy_close(struct locker *l)
{
	free(l->state);
}

static const struct locker_kind toy = {
	.word = "card",
	.example = "+toy:NAME",
	.check = toy_check,
	.open = toy_open,
	.fresh = toy_fresh,
	.key = toy_key,
	.sync = toy_sync,
	.keep = toy_keep,
	.close = toy_close,
};
static const struct medium_kind toy_kind = {
	.scheme = "toy", .example = "toy:NAME", .locker = &toy
};
static const struct medium_kind *const kinds[] = { &medium_dir, &medium_prompt, &toy_kind, NULL };
static const struct medium_host host = { .kinds = kinds };

static void
open_at(void **state, const char *folder, const char *layer, struct medium *out)
{
	AUTO_STR spec = NULL;
	struct err e;

	(void)mkdir(support_path(state, folder), 0700);
	assert_ok(file_path(&spec, &e, "dir:%s%s", support_path(state, folder), layer), &e);
	assert_ok(medium_open(&host, NULL, spec, out, &e), &e);
}

static void
write_one(void **state, const char *layer, const struct share *s)
{
	MEDIUM_AUTO m = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;
	struct err e;

	open_at(state, "m", layer, &m);
	assert_ok(share_encode(s, false, &text, &e), &e);
	assert_ok(medium_write(&m, NAME, &text, &e), &e);
	assert_ok(medium_sync(&m, &e), &e);
	assert_true(seen.synced || !*layer);
	assert_ok(medium_reread(&m, NAME, &again, &e), &e);
	assert_int_equal(again.len, text.len);
	assert_memory_equal(again.data, text.data, text.len);
	medium_keep(&m);
	assert_true(seen.kept || !*layer);
}

static void
what_is_written_is_locked_and_what_is_read_is_not(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO bare = { 0 };
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO locked = { 0 };
	MEDIUM_RECORDS_AUTO open = { 0 };
	SHARE_AUTO s = { 0 };
	struct err e;

	shareset_make(&d, "v", "a.b", "8f3c9a0d11223344", 2, 2);
	write_one(state, "+toy:x", &d.shares[0]);
	assert_string_equal(seen.wanted, "");
	open_at(state, "m", "", &bare);
	assert_ok(medium_read(&bare, NULL, &locked, &e), &e);
	assert_ok(share_parse(locked.items[0].text.data, locked.items[0].text.len, &s, &e), &e);
	assert_memory_equal(s.locked, "card x ", 7);
	assert_null(locked.items[0].unlocked);
	open_at(state, "m", "+toy:x", &m);
	assert_memory_equal(seen.wanted, "card x ", 7);
	assert_ok(medium_read(&m, NULL, &open, &e), &e);
	assert_int_equal(open.count, 1);
	assert_string_equal(open.items[0].unlocked, "the smartcard x");
	assert_ok(share_parse(open.items[0].text.data, open.items[0].text.len, &s, &e), &e);
	assert_memory_equal(s.data.data, d.shares[0].data.data, SHARE_DATA_LEN);
}

static void
what_cannot_be_unlocked_is_a_record_with_its_reason(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	struct err e;

	shareset_make(&d, "v", "a.b", "8f3c9a0d11223344", 2, 2);
	write_one(state, "+toy:x", &d.shares[0]);
	open_at(state, "m", "+toy:y", &m);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	assert_int_equal(records.items[0].err.code, ERR_AUTH);
	assert_string_equal(records.items[0].err.message, "locked with x");
	assert_null(records.items[0].text.data);
}

static void
what_is_not_locked_is_read_as_it_is(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	struct err e;

	shareset_make(&d, "v", "a.b", "8f3c9a0d11223344", 2, 2);
	write_one(state, "", &d.shares[0]);
	support_run(state, "echo junk >m/junk.share");
	open_at(state, "m", "+toy:y", &m);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	assert_int_equal(records.count, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(records.items[i].err.code, ERR_NONE);
		assert_null(records.items[i].unlocked);
	}
}

static void
files_are_written_only_when_their_key_is_there_for_good(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	shareset_make(&d, "v", "a.b", "8f3c9a0d11223344", 2, 2);
	open_at(state, "m", "+toy:x", &m);
	assert_ok(share_encode(&d.shares[0], false, &text, &e), &e);
	assert_ok(medium_write(&m, NAME, &text, &e), &e);
	seen.fails = true;
	assert_fails(medium_sync(&m, &e), &e, ERR_DEVICE, "the toy broke");
	support_run(state, "test ! -e m/" NAME);
}

static void
media_overlap_by_place_and_by_lock(void **state)
{
	static const struct {
		const char *folder, *layer;
		bool overlaps;
	} rows[] = {
		{ "m", "+toy:x", true },
		{ "m", "", true },
		{ "n", "+toy:x", true },
		{ "n", "+toy:y", false },
		{ "n", "", false },
	};
	MEDIUM_AUTO m = { 0 };

	open_at(state, "m", "+toy:x", &m);
	assert_string_equal(m.path, support_path(state, "m"));
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		MEDIUM_AUTO other = { 0 };

		open_at(state, rows[i].folder, rows[i].layer, &other);
		assert_int_equal(medium_overlap(&m, &other), rows[i].overlaps);
		assert_int_equal(medium_overlap(&other, &m), rows[i].overlaps);
	}
}

static void
layers_are_checked_for_form(void **state)
{
	static const struct {
		const char *spec, *message;
	} rows[] = {
		{ "dir:/a+", "no such layer" },
		{ "dir:/a+dir:/b", "no such layer" },
		{ "dir:/a+toys:x", "no such layer" },
		{ "dir:/a+toy", "names no card" },
		{ "dir:/a+toy:", "names no card" },
		{ "dir:/a+toy:x+toy:y", "more than one layer" },
		{ "dir:/a+toy:x\\y", "a backslash before another character" },
		{ "dir:+toy:x", "names no place" },
		{ "prompt:x+toy:x", "layers cannot be added to this kind" },
		{ "+toy:x", "no such kind" },
	};
	AUTO_STR absolute = NULL;
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_fails(medium_check(kinds, rows[i].spec, &e), &e, ERR_USAGE, rows[i].message);
	assert_non_null(strstr(e.hint, "; then perhaps +toy:NAME;"));
	assert_ok(medium_check(kinds, "dir:/a\\+b+toy:x\\+y", &e), &e);
	assert_ok(medium_absolute(kinds, "dir:a+toy:x", &absolute, &e), &e);
	assert_int_equal(absolute[4], '/');
	assert_string_equal(strrchr(absolute, '/'), "/a+toy:x");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(what_is_written_is_locked_and_what_is_read_is_not),
		unit_in_dir(what_cannot_be_unlocked_is_a_record_with_its_reason),
		unit_in_dir(what_is_not_locked_is_read_as_it_is),
		unit_in_dir(files_are_written_only_when_their_key_is_there_for_good),
		unit_in_dir(media_overlap_by_place_and_by_lock),
		unit(layers_are_checked_for_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
