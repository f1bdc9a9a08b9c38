/* SPDX-License-Identifier: ISC */
#include "shares/lock.h"

#include "base/encode.h"
#include "shares/locked.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define CIPHERTEXT_LEN (SHARE_DATA_LEN + SEALED_TAG_LEN)

_Static_assert(LOCK_KEY_LEN == crypto_aead_chacha20poly1305_IETF_KEYBYTES, "key length");

/* What the vault signed, and `parameters`: to the space before the base64. */
static bool
associated(
	const struct share *s, const char *parameters, size_t len, struct buf *out, struct err *e)
{
	share_signed_text(s, out);
	buf_add(out, parameters, len);
	return buf_ok(out, e);
}

bool
lock_close(struct share *s, const char *head, const uint8_t nonce[static SEALED_NONCE_LEN],
	const struct secret *key, struct err *e)
{
	uint8_t sealed[CIPHERTEXT_LEN];
	char hex[ENCODE_HEX_SIZE(SEALED_NONCE_LEN)];
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO data = BUF_NONE;

	if (key->len != LOCK_KEY_LEN || s->locked || s->data.len != SHARE_DATA_LEN)
		return err_set(e, ERR_INTERNAL, "this share cannot be locked so");
	encode_hex(hex, nonce, SEALED_NONCE_LEN);
	buf_addf(&text, "%s %s ", head, hex);
	if (!buf_ok(&text, e) || !associated(s, text.data, text.len, &data, e))
		return false;
	crypto_aead_chacha20poly1305_ietf_encrypt(sealed, NULL, s->data.data, s->data.len,
		(const uint8_t *)data.data, data.len, NULL, nonce, key->data);
	encode_base64_buf(&text, sealed, sizeof(sealed));
	if (!buf_ok(&text, e) || !locked_check(text.data, text.len, e))
		return false;
	s->locked = text.data;
	text = BUF_NONE;
	secret_free(&s->data);
	return true;
}

/* The last two words of a checked text. */
static bool
take_apart(const char *locked, uint8_t nonce[static SEALED_NONCE_LEN],
	uint8_t sealed[static CIPHERTEXT_LEN], size_t *parameters, struct err *e)
{
	const char *base64 = strrchr(locked, ' ') + 1;
	const char *hex = base64 - 1 - 2 * (size_t)SEALED_NONCE_LEN;

	*parameters = (size_t)(base64 - locked);
	return encode_unhex(nonce, SEALED_NONCE_LEN, hex, 2 * (size_t)SEALED_NONCE_LEN, e) &&
	       encode_unbase64(sealed, CIPHERTEXT_LEN, base64, strlen(base64), e);
}

static bool
refused(const struct share *s, struct err *e)
{
	char with[LOCKED_WITH_MAX];

	locked_with(s->locked, with);
	err_set(e, ERR_AUTH,
		"its lock does not open: it was altered, or locked with another secret than %s "
		"has",
		with);
	return err_hint(e, "ask %s for the original", s->custodian);
}

bool
lock_open(struct share *s, const struct secret *key, struct err *e)
{
	uint8_t nonce[SEALED_NONCE_LEN], sealed[CIPHERTEXT_LEN];
	BUF_AUTO data = BUF_NONE;
	SECRET_AUTO payload = SECRET_NONE;
	size_t parameters;

	if (key->len != LOCK_KEY_LEN || !s->locked)
		return err_set(e, ERR_INTERNAL, "this share cannot be unlocked so");
	if (!locked_check(s->locked, strlen(s->locked), e) ||
		!take_apart(s->locked, nonce, sealed, &parameters, e) ||
		!associated(s, s->locked, parameters, &data, e) ||
		!secret_new(&payload, SHARE_DATA_LEN, e))
		return false;
	if (crypto_aead_chacha20poly1305_ietf_decrypt(payload.data, NULL, NULL, sealed,
		    sizeof(sealed), (const uint8_t *)data.data, data.len, nonce, key->data) != 0)
		return refused(s, e);
	secret_move(&s->data, &payload);
	free(s->locked);
	s->locked = NULL;
	return true;
}
