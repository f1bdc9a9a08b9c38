/* SPDX-License-Identifier: ISC */
#include "tests/sources.h"
#include "tests/support.h"

#include "vault/entropy.h"

#include <openssl/evp.h>
#include <openssl/rand.h>

static const char rolls_a[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64512";
static const char rolls_b[] = "36124 51263 45162 34516 21351 64251 36451 25316 45213 64513";

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
		sources_start(&sources_kernel, SOURCES_FIXED, i == 2 ? 9 : 1);
		sources_start(&sources_openssl, SOURCES_FIXED, i == 3 ? 9 : 2);
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
		sources_start(&sources_kernel, SOURCES_FIXED, 1);
		sources_start(&sources_openssl, SOURCES_FIXED, 2);
		assert_ok(entropy_new(&x, &e), &e);
		assert_ok(entropy_dice(x, dice[i], strlen(dice[i]), &e), &e);
		generate(x, out[i]);
	}
	assert_memory_equal(out[0], out[1], 32);
	assert_memory_not_equal(out[0], out[2], 32);
}

static void
the_generators_are_of_full_strength(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[32];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	EVP_RAND_CTX *primary = RAND_get0_primary(entropy_libctx(x));
	assert_string_equal(EVP_RAND_get0_name(EVP_RAND_CTX_get0_rand(primary)), "CTR-DRBG");
	assert_int_equal(EVP_RAND_get_strength(primary), 256);
	assert_int_equal(RAND_priv_bytes_ex(entropy_libctx(x), out, sizeof(out), 256), 1);
}

static void
there_is_no_other_seed_for_the_generators_of_a_thread(void **state)
{
	ENTROPY_AUTO *x = NULL;
	uint8_t out[32];
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	sources_kernel.behaviour = SOURCES_STUCK;
	assert_fails(entropy_reseed(x, &e), &e, ERR_INTERNAL, "OpenSSL's generators");
	assert_int_not_equal(RAND_priv_bytes_ex(entropy_libctx(x), out, sizeof(out), 256), 1);
	assert_int_not_equal(RAND_bytes_ex(entropy_libctx(x), out, sizeof(out), 256), 1);
}

static void
reseeding_draws_on_the_mix(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	sources_start(&sources_kernel, SOURCES_REAL, 1);
	sources_start(&sources_openssl, SOURCES_REAL, 2);
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		size_t before = sources_kernel.calls;
		assert_ok(entropy_reseed(x, &e), &e);
		assert_int_not_equal(sources_kernel.calls, before);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(openssls_generators_are_seeded_by_the_mix_and_nothing_else),
		unit(dice_reach_openssls_generators),
		unit(the_generators_are_of_full_strength),
		unit(there_is_no_other_seed_for_the_generators_of_a_thread),
		unit(reseeding_draws_on_the_mix),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
