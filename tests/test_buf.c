/* SPDX-License-Identifier: ISC */
#include "base/buf.h"
#include "tests/support.h"

static void
additions_follow_each_other_and_end_in_nul(void **state)
{
	struct err e = { 0 };
	BUF_AUTO b = BUF_NONE;

	(void)state;
	buf_adds(&b, "one ");
	buf_add(&b, "t\0o", 3);
	buf_addf(&b, " %d%s", 3, "!");
	assert_ok(buf_ok(&b, &e), &e);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.data, "one t\0o 3!", 11);
}

static void
an_empty_addition_gives_an_empty_string(void **state)
{
	BUF_AUTO b = BUF_NONE;

	(void)state;
	buf_add(&b, NULL, 0);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
}

static void
it_grows_through_many_sizes(void **state)
{
	struct err e = { 0 };
	BUF_AUTO b = BUF_NONE;

	(void)state;
	for (size_t i = 0; i < 100000; i++) {
		buf_addf(&b, "%c", (char)('a' + i % 26));
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_ok(buf_ok(&b, &e), &e);
	assert_int_equal(b.len, 100000);
	for (size_t i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
}

static void
a_failed_addition_sticks(void **state)
{
	struct err e = { 0 };
	BUF_AUTO b = BUF_NONE;
	volatile size_t absurd = SIZE_MAX;

	(void)state;
	buf_adds(&b, "kept");
	buf_add(&b, "", absurd);
	buf_adds(&b, "more");
	assert_string_equal(b.data, "kept");
	assert_fails(buf_ok(&b, &e), &e, ERR_MEMORY, "memory");
	buf_clear(&b);
	assert_fails(buf_ok(&b, &e), &e, ERR_MEMORY, "memory");
}

static void
clear_empties_and_keeps_the_memory(void **state)
{
	BUF_AUTO b = BUF_NONE;

	(void)state;
	buf_clear(&b);
	assert_null(b.data);
	buf_adds(&b, "something");
	size_t cap = b.cap;
	buf_clear(&b);
	assert_string_equal(b.data, "");
	assert_int_equal(b.len, 0);
	assert_int_equal(b.cap, cap);
}

static void
move_frees_the_target_and_empties_the_source(void **state)
{
	BUF_AUTO to = BUF_NONE;
	BUF_AUTO from = BUF_NONE;

	(void)state;
	buf_adds(&to, "old");
	buf_adds(&from, "new");
	buf_move(&to, &from);
	assert_string_equal(to.data, "new");
	assert_null(from.data);
	assert_int_equal(from.len, 0);
	buf_move(&to, &to);
	assert_string_equal(to.data, "new");
}

static void
free_may_be_repeated(void **state)
{
	struct buf b = BUF_NONE;

	(void)state;
	buf_adds(&b, "x");
	buf_free(&b);
	buf_free(&b);
	assert_null(b.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(additions_follow_each_other_and_end_in_nul),
		unit(an_empty_addition_gives_an_empty_string),
		unit(it_grows_through_many_sizes),
		unit(a_failed_addition_sticks),
		unit(clear_empties_and_keeps_the_memory),
		unit(move_frees_the_target_and_empties_the_source),
		unit(free_may_be_repeated),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
