/* SPDX-License-Identifier: ISC */
#include "vault/pbecost.h"

#include <openssl/asn1t.h>
#include <openssl/objects.h>
#include <openssl/x509.h>

static bool
within(const ASN1_INTEGER *n, uint64_t max, struct err *e)
{
	uint64_t value;

	if (n && ASN1_INTEGER_get_uint64(&value, n) == 1 && value <= max)
		return true;
	err_openssl(e, ERR_REFUSED, "opening it would take absurdly long");
	return err_hint(e, "encrypt it anew at a sane cost: openssl pkcs8 -topk8 -iter 600000");
}

/* The algorithm's kind, and its parameters as `item`: NULL when they are something else. */
static void *
unpack(const X509_ALGOR *algorithm, const ASN1_ITEM *item)
{
	const void *value;
	int type;

	X509_ALGOR_get0(NULL, &type, &value, algorithm);
	return type == V_ASN1_SEQUENCE ? ASN1_item_unpack(value, item) : NULL;
}

static int
nid_of(const X509_ALGOR *algorithm)
{
	const ASN1_OBJECT *oid;

	X509_ALGOR_get0(&oid, NULL, NULL, algorithm);
	return OBJ_obj2nid(oid);
}

static bool
malformed(struct err *e)
{
	return err_openssl(e, ERR_FORMAT, "its encryption's parameters are malformed");
}

static bool
pbkdf2_check(const X509_ALGOR *kdf, struct err *e)
{
	PBKDF2PARAM *p = unpack(kdf, ASN1_ITEM_rptr(PBKDF2PARAM));
	bool ok = p ? within(p->iter, PBECOST_ROUNDS_MAX, e) : malformed(e);

	PBKDF2PARAM_free(p);
	return ok;
}

static bool
scrypt_check(const X509_ALGOR *kdf, struct err *e)
{
	SCRYPT_PARAMS *p = unpack(kdf, ASN1_ITEM_rptr(SCRYPT_PARAMS));
	bool ok = p ? within(p->parallelizationParameter, PBECOST_LANES_MAX, e) : malformed(e);

	SCRYPT_PARAMS_free(p);
	return ok;
}

static bool
pbes2_check(const X509_ALGOR *algorithm, struct err *e)
{
	PBE2PARAM *p = unpack(algorithm, ASN1_ITEM_rptr(PBE2PARAM));
	bool ok = true;

	if (!p)
		ok = malformed(e);
	else if (nid_of(p->keyfunc) == NID_id_pbkdf2)
		ok = pbkdf2_check(p->keyfunc, e);
	else if (nid_of(p->keyfunc) == NID_id_scrypt)
		ok = scrypt_check(p->keyfunc, e);
	PBE2PARAM_free(p);
	return ok;
}

bool
pbecost_check(const X509_ALGOR *algorithm, struct err *e)
{
	if (nid_of(algorithm) == NID_pbes2)
		return pbes2_check(algorithm, e);
	PBEPARAM *p = unpack(algorithm, ASN1_ITEM_rptr(PBEPARAM));
	bool ok = !p || within(p->iter, PBECOST_ROUNDS_MAX, e);
	PBEPARAM_free(p);
	return ok;
}
