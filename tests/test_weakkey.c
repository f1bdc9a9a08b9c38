/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "vault/privkey.h"
#include "vault/weakkey.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

/*
 * RSA-2048, in hex, made for this test. Of ROCA: k * M + (65537^a mod M), as the chips made them, M
 * being the product of the first 126 primes (Nemec and others, CCS 2017, section 2.2).
 */
static const char *const factors_of_roca[] = {
	"cf645240d016b17eb7d2ef30ba4a99bfb69cc20f6da0360d18b532a234a8efa2756cef66385582fd"
	"c6a00cfc0ff75e331c7c95f0b151cc2701c4a45908af2966f657b4a47030b801569c3e6d3541d93f"
	"ca9e686c52ef7b75311fb36500e11c688f97d4a0914334a8fea973797b54f4cae66b290e4308dfc7"
	"8aee9cbafc02905f",
	"d5b947a957e96e39a3f4e3781de017e40ce8658d1e77062c38e9a5775b2c5731c1cf5e949ff625b7"
	"5f91338199b1d25885f0cba6dce83def5971b2c123bca44517a6a995b615f2a66362569d36015b2f"
	"89c8c9257a6f9a9ec474e53af5972cf6bbd710d4f5e327bc64060bc40971a6ab09fbd9b4ba7b03fe"
	"dce2069b41099757"
};

/* Their product is a power of 65537 modulo each prime up to 167, but never the same one: the second
 * was chosen to that end by the Chinese remainder theorem. */
static const char *const factors_that_pass_for_roca_prime_by_prime[] = {
	"e0d9f66e53bfc3d1afea0cdec6fd52011c34d723c800b59056bbbfe66bd533651034d97c5d4be756"
	"08d093dea401981d060acd909b158ee9cb53ac3672c4b3773cc1cfcfc70da4c933cc4907c0a60517"
	"d8d9cd1dfe65dae816e8f050a299aa9be3521d15a4df5c90db63674a5a64351074d9f1c1e348eb78"
	"bca5c7930da65adf",
	"cf4f7cce709589b058681bd2187196e9facb87eb8c17b03c4af799f9e7b8e25294b005c0a53c153e"
	"f5dffd9ed76b014f6742f241ea0f1bc844937b7bcac426faff7fee9315e0a7c712564c0191ed6616"
	"375d195f3b9d00d6663817a5cc35dd5a7aadd3c0500682291406c5c9a1967350aba79ba95a1fa292"
	"9cd04cf600cd2b3f"
};

static const char *const factors_too_close[] = {
	"f13c1a6e1df37d7a6f8430e6270e1af72f802323ce092fcfb3ede3111b75e3252488e76deba00016"
	"bdf83cfe6c0e78ee0868deda8f4630dda42e8ff098fe50a3c2da36317904ec9de5bd0902027e5900"
	"72a238e5ec5493db22835a4bfa67747100e06248f366f53a0091e77f15840f127fe2c6af1b06d386"
	"996cf31f491a1fff",
	"f13c1a6e1df37d7a6f8430e6270e1b072f802323ce092fcfb3ede3111b75e3252488e76deba00016"
	"bdf83cfe6c0e78ee0868deda8f4630dda42e8ff098fe50a3c2da36317904ec9de5bd0902027e5900"
	"72a238e5ec5493db22835a4bfa67747100e06248f366f53a0091e77f15840f127fe2c6af1b06d386"
	"996cf31f491a2477"
};

static const char *const factors_just_far_enough[] = {
	"f13c1a6e1df37d7a6f8430e6270e1af72f802323ce092fcfb3ede3111b75e3252488e76deba00016"
	"bdf83cfe6c0e78ee0868deda8f4630dda42e8ff098fe50a3c2da36317904ec9de5bd0902027e5900"
	"72a238e5ec5493db22835a4bfa67747100e06248f366f53a0091e77f15840f127fe2c6af1b06d386"
	"996cf31f491a1fff",
	"f13c1a6e1df37d7a6f8430e6670e1af72f802323ce092fcfb3ede3111b75e3252488e76deba00016"
	"bdf83cfe6c0e78ee0868deda8f4630dda42e8ff098fe50a3c2da36317904ec9de5bd0902027e5900"
	"72a238e5ec5493db22835a4bfa67747100e06248f366f53a0091e77f15840f127fe2c6af1b06d386"
	"996cf31f491a20eb"
};

static void
push(OSSL_PARAM_BLD *build, const char *name, const BIGNUM *n)
{
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, name, n), 1);
}

