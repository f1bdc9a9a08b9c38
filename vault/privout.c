/* SPDX-License-Identifier: ISC */
#include "vault/privout.h"

#include "base/buf.h"
#include "shares/share.h"
#include "vault/privkey.h"
#include "vault/signer.h"

#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <string.h>

static void
free_bio(BIO **p)
{
	BIO_free_all(*p);
}

static void
free_algorithm(X509_ALGOR **p)
{
	X509_ALGOR_free(*p);
}

static void
free_info(PKCS8_PRIV_KEY_INFO **p)
{
	PKCS8_PRIV_KEY_INFO_free(*p);
}

static void
free_sealed(X509_SIG **p)
{
	X509_SIG_free(*p);
}

static void
free_p12(PKCS12 **p)
{
	PKCS12_free(*p);
}

#define AUTO(type, how) __attribute__((cleanup(how))) type *

/* What a secure-heap BIO holds, behind `prefix`. */
static bool
take(BIO *bio, const char *prefix, size_t prefix_len, struct secret *out, struct err *e)
{
	SECRET_AUTO all = SECRET_NONE;
	char *data;
	long len = BIO_get_mem_data(bio, &data);

	if (!secret_new(&all, prefix_len + (size_t)len, e))
		return false;
	if (prefix_len > 0)
		memcpy(all.data, prefix, prefix_len);
	memcpy(all.data + prefix_len, data, (size_t)len);
	secret_move(out, &all);
	return true;
}

/* PBES2, AES-256-CBC, PBKDF2 with hmacWithSHA256 and a random salt. */
static bool
encrypt(const struct privout *p, BIO *bio, struct err *e)
{
	AUTO(PKCS8_PRIV_KEY_INFO, free_info) info = EVP_PKEY2PKCS8(p->key);
	AUTO(X509_ALGOR, free_algorithm)
	algorithm = PKCS5_pbe2_set_iv(
		EVP_aes_256_cbc(), PRIVOUT_ROUNDS, NULL, 0, NULL, NID_hmacWithSHA256);
	AUTO(X509_SIG, free_sealed) sealed = NULL;

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
write_pem(const struct privout *p, const char *chain, size_t chain_len, struct secret *out,
	struct err *e)
{
	AUTO(BIO, free_bio) bio = BIO_new(BIO_s_secmem());
	SECRET_AUTO plain = SECRET_NONE;

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	if (p->passphrase)
		return encrypt(p, bio, e) && take(bio, chain, chain_len, out, e);
	if (!privkey_to_pem(p->key, &plain, e))
		return false;
	if (BIO_write(bio, plain.data, (int)plain.len) != (int)plain.len)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	return take(bio, chain, chain_len, out, e);
}

static bool
write_pkcs8(const struct privout *p, struct secret *out, struct err *e)
{
	return write_pem(p, NULL, 0, out, e);
}

static bool
need_chain(const struct privout *p, struct err *e)
{
	if (p->chain)
		return true;
	err_set(e, ERR_MISSING, "no certificate is attached to %s", p->name);
	return err_hint(e, "recover it as pkcs8, and put the two together yourself");
}

/* Certificates first, then the key, in one PEM file: what HAProxy reads. */
static bool
write_bundle(const struct privout *p, struct secret *out, struct err *e)
{
	return need_chain(p, e) && write_pem(p, p->chain, p->chain_len, out, e);
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
	bool sealed = p->passphrase != NULL;
	int cipher = sealed ? NID_aes_256_cbc : -1;

	if (sealed && !c_string(p->passphrase, &passphrase, e))
		return false;
	*out = PKCS12_create((const char *)passphrase.data, p->name, p->key, NULL, NULL, cipher,
		cipher, PRIVOUT_ROUNDS, sealed ? PRIVOUT_ROUNDS : -1, 0);
	return *out || err_openssl(e, ERR_INTERNAL, "making the PKCS#12 file");
}

static bool
write_pkcs12(const struct privout *p, struct secret *out, struct err *e)
{
	AUTO(PKCS12, free_p12) p12 = NULL;
	AUTO(BIO, free_bio) bio = BIO_new(BIO_s_secmem());

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "no room on the secure heap");
	if (!make_p12(p, &p12, e))
		return false;
	if (i2d_PKCS12_bio(bio, p12) != 1)
		return err_openssl(e, ERR_INTERNAL, "writing the PKCS#12 file");
	return take(bio, NULL, 0, out, e);
}

static bool
write_minisign(const struct privout *p, struct secret *out, struct err *e)
{
	SIGNER_AUTO signer = { 0 };
	const struct signer_kdf *kdf = NULL;

	if (!EVP_PKEY_is_a(p->key, "ED25519") || strcmp(p->name, SHARE_SIGNING_KEY) != 0) {
		err_set(e, ERR_USAGE, "%s is no signing key of a vault", p->name);
		return err_hint(e, "the format minisign is for %s alone", SHARE_SIGNING_KEY);
	}
	return signer_kdf_find("sensitive", &kdf, e) &&
	       signer_from_key(p->key, p->minisign_id, &signer, e) &&
	       signer_encode(&signer, p->passphrase, p->passphrase ? kdf : NULL, out, e);
}

const struct privout_format privout_formats[] = {
	{ "pkcs8", "PEM, as openssl and every server reads it", write_pkcs8 },
	{ "pkcs12", "a .p12 file", write_pkcs12 },
	{ "bundle", "the attached certificates and the key in one PEM file", write_bundle },
	{ "minisign", "a minisign secret-key file, for the vault's signing key", write_minisign },
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
