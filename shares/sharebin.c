/* SPDX-License-Identifier: ISC */
#include "shares/sharebin.h"

#include "base/clock.h"
#include "base/encode.h"
#include "shares/locked.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#define FORM 1

/* The second byte. The two lowest bits are the origin. */
enum {
	ORIGIN_BITS = 0x03,
	REHEARSAL = 0x04,
	KEY_CUT = 0x08,     /* the key id ends in the pin's first 8 hex digits, left out here */
	COMMITMENT = 0x10,  /* stands here; else it is the hash of the payload */
	LOCKED = 0x20,      /* in place of the payload */
	SEALED = 0x40,      /* the sealed key follows */
	SEALED_HASH = 0x80, /* stands here; else it is the hash of the sealed record */
};

#define PIN_LEN 32
#define SET_LEN 8
#define TIME_LEN 5
#define YEAR_0 INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define PIN_DIGITS 8
#define SIZE_MAX_BIN                                                                               \
	(SHAREBIN_FIXED + 2 * SHARE_NAME_MAX + SEALED_KEY_ID_MAX + ENCODE_HASH_LEN + 2 +           \
		LOCKED_TEXT_MAX + SEALED_NONCE_LEN + 2 + SEALED_PLAIN_MAX + SEALED_TAG_LEN)

static const char *const origins[] = { "offline", "online", "imported" };

/* Writing ---------------------------------------------------------------------------------- */

/* Into secret memory of SIZE_MAX_BIN bytes: no share takes more. */
struct writer {
	uint8_t *at;
};

static void
put(struct writer *w, const void *bytes, size_t len)
{
	memcpy(w->at, bytes, len);
	w->at += len;
}

/* Big-endian. */
static void
put_number(struct writer *w, uint64_t n, unsigned bytes)
{
	while (bytes-- > 0)
		*w->at++ = (uint8_t)(n >> (8 * bytes));
}

static void
put_text(struct writer *w, const char *text, size_t len, unsigned length_bytes)
{
	put_number(w, len, length_bytes);
	put(w, text, len);
}

static bool
put_hex(struct writer *w, const char *hex, size_t bytes, struct err *e)
{
	if (!encode_unhex(w->at, bytes, hex, strlen(hex), e))
		return false;
	w->at += bytes;
	return true;
}

/* How many of the key id's characters are written. */
static size_t
key_length(const struct share *s, const uint8_t pin[static PIN_LEN])
{
	char digits[PIN_DIGITS + 1];
	size_t len = strlen(s->key);

	encode_hex(digits, pin, PIN_DIGITS / 2);
	return len > PIN_DIGITS && strcmp(s->key + len - PIN_DIGITS, digits) == 0 ? len - PIN_DIGITS
										  : len;
}

static bool
commitment_is_derived(const struct share *s)
{
	char text[SHARE_HASH_TEXT];

	if (s->locked)
		return false;
	share_commitment(s->data.data, text);
	return strcmp(text, s->commitment) == 0;
}

static bool
sealed_hash_is_derived(const struct share *s, bool sealed, bool *is, struct err *e)
{
	char text[SHARE_HASH_TEXT];

	*is = false;
	if (!sealed)
		return true;
	if (!sealed_hash(&s->sealed, text, e))
		return false;
	*is = strcmp(text, s->sealed_hash) == 0;
	return true;
}

static bool
flags_of(const struct share *s, bool sealed, bool key_cut, uint8_t *out, struct err *e)
{
	uint8_t flags = 0;
	bool derived = false;

	while (strcmp(origins[flags], s->origin) != 0)
		if (++flags == sizeof(origins) / sizeof(origins[0]))
			return err_set(e, ERR_INTERNAL, "a share of no known origin");
	if (!sealed_hash_is_derived(s, sealed, &derived, e))
		return false;
	flags |= s->rehearsal ? REHEARSAL : 0;
	flags |= key_cut ? KEY_CUT : 0;
	flags |= commitment_is_derived(s) ? 0 : COMMITMENT;
	flags |= s->locked ? LOCKED : 0;
	flags |= sealed ? SEALED : 0;
	flags |= derived ? 0 : SEALED_HASH;
	*out = flags;
	return true;
}

