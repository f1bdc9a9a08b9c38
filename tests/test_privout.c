/* SPDX-License-Identifier: ISC */
#include "tests/keyfile.h"
#include "tests/scan.h"
#include "tests/signing.h"
#include "tests/support.h"

#include "base/buf.h"
#include "base/encode.h"
#include "base/file.h"
#include "shares/share.h"
#include "vault/privout.h"
#include "vault/wipeheap.h"

#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/evp.h>

#define WORD "transport word"
#define OPEN " -passin 'pass:" WORD "' "

static void
write_form(const struct privout *p, const char *format, struct secret *out)
{
	const struct privout_format *f = NULL;
	struct err e;

	assert_ok(privout_find(format, &f, &e), &e);
	assert_ok(f->write(p, out, &e), &e);
}

static bool
form_fails(const struct privout *p, const char *format, struct err *e)
{
	const struct privout_format *f = NULL;
	SECRET_AUTO out = SECRET_NONE;

	assert_ok(privout_find(format, &f, e), e);
	bool ok = f->write(p, &out, e);
	assert_true(ok || !out.data);
	return !ok;
}

/* A P-256 key as files of the folder: `key`, and `chain`: a certificate of it and its issuer's. */
static void
prepare(void **state, EVP_PKEY **key, struct buf *chain)
{
	struct err e;

	support_run(state,
		"n='openssl ecparam -name prime256v1 -genkey -noout' && $n | openssl pkey -out key"
		" && $n -out ca && openssl req -x509 -new -key ca -subj /CN=ca -out ca.pem &&"
		"openssl req -new -key key -subj /CN=leaf -out csr &&"
		"openssl x509 -req -in csr -CA ca.pem -CAkey ca -CAcreateserial -out leaf.pem &&"
		"cat leaf.pem ca.pem >chain");
	assert_ok(keyfile_parse(state, "key", NULL, key, &e), &e);
	if (chain)
		assert_ok(file_read(support_path(state, "chain"), FILE_LIMIT, chain, &e), &e);
}

static void
put(void **state, const char *name, const struct privout *p, const char *format)
{
	SECRET_AUTO out = SECRET_NONE;

	write_form(p, format, &out);
	keyfile_write(state, name, out.data, out.len);
}

static void
encrypted_pkcs8_opens_and_costs_what_it_should(void **state)
{
	SECRET_AUTO word = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .passphrase = &word, .name = "k" };

	prepare(state, &key, NULL);
	p.key = key;
	signing_text(&word, WORD);
	put(state, "out", &p, "pkcs8");
	support_run(state,
		"openssl pkey -in out" OPEN
		"| cmp - key && ! openssl pkey -in out -passin pass:x &&"
		"openssl asn1parse -in out >asn1 && grep -q ':PBES2$' asn1 && grep -q ':PBKDF2$' "
		"asn1"
		" && grep -q 'INTEGER *:0927C0$' asn1 && grep -q ':hmacWithSHA256$' asn1 &&"
		"grep -q ':aes-256-cbc$' asn1 && test $(grep -c 'l=  16 prim: OCTET STRING' asn1) "
		"= 2");
}

static void
plain_pkcs8_is_what_openssl_writes(void **state)
{
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .name = "k" };

	prepare(state, &key, NULL);
	p.key = key;
	put(state, "out", &p, "pkcs8");
	support_run(state, "cmp out key");
}

static void
encrypted_pkcs12_opens_and_costs_what_it_should(void **state)
{
	SECRET_AUTO word = SECRET_NONE;
	BUF_AUTO chain = BUF_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .passphrase = &word, .name = "example.org-ec-p256-5f0c7c1e" };

	prepare(state, &key, &chain);
	p.key = key;
	signing_text(&word, WORD);
	put(state, "bare.p12", &p, "pkcs12");
	p.chain = chain.data;
	p.chain_len = chain.len;
	put(state, "full.p12", &p, "pkcs12");
	support_run(state,
		"for f in bare full; do openssl pkcs12 -in $f.p12" OPEN "-nodes -nocerts |"
		" openssl pkey | cmp - key && openssl pkcs12 -in $f.p12" OPEN
		"-info -nodes >text 2>&1 &&"
		"grep -q 'friendlyName: example.org-ec-p256-5f0c7c1e' text &&"
		"grep -q 'MAC: sha256, Iteration 600000' text &&"
		"! grep -E '^(Shrouded|PKCS7 Enc)' text |"
		" grep -v 'PBES2, PBKDF2, AES-256-CBC, Iteration 600000, PRF hmacWithSHA256' &&"
		"grep -q Shrouded text && ! openssl pkcs12 -in $f.p12 -passin pass:x -nodes || "
		"exit 1;"
		"done");
	support_run(state, "openssl pkcs12 -in full.p12" OPEN
			   "-nokeys -clcerts | openssl x509 | cmp - leaf.pem &&"
			   "openssl pkcs12 -in full.p12" OPEN
			   "-nokeys -cacerts | openssl x509 | cmp - ca.pem");
}

