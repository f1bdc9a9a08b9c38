/* SPDX-License-Identifier: ISC */
#include "shares/sealed.h"

#include "base/encode.h"
#include "shares/fields.h"

#include <sodium.h>
#include <string.h>

_Static_assert(SEALED_KEK_LEN == crypto_aead_chacha20poly1305_IETF_KEYBYTES, "key length");
_Static_assert(SEALED_NONCE_LEN == crypto_aead_chacha20poly1305_IETF_NPUBBYTES, "nonce length");
_Static_assert(SEALED_TAG_LEN == crypto_aead_chacha20poly1305_IETF_ABYTES, "tag length");

#define TITLE "coldspare-sealed-1"

static const struct field fields[] = {
	{ "key", FIELD_MUST, &fields_key_id, offsetof(struct sealed, key) },
	{ "pin", FIELD_MUST, &fields_pin, offsetof(struct sealed, pin) },
	{ "set", FIELD_MUST, &fields_set, offsetof(struct sealed, set) },
	{ "nonce", FIELD_MUST, &fields_nonce, offsetof(struct sealed, nonce) },
	{ "data", FIELD_MUST, &fields_ciphertext, offsetof(struct sealed, data) },
};
#define COUNT (sizeof(fields) / sizeof(fields[0]))
#define HEAD 3 /* those before "nonce:" */

/* The associated data: title, key, pin and set. */
static void
encode_head(const struct sealed *s, struct buf *out)
{
	buf_adds(out, TITLE "\n");
	fields_write(fields, HEAD, s, out);
}

void
sealed_free(struct sealed *s)
{
	buf_free(&s->data);
	*s = (struct sealed){ 0 };
}

bool
sealed_seal(struct sealed *s, const uint8_t nonce[static SEALED_NONCE_LEN],
	const struct secret *kek, const struct secret *plain, struct err *e)
{
	uint8_t data[SEALED_PLAIN_MAX + SEALED_TAG_LEN];
	BUF_AUTO head = BUF_NONE;
	BUF_AUTO sealed = BUF_NONE;
	unsigned long long len;

	if (kek->len != SEALED_KEK_LEN)
		return err_set(e, ERR_INTERNAL, "a key-encryption key of %zu bytes", kek->len);
	if (plain->len == 0 || plain->len > SEALED_PLAIN_MAX)
		return err_set(e, ERR_INTERNAL, "a private key of %zu bytes", plain->len);
	encode_head(s, &head);
	if (!buf_ok(&head, e))
		return false;
	crypto_aead_chacha20poly1305_ietf_encrypt(data, &len, plain->data, plain->len,
		(const uint8_t *)head.data, head.len, NULL, nonce, kek->data);
	buf_add(&sealed, data, (size_t)len);
	if (!buf_ok(&sealed, e))
		return false;
	memcpy(s->nonce, nonce, SEALED_NONCE_LEN);
	buf_move(&s->data, &sealed);
	return true;
}

bool
sealed_open(const struct sealed *s, const struct secret *kek, struct secret *plain, struct err *e)
{
	SECRET_AUTO opened = SECRET_NONE;
	BUF_AUTO head = BUF_NONE;

	if (kek->len != SEALED_KEK_LEN)
		return err_set(e, ERR_INTERNAL, "a key-encryption key of %zu bytes", kek->len);
	if (s->data.len <= SEALED_TAG_LEN)
		return err_set(e, ERR_FORMAT, "sealed key of %s: too short", s->key);
	encode_head(s, &head);
	if (!buf_ok(&head, e) || !secret_new(&opened, s->data.len - SEALED_TAG_LEN, e))
		return false;
	if (crypto_aead_chacha20poly1305_ietf_decrypt(opened.data, NULL, NULL,
		    (const uint8_t *)s->data.data, s->data.len, (const uint8_t *)head.data,
		    head.len, s->nonce, kek->data) != 0)
		return err_set(e, ERR_AUTH,
			"sealed key of %s (set %s): altered, or sealed under another "
			"key-encryption key",
			s->key, s->set);
	secret_move(plain, &opened);
	return true;
}

void
sealed_encode(const struct sealed *s, struct buf *out)
{
	encode_head(s, out);
	fields_write(fields + HEAD, COUNT - HEAD, s, out);
}

bool
sealed_parse(const char *text, size_t len, struct sealed *out, struct err *e)
{
	SEALED_AUTO s = { 0 };
	BUF_AUTO again = BUF_NONE;

	if (!fields_read(TITLE, fields, COUNT, text, len, &s, e))
		return err_wrap(e, "sealed key");
	/* No CRLF and no blank lines here: the record's hash stands in every share. */
	sealed_encode(&s, &again);
	if (!buf_ok(&again, e))
		return false;
	if (again.len != len || memcmp(again.data, text, len) != 0)
		return err_set(e, ERR_FORMAT, "sealed key: CR line ends or blank lines");
	buf_free(&out->data);
	*out = s;
	s.data = BUF_NONE;
	return true;
}

bool
sealed_copy(const struct sealed *from, struct sealed *to, struct err *e)
{
	BUF_AUTO data = BUF_NONE;

	buf_add(&data, from->data.data, from->data.len);
	if (!buf_ok(&data, e))
		return false;
	sealed_free(to);
	*to = *from;
	to->data = BUF_NONE;
	buf_move(&to->data, &data);
	return true;
}

bool
sealed_hash(const struct sealed *s, char out[static 65], struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	sealed_encode(s, &text);
	if (!buf_ok(&text, e))
		return false;
	encode_hash_hex(out, text.data, text.len);
	return true;
}
