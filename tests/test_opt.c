/* SPDX-License-Identifier: ISC */
#include "base/opt.h"
#include "tests/support.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec global[] = {
	{ "vault", OPT_ONE, "DIR", "the vault" },
	{ "json", OPT_FLAG, NULL, "JSON" },
	{ 0 },
};
static const struct opt_spec own[] = {
	{ "domain", OPT_ONE, "D", "domain" },
	{ "algorithm", OPT_MANY, "A", "algorithm" },
	{ "threshold", OPT_ONE, "K", "threshold" },
	{ "max-age", OPT_ONE, "T", "age" },
	{ 0 },
};

#define WORDS_MAX 16

static bool
parse(struct opts *o, const char *const *words, struct err *e)
{
	char *argv[WORDS_MAX + 2] = { (char *)"coldspare" };
	int argc = 1;

	for (; *words; words++)
		argv[argc++] = (char *)*words;
	return opt_parse(o, argc, argv, global, own, e);
}

#define words(...) ((const char *const[WORDS_MAX]){ __VA_ARGS__ })

static void
options_are_taken_before_between_and_after_operands(void **state)
{
	OPTS_AUTO o = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(parse(&o,
			  words("--vault", "v", "one", "--domain=example.org", "two", "--json", "-",
				  "three"),
			  &e),
		&e);
	assert_string_equal(opt_get(&o, "vault"), "v");
	assert_string_equal(opt_get(&o, "domain"), "example.org");
	assert_true(opt_flag(&o, "json"));
	assert_null(opt_get(&o, "json"));
	assert_int_equal(o.operand_count, 4);
	assert_string_equal(o.operands[0], "one");
	assert_string_equal(o.operands[1], "two");
	assert_string_equal(o.operands[2], "-");
	assert_string_equal(o.operands[3], "three");
}

static void
two_dashes_end_the_options(void **state)
{
	OPTS_AUTO o = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(parse(&o, words("one", "--", "--json", "--", "-x"), &e), &e);
	assert_false(opt_flag(&o, "json"));
	assert_int_equal(o.operand_count, 4);
	assert_string_equal(o.operands[1], "--json");
	assert_string_equal(o.operands[2], "--");
	assert_string_equal(o.operands[3], "-x");
}

static void
repeatable_options_keep_their_order(void **state)
{
	OPTS_AUTO o = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(parse(&o,
			  words("--algorithm", "rsa:3072", "x", "--algorithm=", "--domain", "d",
				  "--algorithm", "a=b"),
			  &e),
		&e);
	assert_int_equal(opt_count(&o, "algorithm"), 3);
	assert_string_equal(opt_nth(&o, "algorithm", 0), "rsa:3072");
	assert_string_equal(opt_nth(&o, "algorithm", 1), "");
	assert_string_equal(opt_nth(&o, "algorithm", 2), "a=b");
	assert_null(opt_nth(&o, "algorithm", 3));
	assert_int_equal(opt_count(&o, "domain"), 1);
	assert_int_equal(opt_count(&o, "vault"), 0);
	assert_null(opt_get(&o, "vault"));
}

static void
nothing_and_missing_tables_parse(void **state)
{
	OPTS_AUTO o = { 0 };
	OPTS_AUTO none = { 0 };
	struct err e = { 0 };
	char *argv[] = { (char *)"coldspare", (char *)"--json", NULL };

	(void)state;
	assert_ok(parse(&o, words(NULL), &e), &e);
	assert_int_equal(o.count + o.operand_count, 0);
	assert_ok(opt_parse(&none, 1, argv, NULL, NULL, &e), &e);
	assert_fails(opt_parse(&none, 2, argv, NULL, NULL, &e), &e, ERR_USAGE, "--json");
}

