/* SPDX-License-Identifier: ISC */
#include "tests/scan.h"
#include "tests/signing.h"
#include "tests/support.h"

#include "base/encode.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <sodium.h>

#define DATA "pins of example.org\n"
#define COMMENT "vault Example Ops, serial 3"
#define PASSPHRASE "correct horse"

/* Wrapped by the linker, in this test only. */
int __wrap_crypto_pwhash_scryptsalsa208sha256(unsigned char *out, unsigned long long len,
	const char *pass, unsigned long long pass_len, const unsigned char *salt,
	unsigned long long ops, size_t memory);
int __real_crypto_pwhash_scryptsalsa208sha256(unsigned char *out, unsigned long long len,
	const char *pass, unsigned long long pass_len, const unsigned char *salt,
	unsigned long long ops, size_t memory);

static bool no_memory;
static size_t derivations;

int
__wrap_crypto_pwhash_scryptsalsa208sha256(unsigned char *out, unsigned long long len,
	const char *pass, unsigned long long pass_len, const unsigned char *salt,
	unsigned long long ops, size_t memory)
{
	derivations++;
	return no_memory ? -1
			 : __real_crypto_pwhash_scryptsalsa208sha256(
				   out, len, pass, pass_len, salt, ops, memory);
}

static bool
same(const struct signer *a, const struct signer *b)
{
	return minisign_pub_equal(&a->pub, &b->pub) &&
	       sodium_memcmp(a->key.data, b->key.data, a->key.len) == 0;
}

static void
a_file_decodes_to_the_key_it_was_made_of(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SECRET_AUTO crlf = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	SIGNER_AUTO back_crlf = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, PASSPHRASE, &file);
	assert_ok(signing_decode(&file, PASSPHRASE, &back, &e), &e);
	assert_true(same(&s, &back));
	assert_ok(secret_new(&crlf, file.len + 1, &e), &e);
	memcpy(crlf.data, file.data, file.len - 1);
	memcpy(crlf.data + file.len - 1, "\r\n", 2);
	assert_ok(signing_decode(&crlf, PASSPHRASE, &back_crlf, &e), &e);
	assert_true(same(&s, &back_crlf));
}

static void
a_wrong_passphrase_is_not_authentic(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, PASSPHRASE, &file);
	assert_fails(signing_decode(&file, "Correct horse", &back, &e), &e, ERR_AUTH,
		"wrong passphrase");
	assert_fails(signing_decode(&file, NULL, &back, &e), &e, ERR_AUTH, "is encrypted");
	assert_null(back.key.data);
}

static void
an_unencrypted_file_is_refused_where_a_passphrase_is_expected(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, NULL, &file);
	assert_fails(
		signing_decode(&file, PASSPHRASE, &back, &e), &e, ERR_REFUSED, "not encrypted");
	assert_ok(signing_decode(&file, NULL, &back, &e), &e);
	assert_true(same(&s, &back));
}

#define RAW_LEN 158
#define LINE_AT strlen("untrusted comment: minisign encrypted secret key\n")

/* The file with byte `at` of what its second line encodes XORed with `bits`. */
static void
alter(const struct secret *file, size_t at, uint8_t bits, struct secret *out)
{
	uint8_t raw[RAW_LEN];
	struct err e;

	assert_ok(secret_copy(out, file->data, file->len, &e), &e);
	assert_ok(encode_unbase64(raw, RAW_LEN, (char *)out->data + LINE_AT,
			  ENCODE_BASE64_SIZE(RAW_LEN) - 1, &e),
		&e);
	raw[at] ^= bits;
	encode_base64((char *)out->data + LINE_AT, raw, RAW_LEN);
	out->data[out->len - 1] = '\n';
}

static void
every_altered_field_is_noticed(void **state)
{
	static const struct {
		size_t at;
		uint8_t bits;
		enum err_code code;
		const char *message;
		size_t derivations;
	} rows[] = {
		{ 0, 1, ERR_FORMAT, "unknown kind", 0 },
		{ 3, 1, ERR_FORMAT, "unknown way", 0 },
		{ 4, 1, ERR_FORMAT, "unknown kind", 0 },
		{ 6, 1, ERR_AUTH, "wrong passphrase", 1 },
		{ 38 + 3, 1, ERR_AUTH, "wrong passphrase", 1 },
		{ 38 + 2, 0x08, ERR_FORMAT, "absurd",
			0 }, /* below the least number of operations */
		{ 38 + 4, 1, ERR_FORMAT, "absurd", 0 },
		{ 38 + 7, 0x80, ERR_FORMAT, "absurd", 0 },
		{ 46 + 3, 1, ERR_FORMAT, "absurd", 0 }, /* below the least memory */
		{ 46 + 4, 1, ERR_FORMAT, "absurd", 0 },
		{ 46 + 7, 0x80, ERR_FORMAT, "absurd", 0 },
		{ 54, 1, ERR_AUTH, "wrong passphrase", 1 },
		{ 54 + 8, 0x80, ERR_AUTH, "wrong passphrase", 1 },
		{ RAW_LEN - 1, 1, ERR_AUTH, "wrong passphrase", 1 },
	};
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, PASSPHRASE, &file);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		SECRET_AUTO altered = SECRET_NONE;
		alter(&file, rows[i].at, rows[i].bits, &altered);
		derivations = 0;
		assert_fails(signing_decode(&altered, PASSPHRASE, &back, &e), &e, rows[i].code,
			rows[i].message);
		assert_int_equal(derivations, rows[i].derivations);
	}
}

