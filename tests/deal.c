/* SPDX-License-Identifier: ISC */
#include "tests/deal.h"

#include "base/encode.h"
#include "shares/gf.h"
#include "tests/support.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

void
deal_free(struct deal *d)
{
	for (unsigned i = 0; i < d->count; i++)
		share_free(&d->shares[i]);
	free(d->shares);
	secret_free(&d->kek);
	sealed_free(&d->sealed);
	*d = (struct deal){ 0 };
}

static bool
from_kernel(void *context, uint8_t *out, size_t len, struct err *e)
{
	(void)context;
	(void)e;
	randombytes_buf(out, len);
	return true;
}

static void
make_vault(struct deal *d, const char *vault)
{
	uint8_t seed[32];

	d->vault = vault;
	encode_hash(seed, vault, strlen(vault));
	crypto_sign_seed_keypair(d->pub.key, d->signing, seed);
	memcpy(d->pub.id, seed, sizeof(d->pub.id));
}

static void
make_sealed(struct deal *d, const char *domain, const char *set)
{
	SECRET_AUTO plain = SECRET_NONE;
	uint8_t pin[32], nonce[SEALED_NONCE_LEN];
	char hex[ENCODE_HEX_SIZE(4)];
	struct err e;

	encode_hash(pin, domain, strlen(domain));
	encode_base64(d->sealed.pin, pin, sizeof(pin));
	encode_hex(hex, pin, 4);
	snprintf(d->sealed.key, sizeof(d->sealed.key), "%s-ec-p256-%s", domain, hex);
	snprintf(d->sealed.set, sizeof(d->sealed.set), "%s", set);
	randombytes_buf(nonce, sizeof(nonce));
	assert_ok(secret_new(&d->kek, SEALED_KEK_LEN, &e), &e);
	randombytes_buf(d->kek.data, d->kek.len);
	assert_ok(secret_copy(&plain, DEAL_PLAIN, strlen(DEAL_PLAIN), &e), &e);
	assert_ok(sealed_seal(&d->sealed, nonce, &d->kek, &plain, &e), &e);
}

static void
make_share(const struct deal *d, unsigned threshold, unsigned shares, unsigned number,
	const uint8_t *data, struct share *s)
{
	struct err e;

	*s = (struct share){ .vault_key = d->pub,
		.threshold = threshold,
		.shares = shares,
		.number = number,
		.origin = "offline",
		.created = 1795341600,
		.carries_sealed = true };
	snprintf(s->vault, sizeof(s->vault), "%s", d->vault);
	memcpy(s->key, d->sealed.key, sizeof(s->key));
	memcpy(s->pin, d->sealed.pin, sizeof(s->pin));
	memcpy(s->set, d->sealed.set, sizeof(s->set));
	snprintf(s->custodian, sizeof(s->custodian), "custodian-%u", number);
	share_commitment(data, s->commitment);
	assert_ok(secret_copy(&s->data, data, SHARE_DATA_LEN, &e), &e);
	assert_ok(sealed_copy(&d->sealed, &s->sealed, &e), &e);
	assert_ok(sealed_hash(&d->sealed, s->sealed_hash, &e), &e);
	deal_sign(d, s);
}

void
deal_make(struct deal *d, const char *vault, const char *domain, const char *set,
	unsigned threshold, unsigned shares)
{
	SECRET_AUTO data = SECRET_NONE;
	uint8_t numbers[SHARE_COUNT_MAX];
	struct err e;

	*d = (struct deal){ 0 };
	make_vault(d, vault);
	make_sealed(d, domain, set);
	for (unsigned i = 0; i < shares; i++)
		numbers[i] = (uint8_t)(i + 1);
	assert_ok(secret_new(&data, shares * (size_t)SHARE_DATA_LEN, &e), &e);
	assert_ok(
		gf_split(d->kek.data, threshold, shares, numbers, from_kernel, NULL, data.data, &e),
		&e);
	d->shares = calloc(shares, sizeof(*d->shares));
	assert_non_null(d->shares);
	for (d->count = 0; d->count < shares; d->count++)
		make_share(d, threshold, shares, numbers[d->count],
			data.data + (size_t)d->count * SHARE_DATA_LEN, &d->shares[d->count]);
}

void
deal_sign(const struct deal *d, struct share *s)
{
	BUF_AUTO text = BUF_NONE;
	struct err e;

	share_signed_text(s, &text);
	assert_ok(buf_ok(&text, &e), &e);
	crypto_sign_detached(s->signature, NULL, (const uint8_t *)text.data, text.len, d->signing);
}