static void
plain_pkcs12_needs_no_passphrase(void **state)
{
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .name = "k" };

	prepare(state, &key, NULL);
	p.key = key;
	put(state, "out.p12", &p, "pkcs12");
	support_run(state, "openssl pkcs12 -in out.p12 -passin pass: -nodes -nocerts | openssl "
			   "pkey | cmp - key");
}

static void
a_bundle_is_certificates_and_then_the_key(void **state)
{
	SECRET_AUTO word = SECRET_NONE;
	BUF_AUTO chain = BUF_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .name = "k" };

	prepare(state, &key, &chain);
	signing_text(&word, WORD);
	/* Without the LF at its end, the last certificate must not run into the key. */
	p = (struct privout){
		.key = key, .name = "k", .chain = chain.data, .chain_len = chain.len - 1
	};
	put(state, "plain", &p, "bundle");
	p.passphrase = &word;
	put(state, "sealed", &p, "bundle");
	support_run(state,
		"cat leaf.pem ca.pem key | cmp - plain && openssl pkey -in sealed" OPEN
		"| cmp - key && grep -q 'BEGIN ENCRYPTED' sealed && head -c $(cat leaf.pem ca.pem |"
		" wc -c) sealed | cmp - chain");
}

static void
certificates_that_do_not_belong_to_the_key_are_refused(void **state)
{
	BUF_AUTO chain = BUF_NONE;
	BUF_AUTO other = BUF_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .name = "the-key" };
	struct err e;

	prepare(state, &key, &chain);
	p.key = key;
	assert_true(form_fails(&p, "bundle", &e));
	assert_int_equal(e.code, ERR_MISSING);
	assert_ok(file_read(support_path(state, "ca.pem"), FILE_LIMIT, &other, &e), &e);
	p.chain = other.data;
	p.chain_len = other.len;
	assert_true(form_fails(&p, "bundle", &e));
	assert_int_equal(e.code, ERR_REFUSED);
	assert_true(form_fails(&p, "pkcs12", &e));
	assert_int_equal(e.code, ERR_REFUSED);
	p.chain = chain.data;
	p.chain_len = chain.len - 100;
	assert_true(form_fails(&p, "bundle", &e));
	assert_int_equal(e.code, ERR_FORMAT);
}

static void
the_signing_key_comes_back_as_minisigns_file(void **state)
{
	SIGNER_AUTO s = { 0 };
	SIGNER_AUTO back = { 0 };
	SECRET_AUTO out = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .name = SHARE_SIGNING_KEY };
	struct err e;

	(void)state;
	signing_make(&s);
	assert_ok(signer_to_key(&s, &key, &e), &e);
	p.key = key;
	p.minisign_id = s.pub.id;
	write_form(&p, "minisign", &out);
	assert_ok(signing_decode(&out, NULL, &back, &e), &e);
	assert_true(minisign_pub_equal(&s.pub, &back.pub));
	p.name = "example.org-ed25519-00000000";
	assert_true(form_fails(&p, "minisign", &e));
	assert_int_equal(e.code, ERR_USAGE);
}

static void
a_minisign_file_takes_the_full_cost(void **state)
{
	SIGNER_AUTO s = { 0 };
	SECRET_AUTO word = SECRET_NONE;
	SECRET_AUTO out = SECRET_NONE;
	AUTO_EVP_PKEY key = NULL;
	struct privout p = { .passphrase = &word, .name = SHARE_SIGNING_KEY };
	uint8_t header[54];
	struct err e;

	(void)state;
	signing_make(&s);
	signing_text(&word, WORD);
	assert_ok(signer_to_key(&s, &key, &e), &e);
	p.key = key;
	p.minisign_id = s.pub.id;
	write_form(&p, "minisign", &out);
	const char *line = memchr(out.data, '\n', out.len);
	assert_non_null(line);
	assert_ok(encode_unbase64(header, sizeof(header), line + 1, 72, &e), &e);
	assert_memory_equal(header + 38, "\0\0\0\2\0\0\0\0\0\0\0\x40\0\0\0\0", 16);
}

