/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "vault/health.h"

#include <sodium.h>

/* Feeds one by one; the position, from 1, of the sample that failed, 0 when none did. */
static size_t
fails_at(const uint8_t *samples, size_t len)
{
	struct health h;
	struct err e;

	health_init(&h);
	for (size_t i = 0; i < len; i++)
		if (!health_feed(&h, samples + i, 1, &e)) {
			assert_int_equal(e.code, ERR_INTERNAL);
			return i + 1;
		}
	return 0;
}

/* A counter never repeats a value in less than 256 samples. */
static void
fill_counting(uint8_t *out, size_t len)
{
	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)i;
}

static void
ten_megabytes_of_good_randomness_pass(void **state)
{
	static const uint8_t seed[randombytes_SEEDBYTES] = { 7 };
	static uint8_t samples[10 << 20];
	struct health h;
	struct err e;

	(void)state;
	randombytes_buf_deterministic(samples, sizeof(samples), seed);
	health_init(&h);
	assert_ok(health_feed(&h, samples, sizeof(samples), &e), &e);
	assert_int_equal(fails_at(samples, sizeof(samples)), 0);
}

static void
a_stuck_source_fails_at_the_sixth_sample(void **state)
{
	uint8_t samples[64] = { 0 };

	(void)state;
	assert_int_equal(fails_at(samples, sizeof(samples)), 6);
	memset(samples, 0xff, sizeof(samples));
	assert_int_equal(fails_at(samples, sizeof(samples)), 6);
}

static void
a_source_that_sticks_later_fails_at_its_sixth_repetition(void **state)
{
	uint8_t samples[2000];

	(void)state;
	fill_counting(samples, sizeof(samples));
	memset(samples + 1000, 0xaa, 5);
	assert_int_equal(fails_at(samples, sizeof(samples)), 0);
	memset(samples + 1000, 0xaa, 6);
	assert_int_equal(fails_at(samples, sizeof(samples)), 1006);
}

static void
a_biased_source_fails_at_the_nineteenth_hit_of_a_window(void **state)
{
	uint8_t samples[1024];

	(void)state;
	/* Every tenth sample is the window's first value: hits at 1, 11, 21, ... */
	for (size_t i = 0; i < sizeof(samples); i++)
		samples[i] = i % 10 == 0 ? 0x55 : (uint8_t)(i % 2);
	assert_int_equal(fails_at(samples, sizeof(samples)), 181);
}

static void
a_window_counts_its_own_first_value_only(void **state)
{
	uint8_t samples[1024];

	(void)state;
	/* 18 zeros in the first window; 18 more in the second, which begins with a one. */
	fill_counting(samples, sizeof(samples));
	for (size_t i = 1; i <= 16; i++)
		samples[i * 15] = samples[512 + i * 15] = 0;
	samples[512] = 1;
	samples[513] = 0;
	assert_int_equal(fails_at(samples, sizeof(samples)), 0);
	/* Begun with a zero, it has 17 by 512 + 240, and 768 and 769 are the next. */
	samples[512] = 0;
	samples[513] = 1;
	samples[769] = 0;
	assert_int_equal(fails_at(samples, sizeof(samples)), 770);
}

static void
a_failed_state_stays_failed(void **state)
{
	uint8_t stuck[6] = { 0 };
	uint8_t good[4] = { 1, 2, 3, 4 };
	struct health h;
	struct err e;

	(void)state;
	health_init(&h);
	assert_fails(
		health_feed(&h, stuck, sizeof(stuck), &e), &e, ERR_INTERNAL, "repetition count");
	assert_fails(health_feed(&h, good, sizeof(good), &e), &e, ERR_INTERNAL, "health test");
	assert_fails(health_feed(&h, good, 0, &e), &e, ERR_INTERNAL, "health test");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(ten_megabytes_of_good_randomness_pass),
		unit(a_stuck_source_fails_at_the_sixth_sample),
		unit(a_source_that_sticks_later_fails_at_its_sixth_repetition),
		unit(a_biased_source_fails_at_the_nineteenth_hit_of_a_window),
		unit(a_window_counts_its_own_first_value_only),
		unit(a_failed_state_stays_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
