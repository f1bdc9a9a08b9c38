/* SPDX-License-Identifier: ISC */
#include "tests/keyfile.h"
#include "tests/support.h"

#include "vault/csr.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>

static char host[] = "example.org", wildcard[] = "*.example.org", v4[] = "IP:192.0.2.1",
	    v6[] = "IP:2001:db8::1";
static char *names[] = { host, wildcard, v4, v6 };

static EVP_PKEY *
key_of(const struct alg *alg)
{
	EVP_PKEY *key = alg->bits    ? EVP_PKEY_Q_keygen(NULL, NULL, "RSA", (size_t)alg->bits)
			: alg->group ? EVP_PKEY_Q_keygen(NULL, NULL, "EC", alg->group)
				     : EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
	assert_non_null(key);
	return key;
}

/* What csr_make writes for a fresh key of this algorithm. */
static void
make(const struct alg *alg, const struct csr_request *r, struct buf *pem)
{
	ENTROPY_AUTO *x = NULL;
	AUTO_EVP_PKEY key = key_of(alg);
	struct err e;

	assert_ok(entropy_new(&x, &e), &e);
	assert_ok(csr_make(key, alg, r, x, pem, &e), &e);
}

static X509_REQ *
request(const struct alg *alg, const struct csr_request *r)
{
	BUF_AUTO pem = BUF_NONE;

	make(alg, r, &pem);
	BIO *bio = BIO_new_mem_buf(pem.data, (int)pem.len);
	X509_REQ *req = PEM_read_bio_X509_REQ(bio, NULL, NULL, NULL);
	BIO_free(bio);
	assert_non_null(req);
	return req;
}

static const struct alg *
algorithm(const char *name)
{
	const struct alg *alg = NULL;
	struct err e;

	assert_ok(alg_find(name, &alg, &e), &e);
	return alg;
}

static void
openssl_accepts_every_algorithms_request(void **state)
{
	static const char *const signatures[] = { "sha256WithRSAEncryption",
		"sha256WithRSAEncryption", "sha256WithRSAEncryption", "ecdsa-with-SHA256",
		"ecdsa-with-SHA384", "ecdsa-with-SHA512", "ED25519" };
	struct csr_request r = { .names = names, .name_count = 4 };

	for (size_t i = 0; i < alg_count; i++) {
		BUF_AUTO pem = BUF_NONE;
		BUF_AUTO command = BUF_NONE;
		make(&alg_table[i], &r, &pem);
		keyfile_write(state, alg_table[i].slug, pem.data, pem.len);
		buf_addf(&command,
			"openssl req -in %s -verify -noout && openssl req -in %s -text -noout >text"
			" && grep -q 'Version: 1 (0x0)' text &&"
			" test $(grep -c 'Signature Algorithm: %s$' text) = 1",
			alg_table[i].slug, alg_table[i].slug, signatures[i]);
		support_run(state, command.data);
	}
}

/* How often this thread's generator in the mix's context was seeded: once it has been asked for
 * bytes since the mix was reseeded, once more. */
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
the_nonce_of_a_signature_comes_from_the_mix(void **state)
{
	struct csr_request r = { .names = names, .name_count = 1 };
	ENTROPY_AUTO *x = NULL;
	BUF_AUTO pem = BUF_NONE;
	AUTO_EVP_PKEY key = key_of(alg_default);
	struct err e;

	(void)state;
	assert_ok(entropy_new(&x, &e), &e);
	unsigned before = seedings(x);
	assert_ok(entropy_reseed(x, &e), &e);
	assert_ok(csr_make(key, alg_default, &r, x, &pem, &e), &e);
	assert_int_not_equal(seedings(x), before);
}

