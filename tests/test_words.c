/* SPDX-License-Identifier: ISC */
#include "base/words.h"

#include "tests/support.h"

/* The example that accompanies the published list. */
static const uint8_t published[] = { 0xe5, 0x82, 0x94, 0xf2, 0xe9, 0xa2, 0x27, 0x48, 0x6e, 0x8b,
	0x06, 0x1b, 0x31, 0xcc, 0x52, 0x8f, 0xd7, 0xfa, 0x3f, 0x19 };

static void
words_are_those_of_the_published_example(void **state)
{
	BUF_AUTO out = BUF_NONE;

	(void)state;
	words_encode(published, sizeof published, &out);
	assert_string_equal(out.data,
		"topmost Istanbul Pluto vagabond treadmill Pacific brackish dictator goldfish "
		"Medusa afflict bravado chatter revolver Dupont midsummer stopwatch whimsical "
		"cowbell bottomless");
}

static void
every_byte_has_two_words_of_its_own(void **state)
{
	BUF_AUTO all = BUF_NONE;
	size_t blanks = 0;

	(void)state;
	for (unsigned i = 0; i < 256; i++) {
		uint8_t pair[2] = { (uint8_t)i, (uint8_t)i };
		BUF_AUTO one = BUF_NONE;
		BUF_AUTO framed = BUF_NONE;

		words_encode(pair, 2, &one);
		buf_addf(&framed, "|%s|", one.data);
		assert_true(!all.data || !strstr(all.data, framed.data));
		buf_adds(&all, framed.data);
	}
	for (size_t i = 0; i < all.len; i++)
		blanks += all.data[i] == ' ';
	assert_int_equal(blanks, 256);
}

static void
no_bytes_give_no_words(void **state)
{
	BUF_AUTO out = BUF_NONE;

	(void)state;
	words_encode(NULL, 0, &out);
	assert_int_equal(out.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(words_are_those_of_the_published_example),
		unit(every_byte_has_two_words_of_its_own),
		unit(no_bytes_give_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