/* A whole RSA key of these factors. */
static EVP_PKEY *
rsa_of(const char *const factors[2])
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_FACTOR2, OSSL_PKEY_PARAM_RSA_EXPONENT1,
		OSSL_PKEY_PARAM_RSA_EXPONENT2 };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *n = BN_new(), *e = BN_new(), *d = BN_new(), *phi = BN_new(), *inverse = BN_new();
	BIGNUM *prime[2] = { NULL, NULL }, *less[2], *exponent[2];
	EVP_PKEY *key = NULL;

	for (size_t i = 0; i < 2; i++) {
		assert_true(BN_hex2bn(&prime[i], factors[i]) > 0);
		less[i] = BN_dup(prime[i]);
		exponent[i] = BN_new();
		BN_sub_word(less[i], 1);
	}
	BN_set_word(e, RSA_F4);
	BN_mul(n, prime[0], prime[1], ctx);
	BN_mul(phi, less[0], less[1], ctx);
	assert_non_null(BN_mod_inverse(d, e, phi, ctx));
	assert_non_null(BN_mod_inverse(inverse, prime[1], prime[0], ctx));
	push(build, OSSL_PKEY_PARAM_RSA_N, n);
	push(build, OSSL_PKEY_PARAM_RSA_E, e);
	push(build, OSSL_PKEY_PARAM_RSA_D, d);
	push(build, OSSL_PKEY_PARAM_RSA_COEFFICIENT1, inverse);
	for (size_t i = 0; i < 2; i++) {
		BN_mod(exponent[i], d, less[i], ctx);
		push(build, names[i], prime[i]);
		push(build, names[2 + i], exponent[i]);
	}
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *from = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(from), 1);
	assert_int_equal(EVP_PKEY_fromdata(from, &key, EVP_PKEY_KEYPAIR, params), 1);
	EVP_PKEY_CTX_free(from);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	for (size_t i = 0; i < 2; i++) {
		BN_free(prime[i]);
		BN_free(less[i]);
		BN_free(exponent[i]);
	}
	BN_free(n);
	BN_free(e);
	BN_free(d);
	BN_free(phi);
	BN_free(inverse);
	BN_CTX_free(ctx);
	return key;
}

static bool
openssl_accepts(EVP_PKEY *key)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
	bool ok = EVP_PKEY_check(ctx) == 1;

	EVP_PKEY_CTX_free(ctx);
	return ok;
}

static void
roca_keys_are_refused_though_openssl_accepts_them(void **state)
{
	AUTO_EVP_PKEY key = rsa_of(factors_of_roca);
	struct err e;

	(void)state;
	assert_true(openssl_accepts(key));
	assert_fails(weakkey_check(key, &e), &e, ERR_REFUSED, "ROCA");
	assert_fails(privkey_check(key, NULL, &e), &e, ERR_REFUSED, "ROCA");
}

static void
a_key_that_passes_for_roca_prime_by_prime_is_accepted(void **state)
{
	AUTO_EVP_PKEY key = rsa_of(factors_that_pass_for_roca_prime_by_prime);
	struct err e;

	(void)state;
	assert_ok(weakkey_check(key, &e), &e);
	assert_ok(privkey_check(key, NULL, &e), &e);
}

static void
close_factors_are_refused_though_openssl_accepts_them(void **state)
{
	AUTO_EVP_PKEY close = rsa_of(factors_too_close);
	AUTO_EVP_PKEY far = rsa_of(factors_just_far_enough);
	const char *const turned[] = { factors_too_close[1], factors_too_close[0] };
	AUTO_EVP_PKEY close_too = rsa_of(turned);
	struct err e;

	(void)state;
	assert_true(openssl_accepts(close));
	assert_fails(weakkey_check(close, &e), &e, ERR_REFUSED, "too close");
	assert_fails(weakkey_check(close_too, &e), &e, ERR_REFUSED, "too close");
	assert_fails(privkey_check(close, NULL, &e), &e, ERR_REFUSED, "too close");
	assert_ok(weakkey_check(far, &e), &e);
}

/* The P-256 key with the scalar 2^bits - 1. */
static EVP_PKEY *
ec_of(int bits)
{
	EC_GROUP *group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	EC_POINT *point = EC_POINT_new(group);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *scalar = BN_secure_new();
	uint8_t public[65];
	EVP_PKEY *key = NULL;

	BN_set_bit(scalar, bits);
	BN_sub_word(scalar, 1);
	EC_POINT_mul(group, point, scalar, NULL, NULL, NULL);
	EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, public, 65, NULL);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, 65);
	push(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *from = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
	assert_int_equal(EVP_PKEY_fromdata_init(from), 1);
	assert_int_equal(EVP_PKEY_fromdata(from, &key, EVP_PKEY_KEYPAIR, params), 1);
	EVP_PKEY_CTX_free(from);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(scalar);
	EC_POINT_free(point);
	EC_GROUP_free(group);
	return key;
}

static void
short_scalars_are_refused_though_openssl_accepts_them(void **state)
{
	AUTO_EVP_PKEY one = ec_of(1);
	AUTO_EVP_PKEY longest = ec_of(192);
	AUTO_EVP_PKEY longer = ec_of(193);
	struct err e;

	(void)state;
	assert_true(openssl_accepts(one));
	assert_fails(weakkey_check(one, &e), &e, ERR_REFUSED, "far too short");
	assert_fails(privkey_check(longest, NULL, &e), &e, ERR_REFUSED, "far too short");
	assert_ok(weakkey_check(longer, &e), &e);
}

static void
other_kinds_pass(void **state)
{
	AUTO_EVP_PKEY key = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	struct err e;

	(void)state;
	assert_ok(weakkey_check(key, &e), &e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(roca_keys_are_refused_though_openssl_accepts_them),
		unit(a_key_that_passes_for_roca_prime_by_prime_is_accepted),
		unit(close_factors_are_refused_though_openssl_accepts_them),
		unit(short_scalars_are_refused_though_openssl_accepts_them),
		unit(other_kinds_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
