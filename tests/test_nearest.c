/* SPDX-License-Identifier: ISC */
#include "base/nearest.h"
#include "tests/support.h"

static const char *
nearest(const char *word)
{
	static const char *const names[] = { "generate", "recover", "released", "retire", "status",
		"share show", "pin", "init", "red" };
	struct nearest n = { .word = word };

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		nearest_offer(&n, names[i]);
	return n.name;
}

static void
slips_of_the_finger_find_their_name(void **state)
{
	static const char *const rows[][2] = {
		{ "generte", "generate" },   /* left out */
		{ "generrate", "generate" }, /* doubled */
		{ "genarate", "generate" },  /* replaced */
		{ "genreate", "generate" },  /* swapped */
		{ "stauts", "status" },      /* swapped */
		{ "ipn", "pin" },            /* swapped: one slip, not two */
		{ "share-show", "share show" },
		{ "stat", "status" },  /* the beginning of it */
		{ "rel", "released" }, /* no farther than "red", and first */
		{ "status", "status" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_string_equal(nearest(rows[i][0]), rows[i][1]);
}

static void
other_words_find_nothing(void **state)
{
	static const char *const rows[] = { "", "x", "zebra", "frobnicate", "exorcise",
		"a-word-that-is-far-longer-than-any-name-of-a-command-could-ever-be" };

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (nearest(rows[i]))
			fail_msg("%s: %s", rows[i], nearest(rows[i]));
}

static void
names_of_any_length_are_survived(void **state)
{
	char longest[41], longer[42];
	struct nearest n = { .word = longest };

	(void)state;
	memset(longest, 'a', 40);
	longest[40] = '\0';
	memset(longer, 'a', 41);
	longer[41] = '\0';
	nearest_offer(&n, longer);
	assert_null(n.name);
	longest[39] = 'b';
	nearest_offer(&n, "");
	nearest_offer(&n, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
	assert_non_null(n.name);
	assert_int_equal(n.distance, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(slips_of_the_finger_find_their_name),
		unit(other_words_find_nothing),
		unit(names_of_any_length_are_survived),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
