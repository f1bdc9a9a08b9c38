/* SPDX-License-Identifier: ISC */
#include "vault/privkey.h"

#include "vault/ossl.h"
#include "vault/pbecost.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <string.h>

struct asker {
	privkey_passphrase ask;
	void *context;
};

static bool
passphrase_get(const struct asker *a, struct secret *out, struct err *e)
{
	if (!a->ask)
		return err_set(e, ERR_AUTH, "the private key is encrypted");
	return a->ask(a->context, out, e);
}

static bool
wrong_passphrase(struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_AUTH, "wrong passphrase for the private key");
}

/* `type` and `structure` are OpenSSL's words. Naming both keeps it from trying every decoder. */
static bool
decode(const uint8_t *der, size_t len, const char *structure, const char *type, EVP_PKEY **out,
	struct err *e)
{
	EVP_PKEY *key = NULL;
	AUTO_OSSL(OSSL_DECODER_CTX)
	ctx = OSSL_DECODER_CTX_new_for_pkey(
		&key, "DER", structure, type, OSSL_KEYMGMT_SELECT_PRIVATE_KEY, NULL, NULL);

	if (!ctx || OSSL_DECODER_from_data(ctx, &der, &len) != 1 || !key) {
		EVP_PKEY_free(key);
		return err_openssl(e, ERR_FORMAT, "the private key cannot be read");
	}
	*out = key;
	return true;
}

static bool
decode_pkcs8(const PKCS8_PRIV_KEY_INFO *p8, EVP_PKEY **out, struct err *e)
{
	const ASN1_OBJECT *oid;
	char type[64];
	uint8_t *der = NULL;

	if (PKCS8_pkey_get0(&oid, NULL, NULL, NULL, p8) != 1 ||
		OBJ_obj2txt(type, sizeof(type), oid, 0) <= 0)
		return err_openssl(e, ERR_FORMAT, "a private key of no known kind");
	int len = i2d_PKCS8_PRIV_KEY_INFO(p8, &der);
	if (len <= 0)
		return err_openssl(e, ERR_MEMORY, "out of memory");
	bool ok = decode(der, (size_t)len, "PrivateKeyInfo", type, out, e);
	OPENSSL_clear_free(der, (size_t)len);
	return ok;
}

static bool
open_encrypted(const X509_SIG *sig, const struct asker *a, EVP_PKEY **out, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;
	const X509_ALGOR *algorithm;

	X509_SIG_get0(sig, &algorithm, NULL);
	if (!pbecost_check(algorithm, e) || !passphrase_get(a, &passphrase, e))
		return false;
	AUTO_OSSL(PKCS8_PRIV_KEY_INFO)
	p8 = PKCS8_decrypt(sig, (const char *)passphrase.data, (int)passphrase.len);
	if (p8)
		return decode_pkcs8(p8, out, e);
	/* Its cipher or key derivation is none that is loaded. Else the padding was wrong, or by
	 * chance it was right, and then what came out was no ASN.1. */
	if (ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_EVP)
		return err_openssl(e, ERR_FORMAT, "the private key's encryption");
	return wrong_passphrase(e);
}

static bool
read_pkcs8(const uint8_t *der, size_t len, EVP_PKEY **out, struct err *e)
{
	AUTO_OSSL(PKCS8_PRIV_KEY_INFO) p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &der, (long)len);

	return p8 ? decode_pkcs8(p8, out, e)
		  : err_openssl(e, ERR_FORMAT, "the private key is damaged");
}

static bool
read_encrypted(const uint8_t *der, size_t len, const struct asker *a, EVP_PKEY **out, struct err *e)
{
	AUTO_OSSL(X509_SIG) sig = d2i_X509_SIG(NULL, &der, (long)len);

	return sig ? open_encrypted(sig, a, out, e)
		   : err_openssl(e, ERR_FORMAT, "the encrypted private key is damaged");
}

/* One PEM block; all of it in OpenSSL's secure heap. */
struct block {
	char *name;
	char *header;
	uint8_t *data;
	long len;
};
#define AUTO_BLOCK __attribute__((cleanup(free_block))) struct block

static void
free_block(struct block *b)
{
	OPENSSL_secure_free(b->name);
	OPENSSL_secure_free(b->header);
	OPENSSL_secure_clear_free(b->data, (size_t)b->len);
	*b = (struct block){ 0 };
}

static int
give_passphrase(char *out, int size, int writing, void *context)
{
	const struct secret *passphrase = context;

	if (writing || passphrase->len > (size_t)size)
		return -1;
	memcpy(out, passphrase->data, passphrase->len);
	return (int)passphrase->len;
}