static void
a_passphrase_with_a_nul_is_refused_where_it_would_be_cut(void **state)
{
	SECRET_AUTO word = SECRET_NONE;
	AUTO_EVP_PKEY key = EVP_EC_gen("P-256");
	struct privout p = { .key = key, .passphrase = &word, .name = "k" };
	struct err e;

	(void)state;
	assert_ok(secret_copy(&word, "one\0two", 7, &e), &e);
	assert_true(form_fails(&p, "pkcs12", &e));
	assert_int_equal(e.code, ERR_USAGE);
}

static void
an_unknown_format_is_answered_with_the_known_ones(void **state)
{
	const struct privout_format *f = NULL;
	struct err e;

	(void)state;
	assert_fails(privout_find("jks", &f, &e), &e, ERR_USAGE, "jks");
	assert_non_null(strstr(e.hint, "pkcs8, pkcs12, bundle, minisign"));
}

static void
neither_key_nor_passphrase_stay_in_memory(void **state)
{
	static const char *const formats[] = { "pkcs8", "pkcs12", "bundle" };
	static char word_needle[sizeof(WORD) - 1];
	static uint8_t seed[32];
	size_t len = sizeof(seed);
	struct secret word = SECRET_NONE;
	BUF_AUTO chain = BUF_NONE;
	EVP_PKEY *key = NULL;
	struct privout p = { .passphrase = &word, .name = "k" };
	struct err e;

	support_run(state, "openssl genpkey -algorithm ED25519 -out key &&"
			   "openssl req -x509 -new -key key -subj /CN=x -out chain");
	assert_ok(keyfile_parse(state, "key", NULL, &key, &e), &e);
	assert_ok(file_read(support_path(state, "chain"), FILE_LIMIT, &chain, &e), &e);
	/* Spelt so that no copy of it stands in the program. */
	assert_ok(secret_new(&word, sizeof(WORD) - 1, &e), &e);
	for (size_t i = 0; i < word.len; i++)
		word.data[i] = (uint8_t)(WORD[word.len - 1 - i] ^ 1);
	memcpy(word_needle, word.data, word.len);
	assert_int_equal(EVP_PKEY_get_raw_private_key(key, seed, &len), 1);
	p.key = key;
	p.chain = chain.data;
	p.chain_len = chain.len;
	for (size_t i = 0; i < 3; i++) {
		SECRET_AUTO out = SECRET_NONE;
		write_form(&p, formats[i], &out);
	}
	assert_true(scan_copies(seed, sizeof(seed)) >= 1);
	assert_true(scan_copies(word_needle, sizeof(word_needle)) >= 1);
	EVP_PKEY_free(key);
	secret_free(&word);
	assert_int_equal(scan_copies(seed, sizeof(seed)), 0);
	assert_int_equal(scan_copies(word_needle, sizeof(word_needle)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(encrypted_pkcs8_opens_and_costs_what_it_should),
		unit_in_dir(plain_pkcs8_is_what_openssl_writes),
		unit_in_dir(encrypted_pkcs12_opens_and_costs_what_it_should),
		unit_in_dir(plain_pkcs12_needs_no_passphrase),
		unit_in_dir(a_bundle_is_certificates_and_then_the_key),
		unit_in_dir(certificates_that_do_not_belong_to_the_key_are_refused),
		unit(the_signing_key_comes_back_as_minisigns_file),
		unit(a_minisign_file_takes_the_full_cost),
		unit(a_passphrase_with_a_nul_is_refused_where_it_would_be_cut),
		unit(an_unknown_format_is_answered_with_the_known_ones),
		unit_in_dir(neither_key_nor_passphrase_stay_in_memory),
	};
	struct err e;

	if (!wipeheap_install(&e) || CRYPTO_secure_malloc_init((size_t)1 << 20, 32) == 0)
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
