/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "vault/pbecost.h"

#include <openssl/asn1.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

static uint8_t salt[16];
static uint8_t iv[16];

/* Frees the algorithm. */
static bool
cost_is_accepted(X509_ALGOR *algorithm, struct err *e)
{
	assert_non_null(algorithm);
	bool ok = pbecost_check(algorithm, e);
	X509_ALGOR_free(algorithm);
	return ok;
}

static X509_ALGOR *
pbkdf2(int rounds)
{
	return PKCS5_pbe2_set_iv(
		EVP_aes_256_cbc(), rounds, salt, sizeof(salt), iv, NID_hmacWithSHA256);
}

static X509_ALGOR *
scrypt(uint64_t lanes)
{
	return PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt, sizeof(salt), iv, 1024, 8, lanes);
}

static X509_ALGOR *
pbes1(int rounds)
{
	return PKCS5_pbe_set(NID_pbe_WithSHA1And3_Key_TripleDES_CBC, rounds, salt, sizeof(salt));
}

static void
usual_costs_are_accepted(void **state)
{
	struct err e;

	(void)state;
	assert_ok(cost_is_accepted(pbkdf2(2048), &e), &e);
	assert_ok(cost_is_accepted(pbkdf2(600000), &e), &e);
	assert_ok(cost_is_accepted(pbkdf2(PBECOST_ROUNDS_MAX), &e), &e);
	assert_ok(cost_is_accepted(scrypt(1), &e), &e);
	assert_ok(cost_is_accepted(pbes1(2048), &e), &e);
}

static void
absurd_costs_are_refused(void **state)
{
	struct err e;

	(void)state;
	assert_fails(cost_is_accepted(pbkdf2(PBECOST_ROUNDS_MAX + 1), &e), &e, ERR_REFUSED,
		"absurdly long");
	assert_fails(cost_is_accepted(pbkdf2(INT32_MAX), &e), &e, ERR_REFUSED, "absurdly long");
	assert_fails(cost_is_accepted(scrypt(PBECOST_LANES_MAX + 1), &e), &e, ERR_REFUSED,
		"absurdly long");
	assert_fails(cost_is_accepted(pbes1(INT32_MAX), &e), &e, ERR_REFUSED, "absurdly long");
}

/* PBES2 whose key derivation is `nid` with these rounds, as a number of any size. */
static X509_ALGOR *
pbes2_with(int nid, const char *rounds)
{
	PBKDF2PARAM *kdf = PBKDF2PARAM_new();
	PBE2PARAM *p = PBE2PARAM_new();
	X509_ALGOR *algorithm = X509_ALGOR_new();
	ASN1_OCTET_STRING *octets = ASN1_OCTET_STRING_new();
	ASN1_STRING *packed = NULL;
	BIGNUM *n = NULL;

	assert_int_not_equal(BN_dec2bn(&n, rounds), 0);
	assert_non_null(BN_to_ASN1_INTEGER(n, kdf->iter));
	assert_int_equal(ASN1_OCTET_STRING_set(octets, salt, sizeof(salt)), 1);
	ASN1_TYPE_set(kdf->salt, V_ASN1_OCTET_STRING, octets);
	assert_non_null(ASN1_item_pack(kdf, ASN1_ITEM_rptr(PBKDF2PARAM), &packed));
	X509_ALGOR_set0(p->keyfunc, OBJ_nid2obj(nid), V_ASN1_SEQUENCE, packed);
	X509_ALGOR_set0(p->encryption, OBJ_nid2obj(NID_aes_256_cbc), V_ASN1_UNDEF, NULL);
	packed = NULL;
	assert_non_null(ASN1_item_pack(p, ASN1_ITEM_rptr(PBE2PARAM), &packed));
	X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_pbes2), V_ASN1_SEQUENCE, packed);
	BN_free(n);
	PBKDF2PARAM_free(kdf);
	PBE2PARAM_free(p);
	return algorithm;
}

static void
counts_that_fit_no_machine_word_are_refused(void **state)
{
	struct err e;

	(void)state;
	assert_ok(cost_is_accepted(pbes2_with(NID_id_pbkdf2, "2048"), &e), &e);
	assert_fails(cost_is_accepted(pbes2_with(NID_id_pbkdf2, "18446744073709551617"), &e), &e,
		ERR_REFUSED, "absurdly long");
	assert_fails(cost_is_accepted(pbes2_with(NID_id_pbkdf2, "-1"), &e), &e, ERR_REFUSED,
		"absurdly long");
}

static void
malformed_parameters_are_named(void **state)
{
	struct err e;

	(void)state;
	assert_fails(cost_is_accepted(pbes2_with(NID_id_scrypt, "1"), &e), &e, ERR_FORMAT,
		"parameters are malformed");
	X509_ALGOR *algorithm = X509_ALGOR_new();
	X509_ALGOR_set0(algorithm, OBJ_nid2obj(NID_pbes2), V_ASN1_NULL, NULL);
	assert_fails(cost_is_accepted(algorithm, &e), &e, ERR_FORMAT, "parameters are malformed");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(usual_costs_are_accepted),
		unit(absurd_costs_are_refused),
		unit(counts_that_fit_no_machine_word_are_refused),
		unit(malformed_parameters_are_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
