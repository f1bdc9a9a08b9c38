/* SPDX-License-Identifier: ISC */
#include "pins/pubfile.h"

#include "base/file.h"
#include "pins/alg.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#define BEGIN "-----BEGIN "
#define PRIVATE "PRIVATE KEY"

#define AUTO_BIO __attribute__((cleanup(free_bio))) BIO
#define ITEM_AUTO __attribute__((cleanup(free_item))) struct pubfile_item

static void
free_bio(BIO **b)
{
	BIO_free(*b);
}

static void
free_item(struct pubfile_item *i)
{
	free(i->subject);
	free(i->issuer);
	X509_free(i->certificate);
	X509_REQ_free(i->csr);
	EVP_PKEY_free(i->key);
	*i = (struct pubfile_item){ 0 };
}

const char *
pubfile_kind_name(enum pubfile_kind kind)
{
	static const char *const names[] = {
		[PUBFILE_KEY] = "public key",
		[PUBFILE_CSR] = "CSR",
		[PUBFILE_CERTIFICATE] = "certificate",
	};
	return names[kind];
}

bool
pubfile_time(const ASN1_TIME *t, int64_t *out)
{
	struct tm tm;
	if (ASN1_TIME_to_tm(t, &tm) != 1)
		return false;
	*out = timegm(&tm);
	return true;
}

void
pubfile_free(struct pubfile *f)
{
	if (!f)
		return;
	for (size_t i = 0; i < f->count; i++)
		free_item(&f->items[i]);
	free(f->items);
	*f = (struct pubfile){ 0 };
}

/* RFC 2253; control bytes and all that is not ASCII come out escaped. */
FALLIBLE static bool
print_name(const X509_NAME *name, char **out, struct err *e)
{
	AUTO_BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	if (!bio || X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253) < 0)
		return err_openssl(e, ERR_MEMORY, "printing a name");
	long len = BIO_get_mem_data(bio, &text);
	*out = strndup(len > 0 ? text : "", len > 0 ? (size_t)len : 0);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

/* Hashes the key as it stands in the file: decoding it and encoding it again might change it. */
FALLIBLE static bool
take_spki(struct pubfile_item *item, X509_PUBKEY *spki, struct err *e)
{
	uint8_t *der = NULL;
	item->key = X509_PUBKEY_get(spki);
	int len = i2d_X509_PUBKEY(spki, &der);
	if (!item->key || len <= 0) {
		OPENSSL_free(der);
		return err_openssl(e, ERR_FORMAT, "public key of an unknown kind");
	}
	pin_of_spki(der, (size_t)len, &item->pin);
	OPENSSL_free(der);
	alg_describe(item->key, item->algorithm, sizeof item->algorithm);
	return true;
}

FALLIBLE static bool
take_certificate(struct pubfile_item *item, struct err *e)
{
	return take_spki(item, X509_get_X509_PUBKEY(item->certificate), e) &&
	       print_name(X509_get_subject_name(item->certificate), &item->subject, e) &&
	       print_name(X509_get_issuer_name(item->certificate), &item->issuer, e);
}

/* Readers: each takes all of `der`, or returns false with *e set. */

FALLIBLE static bool
read_certificate(const uint8_t *der, long len, struct pubfile_item *item, struct err *e)
{
	const uint8_t *p = der;
	item->kind = PUBFILE_CERTIFICATE;
	item->certificate = d2i_X509(NULL, &p, len);
	if (!item->certificate || p != der + len)
		return err_openssl(e, ERR_FORMAT, "not a certificate");
	return take_certificate(item, e);
}

/* OpenSSL's TRUSTED CERTIFICATE: a certificate and notes on what it is trusted for. */
FALLIBLE static bool
read_trusted(const uint8_t *der, long len, struct pubfile_item *item, struct err *e)
{
	const uint8_t *p = der;
	item->kind = PUBFILE_CERTIFICATE;
	item->certificate = d2i_X509_AUX(NULL, &p, len);
	if (!item->certificate || p != der + len)
		return err_openssl(e, ERR_FORMAT, "not a trusted certificate");
	return take_certificate(item, e);
}

