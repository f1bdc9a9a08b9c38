/* SPDX-License-Identifier: ISC */
/* What a medium shows without a secret or a write. */
#include "base/file.h"
#include "shares/medium.h"
#include "tests/support.h"

#include <sys/stat.h>

static const struct medium_kind nothing = { .scheme = "dark", .example = "dark:NAME" };
static const struct medium_kind *const kinds[] = { &medium_dir, &nothing, NULL };
static const struct medium_host host = { .kinds = kinds };

static bool
look_at(void **state, const char *name, struct medium_look *out, struct err *e)
{
	AUTO_STR spec = NULL;

	assert_ok(file_path(&spec, e, "dir:%s", support_path(state, name)), e);
	return medium_look(&host, spec, out, e);
}

static void
a_folder_tells_room_and_identity_and_nothing_is_written(void **state)
{
	MEDIUM_LOOK_AUTO look = { 0 };
	MEDIUM_AUTO m = { 0 };
	AUTO_STR spec = NULL;
	struct err e = { 0 };

	assert_int_equal(mkdir(support_path(state, "usb"), 0700), 0);
	assert_ok(look_at(state, "usb", &look, &e), &e);
	assert_ok(file_path(&spec, &e, "dir:%s", support_path(state, "usb")), &e);
	assert_ok(medium_open(&host, NULL, spec, &m, &e), &e);
	assert_string_equal(look.identity, m.identity);
	assert_string_equal(look.path, m.path);
	assert_true(look.room_known && look.room > 0 && look.block > 0 && look.records > 0);
	assert_true(look.device != 0 && !look.read_only && !look.packed);
	assert_ok(file_check_empty(support_path(state, "usb"), &e), &e);
}

static void
what_is_not_there_is_an_error(void **state)
{
	MEDIUM_LOOK_AUTO look = { 0 };
	struct err e;

	assert_fails(look_at(state, "usb", &look, &e), &e, ERR_MISSING, "usb");
	assert_ok(file_write_new(support_path(state, "usb"), 0600, "x", 1, &e), &e);
	assert_fails(look_at(state, "usb", &look, &e), &e, ERR_MISSING, "not a folder");
	assert_fails(medium_look(&host, "dir:", &look, &e), &e, ERR_USAGE, "names no place");
	assert_null(look.identity);
}

static void
a_kind_without_a_look_tells_nothing(void **state)
{
	MEDIUM_LOOK_AUTO look = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(medium_look(&host, "dark:x", &look, &e), &e);
	assert_null(look.identity);
	assert_false(look.room_known || look.read_only);
	assert_true(look.records == UINT64_MAX);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_folder_tells_room_and_identity_and_nothing_is_written),
		unit_in_dir(what_is_not_there_is_an_error),
		unit(a_kind_without_a_look_tells_nothing),
	};

	return cmocka_run_group_tests_name("mediumlook", tests, NULL, NULL);
}