static void
mistakes_are_named_and_answered(void **state)
{
	static const struct {
		const char *const words[4];
		const char *message, *hint;
	} rows[] = {
		{ { "--domian", "d" }, "unknown option --domian", "--domain?" },
		{ { "--domian=d" }, "unknown option --domian", "--domain?" },
		{ { "--zebra" }, "unknown option --zebra", "" },
		{ { "-domain", "d" }, "unknown option -domain", "--domain?" },
		{ { "-x" }, "unknown option -x", "" },
		{ { "one", "-j" }, "unknown option -j", "--json?" },
		/* abbreviations: one that is unique, one that is not, with and without a value */
		{ { "--dom", "d" }, "unknown option --dom", "--domain?" },
		{ { "--dom" }, "unknown option --dom", "--domain?" },
		{ { "--jso=x" }, "unknown option --jso", "--json?" },

		{ { "--domain" }, "--domain wants a value (D)", "" },
		{ { "--domain", "--json" }, "--domain wants a value (D), but --json follows",
			"--domain=--json" },
		{ { "--domain", "--" }, "--domain wants a value (D)", "--domain=--" },
		{ { "--json=yes" }, "--json takes no value", "" },
		{ { "--domain", "a", "--domain=a" }, "--domain is given twice", "" },
		{ { "--=x" }, "unknown option --", "" },
	};
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		OPTS_AUTO o = { 0 };
		assert_fails(parse(&o, rows[i].words, &e), &e, ERR_USAGE, rows[i].message);
		if (!strstr(e.hint, rows[i].hint) || (!*rows[i].hint && *e.hint))
			fail_msg("%s: hint: %s", e.message, e.hint);
		assert_null(o.values);
	}
}

static void
a_value_may_look_like_an_option_after_an_equals_sign(void **state)
{
	OPTS_AUTO o = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_ok(parse(&o, words("--domain=--json", "--threshold", "-1"), &e), &e);
	assert_string_equal(opt_get(&o, "domain"), "--json");
	assert_string_equal(opt_get(&o, "threshold"), "-1");
	assert_false(opt_flag(&o, "json"));
}

static void
the_environment_does_not_change_the_order(void **state)
{
	OPTS_AUTO o = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_int_equal(setenv("POSIXLY_CORRECT", "1", 1), 0);
	assert_ok(parse(&o, words("one", "--json"), &e), &e);
	assert_int_equal(unsetenv("POSIXLY_CORRECT"), 0);
	assert_true(opt_flag(&o, "json"));
	assert_int_equal(o.operand_count, 1);
}

static void
whole_numbers_are_taken_within_their_bounds_only(void **state)
{
	static const char *const bad[] = { "1", "256", "257", "-3", "", " 3", "+3", "3 ", "0x3",
		"3.0", "three", "-", "99999999999999999999" };
	struct err e = { 0 };
	long n = 42;
	OPTS_AUTO none = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		OPTS_AUTO o = { 0 };
		assert_ok(parse(&o, words("--threshold", bad[i]), &e), &e);
		assert_fails(opt_int(&o, "threshold", 2, 255, &n, &e), &e, ERR_USAGE,
			"not a whole number from 2 to 255");
		assert_non_null(strstr(e.message, bad[i]));
	}
	OPTS_AUTO huge = { 0 };
	assert_ok(parse(&huge, words("--threshold", "99999999999999999999"), &e), &e);
	assert_fails(opt_int(&huge, "threshold", LONG_MIN, LONG_MAX, &n, &e), &e, ERR_USAGE,
		"not a whole number");
	assert_ok(opt_int(&none, "threshold", 2, 255, &n, &e), &e);
	assert_int_equal(n, 42);
	for (long want = -5; want <= 255; want += 65) {
		OPTS_AUTO o = { 0 };
		char text[8];
		snprintf(text, sizeof(text), "%ld", want);
		assert_ok(parse(&o, words("--threshold", text), &e), &e);
		assert_ok(opt_int(&o, "threshold", -5, 255, &n, &e), &e);
		assert_int_equal(n, want);
	}
}

static void
durations_are_taken_with_their_unit_only(void **state)
{
	OPTS_AUTO o = { 0 };
	OPTS_AUTO bare = { 0 };
	OPTS_AUTO none = { 0 };
	struct err e = { 0 };
	int64_t t = 42;

	(void)state;
	assert_ok(opt_duration(&none, "max-age", &t, &e), &e);
	assert_int_equal(t, 42);
	assert_ok(parse(&bare, words("--max-age", "60"), &e), &e);
	assert_fails(opt_duration(&bare, "max-age", &t, &e), &e, ERR_USAGE, "--max-age: ");
	assert_int_equal(t, 42);
	assert_ok(parse(&o, words("--max-age", "60d"), &e), &e);
	assert_ok(opt_duration(&o, "max-age", &t, &e), &e);
	assert_int_equal(t, 5184000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(options_are_taken_before_between_and_after_operands),
		unit(two_dashes_end_the_options),
		unit(repeatable_options_keep_their_order),
		unit(nothing_and_missing_tables_parse),
		unit(mistakes_are_named_and_answered),
		unit(a_value_may_look_like_an_option_after_an_equals_sign),
		unit(the_environment_does_not_change_the_order),
		unit(whole_numbers_are_taken_within_their_bounds_only),
		unit(durations_are_taken_with_their_unit_only),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
