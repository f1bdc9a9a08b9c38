/* SPDX-License-Identifier: ISC */
#include "tests/shareset.h"

#include "base/encode.h"
#include "shares/gf.h"
#include "tests/support.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

void
shareset_free(struct shareset *d)
{
	for (unsigned i = 0; i < d->count; i++)
		share_free(&d->shares[i]);
	free(d->shares);
	secret_free(&d->kek);
	sealed_free(&d->sealed);
	*d = (struct shareset){ 0 };
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
make_vault(struct shareset *d, const char *vault)
{
	uint8_t seed[32];

	d->vault = vault;
	encode_hash(seed, vault, strlen(vault));
	crypto_sign_seed_keypair(d->pub.key, d->signing, seed);
	memcpy(d->pub.id, seed, sizeof(d->pub.id));
}

static void
make_sealed(struct shareset *d, const char *domain, const char *set)
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
	assert_ok(secret_copy(&plain, SHARESET_PLAIN, strlen(SHARESET_PLAIN), &e), &e);
	assert_ok(sealed_seal(&d->sealed, nonce, &d->kek, &plain, &e), &e);
}

static void
make_share(const struct shareset *d, unsigned threshold, unsigned shares, unsigned number,
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
	shareset_sign(d, s);
}

void
shareset_make(struct shareset *d, const char *vault, const char *domain, const char *set,
	unsigned threshold, unsigned shares)
{
	SECRET_AUTO data = SECRET_NONE;
	uint8_t numbers[SHARE_COUNT_MAX];
	struct err e;

	*d = (struct shareset){ 0 };
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
shareset_sign(const struct shareset *d, struct share *s)
{
	BUF_AUTO text = BUF_NONE;
	struct err e;

	share_signed_text(s, &text);
	assert_ok(buf_ok(&text, &e), &e);
	crypto_sign_detached(s->signature, NULL, (const uint8_t *)text.data, text.len, d->signing);
}

void
shareset_text(const struct share *s, struct buf *out)
{
	SECRET_AUTO text = SECRET_NONE;
	struct err e;

	assert_ok(share_encode(s, false, &text, &e), &e);
	buf_clear(out);
	buf_add(out, text.data, text.len);
}

void
shareset_replaced(const char *text, const char *from, const char *to, struct buf *out)
{
	const char *at = strstr(text, from);

	assert_non_null(at);
	buf_clear(out);
	buf_add(out, text, (size_t)(at - text));
	buf_adds(out, to);
	buf_adds(out, at + strlen(from));
}

void
shareset_put(struct medium_records *r, const char *label, const void *text, size_t len)
{
	struct err e;

	r->items = realloc(r->items, (r->count + 1) * sizeof(r->items[0]));
	assert_non_null(r->items);
	r->items[r->count] = (struct medium_record){ .label = strdup(label) };
	assert_ok(secret_copy(&r->items[r->count].text, text, len, &e), &e);
	r->count++;
}

void
shareset_put_range(struct medium_records *r, const char *prefix, const struct shareset *d,
	unsigned from, unsigned to)
{
	char label[32];
	struct err e;

	for (unsigned i = from; i <= to; i++) {
		SECRET_AUTO text = SECRET_NONE;
		snprintf(label, sizeof(label), "%s%u", prefix, i);
		assert_ok(share_encode(&d->shares[i - 1], false, &text, &e), &e);
		shareset_put(r, label, text.data, text.len);
	}
}

void
shareset_add(struct quorum *q, const struct quorum_want *want, struct medium_records *r)
{
	struct err e;

	assert_ok(quorum_add(q, want, r, &e), &e);
	medium_records_free(r);
}

void
shareset_assert_opens(const struct quorum *q)
{
	SECRET_AUTO kek = SECRET_NONE;
	SECRET_AUTO plain = SECRET_NONE;
	struct err e;

	assert_non_null(quorum_sealed(q));
	assert_ok(quorum_kek(q, &kek, &e), &e);
	assert_ok(sealed_open(quorum_sealed(q), &kek, &plain, &e), &e);
	assert_int_equal(plain.len, strlen(SHARESET_PLAIN));
	assert_memory_equal(plain.data, SHARESET_PLAIN, plain.len);
}

void
shareset_assert_rejected(const struct quorum *q, size_t i, const char *label, enum err_code code,
	const char *message)
{
	assert_true(i < q->reject_count);
	assert_string_equal(q->rejects[i].label, label);
	if (!strstr(q->rejects[i].err.message, message) || q->rejects[i].err.code != code)
		fail_msg("%s: %s: %s", label, err_name(q->rejects[i].err.code),
			q->rejects[i].err.message);
	assert_true(q->rejects[i].err.hint[0] != '\0');
}