static bool
put_public(struct writer *w, const struct share *s, bool sealed, uint8_t *flags, struct err *e)
{
	uint8_t pin[PIN_LEN];

	if (!encode_unbase64(pin, sizeof(pin), s->pin, strlen(s->pin), e))
		return false;
	size_t key_len = key_length(s, pin);
	if (!flags_of(s, sealed, key_len < strlen(s->key), flags, e))
		return false;
	put_number(w, FORM, 1);
	put_number(w, *flags, 1);
	put(w, s->vault_key.id, sizeof(s->vault_key.id));
	put(w, s->vault_key.key, sizeof(s->vault_key.key));
	put_text(w, s->vault, strlen(s->vault), 1);
	put_text(w, s->key, key_len, 1);
	put_text(w, s->custodian, strlen(s->custodian), 1);
	put(w, pin, sizeof(pin));
	if (!put_hex(w, s->set, SET_LEN, e))
		return false;
	put_number(w, s->threshold, 1);
	put_number(w, s->shares, 1);
	put_number(w, s->number, 1);
	put_number(w, (uint64_t)(s->created - YEAR_0), TIME_LEN);
	put(w, s->signature, sizeof(s->signature));
	return true;
}

static bool
put_rest(struct writer *w, const struct share *s, uint8_t flags, struct err *e)
{
	if ((flags & COMMITMENT) && !put_hex(w, s->commitment, ENCODE_HASH_LEN, e))
		return false;
	if ((flags & SEALED_HASH) && !put_hex(w, s->sealed_hash, ENCODE_HASH_LEN, e))
		return false;
	if (flags & LOCKED)
		put_text(w, s->locked, strlen(s->locked), 2);
	else
		put(w, s->data.data, s->data.len);
	if (flags & SEALED) {
		put(w, s->sealed.nonce, sizeof(s->sealed.nonce));
		put_text(w, s->sealed.data.data, s->sealed.data.len, 2);
	}
	return true;
}

bool
sharebin_encode(const struct share *s, bool detached, struct secret *out, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;
	SECRET_AUTO exact = SECRET_NONE;
	uint8_t flags = 0;

	if (!s->locked && s->data.len != SHARE_DATA_LEN)
		return err_set(e, ERR_INTERNAL, "a share without its payload");
	if (!secret_new(&bytes, SIZE_MAX_BIN, e))
		return false;
	struct writer w = { bytes.data };
	if (!put_public(&w, s, s->carries_sealed && !detached, &flags, e) ||
		!put_rest(&w, s, flags, e) ||
		!secret_copy(&exact, bytes.data, (size_t)(w.at - bytes.data), e))
		return false;
	secret_move(out, &exact);
	return true;
}

/* Reading ---------------------------------------------------------------------------------- */

struct reader {
	const uint8_t *at;
	size_t left;
	bool cut; /* something ran over the end; what was taken since then is zero */
};

/* The next `len` bytes, or NULL. */
static const uint8_t *
take(struct reader *r, size_t len)
{
	const uint8_t *at = r->at;

	r->cut |= len > r->left;
	if (r->cut)
		return NULL;
	r->at += len;
	r->left -= len;
	return at;
}

static void
take_bytes(struct reader *r, void *out, size_t len)
{
	const uint8_t *at = take(r, len);

	if (at)
		memcpy(out, at, len);
}

static uint64_t
take_number(struct reader *r, unsigned bytes)
{
	const uint8_t *at = take(r, bytes);
	uint64_t n = 0;

	for (unsigned i = 0; at && i < bytes; i++)
		n = n << 8 | at[i];
	return n;
}

/* A text of at most `max` characters into `out`, which has one byte more. */
static void
take_text(struct reader *r, char *out, size_t max, unsigned length_bytes)
{
	size_t len = (size_t)take_number(r, length_bytes);

	r->cut |= len > max;
	take_bytes(r, out, len);
}

static void
take_hex(struct reader *r, char *out, size_t bytes)
{
	const uint8_t *at = take(r, bytes);

	if (at)
		encode_hex(out, at, bytes);
}

static void
take_public(struct reader *r, struct share *s, uint8_t flags)
{
	uint8_t pin[PIN_LEN] = { 0 };

	take_bytes(r, s->vault_key.id, sizeof(s->vault_key.id));
	take_bytes(r, s->vault_key.key, sizeof(s->vault_key.key));
	take_text(r, s->vault, SHARE_NAME_MAX, 1);
	take_text(r, s->key, SEALED_KEY_ID_MAX - (flags & KEY_CUT ? PIN_DIGITS : 0), 1);
	take_text(r, s->custodian, SHARE_NAME_MAX, 1);
	take_bytes(r, pin, sizeof(pin));
	encode_base64(s->pin, pin, sizeof(pin));
	if (flags & KEY_CUT)
		encode_hex(s->key + strlen(s->key), pin, PIN_DIGITS / 2);
	take_hex(r, s->set, SET_LEN);
	s->threshold = (unsigned)take_number(r, 1);
	s->shares = (unsigned)take_number(r, 1);
	s->number = (unsigned)take_number(r, 1);
	s->created = (int64_t)take_number(r, TIME_LEN) + YEAR_0;
	take_bytes(r, s->signature, sizeof(s->signature));
	s->rehearsal = flags & REHEARSAL;
	strcpy(s->origin, origins[flags & ORIGIN_BITS]);
}