static void
a_public_half_of_another_key_is_refused(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SECRET_AUTO altered = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, NULL, &file);
	alter(&file, 54 + 8 + 32, 1, &altered);
	assert_fails(signing_decode(&altered, NULL, &back, &e), &e, ERR_FORMAT,
		"do not belong together");
}

static void
anything_but_a_whole_file_is_malformed(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, NULL, &file);
	for (size_t len = 0; len < file.len - 1; len++) {
		SECRET_AUTO cut = SECRET_NONE;
		assert_ok(secret_copy(&cut, file.data, len, &e), &e);
		assert_fails(signing_decode(&cut, NULL, &back, &e), &e, ERR_FORMAT, "secret key");
	}
	SECRET_AUTO longer = SECRET_NONE;
	assert_ok(secret_new(&longer, file.len + 1, &e), &e);
	memcpy(longer.data, file.data, file.len);
	longer.data[file.len] = 'x';
	assert_fails(signing_decode(&longer, NULL, &back, &e), &e, ERR_FORMAT, "wrong length");
}

static void
memory_that_cannot_be_had_is_an_error_of_its_own(void **state)
{
	SECRET_AUTO file = SECRET_NONE;
	SECRET_AUTO none = SECRET_NONE;
	SECRET_AUTO word = SECRET_NONE;
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, PASSPHRASE, &file);
	signing_text(&word, PASSPHRASE);
	no_memory = true;
	assert_fails(signing_decode(&file, PASSPHRASE, &back, &e), &e, ERR_MEMORY, "16 MiB");
	assert_fails(signer_encode(&s, &word, signing_kdf(), &none, &e), &e, ERR_MEMORY, "16 MiB");
	no_memory = false;
	assert_null(none.data);
}

static void
openssl_knows_the_same_key(void **state)
{
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	uint8_t sig[MINISIGN_SIG_LEN], pub[32];
	size_t pub_len = sizeof(pub);
	EVP_PKEY *key = NULL, *other;
	struct err e;

	(void)state;
	signing_make(&s);
	assert_ok(signer_to_key(&s, &key, &e), &e);
	assert_int_equal(EVP_PKEY_get_raw_public_key(key, pub, &pub_len), 1);
	assert_memory_equal(pub, s.pub.key, sizeof(pub));
	signer_sign(&s, DATA, strlen(DATA), sig);
	EVP_MD_CTX *verify = EVP_MD_CTX_new();
	assert_int_equal(EVP_DigestVerifyInit(verify, NULL, NULL, NULL, key), 1);
	assert_int_equal(
		EVP_DigestVerify(verify, sig, sizeof(sig), (const uint8_t *)DATA, strlen(DATA)), 1);
	EVP_MD_CTX_free(verify);
	assert_ok(signer_from_key(key, s.pub.id, &back, &e), &e);
	assert_true(same(&s, &back));
	EVP_PKEY_free(key);
	other = EVP_EC_gen("P-256");
	assert_fails(signer_from_key(other, s.pub.id, &back, &e), &e, ERR_USAGE, "Ed25519");
	EVP_PKEY_free(other);
}

static void
a_comment_is_one_short_line(void **state)
{
	char long_one[MINISIGN_COMMENT_MAX + 1];
	SIGNER_AUTO s = { 0 };
	BUF_AUTO out = BUF_NONE;
	struct err e;

	(void)state;
	signing_make(&s);
	memset(long_one, 'a', sizeof(long_one));
	long_one[MINISIGN_COMMENT_MAX] = '\0';
	assert_fails(signer_minisig(&s, "", 0, long_one, &out, &e), &e, ERR_USAGE, "too long");
	assert_fails(signer_minisig(&s, "", 0, "a\nb", &out, &e), &e, ERR_USAGE, "control");
	assert_int_equal(out.len, 0);
	long_one[MINISIGN_COMMENT_MAX - 1] = '\0';
	assert_ok(signer_minisig(&s, "", 0, long_one, &out, &e), &e);
}

static void
nothing_of_the_key_stays_in_memory(void **state)
{
	static uint8_t needle[32];
	SECRET_AUTO file = SECRET_NONE;
	struct signer s = { 0 };
	struct signer back = { 0 };
	BUF_AUTO sig = BUF_NONE;
	struct err e;

	(void)state;
	signing_make(&s);
	signing_encode(&s, PASSPHRASE, &file);
	assert_ok(signing_decode(&file, PASSPHRASE, &back, &e), &e);
	assert_ok(signer_minisig(&back, DATA, strlen(DATA), COMMENT, &sig, &e), &e);
	memcpy(needle, s.key.data, sizeof(needle));
	assert_int_equal(scan_copies(needle, 24), 2);
	assert_int_equal(scan_copies(needle + 8, 24), 2);
	signer_free(&s);
	signer_free(&back);
	assert_int_equal(scan_copies(needle, 24), 0);
	assert_int_equal(scan_copies(needle + 8, 24), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_file_decodes_to_the_key_it_was_made_of),
		unit(a_wrong_passphrase_is_not_authentic),
		unit(an_unencrypted_file_is_refused_where_a_passphrase_is_expected),
		unit(every_altered_field_is_noticed),
		unit(a_public_half_of_another_key_is_refused),
		unit(anything_but_a_whole_file_is_malformed),
		unit(memory_that_cannot_be_had_is_an_error_of_its_own),
		unit(openssl_knows_the_same_key),
		unit(a_comment_is_one_short_line),
		unit(nothing_of_the_key_stays_in_memory),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