FALLIBLE static bool
read_csr(const uint8_t *der, long len, struct pubfile_item *item, struct err *e)
{
	const uint8_t *p = der;
	item->kind = PUBFILE_CSR;
	item->csr = d2i_X509_REQ(NULL, &p, len);
	if (!item->csr || p != der + len)
		return err_openssl(e, ERR_FORMAT, "not a CSR");
	return take_spki(item, X509_REQ_get_X509_PUBKEY(item->csr), e) &&
	       print_name(X509_REQ_get_subject_name(item->csr), &item->subject, e);
}

FALLIBLE static bool
read_key(const uint8_t *der, long len, struct pubfile_item *item, struct err *e)
{
	const uint8_t *p = der;
	item->kind = PUBFILE_KEY;
	X509_PUBKEY *spki = d2i_X509_PUBKEY(NULL, &p, len);
	bool ok = spki && p == der + len ? take_spki(item, spki, e)
					 : err_openssl(e, ERR_FORMAT, "not a public key");
	X509_PUBKEY_free(spki);
	return ok;
}

/* PKCS #1: an RSA key without its SubjectPublicKeyInfo around it. */
FALLIBLE static bool
read_rsa(const uint8_t *der, long len, struct pubfile_item *item, struct err *e)
{
	const uint8_t *p = der;
	X509_PUBKEY *spki = NULL;
	item->kind = PUBFILE_KEY;
	EVP_PKEY *key = d2i_PublicKey(EVP_PKEY_RSA, NULL, &p, len);
	bool ok = key && p == der + len && X509_PUBKEY_set(&spki, key)
			  ? take_spki(item, spki, e)
			  : err_openssl(e, ERR_FORMAT, "not an RSA public key");
	EVP_PKEY_free(key);
	X509_PUBKEY_free(spki);
	return ok;
}

struct block {
	const char *type; /* as PEM has it */
	bool (*read)(const uint8_t *der, long len, struct pubfile_item *item, struct err *e);
};

static const struct block blocks[] = {
	{ "CERTIFICATE", read_certificate },
	{ "X509 CERTIFICATE", read_certificate },
	{ "TRUSTED CERTIFICATE", read_trusted },
	{ "CERTIFICATE REQUEST", read_csr },
	{ "NEW CERTIFICATE REQUEST", read_csr },
	{ "PUBLIC KEY", read_key },
	{ "RSA PUBLIC KEY", read_rsa },
};

FALLIBLE static bool
add_item(struct pubfile *f, const struct block *block, const uint8_t *der, long len, struct err *e)
{
	ITEM_AUTO item = { 0 };
	if (!block->read(der, len, &item, e))
		return false;
	struct pubfile_item *items = reallocarray(f->items, f->count + 1, sizeof *items);
	if (!items)
		return err_set(e, ERR_MEMORY, "out of memory");
	f->items = items;
	f->items[f->count++] = item;
	item = (struct pubfile_item){ 0 };
	return true;
}

static bool
is_private(const char *type)
{
	size_t len = strlen(type), tail = strlen(PRIVATE);
	return len >= tail && strcmp(type + len - tail, PRIVATE) == 0;
}

/* Blocks of other types (parameters, CRLs) are nothing to us and passed over. */
FALLIBLE static bool
take_block(struct pubfile *f, const char *type, const uint8_t *der, long len, struct err *e)
{
	if (is_private(type)) {
		f->private_keys++;
		return true;
	}
	for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) {
		if (strcmp(type, blocks[i].type) == 0)
			return add_item(f, &blocks[i], der, len, e);
	}
	return true;
}

/* The next line that starts a block, from `p` on; NULL when there is none. */
static const uint8_t *
find_begin(const uint8_t *data, const uint8_t *p, const uint8_t *end)
{
	for (; p < end; p++) {
		p = memmem(p, (size_t)(end - p), BEGIN, strlen(BEGIN));
		if (!p || p == data || p[-1] == '\n')
			return p;
	}
	return NULL;
}

FALLIBLE static bool
block_error(const uint8_t *begin, const uint8_t *end, size_t number, struct err *e)
{
	const uint8_t *type = begin + strlen(BEGIN);
	size_t len = 0;
	while (type + len < end && len < 40 && type[len] != '-' && type[len] >= ' ')
		len++;
	return err_wrap(e, "block %zu (%.*s)", number, (int)len, (const char *)type);
}

