/* SPDX-License-Identifier: ISC */
#include "vault/privout.h"

#include "base/buf.h"
#include "shares/share.h"
#include "vault/ossl.h"
#include "vault/privkey.h"
#include "vault/signer.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <string.h>

#define SALT_LEN 16 /* SP 800-132 section 5.1; OpenSSL 3.0 takes 8 by itself */

static bool
take(BIO *bio, struct secret *out, struct err *e)
{
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	return secret_copy(out, data, (size_t)len, e);
}

static bool
put_encrypted(BIO *bio, const struct privout *p, struct err *e)
{
	AUTO_OSSL(PKCS8_PRIV_KEY_INFO) info = EVP_PKEY2PKCS8(p->key);
	AUTO_OSSL(X509_ALGOR)
	algorithm = PKCS5_pbe2_set_iv(
		EVP_aes_256_cbc(), PRIVOUT_ROUNDS, NULL, SALT_LEN, NULL, NID_hmacWithSHA256);
	AUTO_OSSL(X509_SIG) sealed = NULL;

	if (info && algorithm)
		sealed = PKCS8_set0_pbe((const char *)p->passphrase->data, (int)p->passphrase->len,
			info, algorithm);
	if (!sealed)
		return err_openssl(e, ERR_INTERNAL, "encrypting the private key");
	algorithm = NULL; /* now the record's */
	return PEM_write_bio_PKCS8(bio, sealed) == 1 ||
	       err_openssl(e, ERR_INTERNAL, "writing the private key");
}

static bool
put_key(BIO *bio, const struct privout *p, struct err *e)
{
	SECRET_AUTO pem = SECRET_NONE;

	if (p->passphrase)
		return put_encrypted(bio, p, e);
	if (!privkey_to_pem(p->key, &pem, e))
		return false;
	return BIO_write(bio, pem.data, (int)pem.len) == (int)pem.len ||
	       err_openssl(e, ERR_MEMORY, "no room on the secure heap");
}

static bool
write_pkcs8(const struct privout *p, struct secret *out, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_secmem());

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	return put_key(bio, p, e) && take(bio, out, e);
}

static bool
read_certificates(const struct privout *p, ossl_chain *chain, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new_mem_buf(p->chain, (int)p->chain_len);
	X509 *certificate;

	while (bio && (certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL)
		if (sk_X509_push(chain, certificate) <= 0) {
			X509_free(certificate);
			return err_openssl(e, ERR_MEMORY, "out of memory");
		}
	if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE)
		return err_openssl(e, ERR_FORMAT, "the certificates of %s", p->name);
	ERR_clear_error();
	return true;
}

/* The attached certificates, leaf first; empty when there are none. The leaf must be the key's. */
static bool
chain_of(const struct privout *p, ossl_chain **out, struct err *e)
{
	AUTO_OSSL(ossl_chain) chain = sk_X509_new_null();

	if (!chain)
		return err_openssl(e, ERR_MEMORY, "out of memory");
	if (p->chain && !read_certificates(p, chain, e))
		return false;
	if (sk_X509_num(chain) > 0 && X509_check_private_key(sk_X509_value(chain, 0), p->key) != 1)
		return err_openssl(e, ERR_REFUSED, "the first certificate is not of %s", p->name);
	*out = chain;
	chain = NULL;
	return true;
}

/* Certificates first, then the key, in one PEM file: what HAProxy reads. */
static bool
write_bundle(const struct privout *p, struct secret *out, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_secmem());
	AUTO_OSSL(ossl_chain) chain = NULL;

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	if (!chain_of(p, &chain, e))
		return false;
	if (sk_X509_num(chain) == 0) {
		err_set(e, ERR_MISSING, "no certificate is attached to %s", p->name);
		return err_hint(e, "recover it as pkcs8, and put the two together yourself");
	}
	for (int i = 0; i < sk_X509_num(chain); i++)
		if (PEM_write_bio_X509(bio, sk_X509_value(chain, i)) != 1)
			return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	return put_key(bio, p, e) && take(bio, out, e);
}

