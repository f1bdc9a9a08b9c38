/* SPDX-License-Identifier: ISC */
#include "vault/csr.h"

#include "vault/ossl.h"

#include <openssl/pem.h>
#include <string.h>

#define PART_MAX 256 /* characters of one type or value in a subject */

/* Copies up to the next unescaped `stop` or '/', '\' taking the next character as it is. NULL when
 * it is too long or ends in a lone '\'; else where it stopped. */
static const char *
take_part(const char *from, char stop, char out[static PART_MAX])
{
	size_t n = 0;

	for (; *from && *from != stop && *from != '/'; from++) {
		if (*from == '\\' && !*++from)
			return NULL;
		if (n == PART_MAX - 1)
			return NULL;
		out[n++] = *from;
	}
	out[n] = '\0';
	return from;
}

static bool
is_printable(const char *text)
{
	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || *text == 0x7f)
			return false;
	return true;
}

static bool
add_attribute(X509_NAME *name, const char *type, const char *value, struct err *e)
{
	if (*value == '\0')
		return err_set(e, ERR_USAGE, "the subject's %s is empty", type);
	if (!is_printable(value))
		return err_set(e, ERR_USAGE, "control characters in the subject's %s", type);
	if (X509_NAME_add_entry_by_txt(
		    name, type, MBSTRING_UTF8, (const unsigned char *)value, -1, -1, 0) != 1)
		return err_openssl(e, ERR_USAGE, "the subject's %s cannot be \"%s\"", type, value);
	return true;
}

static bool
parse_subject(const char *text, X509_NAME *name, struct err *e)
{
	char type[PART_MAX], value[PART_MAX];

	if (*text != '/') {
		err_set(e, ERR_USAGE, "the subject %s does not begin with /", text);
		return err_hint(e, "write it as /C=FR/O=Example/CN=example.org");
	}
	while (*text == '/') {
		text = take_part(text + 1, '=', type);
		if (!text || *text != '=' || *type == '\0')
			return err_set(e, ERR_USAGE, "a part of the subject is not TYPE=VALUE");
		text = take_part(text + 1, '/', value);
		if (!text)
			return err_set(e, ERR_USAGE, "the subject's %s is malformed", type);
		if (!add_attribute(name, type, value, e))
			return false;
	}
	return true;
}

bool
csr_subject_check(const char *subject, struct err *e)
{
	AUTO_OSSL(X509_NAME) name = X509_NAME_new();

	if (!name)
		return err_set(e, ERR_MEMORY, "out of memory");
	return parse_subject(subject, name, e);
}

static bool
set_subject(X509_REQ *req, const struct csr_request *r, struct err *e)
{
	AUTO_OSSL(X509_NAME) name = X509_NAME_new();
	const char *cn = r->name_count ? r->names[0] : "";

	if (!name)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (r->subject) {
		if (!parse_subject(r->subject, name, e))
			return false;
	} else if (strlen(cn) <= CSR_CN_MAX && !add_attribute(name, "CN", cn, e)) {
		return false;
	}
	return X509_REQ_set_subject_name(req, name) == 1 ||
	       err_openssl(e, ERR_INTERNAL, "setting the subject");
}

/* From a name_san form. NULL when there is no memory. */
static GENERAL_NAME *
general_name(const char *text)
{
	bool address = strncmp(text, "IP:", 3) == 0;
	ASN1_STRING *value = address ? a2i_IPADDRESS(text + 3) : ASN1_IA5STRING_new();
	GENERAL_NAME *name = GENERAL_NAME_new();

	if (!value || !name || (!address && ASN1_STRING_set(value, text, -1) != 1)) {
		ASN1_STRING_free(value);
		GENERAL_NAME_free(name);
		return NULL;
	}
	GENERAL_NAME_set0_value(name, address ? GEN_IPADD : GEN_DNS, value);
	return name;
}

static bool
add_name(GENERAL_NAMES *names, const char *text)
{
	AUTO_OSSL(GENERAL_NAME) name = general_name(text);

	if (!name || sk_GENERAL_NAME_push(names, name) <= 0)
		return false;
	name = NULL; /* now the list's */
	return true;
}

static bool
add_names(X509_REQ *req, const struct csr_request *r, struct err *e)
{
	AUTO_OSSL(GENERAL_NAMES) names = GENERAL_NAMES_new();
	AUTO_OSSL(X509_EXTENSIONS) extensions = NULL;
	/* RFC 5280 section 4.2.1.6. */
	int critical = X509_NAME_entry_count(X509_REQ_get_subject_name(req)) == 0;

	for (size_t i = 0; names && i < r->name_count; i++)
		if (!add_name(names, r->names[i]))
			return err_openssl(e, ERR_USAGE, "the name %s", r->names[i]);
	if (!names || X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, critical, 0) != 1 ||
		X509_REQ_add_extensions(req, extensions) != 1)
		return err_openssl(e, ERR_INTERNAL, "setting the names");
	return true;
}

/* The mix's library context: an ECDSA nonce is as secret as the key. */
static bool
sign(X509_REQ *req, EVP_PKEY *key, const struct alg *alg, struct entropy *x, struct err *e)
{
	AUTO_OSSL(EVP_MD_CTX) ctx = EVP_MD_CTX_new();

	if (!ctx ||
		EVP_DigestSignInit_ex(ctx, NULL, alg->digest, entropy_libctx(x), NULL, key, NULL) !=
			1 ||
		X509_REQ_sign_ctx(req, ctx) <= 0)
		return err_openssl(e, ERR_INTERNAL, "signing the request");
	/* A signature that went wrong may tell the key: it is not to leave. */
	return X509_REQ_verify(req, key) == 1 ||
	       err_openssl(e, ERR_INTERNAL, "the request's signature does not hold");
}

bool
csr_make(EVP_PKEY *key, const struct alg *alg, const struct csr_request *r, struct entropy *x,
	struct buf *out, struct err *e)
{
	AUTO_OSSL(X509_REQ) req = X509_REQ_new();
	AUTO_OSSL(BIO) bio = BIO_new(BIO_s_mem());
	char *pem;
	long len;

	if (!req || !bio || X509_REQ_set_version(req, X509_REQ_VERSION_1) != 1 ||
		X509_REQ_set_pubkey(req, key) != 1)
		return err_openssl(e, ERR_INTERNAL, "making the request");
	if (!set_subject(req, r, e) || !add_names(req, r, e) || !sign(req, key, alg, x, e))
		return false;
	if (PEM_write_bio_X509_REQ(bio, req) != 1)
		return err_openssl(e, ERR_INTERNAL, "writing the request");
	len = BIO_get_mem_data(bio, &pem);
	buf_add(out, pem, (size_t)len);
	return buf_ok(out, e);
}
