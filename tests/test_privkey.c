/* SPDX-License-Identifier: ISC */
#include "tests/keyfile.h"
#include "tests/scan.h"
#include "tests/sources.h"
#include "tests/support.h"

#include "base/buf.h"
#include "vault/wipeheap.h"

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/rand.h>

/* Wrapped by the linker, in this test only. */
int __wrap_EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *sig_len,
	const unsigned char *text, size_t len);
int __real_EVP_DigestSign(EVP_MD_CTX *ctx, unsigned char *sig, size_t *sig_len,
	const unsigned char *text, size_t len);
int __wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t sig_len,
	const unsigned char *text, size_t len);
int __real_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t sig_len,
	const unsigned char *text, size_t len);

static bool sign_faulty;
static bool verify_anything;

int
__wrap_EVP_DigestSign(
	EVP_MD_CTX *ctx, unsigned char *sig, size_t *sig_len, const unsigned char *text, size_t len)
{
	int result = __real_EVP_DigestSign(ctx, sig, sig_len, text, len);

	if (sign_faulty)
		sig[*sig_len - 1] ^= 1;
	return result;
}

int
__wrap_EVP_DigestVerify(EVP_MD_CTX *ctx, const unsigned char *sig, size_t sig_len,
	const unsigned char *text, size_t len)
{
	return verify_anything ? 1 : __real_EVP_DigestVerify(ctx, sig, sig_len, text, len);
}

static EVP_PKEY *
generate(struct entropy *x, const char *name)
{
	const struct alg *alg = NULL;
	EVP_PKEY *key = NULL;
	struct err e;

	assert_ok(alg_find(name, &alg, &e), &e);
	assert_ok(privkey_generate(x, alg, &key, &e), &e);
	assert_ptr_equal(alg_of_key(key), alg);
	return key;
}

static void
every_algorithm_is_generated_soundly(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < alg_count; i++) {
		AUTO_EVP_PKEY key = generate(x, alg_table[i].name);
		AUTO_EVP_PKEY back = NULL;
		SECRET_AUTO pem = SECRET_NONE;
		const struct alg *alg = NULL;
		assert_ok(privkey_to_pem(key, &pem, &e), &e);
		assert_ok(privkey_from_pem(&pem, &back, &e), &e);
		assert_int_equal(EVP_PKEY_eq(key, back), 1);
		assert_ok(privkey_check(back, &alg, &e), &e);
		assert_ptr_equal(alg, &alg_table[i]);
		keyfile_write(state, alg_table[i].slug, pem.data, pem.len);
	}
	support_run(state, "for f in rsa-* ec-* ed25519; do openssl pkey -in $f -check -noout &&"
			   " grep -qx -e '-----BEGIN PRIVATE KEY-----' $f || exit 1; done");
}

static void
the_public_half_is_written_as_openssl_writes_it(void **state)
{
	ENTROPY_AUTO *x = NULL;
	SECRET_AUTO pem = SECRET_NONE;
	BUF_AUTO public = BUF_NONE;
	struct err e;

	assert_ok(entropy_new(&x, &e), &e);
	AUTO_EVP_PKEY key = generate(x, "ec:p256");
	assert_ok(privkey_to_pem(key, &pem, &e), &e);
	assert_ok(privkey_public_pem(key, &public, &e), &e);
	keyfile_write(state, "key", pem.data, pem.len);
	keyfile_write(state, "public", public.data, public.len);
	support_run(state, "openssl pkey -in key -pubout | cmp - public");
}

static void
each_key_draws_on_the_mix_anew(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		size_t before = sources_kernel.calls;
		EVP_PKEY_free(generate(x, "ec:p256"));
		assert_true(sources_kernel.calls > before);
	}
}

/* How often this thread's generator in the mix's context was seeded. It seeds itself when it is
 * asked for bytes, the mix having been reseeded since. */
static unsigned
seedings(struct entropy *x)
{
	unsigned count = 0;
	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_uint(OSSL_DRBG_PARAM_RESEED_COUNTER, &count),
		OSSL_PARAM_construct_end(),
	};

	EVP_RAND_CTX *generator = RAND_get0_private(entropy_libctx(x));
	assert_int_equal(EVP_RAND_CTX_get_params(generator, params), 1);
	return count;
}

