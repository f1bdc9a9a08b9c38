/* SPDX-License-Identifier: ISC */
/*
 * ossl: OpenSSL's objects, freed at the end of their scope.
 */
#ifndef VAULT_OSSL_H
#define VAULT_OSSL_H

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

typedef STACK_OF(X509) ossl_chain;

#define OSSL_FREE_AUTO(type, free)                                                                 \
	static inline void ossl_free_##type(type **p)                                              \
	{                                                                                          \
		free(*p);                                                                          \
	}
OSSL_FREE_AUTO(BIO, BIO_free_all)
OSSL_FREE_AUTO(BIGNUM, BN_clear_free)
OSSL_FREE_AUTO(EVP_MD_CTX, EVP_MD_CTX_free)
OSSL_FREE_AUTO(EVP_PKEY_CTX, EVP_PKEY_CTX_free)
OSSL_FREE_AUTO(OSSL_DECODER_CTX, OSSL_DECODER_CTX_free)
OSSL_FREE_AUTO(PKCS8_PRIV_KEY_INFO, PKCS8_PRIV_KEY_INFO_free)
OSSL_FREE_AUTO(GENERAL_NAME, GENERAL_NAME_free)
OSSL_FREE_AUTO(GENERAL_NAMES, GENERAL_NAMES_free)
OSSL_FREE_AUTO(PKCS12, PKCS12_free)
OSSL_FREE_AUTO(X509, X509_free)
OSSL_FREE_AUTO(X509_ALGOR, X509_ALGOR_free)
OSSL_FREE_AUTO(X509_NAME, X509_NAME_free)
OSSL_FREE_AUTO(X509_REQ, X509_REQ_free)
OSSL_FREE_AUTO(X509_SIG, X509_SIG_free)
#undef OSSL_FREE_AUTO

static inline void
ossl_free_ossl_chain(ossl_chain **p)
{
	sk_X509_pop_free(*p, X509_free);
}

static inline void
ossl_free_X509_EXTENSIONS(X509_EXTENSIONS **p)
{
	sk_X509_EXTENSION_pop_free(*p, X509_EXTENSION_free);
}

/* AUTO_OSSL(BIO) bio = BIO_new(...); */
#define AUTO_OSSL(type) __attribute__((cleanup(ossl_free_##type))) type *

#endif
