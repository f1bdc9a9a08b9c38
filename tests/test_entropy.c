/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "vault/entropy.h"

#include <errno.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sys/types.h>

/* Wrapped by the linker, in this test only. */
ssize_t __wrap_getrandom(void *out, size_t len, unsigned flags);
ssize_t __real_getrandom(void *out, size_t len, unsigned flags);
int __wrap_RAND_priv_bytes(unsigned char *out, int len);
int __real_RAND_priv_bytes(unsigned char *out, int len);

enum behaviour { REAL, FIXED, STUCK, REFUSING, HALTING };

/* FIXED is a stream that passes every test and is the same in each run. */
struct source {
	enum behaviour behaviour;
	uint8_t stream[1 << 16];
	size_t at;
	size_t calls;
};
static struct source kernel, ossl;

static void
stream_read(struct source *s, void *out, size_t len)
{
	assert_true(len <= sizeof(s->stream) - s->at);
	memcpy(out, s->stream + s->at, len);
	s->at += len;
}

ssize_t
__wrap_getrandom(void *out, size_t len, unsigned flags)
{
	kernel.calls++;
	switch (kernel.behaviour) {
	case FIXED:
		stream_read(&kernel, out, len);
		return (ssize_t)len;
	case HALTING: /* interrupted, then one byte short, in turn */
		errno = EINTR;
		if (kernel.calls % 2 == 1)
			return -1;
		len = len > 1 ? len - 1 : len;
		stream_read(&kernel, out, len);
		return (ssize_t)len;
	case STUCK:
		memset(out, 0, len);
		return (ssize_t)len;
	case REFUSING:
		errno = ENOSYS;
		return -1;
	case REAL:
		break;
	}
	return __real_getrandom(out, len, flags);
}

int
__wrap_RAND_priv_bytes(unsigned char *out, int len)
{
	ossl.calls++;
	if (ossl.behaviour == REAL)
		return __real_RAND_priv_bytes(out, len);
	if (ossl.behaviour == FIXED)
		stream_read(&ossl, out, (size_t)len);
	/* Refusing, it leaves the buffer as it was. */
	return ossl.behaviour == FIXED;
}

static void
start(struct source *s, enum behaviour b, uint8_t seed)
{
	const uint8_t seeds[randombytes_SEEDBYTES] = { seed };

	*s = (struct source){ .behaviour = b };
	randombytes_buf_deterministic(s->stream, sizeof(s->stream), seeds);
}

#define DRAWN 100 /* more than one block, and no multiple of one */

static const char rolls_a[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64512";
static const char rolls_b[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64513";

/* One entropy from its start to its end under the sources' behaviours; `dice` may be NULL. */
static void
draw(enum behaviour k, enum behaviour o, const char *dice, uint8_t out[static DRAWN])
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	start(&kernel, k, 1);
	start(&ossl, o, 2);
	assert_ok(entropy_new(&x, &e), &e);
	if (dice)
		assert_ok(entropy_dice(x, dice, strlen(dice), &e), &e);
	assert_ok(entropy_fill(x, out, DRAWN, &e), &e);
}

static bool
two_runs_agree(enum behaviour k, enum behaviour o, const char *dice_one, const char *dice_two)
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
	assert_true(two_runs_agree(FIXED, FIXED, NULL, NULL));
	assert_true(two_runs_agree(FIXED, FIXED, rolls_a, rolls_a));
}

static void
a_good_kernel_alone_suffices(void **state)
{
	(void)state;
	assert_false(two_runs_agree(REAL, FIXED, NULL, NULL));
}

static void
a_good_openssl_alone_suffices(void **state)
{
	(void)state;
	assert_false(two_runs_agree(FIXED, REAL, NULL, NULL));
}

static void
good_dice_alone_suffice(void **state)
{
	(void)state;
	assert_false(two_runs_agree(FIXED, FIXED, rolls_a, rolls_b));
	assert_false(two_runs_agree(FIXED, FIXED, rolls_a, NULL));
}

static void
no_block_of_output_comes_twice(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[64][32];
	struct err e;

	(void)state;
	start(&kernel, FIXED, 1);
	start(&ossl, FIXED, 2);
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
	start(&kernel, FIXED, 1);
	start(&ossl, FIXED, 2);
	assert_ok(entropy_new(&x, &e), &e);
	size_t kernel_before = kernel.at;
	size_t ossl_before = ossl.at;
	assert_ok(entropy_fill(x, out, sizeof(out), &e), &e);
	assert_int_equal(kernel.at - kernel_before, 3 * 64);
	assert_int_equal(ossl.at - ossl_before, 3 * 64);
}