static void
every_algorithm_takes_its_bytes_from_the_generator_on_the_mix(void **state)
{
	static const char *const names[] = { "ec:p256", "ed25519", "rsa:2048" };
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		unsigned before = seedings(x);
		EVP_PKEY_free(generate(x, names[i]));
		assert_int_not_equal(seedings(x), before);
	}
}

static void
no_key_is_made_from_a_stuck_source(void **state)
{
	ENTROPY_AUTO *x = NULL;
	EVP_PKEY *key = NULL;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	sources_kernel.behaviour = SOURCES_STUCK;
	bool made = privkey_generate(x, alg_default, &key, &e);
	sources_kernel.behaviour = SOURCES_REAL;
	assert_false(made);
	assert_int_equal(e.code, ERR_INTERNAL);
	assert_null(key);
	assert_fails(privkey_generate(x, alg_default, &key, &e), &e, ERR_INTERNAL, "seed");
}

static void
keys_of_other_kinds_are_refused(void **state)
{
	static const struct {
		const char *make;
		const char *message;
	} rows[] = {
		{ "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024", "rsa:1024" },
		{ "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2056", "rsa:2056" },
		{ "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
		  " -pkeyopt rsa_keygen_pubexp:3",
			"exponent" },
		{ "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048"
		  " -pkeyopt rsa_keygen_pubexp:65539",
			"exponent" },
		{ "openssl genpkey -algorithm RSA-PSS -pkeyopt rsa_keygen_bits:2048", "rsa-pss" },
		{ "openssl ecparam -name secp256k1 -genkey -noout", "secp256k1" },
		{ "openssl ecparam -name prime256v1 -param_enc explicit -genkey -noout",
			"explicit" },
		{ "openssl genpkey -algorithm ED448", "ed448" },
		{ "openssl genpkey -algorithm X25519", "x25519" },
	};
	struct err e;

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		AUTO_EVP_PKEY key = NULL;
		BUF_AUTO command = BUF_NONE;
		BUF_AUTO name = BUF_NONE;
		buf_addf(&name, "key%zu", i);
		buf_addf(&command, "%s -out %s", rows[i].make, name.data);
		support_run(state, command.data);
		assert_ok(keyfile_parse(state, name.data, NULL, &key, &e), &e);
		assert_fails(privkey_check(key, NULL, &e), &e, ERR_REFUSED, "");
		if (!strcasestr(e.message, rows[i].message))
			fail_msg("%s: %s", rows[i].make, e.message);
	}
}

/* The key that `params` describe; they are freed. */
static EVP_PKEY *
key_from(const char *type, OSSL_PARAM_BLD *build)
{
	OSSL_PARAM *params = OSSL_PARAM_BLD_to_param(build);
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
	EVP_PKEY *key = NULL;

	assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
	assert_int_equal(EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, params), 1);
	EVP_PKEY_CTX_free(ctx);
	OSSL_PARAM_free(params);
	OSSL_PARAM_BLD_free(build);
	return key;
}

static void
an_ec_key_with_the_public_half_of_another_is_refused(void **state)
{
	ENTROPY_AUTO *x = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *scalar = BN_secure_new();
	uint8_t point[65];
	size_t len;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	AUTO_EVP_PKEY one = generate(x, "ec:p256");
	AUTO_EVP_PKEY two = generate(x, "ec:p256");
	EVP_PKEY_get_bn_param(one, OSSL_PKEY_PARAM_PRIV_KEY, &scalar);
	EVP_PKEY_get_octet_string_param(two, OSSL_PKEY_PARAM_PUB_KEY, point, sizeof(point), &len);
	OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, len);
	OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_PRIV_KEY, scalar);
	AUTO_EVP_PKEY mixed = key_from("EC", build);
	BN_clear_free(scalar);
	assert_fails(privkey_check(mixed, NULL, &e), &e, ERR_REFUSED, "not sound");
}

