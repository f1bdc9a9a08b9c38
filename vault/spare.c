/* SPDX-License-Identifier: ISC */
#include "vault/spare.h"

#include "base/encode.h"
#include "base/workers.h"
#include "shares/gf.h"
#include "shares/share.h"
#include "vault/csr.h"
#include "vault/privkey.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
spare_free(struct spare *s)
{
	free(s->domain);
	buf_free(&s->csr);
	buf_free(&s->public_pem);
	sealed_free(&s->sealed);
	*s = (struct spare){ 0 };
}

/* `<domain>-<algorithm>-<first 8 hex of the pin>`, a leading "*." as "_wildcard.". */
static bool
set_id(struct spare *s, const struct spare_recipe *r, struct err *e)
{
	char hex[PIN_HEX];
	const char *domain = r->domain;
	bool wildcard = domain && strncmp(domain, "*.", 2) == 0;
	int n;

	pin_encode_hex(&s->pin, hex);
	if (r->id)
		n = snprintf(s->id, sizeof s->id, "%s", r->id);
	else
		n = snprintf(s->id, sizeof s->id, "%s%s-%s-%.8s", wildcard ? "_wildcard." : "",
			wildcard ? domain + 2 : domain, s->alg->slug, hex);
	if (n < 0 || (size_t)n >= sizeof s->id)
		return err_set(e, ERR_USAGE, "the key id for %s would be too long", domain);
	return true;
}

static bool
describe(const struct spare_recipe *r, EVP_PKEY *key, struct entropy *x, struct spare *s,
	struct err *e)
{
	struct csr_request request = {
		.subject = r->subject,
		.names = r->names,
		.name_count = r->name_count,
	};

	s->alg = alg_of_key(key);
	if (!s->alg)
		return err_set(e, ERR_REFUSED, "the key is of no algorithm that the vault keeps");
	s->origin = r->origin;
	s->known = r->known;
	if (!pin_of_key(key, &s->pin, e) || !set_id(s, r, e) ||
		(!r->known && !privkey_public_pem(key, &s->public_pem, e)))
		return false;
	if (!r->domain)
		return true;
	s->domain = strdup(r->domain);
	if (!s->domain)
		return err_set(e, ERR_MEMORY, "out of memory");
	return r->known || csr_make(key, s->alg, &request, x, &s->csr, e);
}

/* Seals the private key under a fresh KEK and splits the KEK: neither outlives this call. */
static bool
seal_and_split(const struct spare_recipe *r, EVP_PKEY *key, struct entropy *x, uint8_t *payloads,
	struct spare *s, struct err *e)
{
	SECRET_AUTO pem = SECRET_NONE;
	SECRET_AUTO kek = SECRET_NONE;
	uint8_t nonce[SEALED_NONCE_LEN], set[8], numbers[SHARE_COUNT_MAX];

	for (unsigned i = 0; i < r->shares; i++)
		numbers[i] = (uint8_t)(i + 1);
	if (!secret_new(&kek, SEALED_KEK_LEN, e) || !entropy_fill(x, kek.data, kek.len, e) ||
		!entropy_fill(x, nonce, sizeof nonce, e) || !entropy_fill(x, set, sizeof set, e) ||
		!privkey_to_pem(key, &pem, e))
		return false;

	memcpy(s->sealed.key, s->id, sizeof s->id);
	pin_encode(&s->pin, s->sealed.pin);
	encode_hex(s->sealed.set, set, sizeof set);
	s->payloads = payloads;
	return sealed_seal(&s->sealed, nonce, &kek, &pem, e) &&
	       gf_split(kek.data, r->threshold, r->shares, numbers, entropy_random, x, payloads, e);
}

bool
spare_from_key(const struct spare_recipe *r, EVP_PKEY *key, struct entropy *x, uint8_t *payloads,
	struct spare *out, struct err *e)
{
	struct spare s = { 0 };

	if (!share_counts_check((long)r->threshold, (long)r->shares, e) ||
		!describe(r, key, x, &s, e) || !seal_and_split(r, key, x, payloads, &s, e)) {
		spare_free(&s);
		return false;
	}
	*out = s;
	return true;
}

/* What the workers share. */
struct forge {
	const struct spare_recipe *recipes;
	const size_t *offsets; /* of each spare's payloads in the arena */
	struct entropy *entropy;
	uint8_t *payloads;
	struct spare *spares;
};

static bool
forge_one(void *context, size_t i, struct err *e)
{
	struct forge *f = context;
	AUTO_EVP_PKEY key = NULL;
	const struct spare_recipe *r = &f->recipes[i];

	return privkey_generate(f->entropy, r->alg, &key, e) &&
	       spare_from_key(r, key, f->entropy, f->payloads + f->offsets[i], &f->spares[i], e);
}

static bool
payload_offsets(const struct spare_recipe *recipes, size_t count, size_t **out, struct err *e)
{
	size_t *offsets = calloc(count ? count : 1, sizeof *offsets);
	size_t at = 0;

	if (!offsets)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < count; i++) {
		offsets[i] = at;
		at += (size_t)recipes[i].shares * SHARE_DATA_LEN;
	}
	*out = offsets;
	return true;
}

bool
spare_generate(const struct spare_recipe *recipes, size_t count, struct entropy *x,
	uint8_t *payloads, struct spare *spares, struct err *e)
{
	size_t *offsets = NULL;
	struct forge f = {
		.recipes = recipes,
		.entropy = x,
		.payloads = payloads,
		.spares = spares,
	};
	PROGRESS_AUTO progress = NULL;
	bool ok;

	if (!payload_offsets(recipes, count, &offsets, e))
		return false;
	f.offsets = offsets;
	progress = progress_start("generating keys", count);
	ok = workers_run(count, forge_one, &f, progress, e);
	free(offsets);
	if (ok)
		return true;
	for (size_t i = 0; i < count; i++)
		spare_free(&spares[i]);
	return err_wrap(e, "generating keys");
}