/*
 * OpenSSL's reader steps over lines it cannot make sense of, so that a block with a damaged first
 * line would vanish unseen: each BEGIN line is therefore handed to it alone.
 */
FALLIBLE static bool
parse_block(struct pubfile *f, const uint8_t *begin, size_t len, struct err *e)
{
	AUTO_BIO *bio = BIO_new_mem_buf(begin, (int)len);
	char *type = NULL, *header = NULL;
	uint8_t *der = NULL;
	long der_len = 0;
	if (!bio || PEM_read_bio(bio, &type, &header, &der, &der_len) != 1)
		return err_openssl(e, ERR_FORMAT, "damaged");
	bool ok = take_block(f, type, der, der_len, e);
	OPENSSL_free(type);
	OPENSSL_free(header);
	OPENSSL_clear_free(der, (size_t)der_len); /* it may have been a private key */
	return ok;
}

FALLIBLE static bool
parse_pem(const uint8_t *data, size_t len, struct pubfile *f, struct err *e)
{
	const uint8_t *end = data + len;
	const uint8_t *begin = find_begin(data, data, end);
	for (size_t number = 1; begin; number++) {
		const uint8_t *next = find_begin(data, begin + 1, end);
		size_t size = (size_t)((next ? next : end) - begin);
		if (!parse_block(f, begin, size, e))
			return block_error(begin, end, number, e);
		begin = next;
	}
	if (f->count == 0 && f->private_keys == 0)
		return err_set(e, ERR_FORMAT, "no key, CSR or certificate in it");
	return true;
}

/*
 * Told by its shape, never decoded: a version of one byte comes first in PKCS #8 and in OpenSSL's
 * older forms (RFC 5208, 8017, 5915), and in nothing public.
 */
static bool
is_private_der(const uint8_t *der, long len)
{
	const uint8_t *p = der, *q = der;
	long size = 0;
	int tag = 0, class = 0;
	bool whole = ASN1_get_object(&p, &size, &tag, &class, len) == V_ASN1_CONSTRUCTED &&
		     tag == V_ASN1_SEQUENCE && p + size == der + len;
	X509_SIG *encrypted = d2i_X509_SIG(NULL, &q, len); /* PKCS #8 under a passphrase */
	bool found = (whole && size > 3 && p[0] == V_ASN1_INTEGER && p[1] == 1 && p[2] <= 1) ||
		     (encrypted && q == der + len);
	X509_SIG_free(encrypted);
	ERR_clear_error();
	return found;
}

FALLIBLE static bool
parse_der(const uint8_t *data, long len, struct pubfile *f, struct err *e)
{
	static const struct block forms[] = {
		{ "certificate", read_certificate },
		{ "CSR", read_csr },
		{ "public key", read_key },
	};
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		struct err ignored;
		if (add_item(f, &forms[i], data, len, &ignored))
			return true;
	}
	if (is_private_der(data, len)) {
		f->private_keys = 1;
		return true;
	}
	return err_set(e, ERR_FORMAT, "neither PEM nor DER of a key, CSR or certificate");
}

bool
pubfile_parse(const uint8_t *data, size_t len, struct pubfile *out, struct err *e)
{
	PUBFILE_AUTO f = { 0 };
	if (len == 0)
		return err_set(e, ERR_FORMAT, "empty");
	if (len > FILE_LIMIT_LARGE)
		return err_set(e, ERR_FORMAT, "too large");
	bool pem = find_begin(data, data, data + len) != NULL;
	if (!(pem ? parse_pem(data, len, &f, e) : parse_der(data, (long)len, &f, e)))
		return false;
	*out = f;
	f = (struct pubfile){ 0 };
	return true;
}

bool
pubfile_load(const char *path, struct pubfile *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	if (!file_read(path, FILE_LIMIT, &text, e))
		return false;
	bool ok = pubfile_parse((const uint8_t *)text.data, text.len, out, e);
	if (text.data)
		OPENSSL_cleanse(text.data, text.len); /* there may be a private key in it */
	return ok || err_wrap(e, "%s", path);
}