static void
an_ed25519_key_with_the_public_half_of_another_is_refused(void **state)
{
	ENTROPY_AUTO *x = NULL;
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	uint8_t seed[32], public[32];
	size_t len = 32;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	AUTO_EVP_PKEY one = generate(x, "ed25519");
	AUTO_EVP_PKEY two = generate(x, "ed25519");
	assert_int_equal(EVP_PKEY_get_raw_private_key(one, seed, &len), 1);
	assert_int_equal(EVP_PKEY_get_raw_public_key(two, public, &len), 1);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PRIV_KEY, seed, 32);
	OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, public, 32);
	AUTO_EVP_PKEY mixed = key_from("ED25519", build);
	assert_fails(privkey_check(mixed, NULL, &e), &e, ERR_REFUSED, "");
}

/* Numbers of an RSA key; `n` and `q` may be another key's. */
static EVP_PKEY *
rsa_from(EVP_PKEY *key, EVP_PKEY *modulus_of, EVP_PKEY *factor_of)
{
	static const char *const names[] = { OSSL_PKEY_PARAM_RSA_N, OSSL_PKEY_PARAM_RSA_FACTOR2,
		OSSL_PKEY_PARAM_RSA_E, OSSL_PKEY_PARAM_RSA_D, OSSL_PKEY_PARAM_RSA_FACTOR1,
		OSSL_PKEY_PARAM_RSA_EXPONENT1, OSSL_PKEY_PARAM_RSA_EXPONENT2,
		OSSL_PKEY_PARAM_RSA_COEFFICIENT1 };
	OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
	BIGNUM *numbers[8];

	for (size_t i = 0; i < 8; i++) {
		numbers[i] = BN_secure_new();
		EVP_PKEY *from = i == 0 ? modulus_of : i == 1 ? factor_of : key;
		assert_int_equal(EVP_PKEY_get_bn_param(from, names[i], &numbers[i]), 1);
		assert_int_equal(OSSL_PARAM_BLD_push_BN(build, names[i], numbers[i]), 1);
	}
	EVP_PKEY *made = key_from("RSA", build);
	for (size_t i = 0; i < 8; i++)
		BN_clear_free(numbers[i]);
	return made;
}

static void
an_rsa_key_whose_numbers_do_not_fit_is_refused(void **state)
{
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	AUTO_EVP_PKEY one = generate(x, "rsa:2048");
	AUTO_EVP_PKEY two = generate(x, "rsa:2048");
	AUTO_EVP_PKEY same = rsa_from(one, one, one);
	AUTO_EVP_PKEY modulus = rsa_from(one, two, one);
	AUTO_EVP_PKEY factor = rsa_from(one, one, two);
	assert_ok(privkey_check(same, NULL, &e), &e);
	assert_fails(privkey_check(modulus, NULL, &e), &e, ERR_REFUSED, "not sound");
	assert_fails(privkey_check(factor, NULL, &e), &e, ERR_REFUSED, "not sound");
}

static void
a_key_whose_signatures_do_not_hold_is_refused(void **state)
{
	static const char *const names[] = { "ec:p256", "ed25519", "rsa:2048" };
	ENTROPY_AUTO *x = NULL;
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < 3; i++) {
		AUTO_EVP_PKEY key = generate(x, names[i]);
		sign_faulty = true;
		bool accepted = privkey_check(key, NULL, &e);
		sign_faulty = false;
		assert_false(accepted);
		assert_int_equal(e.code, ERR_REFUSED);
		verify_anything = true;
		accepted = privkey_check(key, NULL, &e);
		verify_anything = false;
		assert_false(accepted);
		assert_ok(privkey_check(key, NULL, &e), &e);
	}
}

/* What a leak would leave: the secret number in either byte order, and a line of its PEM. */
struct traces {
	uint8_t big[32];
	uint8_t little[32];
	uint8_t line[48];
};

