/* SPDX-License-Identifier: ISC */
#include "vault/privkey.h"

#include "base/buf.h"
#include "vault/ossl.h"
#include "vault/weakkey.h"

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#define SIGNATURE_MAX 512 /* RSA-4096 */

void
privkey_free(EVP_PKEY **key)
{
	EVP_PKEY_free(*key);
	*key = NULL;
}

static bool
set_kind(EVP_PKEY_CTX *ctx, const struct alg *alg)
{
	if (alg->bits > 0)
		return EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)alg->bits) == 1;
	return !alg->group || EVP_PKEY_CTX_set_group_name(ctx, alg->group) == 1;
}

static bool
sign(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const struct alg *alg, const uint8_t *text,
	size_t text_len, uint8_t sig[static SIGNATURE_MAX], size_t *sig_len)
{
	AUTO_OSSL(EVP_MD_CTX) ctx = EVP_MD_CTX_new();

	*sig_len = SIGNATURE_MAX;
	return ctx && EVP_DigestSignInit_ex(ctx, NULL, alg->digest, libctx, NULL, key, NULL) == 1 &&
	       EVP_DigestSign(ctx, sig, sig_len, text, text_len) == 1;
}

static bool
verifies(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const struct alg *alg, const uint8_t *text,
	size_t text_len, const uint8_t *sig, size_t sig_len)
{
	AUTO_OSSL(EVP_MD_CTX) ctx = EVP_MD_CTX_new();

	return ctx &&
	       EVP_DigestVerifyInit_ex(ctx, NULL, alg->digest, libctx, NULL, key, NULL) == 1 &&
	       EVP_DigestVerify(ctx, sig, sig_len, text, text_len) == 1;
}

static bool
pairwise_test(OSSL_LIB_CTX *libctx, EVP_PKEY *key, const struct alg *alg, struct err *e)
{
	static const uint8_t text[] = "coldspare pairwise test";
	static const uint8_t other[] = "coldspare pairwise tesT";
	uint8_t sig[SIGNATURE_MAX] = { 0 };
	size_t sig_len;

	if (!sign(libctx, key, alg, text, sizeof(text), sig, &sig_len))
		return err_openssl(e, ERR_REFUSED, "the key cannot sign");
	if (!verifies(libctx, key, alg, text, sizeof(text), sig, sig_len) ||
		verifies(libctx, key, alg, other, sizeof(other), sig, sig_len))
		return err_openssl(e, ERR_REFUSED, "the key's two halves do not belong together");
	ERR_clear_error();
	return true;
}

static bool
exponent_check(EVP_PKEY *key, struct err *e)
{
	AUTO_OSSL(BIGNUM) exponent = NULL;

	if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1)
		return err_openssl(e, ERR_REFUSED, "an RSA key without its exponent");
	if (!BN_is_word(exponent, RSA_F4))
		return err_set(e, ERR_REFUSED, "an RSA key with an exponent other than 65537");
	return true;
}

/* Its maker has just tested an RSA key's primes. Testing them again takes a sixth of the making. */
static bool
sound(EVP_PKEY_CTX *ctx, const struct alg *alg, bool fresh)
{
	return alg->bits > 0 && fresh ? EVP_PKEY_public_check(ctx) == 1 : EVP_PKEY_check(ctx) == 1;
}

static bool
check(OSSL_LIB_CTX *libctx, EVP_PKEY *key, bool fresh, const struct alg **alg, struct err *e)
{
	const struct alg *found = alg_of_key(key);
	char name[64];

	if (!found) {
		alg_describe(key, name, sizeof(name));
		return err_set(
			e, ERR_REFUSED, "a key of kind %s is none that the vault keeps", name);
	}
	AUTO_OSSL(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_pkey(libctx, key, NULL);
	if (!ctx || !sound(ctx, found, fresh))
		return err_openssl(e, ERR_REFUSED, "the %s key is not sound", found->name);
	if ((found->bits > 0 && !exponent_check(key, e)) || !weakkey_check(key, e) ||
		!pairwise_test(libctx, key, found, e))
		return false;
	if (alg)
		*alg = found;
	return true;
}

bool
privkey_check(EVP_PKEY *key, const struct alg **alg, struct err *e)
{
	return check(NULL, key, false, alg, e);
}

bool
privkey_generate(struct entropy *x, const struct alg *alg, EVP_PKEY **out, struct err *e)
{
	AUTO_EVP_PKEY key = NULL;
	OSSL_LIB_CTX *libctx = entropy_libctx(x);

	if (!entropy_reseed(x, e))
		return false;
	AUTO_OSSL(EVP_PKEY_CTX) ctx = EVP_PKEY_CTX_new_from_name(libctx, alg->type, NULL);
	if (!ctx || EVP_PKEY_keygen_init(ctx) != 1 || !set_kind(ctx, alg) ||
		EVP_PKEY_generate(ctx, &key) != 1)
		return err_openssl(e, ERR_INTERNAL, "cannot generate an %s key", alg->name);
	const struct alg *made = NULL;
	if (!check(libctx, key, true, &made, e))
		return err_wrap(e, "the key just generated");
	if (made != alg)
		return err_set(
			e, ERR_INTERNAL, "asked for an %s key, got %s", alg->name, made->name);
	*out = key;
	key = NULL;
	return true;
}

bool
privkey_to_pem(EVP_PKEY *key, struct secret *pem, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_secmem());
	char *text;

	if (!bio || PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) != 1)
		return err_openssl(e, ERR_INTERNAL, "cannot write the private key as PEM");
	long len = BIO_get_mem_data(bio, &text);
	return secret_copy(pem, text, (size_t)len, e);
}

bool
privkey_from_pem(const struct secret *pem, EVP_PKEY **out, struct err *e)
{
	return privkey_parse(pem, NULL, NULL, out, e);
}

bool
privkey_public_pem(EVP_PKEY *key, struct buf *out, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_mem());
	char *text;

	if (!bio || PEM_write_bio_PUBKEY(bio, key) != 1)
		return err_openssl(e, ERR_INTERNAL, "cannot write the public key as PEM");
	long len = BIO_get_mem_data(bio, &text);
	buf_add(out, text, (size_t)len);
	return buf_ok(out, e);
}
