/* SPDX-License-Identifier: ISC */
#include "tests/sources.h"
#include "tests/support.h"

#include "vault/entropy.h"

#include <pthread.h>
#include <stdlib.h>

#define DRAWN 100 /* more than one block, and no multiple of one */

static const char rolls_a[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64512";
static const char rolls_b[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64513";

/* One entropy from its start to its end under the sources' behaviours; `dice` may be NULL. */
static void
draw(enum sources_behaviour k, enum sources_behaviour o, const char *dice,
	uint8_t out[static DRAWN])
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	sources_start(&sources_kernel, k, 1);
	sources_start(&sources_openssl, o, 2);
	assert_ok(entropy_new(&x, &e), &e);
	if (dice)
		assert_ok(entropy_dice(x, dice, strlen(dice), &e), &e);
	assert_ok(entropy_fill(x, out, DRAWN, &e), &e);
}

static bool
two_runs_agree(enum sources_behaviour k, enum sources_behaviour o, const char *dice_one,
	const char *dice_two)
{
	uint8_t one[DRAWN], two[DRAWN];

	draw(k, o, dice_one, one);
	draw(k, o, dice_two, two);
	return memcmp(one, two, DRAWN) == 0;
}

static void
kernel_openssl_and_dice_are_all_that_goes_in(void **state)
{
	(void)state;
	assert_true(two_runs_agree(SOURCES_FIXED, SOURCES_FIXED, NULL, NULL));
	assert_true(two_runs_agree(SOURCES_FIXED, SOURCES_FIXED, rolls_a, rolls_a));
}

static void
a_good_kernel_alone_suffices(void **state)
{
	(void)state;
	assert_false(two_runs_agree(SOURCES_REAL, SOURCES_FIXED, NULL, NULL));
}

static void
a_good_openssl_alone_suffices(void **state)
{
	(void)state;
	assert_false(two_runs_agree(SOURCES_FIXED, SOURCES_REAL, NULL, NULL));
}

static void
good_dice_alone_suffice(void **state)
{
	(void)state;
	assert_false(two_runs_agree(SOURCES_FIXED, SOURCES_FIXED, rolls_a, rolls_b));
	assert_false(two_runs_agree(SOURCES_FIXED, SOURCES_FIXED, rolls_a, NULL));
}

static void
no_block_of_output_comes_twice(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[64][32];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_FIXED, 1);
	sources_start(&sources_openssl, SOURCES_FIXED, 2);
	assert_ok(entropy_new(&x, &e), &e);
	assert_ok(entropy_fill(x, out[0], sizeof(out), &e), &e);
	for (size_t i = 0; i < 64; i++)
		for (size_t j = 0; j < i; j++)
			assert_memory_not_equal(out[i], out[j], 32);
}

static void
each_block_draws_on_both_sources(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[96];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_FIXED, 1);
	sources_start(&sources_openssl, SOURCES_FIXED, 2);
	assert_ok(entropy_new(&x, &e), &e);
	size_t kernel_before = sources_kernel.at;
	size_t ossl_before = sources_openssl.at;
	assert_ok(entropy_fill(x, out, sizeof(out), &e), &e);
	assert_int_equal(sources_kernel.at - kernel_before, 3 * 64);
	assert_int_equal(sources_openssl.at - ossl_before, 3 * 64);
}

static void
interrupted_and_short_reads_are_taken_up_again(void **state)
{
	uint8_t whole[DRAWN], halting[DRAWN];

	(void)state;
	draw(SOURCES_FIXED, SOURCES_FIXED, NULL, whole);
	draw(SOURCES_HALTING, SOURCES_FIXED, NULL, halting);
	assert_memory_equal(whole, halting, DRAWN);
}

static void
a_kernel_that_is_stuck_is_refused_from_the_start(void **state)
{
	struct entropy *x = NULL;
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_STUCK, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_fails(entropy_new(&x, &e), &e, ERR_INTERNAL, "repetition count");
	assert_null(x);
	sources_start(&sources_kernel, SOURCES_REFUSING, 1);
	assert_fails(entropy_new(&x, &e), &e, ERR_INTERNAL, "kernel gives no random bytes");
	assert_null(x);
}

static const uint8_t zeros[DRAWN];

