/* SPDX-License-Identifier: ISC */
#include "pins/alg.h"
#include "tests/support.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>

/* A public key with a modulus of that many bits: no private key behind it, but there at once. */
static EVP_PKEY *
rsa_public(const char *type, int bits)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *n = BN_new(), *e = BN_new();
	OSSL_PARAM *params;
	EVP_PKEY *key = NULL;

	assert_int_equal(BN_rand(n, bits, BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ODD), 1);
	assert_int_equal(BN_set_word(e, 65537), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, n), 1);
	assert_int_equal(OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, e), 1);
	params = OSSL_PARAM_BLD_to_param(build);
	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params), 1);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	BN_free(n);
	BN_free(e);
	EVP_PKEY_CTX_free(ctx);
	return key;
}

/* The public keys of the table, in its order. */
static EVP_PKEY *
key_of(size_t i)
{
	const struct alg *a = &alg_table[i];

	if (a->bits > 0)
		return rsa_public(a->type, (int)a->bits);
	if (a->group)
		return EVP_EC_gen(a->group);
	return EVP_PKEY_Q_keygen(NULL, NULL, a->type);
}

static void
the_table_holds_the_seven_algorithms(void **state)
{
	static const char *const rows[][2] = {
		{ "rsa:2048", "rsa-2048" },
		{ "rsa:3072", "rsa-3072" },
		{ "rsa:4096", "rsa-4096" },
		{ "ec:p256", "ec-p256" },
		{ "ec:p384", "ec-p384" },
		{ "ec:p521", "ec-p521" },
		{ "ed25519", "ed25519" },
	};

	(void)state;
	assert_int_equal(alg_count, sizeof(rows) / sizeof(*rows));
	for (size_t i = 0; i < alg_count; i++) {
		const struct alg *a;
		struct err e = { 0 };
		assert_ok(alg_find(rows[i][0], &a, &e), &e);
		assert_string_equal(a->name, rows[i][0]);
		assert_string_equal(a->slug, rows[i][1]);
	}
	assert_string_equal(alg_default->name, "ec:p256");
}

static void
digests_are_those_for_the_key_size_and_known_to_openssl(void **state)
{
	static const char *const digests[] = { "SHA256", "SHA256", "SHA256", "SHA256", "SHA384",
		"SHA512", NULL };

	(void)state;
	for (size_t i = 0; i < alg_count; i++) {
		if (!digests[i]) {
			assert_null(alg_table[i].digest);
			continue;
		}
		assert_string_equal(alg_table[i].digest, digests[i]);
		assert_non_null(EVP_get_digestbyname(digests[i]));
	}
}

static void
keys_of_the_seven_are_recognised(void **state)
{
	(void)state;
	for (size_t i = 0; i < alg_count; i++) {
		EVP_PKEY *key = key_of(i);
		char text[32];
		assert_non_null(key);
		assert_ptr_equal(alg_of_key(key), &alg_table[i]);
		alg_describe(key, text, sizeof(text));
		assert_string_equal(text, alg_table[i].name);
		EVP_PKEY_free(key);
	}
}

static void
curves_are_recognised_under_their_nist_names(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-384");

	(void)state;
	assert_string_equal(alg_of_key(key)->name, "ec:p384");
	EVP_PKEY_free(key);
}

/* The same curve, spelled out in the key. */
static EVP_PKEY *
explicit_p256(void)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");

	assert_int_equal(EVP_PKEY_set_utf8_string_param(
				 key, OSSL_PKEY_PARAM_EC_ENCODING, OSSL_PKEY_EC_ENCODING_EXPLICIT),
		1);
	return key;
}

static void
other_keys_are_described_and_none_of_ours(void **state)
{
	const struct {
		EVP_PKEY *key;
		const char *text;
	} rows[] = {
		{ rsa_public("RSA", 1024), "rsa:1024" },
		{ rsa_public("RSA", 2047), "rsa:2047" },
		{ rsa_public("RSA", 8192), "rsa:8192" },
		{ rsa_public("RSA-PSS", 2048), "rsa-pss:2048" },
		{ EVP_EC_gen("secp256k1"), "ec:secp256k1" },
		{ explicit_p256(), "ec:explicit" },
		{ EVP_PKEY_Q_keygen(NULL, NULL, "ED448"), "ed448" },
		{ EVP_PKEY_Q_keygen(NULL, NULL, "X25519"), "x25519" },
		{ EVP_PKEY_new(), "unknown" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		char text[32], small[4];
		assert_non_null(rows[i].key);
		assert_null(alg_of_key(rows[i].key));
		alg_describe(rows[i].key, text, sizeof(text));
		assert_string_equal(text, rows[i].text);
		alg_describe(rows[i].key, small, sizeof(small));
		assert_int_equal(strlen(small), sizeof(small) - 1);
		EVP_PKEY_free(rows[i].key);
	}
}

static void
unknown_names_are_answered_with_the_seven(void **state)
{
	static const char *const names[] = { "", "rsa", "rsa:1024", "EC:P256", "ec:p256 ", "p256" };
	const struct alg *a = NULL;
	struct err e = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		assert_fails(alg_find(names[i], &a, &e), &e, ERR_USAGE,
			"not one of rsa:2048, rsa:3072, rsa:4096, ec:p256, ec:p384, ec:p521, "
			"ed25519");
		assert_null(a);
	}
	assert_fails(alg_find("rsa-3072", &a, &e), &e, ERR_USAGE, "'rsa-3072'");
	assert_string_equal(e.hint, "did you mean rsa:3072?");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_table_holds_the_seven_algorithms),
		unit(digests_are_those_for_the_key_size_and_known_to_openssl),
		unit(keys_of_the_seven_are_recognised),
		unit(curves_are_recognised_under_their_nist_names),
		unit(other_keys_are_described_and_none_of_ours),
		unit(unknown_names_are_answered_with_the_seven),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
