/* SPDX-License-Identifier: ISC */
#include "vault/seedsource.h"

#include <openssl/core_dispatch.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/provider.h>
#include <openssl/rand.h>

#define PROVIDER "coldspare"
#define SOURCE "COLDSPARE-MIX"
#define PROPERTIES "provider=" PROVIDER
#define STRENGTH 256
#define REQUEST_MAX ((size_t)1 << 16)

typedef void (*dispatched)(void);

/* A builtin provider's init gets no argument of ours: this is whose init runs. */
static _Thread_local struct seedsource *installing;

/* The source has no state of its own: the provider's context serves for every instance. */
static void *
source_new(void *provctx, void *parent, const OSSL_DISPATCH *parent_calls)
{
	(void)parent_calls;
	return parent ? NULL : provctx;
}

static void
source_free(void *source)
{
	(void)source;
}

static int
source_instantiate(void *source, unsigned strength, int prediction_resistance,
	const unsigned char *pstr, size_t pstr_len, const OSSL_PARAM params[])
{
	(void)source;
	(void)prediction_resistance;
	(void)pstr;
	(void)pstr_len;
	(void)params;
	return strength <= STRENGTH;
}

static int
source_uninstantiate(void *source)
{
	(void)source;
	return 1;
}

static int
source_generate(void *source, unsigned char *out, size_t len, unsigned strength,
	int prediction_resistance, const unsigned char *adin, size_t adin_len)
{
	struct seedsource *s = source;
	struct err e;

	(void)prediction_resistance;
	(void)adin;
	(void)adin_len;
	atomic_fetch_add(&s->draws, 1);
	return strength <= STRENGTH && s->fill(s->context, out, len, &e);
}

/* Asked twice: for the length, then for the bytes. Without this call OpenSSL takes the time. */
static size_t
source_nonce(void *source, unsigned char *out, unsigned strength, size_t min_len, size_t max_len)
{
	(void)max_len;
	if (out && !source_generate(source, out, min_len, strength, 0, NULL, 0))
		return 0;
	return min_len;
}

static size_t
source_get_seed(void *source, unsigned char **out, int entropy, size_t min_len, size_t max_len,
	int prediction_resistance, const unsigned char *adin, size_t adin_len)
{
	size_t len = entropy > 0 ? ((size_t)entropy + 7) / 8 : 0;
	if (len < min_len)
		len = min_len;
	unsigned char *seed = len <= max_len ? OPENSSL_secure_zalloc(len) : NULL;
	if (!seed)
		return 0;
	if (!source_generate(source, seed, len, 0, prediction_resistance, adin, adin_len)) {
		OPENSSL_secure_clear_free(seed, len);
		return 0;
	}
	*out = seed;
	return len;
}

static void
source_clear_seed(void *source, unsigned char *seed, size_t len)
{
	(void)source;
	OPENSSL_secure_clear_free(seed, len);
}

static int
source_get_params(void *source, OSSL_PARAM params[])
{
	OSSL_PARAM *p;

	(void)source;
	p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STATE);
	if (p && !OSSL_PARAM_set_int(p, EVP_RAND_STATE_READY))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_STRENGTH);
	if (p && !OSSL_PARAM_set_uint(p, STRENGTH))
		return 0;
	p = OSSL_PARAM_locate(params, OSSL_RAND_PARAM_MAX_REQUEST);
	return !p || OSSL_PARAM_set_size_t(p, REQUEST_MAX);
}

static const OSSL_DISPATCH source_calls[] = {
	{ OSSL_FUNC_RAND_NEWCTX, (dispatched)source_new },
	{ OSSL_FUNC_RAND_FREECTX, (dispatched)source_free },
	{ OSSL_FUNC_RAND_INSTANTIATE, (dispatched)source_instantiate },
	{ OSSL_FUNC_RAND_UNINSTANTIATE, (dispatched)source_uninstantiate },
	{ OSSL_FUNC_RAND_GENERATE, (dispatched)source_generate },
	{ OSSL_FUNC_RAND_NONCE, (dispatched)source_nonce },
	{ OSSL_FUNC_RAND_GET_SEED, (dispatched)source_get_seed },
	{ OSSL_FUNC_RAND_CLEAR_SEED, (dispatched)source_clear_seed },
	{ OSSL_FUNC_RAND_GET_CTX_PARAMS, (dispatched)source_get_params },
	{ 0, NULL },
};

static const OSSL_ALGORITHM *
provider_query(void *provctx, int operation, int *no_store)
{
	static const OSSL_ALGORITHM rands[] = {
		{ SOURCE, PROPERTIES, source_calls, NULL },
		{ NULL, NULL, NULL, NULL },
	};

	(void)provctx;
	*no_store = 0;
	return operation == OSSL_OP_RAND ? rands : NULL;
}

static int
provider_init(const OSSL_CORE_HANDLE *handle, const OSSL_DISPATCH *core, const OSSL_DISPATCH **out,
	void **provctx)
{
	static const OSSL_DISPATCH calls[] = {
		{ OSSL_FUNC_PROVIDER_QUERY_OPERATION, (dispatched)provider_query },
		{ 0, NULL },
	};

	(void)handle;
	(void)core;
	*provctx = installing;
	*out = calls;
	return installing != NULL;
}

static bool
load(struct seedsource *s)
{
	s->libctx = OSSL_LIB_CTX_new();
	if (!s->libctx || OSSL_PROVIDER_add_builtin(s->libctx, PROVIDER, provider_init) != 1)
		return false;
	installing = s;
	s->providers[0] = OSSL_PROVIDER_load(s->libctx, PROVIDER);
	installing = NULL;
	s->providers[1] = OSSL_PROVIDER_load(s->libctx, "default");
	return s->providers[0] && s->providers[1];
}

bool
seedsource_open(struct seedsource *s, struct err *e)
{
	if (!load(s) || RAND_set_seed_source_type(s->libctx, SOURCE, PROPERTIES) != 1 ||
		RAND_set_DRBG_type(s->libctx, "CTR-DRBG", NULL, "AES-256-CTR", NULL) != 1 ||
		!RAND_get0_primary(s->libctx))
		return err_openssl(e, ERR_INTERNAL, "cannot seed OpenSSL's generators");
	if (atomic_load(&s->draws) == 0)
		return err_set(e, ERR_INTERNAL, "OpenSSL's generators are not seeded by the mix");
	return true;
}

void
seedsource_close(struct seedsource *s)
{
	for (size_t i = 0; i < 2; i++)
		if (s->providers[i])
			OSSL_PROVIDER_unload(s->providers[i]);
	OSSL_LIB_CTX_free(s->libctx);
}