/* PKCS#1 and SEC1, as OpenSSL wrote them before it knew PKCS#8: encrypted by PEM's own header. */
static bool
read_traditional(
	struct block *b, const char *type, const struct asker *a, EVP_PKEY **out, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;
	EVP_CIPHER_INFO cipher;

	if (PEM_get_EVP_CIPHER_INFO(b->header, &cipher) != 1)
		return err_openssl(e, ERR_FORMAT, "the private key's encryption");
	if (cipher.cipher) {
		if (!passphrase_get(a, &passphrase, e))
			return false;
		if (PEM_do_header(&cipher, b->data, &b->len, give_passphrase, &passphrase) != 1)
			return wrong_passphrase(e);
	}
	if (decode(b->data, (size_t)b->len, "type-specific", type, out, e))
		return true;
	return cipher.cipher ? wrong_passphrase(e) : false;
}

static bool
read_block(struct block *b, const struct asker *a, EVP_PKEY **out, bool *is_key, struct err *e)
{
	static const struct {
		const char *name;
		const char *type;
	} traditional[] = {
		{ PEM_STRING_RSA, "RSA" },
		{ PEM_STRING_ECPRIVATEKEY, "EC" },
		{ PEM_STRING_DSA, "DSA" },
	};

	*is_key = true;
	if (strcmp(b->name, PEM_STRING_PKCS8INF) == 0)
		return read_pkcs8(b->data, (size_t)b->len, out, e);
	if (strcmp(b->name, PEM_STRING_PKCS8) == 0)
		return read_encrypted(b->data, (size_t)b->len, a, out, e);
	for (size_t i = 0; i < sizeof(traditional) / sizeof(traditional[0]); i++)
		if (strcmp(b->name, traditional[i].name) == 0)
			return read_traditional(b, traditional[i].type, a, out, e);
	if (strcmp(b->name, "OPENSSH PRIVATE KEY") == 0) {
		err_set(e, ERR_FORMAT, "a private key in OpenSSH's own format");
		return err_hint(e, "convert a copy of it: ssh-keygen -p -m PKCS8 -f COPY");
	}
	*is_key = false;
	return true;
}

static bool
no_key(struct err *e)
{
	ERR_clear_error();
	return err_set(e, ERR_FORMAT, "there is no private key in it");
}

static bool
parse_pem(const struct secret *file, const struct asker *a, EVP_PKEY **out, struct err *e)
{
	AUTO_OSSL(BIO) bio = BIO_new_mem_buf(file->data, (int)file->len);
	bool is_key = false;

	if (!bio)
		return err_openssl(e, ERR_MEMORY, "out of memory");
	while (!is_key) {
		AUTO_BLOCK b = { 0 };
		if (PEM_read_bio_ex(bio, &b.name, &b.header, &b.data, &b.len,
			    PEM_FLAG_SECURE | PEM_FLAG_EAY_COMPATIBLE) != 1)
			return ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE
				       ? no_key(e)
				       : err_openssl(e, ERR_FORMAT, "a PEM block in it is damaged");
		if (!read_block(&b, a, out, &is_key, e))
			return false;
	}
	return true;
}

static bool
parse_der(const struct secret *file, const struct asker *a, EVP_PKEY **out, struct err *e)
{
	static const char *const traditional[] = { "RSA", "EC" };
	const uint8_t *der = file->data;
	const uint8_t *again = file->data;

	AUTO_OSSL(X509_SIG) sig = d2i_X509_SIG(NULL, &der, (long)file->len);
	if (sig)
		return open_encrypted(sig, a, out, e);
	AUTO_OSSL(PKCS8_PRIV_KEY_INFO) p8 = d2i_PKCS8_PRIV_KEY_INFO(NULL, &again, (long)file->len);
	if (p8)
		return decode_pkcs8(p8, out, e);
	for (size_t i = 0; i < 2; i++)
		if (decode(file->data, file->len, "type-specific", traditional[i], out, e))
			return true;
	return no_key(e);
}

bool
privkey_parse(const struct secret *file, privkey_passphrase ask, void *context, EVP_PKEY **out,
	struct err *e)
{
	static const char begin[] = "-----BEGIN ";
	const struct asker asker = { ask, context };

	ERR_clear_error();
	if (file->len == 0 || file->len > INT_MAX)
		return no_key(e);
	if (memmem(file->data, file->len, begin, strlen(begin)))
		return parse_pem(file, &asker, out, e);
	return parse_der(file, &asker, out, e);
}