static void
interrupted_and_short_reads_are_taken_up_again(void **state)
{
	uint8_t whole[DRAWN], halting[DRAWN];

	(void)state;
	draw(FIXED, FIXED, NULL, whole);
	draw(HALTING, FIXED, NULL, halting);
	assert_memory_equal(whole, halting, DRAWN);
}

static void
a_kernel_that_is_stuck_is_refused_from_the_start(void **state)
{
	struct entropy *x = NULL;
	struct err e;

	(void)state;
	start(&kernel, STUCK, 1);
	start(&ossl, REAL, 2);
	assert_fails(entropy_new(&x, &e), &e, ERR_INTERNAL, "repetition count");
	assert_null(x);
	start(&kernel, REFUSING, 1);
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
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	kernel.behaviour = STUCK;
	memset(out, 1, sizeof(out));
	assert_fails(entropy_fill(x, out, sizeof(out), &e), &e, ERR_INTERNAL, "repetition count");
	assert_memory_equal(out, zeros, sizeof(out));
	kernel.behaviour = REAL;
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
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	ossl.behaviour = REFUSING;
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
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
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

/* What the first of OpenSSL's generators gives under fixed sources. */
static void
generate(struct entropy *x, uint8_t out[static 32])
{
	EVP_RAND_CTX *primary = RAND_get0_primary(entropy_libctx(x));
	assert_int_equal(EVP_RAND_generate(primary, out, 32, 0, 0, NULL, 0), 1);
}

static void
openssls_generators_are_seeded_by_the_mix_and_nothing_else(void **state)
{
	uint8_t out[4][32];
	struct err e;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		ENTROPY_AUTO *x = NULL;
		start(&kernel, FIXED, i == 2 ? 9 : 1);
		start(&ossl, FIXED, i == 3 ? 9 : 2);
		assert_ok(entropy_new(&x, &e), &e);
		generate(x, out[i]);
	}
	assert_memory_equal(out[0], out[1], 32);
	assert_memory_not_equal(out[0], out[2], 32);
	assert_memory_not_equal(out[0], out[3], 32);
}

static void
dice_reach_openssls_generators(void **state)
{
	static const char *const dice[] = { rolls_a, rolls_a, rolls_b };
	uint8_t out[3][32];
	struct err e;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		ENTROPY_AUTO *x = NULL;
		start(&kernel, FIXED, 1);
		start(&ossl, FIXED, 2);
		assert_ok(entropy_new(&x, &e), &e);
		assert_ok(entropy_dice(x, dice[i], strlen(dice[i]), &e), &e);
		generate(x, out[i]);
	}
	assert_memory_equal(out[0], out[1], 32);
	assert_memory_not_equal(out[0], out[2], 32);
}

static void
the_generators_of_a_thread_hang_on_the_seeded_one(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	EVP_RAND_CTX *primary = RAND_get0_primary(entropy_libctx(x));
	EVP_RAND_CTX *threads[] = { RAND_get0_private(entropy_libctx(x)),
		RAND_get0_public(entropy_libctx(x)) };
	for (size_t i = 0; i < 2; i++) {
		assert_ptr_equal(
			EVP_RAND_CTX_get0_rand(threads[i]), EVP_RAND_CTX_get0_rand(primary));
		assert_int_equal(EVP_RAND_get_strength(threads[i]), 256);
	}
	assert_string_equal(EVP_RAND_get0_name(EVP_RAND_CTX_get0_rand(primary)), "CTR-DRBG");
}

static void
reseeding_draws_on_the_mix(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		size_t before = kernel.calls;
		assert_ok(entropy_reseed(x, &e), &e);
		assert_int_not_equal(kernel.calls, before);
	}
}

#define THREADS 4

static void *
fill_much(void *x)
{
	static _Thread_local uint8_t out[32 * 500];
	struct err e;

	return entropy_fill(x, out, sizeof(out), &e) && entropy_reseed(x, &e) ? x : NULL;
}

static void
threads_may_draw_at_once(void **state)
{
	ENTROPY_AUTO *x = NULL;
	pthread_t threads[THREADS];
	struct err e;

	(void)state;
	start(&kernel, REAL, 1);
	start(&ossl, REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fill_much, x), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_ptr_equal(result, x);
	}
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
		unit(openssls_generators_are_seeded_by_the_mix_and_nothing_else),
		unit(dice_reach_openssls_generators),
		unit(the_generators_of_a_thread_hang_on_the_seeded_one),
		unit(reseeding_draws_on_the_mix),
		unit(threads_may_draw_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