static void
the_names_are_the_only_extension_and_attribute(void **state)
{
	struct csr_request r = { .names = names, .name_count = 4 };
	X509_REQ *req = request(alg_default, &r);
	STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(req);
	GENERAL_NAMES *san = X509V3_get_d2i(extensions, NID_subject_alt_name, NULL, NULL);

	(void)state;
	assert_int_equal(X509_REQ_get_attr_count(req), 1);
	assert_int_equal(sk_X509_EXTENSION_num(extensions), 1);
	assert_int_equal(sk_GENERAL_NAME_num(san), 4);
	assert_int_equal(sk_GENERAL_NAME_value(san, 0)->type, GEN_DNS);
	assert_int_equal(sk_GENERAL_NAME_value(san, 1)->type, GEN_DNS);
	assert_int_equal(ASN1_STRING_length(sk_GENERAL_NAME_value(san, 2)->d.iPAddress), 4);
	assert_int_equal(ASN1_STRING_length(sk_GENERAL_NAME_value(san, 3)->d.iPAddress), 16);
	GENERAL_NAMES_free(san);
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	X509_REQ_free(req);
}

/* The subject in RFC 2253 form. */
static void
assert_subject(const struct csr_request *r, const char *expected)
{
	X509_REQ *req = request(algorithm("ed25519"), r);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long len;

	assert_true(X509_NAME_print_ex(bio, X509_REQ_get_subject_name(req), 0,
			    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0);
	len = BIO_get_mem_data(bio, &text);
	assert_int_equal(len, strlen(expected));
	assert_memory_equal(text, expected, (size_t)len);
	BIO_free(bio);
	X509_REQ_free(req);
}

static void
the_common_name_is_the_domain_unless_it_is_too_long(void **state)
{
	char longest[CSR_CN_MAX + 1], longer[CSR_CN_MAX + 2], expected[CSR_CN_MAX + 4];
	char *one[] = { longest };
	struct csr_request r = { .names = one, .name_count = 1 };

	(void)state;
	memset(longest, 'a', CSR_CN_MAX);
	longest[CSR_CN_MAX] = '\0';
	memset(longer, 'a', CSR_CN_MAX + 1);
	longer[CSR_CN_MAX + 1] = '\0';
	(void)snprintf(expected, sizeof expected, "CN=%s", longest);
	assert_subject(&r, expected);
	one[0] = longer;
	assert_subject(&r, "");
}

static void
the_names_are_critical_where_there_is_no_subject(void **state)
{
	char longer[CSR_CN_MAX + 2];
	char *one[] = { longer };
	struct csr_request r = { .names = one, .name_count = 1 };

	(void)state;
	memset(longer, 'a', CSR_CN_MAX + 1);
	longer[CSR_CN_MAX + 1] = '\0';
	for (int with = 0; with < 2; with++) {
		r.subject = with ? "/O=Example" : NULL;
		X509_REQ *req = request(algorithm("ed25519"), &r);
		STACK_OF(X509_EXTENSION) *extensions = X509_REQ_get_extensions(req);
		assert_int_equal(
			X509_EXTENSION_get_critical(sk_X509_EXTENSION_value(extensions, 0)), !with);
		sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
		X509_REQ_free(req);
	}
}

static void
a_subject_is_taken_as_written(void **state)
{
	struct csr_request r = { .names = names, .name_count = 1 };

	(void)state;
	r.subject = "/C=FR/O=Exemple\\/Été/CN=example.org";
	assert_subject(&r, "CN=example.org,O=Exemple/Été,C=FR");
}

static void
malformed_subjects_are_refused(void **state)
{
	static const char *const bad[] = { "", "CN=x", "/", "/CN", "/CN=", "/=x", "/CN=x/",
		"/CN=x\\", "/NOSUCH=x", "/C=FRANCE", "/CN=x/O", "/O=a\nb", "/O=\x7f", "/O=\xff" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_fails(csr_subject_check(bad[i], &e), &e, ERR_USAGE, "subject");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(openssl_accepts_every_algorithms_request),
		unit(the_nonce_of_a_signature_comes_from_the_mix),
		unit(the_names_are_the_only_extension_and_attribute),
		unit(the_common_name_is_the_domain_unless_it_is_too_long),
		unit(the_names_are_critical_where_there_is_no_subject),
		unit(a_subject_is_taken_as_written),
		unit(malformed_subjects_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