static void
a_kernel_that_gets_stuck_is_refused_for_good(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[DRAWN];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	sources_kernel.behaviour = SOURCES_STUCK;
	memset(out, 1, sizeof(out));
	assert_fails(entropy_fill(x, out, sizeof(out), &e), &e, ERR_INTERNAL, "repetition count");
	assert_memory_equal(out, zeros, sizeof(out));
	sources_kernel.behaviour = SOURCES_REAL;
	assert_fails(entropy_fill(x, out, sizeof(out), &e), &e, ERR_INTERNAL, "health test");
	assert_fails(entropy_reseed(x, &e), &e, ERR_INTERNAL, "OpenSSL's generators");
}

static void
an_openssl_that_refuses_is_noticed(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct entropy *none = NULL;
	uint8_t out[DRAWN];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	sources_openssl.behaviour = SOURCES_REFUSING;
	memset(out, 1, sizeof(out));
	assert_fails(entropy_fill(x, out, sizeof(out), &e), &e, ERR_INTERNAL,
		"OpenSSL gives no random bytes");
	assert_memory_equal(out, zeros, sizeof(out));
	assert_fails(entropy_new(&none, &e), &e, ERR_INTERNAL, "OpenSSL's generators");
}

static void
dice_are_counted_and_looked_at(void **state)
{
	static const struct {
		const char *rolls;
		enum err_code code;
		const char *message;
	} rows[] = {
		{ "", ERR_USAGE, "0 rolls, at least 50" },
		{ "36124512634516234516213516425136451253164521364512 ", ERR_NONE, "" },
		{ "3612451263451623451621351642513645125316452136451", ERR_USAGE, "49 rolls" },
		{ "36124 51263\t45162\r\n34516 21351 64251 36451 25316 45213 64512", ERR_NONE, "" },
		{ "36124512634516203451621351642513645125316452136451", ERR_USAGE, "character 16" },
		{ "36124512634516273451621351642513645125316452136451", ERR_USAGE, "character 16" },
		{ "11111111111111111111111111111111111111111111111111", ERR_REFUSED,
			"same face 17 times" },
		{ "36124512634444444444444444444513645125316452136451", ERR_REFUSED,
			"same face 17 times" },
		{ "36124512634444444444444444351513645125316452136451", ERR_NONE, "" },
		{ "12345612345612345612345612345612345612345612345612", ERR_REFUSED,
			"same 6 rolls over and over" },
	};
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	assert_string_equal(entropy_sources(x), "kernel, openssl");
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *rolls = rows[i].rolls;
		if (rows[i].code == ERR_NONE)
			assert_ok(entropy_dice(x, rolls, strlen(rolls), &e), &e);
		else
			assert_fails(entropy_dice(x, rolls, strlen(rolls), &e), &e, rows[i].code,
				rows[i].message);
	}
	assert_string_equal(entropy_sources(x), "kernel, openssl, dice");
}

#define THREADS 4
#define BLOCKS 500

struct drawn {
	struct entropy *x;
	uint8_t (*blocks)[32];
};

static void *
fill_much(void *context)
{
	struct drawn *d = context;
	struct err e;

	return entropy_fill(d->x, d->blocks[0], (size_t)BLOCKS * 32, &e) && entropy_reseed(d->x, &e)
		       ? d
		       : NULL;
}

static int
compare(const void *a, const void *b)
{
	return memcmp(a, b, 32);
}

static void
threads_draw_at_once_and_none_gets_what_another_got(void **state)
{
	static uint8_t blocks[THREADS * BLOCKS][32];
	ENTROPY_AUTO *x = NULL;
	struct drawn drawn[THREADS];
	pthread_t threads[THREADS];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < THREADS; i++) {
		drawn[i] = (struct drawn){ x, blocks + i * BLOCKS };
		assert_int_equal(pthread_create(&threads[i], NULL, fill_much, &drawn[i]), 0);
	}
	for (size_t i = 0; i < THREADS; i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, &drawn[i]);
	}
	qsort(blocks, THREADS * BLOCKS, 32, compare);
	for (size_t i = 1; i < THREADS * BLOCKS; i++)
		assert_memory_not_equal(blocks[i - 1], blocks[i], 32);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(kernel_openssl_and_dice_are_all_that_goes_in),
		unit(a_good_kernel_alone_suffices),
		unit(a_good_openssl_alone_suffices),
		unit(good_dice_alone_suffice),
		unit(no_block_of_output_comes_twice),
		unit(each_block_draws_on_both_sources),
		unit(interrupted_and_short_reads_are_taken_up_again),
		unit(a_kernel_that_is_stuck_is_refused_from_the_start),
		unit(a_kernel_that_gets_stuck_is_refused_for_good),
		unit(an_openssl_that_refuses_is_noticed),
		unit(dice_are_counted_and_looked_at),
		unit(threads_draw_at_once_and_none_gets_what_another_got),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