static bool
take_payload(struct reader *r, struct share *s, uint8_t flags, struct err *e)
{
	if (!(flags & LOCKED)) {
		if (!secret_new(&s->data, SHARE_DATA_LEN, e))
			return false;
		take_bytes(r, s->data.data, s->data.len);
		return true;
	}
	s->locked = calloc(1, LOCKED_TEXT_MAX + 1);
	if (!s->locked)
		return err_set(e, ERR_MEMORY, "out of memory");
	take_text(r, s->locked, LOCKED_TEXT_MAX, 2);
	return true;
}

static bool
take_sealed(struct reader *r, struct share *s, struct err *e)
{
	take_bytes(r, s->sealed.nonce, sizeof(s->sealed.nonce));
	size_t len = (size_t)take_number(r, 2);
	const uint8_t *data = take(r, len);
	if (data)
		buf_add(&s->sealed.data, data, len);
	memcpy(s->sealed.key, s->key, sizeof(s->key));
	memcpy(s->sealed.pin, s->pin, sizeof(s->pin));
	memcpy(s->sealed.set, s->set, sizeof(s->set));
	s->carries_sealed = true;
	return buf_ok(&s->sealed.data, e);
}

static bool
take_rest(struct reader *r, struct share *s, uint8_t flags, struct err *e)
{
	if (flags & COMMITMENT)
		take_hex(r, s->commitment, ENCODE_HASH_LEN);
	if (flags & SEALED_HASH)
		take_hex(r, s->sealed_hash, ENCODE_HASH_LEN);
	if (!take_payload(r, s, flags, e) || ((flags & SEALED) && !take_sealed(r, s, e)))
		return false;
	if (r->cut)
		return true;
	if (!(flags & COMMITMENT))
		share_commitment(s->data.data, s->commitment);
	return (flags & SEALED_HASH) || sealed_hash(&s->sealed, s->sealed_hash, e);
}

/* What is left out must be there to be derived from. */
static bool
flags_hang_together(uint8_t flags)
{
	return (flags & ORIGIN_BITS) < sizeof(origins) / sizeof(origins[0]) &&
	       (!(flags & LOCKED) || (flags & COMMITMENT)) &&
	       ((flags & SEALED) || (flags & SEALED_HASH));
}

static bool
read_share(const uint8_t *data, size_t len, struct share *s, struct err *e)
{
	struct reader r = { .at = data, .left = len };
	uint64_t version = take_number(&r, 1);
	uint8_t flags = (uint8_t)take_number(&r, 1);

	if (r.cut || version != FORM)
		return err_set(e, ERR_FORMAT, "no share in binary form of version %d", FORM);
	if (!flags_hang_together(flags))
		return err_set(e, ERR_FORMAT, "a share in binary form with impossible flags");
	take_public(&r, s, flags);
	if (!take_rest(&r, s, flags, e))
		return false;
	if (r.cut || r.left > 0)
		return err_set(e, ERR_FORMAT, "a share in binary form of the wrong length");
	return true;
}

/* The values are checked where the text's are: by parsing it. That it encodes to the same bytes
 * again rules out whatever else a text could be read from. */
bool
sharebin_decode(const uint8_t *data, size_t len, struct share *out, struct err *e)
{
	SHARE_AUTO raw = { 0 };
	SHARE_AUTO parsed = { 0 };
	SECRET_AUTO text = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;

	if (!read_share(data, len, &raw, e) || !share_encode(&raw, false, &text, e) ||
		!share_parse(text.data, text.len, &parsed, e) ||
		!sharebin_encode(&parsed, false, &again, e))
		return false;
	if (again.len != len || sodium_memcmp(again.data, data, len) != 0)
		return err_set(e, ERR_FORMAT, "a share in binary form, but not in its one form");
	share_move(out, &parsed);
	return true;
}