static void
take_traces(EVP_PKEY *key, const struct secret *pem, struct traces *t)
{
	static const char *const begin = "-----BEGIN PRIVATE KEY-----\n";
	BIGNUM *n = BN_secure_new();
	size_t len = sizeof(t->big);

	/* Of an RSA key, its lowest 32 bytes of a factor; else all of the scalar or seed. */
	if (EVP_PKEY_is_a(key, "ED25519")) {
		assert_int_equal(EVP_PKEY_get_raw_private_key(key, t->big, &len), 1);
	} else {
		const char *name = EVP_PKEY_is_a(key, "RSA") ? OSSL_PKEY_PARAM_RSA_FACTOR1
							     : OSSL_PKEY_PARAM_PRIV_KEY;
		SECRET_AUTO bytes = SECRET_NONE;
		struct err e;
		assert_int_equal(EVP_PKEY_get_bn_param(key, name, &n), 1);
		assert_ok(secret_new(&bytes, (size_t)BN_num_bytes(n) + 32, &e), &e);
		assert_true(BN_bn2binpad(n, bytes.data, (int)bytes.len) > 0);
		memcpy(t->big, bytes.data + bytes.len - 32, 32);
	}
	BN_clear_free(n);
	for (size_t i = 0; i < 32; i++)
		t->little[i] = t->big[31 - i];
	/* The second line of PEM has secret bits in every key but the shortest, which has but one.
	 */
	const uint8_t *line = pem->data + strlen(begin);
	memcpy(t->line, pem->len > 250 ? line + 65 : line + 16, sizeof(t->line));
}

static size_t
count_traces(const struct traces *t)
{
	return scan_copies(t->big + 1, 31) + scan_copies(t->little, 31) +
	       scan_copies(t->line, sizeof(t->line));
}

/* The whole life of a key: made, written, read back, encrypted, decrypted, checked. */
static void
nothing_of_a_key_stays_in_memory(void **state)
{
	static const char *const names[] = { "ec:p256", "ec:p384", "ec:p521", "ed25519",
		"rsa:2048" };
	static struct traces traces;
	ENTROPY_AUTO *x = NULL;
	struct err e;

	assert_ok(entropy_new(&x, &e), &e);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		EVP_PKEY *key = generate(x, names[i]);
		EVP_PKEY *back = NULL, *opened = NULL;
		struct secret pem = SECRET_NONE;
		BUF_AUTO command = BUF_NONE;
		BUF_AUTO name = BUF_NONE;
		struct keyfile_answer a = { .passphrase = "word" };

		assert_ok(privkey_to_pem(key, &pem, &e), &e);
		take_traces(key, &pem, &traces);
		buf_addf(&name, "enc%zu", i);
		buf_addf(&command, "openssl pkcs8 -topk8 -in key%zu -passout pass:word -out %s", i,
			name.data);
		BUF_AUTO plain = BUF_NONE;
		buf_addf(&plain, "key%zu", i);
		keyfile_write(state, plain.data, pem.data, pem.len);
		support_run(state, command.data);
		assert_ok(privkey_from_pem(&pem, &back, &e), &e);
		assert_ok(privkey_check(back, NULL, &e), &e);
		assert_ok(keyfile_parse(state, name.data, &a, &opened, &e), &e);
		assert_int_equal(EVP_PKEY_eq(key, opened), 1);
		assert_true(count_traces(&traces) >= 2);
		EVP_PKEY_free(key);
		EVP_PKEY_free(back);
		EVP_PKEY_free(opened);
		assert_true(count_traces(&traces) >= 1);
		secret_free(&pem);
		if (count_traces(&traces) != 0)
			fail_msg("%s leaves traces: %zu, %zu, %zu", names[i],
				scan_copies(traces.big + 1, 31), scan_copies(traces.little, 31),
				scan_copies(traces.line, sizeof(traces.line)));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(every_algorithm_is_generated_soundly),
		unit_in_dir(the_public_half_is_written_as_openssl_writes_it),
		unit(each_key_draws_on_the_mix_anew),
		unit(every_algorithm_takes_its_bytes_from_the_generator_on_the_mix),
		unit(no_key_is_made_from_a_stuck_source),
		unit_in_dir(keys_of_other_kinds_are_refused),
		unit(an_ec_key_with_the_public_half_of_another_is_refused),
		unit(an_ed25519_key_with_the_public_half_of_another_is_refused),
		unit(an_rsa_key_whose_numbers_do_not_fit_is_refused),
		unit(a_key_whose_signatures_do_not_hold_is_refused),
		unit_in_dir(nothing_of_a_key_stays_in_memory),
	};
	struct err e;

	if (!wipeheap_install(&e) || CRYPTO_secure_malloc_init((size_t)1 << 20, 32) == 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
