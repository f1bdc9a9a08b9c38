/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "tests/support.h"

#include <time.h>

static void
times_go_both_ways(void **state)
{
	/* date -u -d TIME +%s */
	static const struct {
		int64_t t;
		const char *text;
	} rows[] = {
		{ 0, "1970-01-01T00:00:00Z" },
		{ -1, "1969-12-31T23:59:59Z" },
		{ 1795341600, "2026-11-22T10:00:00Z" },
		{ 951782400, "2000-02-29T00:00:00Z" },
		{ INT64_C(253402300799), "9999-12-31T23:59:59Z" },
		{ INT64_C(-62167219200), "0000-01-01T00:00:00Z" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[CLOCK_TEXT];
		int64_t t = 42;

		clock_format(rows[i].t, text);
		assert_string_equal(text, rows[i].text);
		assert_ok(clock_parse(text, &t, &e), &e);
		assert_true(t == rows[i].t);
	}
}

static void
times_beyond_four_digit_years_are_clamped(void **state)
{
	char text[CLOCK_TEXT];

	(void)state;
	clock_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
	clock_format(CLOCK_NONE, text);
	assert_string_equal(text, "0000-01-01T00:00:00Z");
}

static void
parse_takes_the_one_form_and_real_times_only(void **state)
{
	static const char *const refused[] = { "", "2026-11-22", "2026-11-22T10:00:00",
		"2026-11-22T10:00:00+00:00", "2026-11-22t10:00:00z", "2026-11-22 10:00:00Z",
		"2026-11-22T10:00:00.5Z", "2026-11-22T10:00:00Z ", " 2026-11-22T10:00:0Z",
		"2026-02-29T00:00:00Z", "2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z",
		"2026-00-01T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z",
		"2026-01-01T00:60:00Z", "2026-06-30T23:59:60Z", "+026-01-01T00:00:00Z",
		"9999-12-31T23:60:00Z", "2026-1a-01T00:00:00Z" };
	struct err e = { 0 };
	int64_t t = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_fails(clock_parse(refused[i], &t, &e), &e, ERR_FORMAT, "is not a time");
	assert_true(strstr(e.hint, "2026-11-22T10:00:00Z") != NULL);
	assert_int_equal(t, 42);
}

static void
now_is_the_time_of_the_system(void **state)
{
	(void)state;
	int64_t before = time(NULL);
	int64_t now = clock_now();
	assert_true(now >= before && now <= time(NULL));
}

static void
durations_are_written_in_the_largest_unit_that_divides(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ 0, "0s" },
		{ 90, "90s" },
		{ 120, "2m" },
		{ 7200, "2h" },
		{ 86400, "1d" },
		{ 5184000, "60d" },
		{ 604800, "1w" },
		{ CLOCK_DURATION_MAX, "36600d" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char text[CLOCK_DURATION_TEXT];
		int64_t back = -1;

		clock_duration_format(rows[i].seconds, text);
		assert_string_equal(text, rows[i].text);
		assert_ok(clock_duration_parse(text, &back, &e), &e);
		assert_true(back == rows[i].seconds);
	}
}

static void
durations_want_one_number_and_one_unit(void **state)
{
	static const char *const refused[] = { "", "60", "d", "-1d", "+1d", " 1d", "1d ", "1 d",
		"1.5d", "1d2h", "1D", "1y", "0x1s" };
	struct err e = { 0 };
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_fails(clock_duration_parse(refused[i], &seconds, &e), &e, ERR_FORMAT,
			"is not a duration");
	assert_true(strstr(e.hint, "60d") != NULL);
	assert_int_equal(seconds, 42);
}

static void
durations_over_a_hundred_years_are_refused(void **state)
{
	static const char *const refused[] = { "36601d", "3162240001s", "5229w",
		"18446744073709551617s", "99999999999999999999999999999w" };
	struct err e = { 0 };
	int64_t seconds = 42;

	(void)state;
	for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
		assert_fails(clock_duration_parse(refused[i], &seconds, &e), &e, ERR_FORMAT,
			"over 100 years");
	assert_ok(clock_duration_parse("3162240000s", &seconds, &e), &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(times_go_both_ways),
		unit(times_beyond_four_digit_years_are_clamped),
		unit(parse_takes_the_one_form_and_real_times_only),
		unit(now_is_the_time_of_the_system),
		unit(durations_are_written_in_the_largest_unit_that_divides),
		unit(durations_want_one_number_and_one_unit),
		unit(durations_over_a_hundred_years_are_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
