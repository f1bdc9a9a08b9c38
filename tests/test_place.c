/* SPDX-License-Identifier: ISC */
#include "base/place.h"

#include "base/file.h"
#include "tests/support.h"

#include <unistd.h>

static bool
inside(void **state, const char *path, const char *dir)
{
	struct err e;
	bool answer = false;

	assert_ok(
		place_inside(support_path(state, path), support_path(state, dir), &answer, &e), &e);
	return answer;
}

static void
a_folder_holds_itself_and_what_is_below(void **state)
{
	struct err e;

	assert_ok(file_mkdir(support_path(state, "v"), 0700, &e), &e);
	assert_ok(file_mkdir(support_path(state, "v/in"), 0700, &e), &e);
	assert_true(inside(state, "v", "v"));
	assert_true(inside(state, "v/in", "v"));
	assert_true(inside(state, "v/in/", "v/"));
	assert_true(inside(state, "v/new", "v"));
}

static void
a_name_that_begins_alike_is_outside(void **state)
{
	struct err e;

	assert_ok(file_mkdir(support_path(state, "v"), 0700, &e), &e);
	assert_ok(file_mkdir(support_path(state, "v2"), 0700, &e), &e);
	assert_false(inside(state, "v2", "v"));
	assert_false(inside(state, "v", "v2"));
	assert_false(inside(state, "v3", "v"));
}

static void
links_and_dots_are_seen_through(void **state)
{
	struct err e;

	assert_ok(file_mkdir(support_path(state, "v"), 0700, &e), &e);
	assert_ok(file_mkdir(support_path(state, "out"), 0700, &e), &e);
	assert_int_equal(symlink("v", support_path(state, "link")), 0);
	assert_true(inside(state, "link/new", "v"));
	assert_true(inside(state, "out/../v", "v"));
	assert_false(inside(state, "v/../out", "v"));
}

static void
a_folder_yet_to_be_made_holds_nothing_yet(void **state)
{
	assert_true(inside(state, "new", "new"));
	assert_false(inside(state, "new/deeper/still", "new"));
}

static void
the_root_holds_everything(void **state)
{
	struct err e;
	bool answer = false;

	assert_ok(place_inside(support_path(state, "x"), "/", &answer, &e), &e);
	assert_true(answer);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_folder_holds_itself_and_what_is_below),
		unit_in_dir(a_name_that_begins_alike_is_outside),
		unit_in_dir(links_and_dots_are_seen_through),
		unit_in_dir(a_folder_yet_to_be_made_holds_nothing_yet),
		unit_in_dir(the_root_holds_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
