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
#include <openssl/x509.h>
#include <openssl/x509v3.h>

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
OSSL_FREE_AUTO(X509_SIG, X509_SIG_free)
#undef OSSL_FREE_AUTO

/* AUTO_OSSL(BIO) bio = BIO_new(...); */
#define AUTO_OSSL(type) __attribute__((cleanup(ossl_free_##type))) type *

#endif