/* A passphrase as C string, as the PKCS#12 functions want it. */
static bool
c_string(const struct secret *s, struct secret *out, struct err *e)
{
	if (memchr(s->data, '\0', s->len))
		return err_set(e, ERR_USAGE, "a PKCS#12 passphrase cannot hold a NUL");
	if (!secret_new(out, s->len + 1, e))
		return false;
	memcpy(out->data, s->data, s->len);
	return true;
}

static bool
make_p12(const struct privout *p, PKCS12 **out, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;
	AUTO_OSSL(ossl_chain) others = NULL;
	AUTO_OSSL(X509) leaf = NULL;
	bool sealed = p->passphrase != NULL;
	int cipher = sealed ? NID_aes_256_cbc : -1;

	if (!chain_of(p, &others, e) || (sealed && !c_string(p->passphrase, &passphrase, e)))
		return false;
	leaf = sk_X509_shift(others);
	const char *word = (const char *)passphrase.data;
	AUTO_OSSL(PKCS12)
	p12 = PKCS12_create(
		word, p->name, p->key, leaf, others, cipher, cipher, PRIVOUT_ROUNDS, -1, 0);
	if (!p12 || (sealed && PKCS12_set_mac(p12, word, -1, NULL, SALT_LEN, PRIVOUT_ROUNDS,
				       EVP_sha256()) != 1))
		return err_openssl(e, ERR_INTERNAL, "making the PKCS#12 file");
	*out = p12;
	p12 = NULL;
	return true;
}

static bool
write_pkcs12(const struct privout *p, struct secret *out, struct err *e)
{
	AUTO_OSSL(PKCS12) p12 = NULL;
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_secmem());

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	if (!make_p12(p, &p12, e))
		return false;
	if (i2d_PKCS12_bio(bio, p12) != 1)
		return err_openssl(e, ERR_INTERNAL, "writing the PKCS#12 file");
	return take(bio, out, e);
}

static bool
write_minisign(const struct privout *p, struct secret *out, struct err *e)
{
	SIGNER_AUTO signer = { 0 };
	const struct signer_kdf *kdf = NULL;

	if (!EVP_PKEY_is_a(p->key, "ED25519") || !share_is_signing_key(p->name)) {
		err_set(e, ERR_USAGE, "%s is no signing key of a vault", p->name);
		return err_hint(e, "the format minisign is for %s alone", SHARE_SIGNING_KEY);
	}
	if (!p->minisign_id) {
		err_set(e, ERR_MISSING, "the id of %s is not known: another key signed its shares",
			p->name);
		return err_hint(e, "the vault folder knows it: give it with --vault");
	}
	return signer_kdf_find("sensitive", &kdf, e) &&
	       signer_from_key(p->key, p->minisign_id, &signer, e) &&
	       signer_encode(&signer, p->passphrase, p->passphrase ? kdf : NULL, out, e);
}

const struct privout_format privout_formats[] = {
	{ "pkcs8", "PEM, as openssl and every server reads it", PRIVOUT_NO_CHAIN, write_pkcs8 },
	{ "pkcs12", "a .p12 file", PRIVOUT_MAY_CHAIN, write_pkcs12 },
	{ "bundle", "the attached certificates and the key in one PEM file", PRIVOUT_CHAIN,
		write_bundle },
	{ "minisign", "a minisign secret-key file, for the vault's signing key", PRIVOUT_NO_CHAIN,
		write_minisign },
	{ 0 },
};

bool
privout_find(const char *name, const struct privout_format **out, struct err *e)
{
	BUF_AUTO known = BUF_NONE;

	for (const struct privout_format *f = privout_formats; f->name; f++) {
		if (strcmp(f->name, name) == 0) {
			*out = f;
			return true;
		}
		buf_addf(&known, "%s%s", known.len ? ", " : "", f->name);
	}
	if (!buf_ok(&known, e))
		return false;
	err_set(e, ERR_USAGE, "%s is no format", name);
	return err_hint(e, "there are %s", known.data);
}
