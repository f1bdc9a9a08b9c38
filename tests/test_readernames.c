/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/readernames.h"

static void
a_reader_is_meant_by_name_by_number_or_by_a_part(void **state)
{
	static const char multi[] = "Yubico 00\0Nitro 1 01\0"
				    "1\0";
	static const struct {
		const char *wanted, *found;
	} rows[] = {
		{ "Nitro 1 01", "Nitro 1 01" },
		{ "0", "Yubico 00" },
		{ "2", "1" },
		{ "1", "1" }, /* a whole name before a number */
		{ "Yub", "Yubico 00" },
		{ "1 0", "Nitro 1 01" },
	};
	READERNAMES_AUTO n = { 0 };
	const char *found = NULL;
	struct err e;

	(void)state;
	assert_ok(readernames_split(multi, &n, &e), &e);
	assert_int_equal(n.count, 3);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_ok(readernames_find(&n, rows[i].wanted, &found, &e), &e);
		assert_string_equal(found, rows[i].found);
	}
	assert_fails(readernames_find(&n, "o", &found, &e), &e, ERR_USAGE, "more than one");
	assert_non_null(strstr(e.hint, "0: Yubico 00; 1: Nitro 1 01; 2: 1"));
	assert_fails(readernames_find(&n, "9", &found, &e), &e, ERR_DEVICE, "no reader");
}

static void
without_readers_there_is_none(void **state)
{
	READERNAMES_AUTO n = { 0 };
	const char *found = NULL;
	struct err e;

	(void)state;
	assert_ok(readernames_split("", &n, &e), &e);
	assert_fails(readernames_find(&n, "0", &found, &e), &e, ERR_DEVICE, "there is no reader");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_reader_is_meant_by_name_by_number_or_by_a_part),
		unit(without_readers_there_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
