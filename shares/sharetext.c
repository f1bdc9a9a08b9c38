/* SPDX-License-Identifier: ISC */
/* The text form of a share: one table, from which it is signed, written and read. */
#include "base/clock.h"
#include "base/encode.h"
#include "shares/fields.h"
#include "shares/locked.h"
#include "shares/share.h"

#include <stdlib.h>
#include <string.h>

#define TITLE "coldspare-share-1"

static void
write_text(const void *from, struct buf *out)
{
	buf_adds(out, from);
}

static bool
read_name(void *to, const char *value, size_t len, struct err *e)
{
	char name[SHARE_NAME_MAX + 1];

	if (len > SHARE_NAME_MAX)
		return err_set(e, ERR_FORMAT, "over %d characters", SHARE_NAME_MAX);
	fields_copy(name, value, len);
	if (!share_name_check("the name", name, e)) {
		e->code = ERR_FORMAT;
		return false;
	}
	fields_copy(to, value, len);
	return true;
}

static const struct field_type name = { read_name, write_text };

static bool
read_vault_key(void *to, const char *value, size_t len, struct err *e)
{
	char text[MINISIGN_PUB_TEXT];

	if (len != sizeof(text) - 1)
		return err_set(e, ERR_FORMAT, "not a minisign public key");
	fields_copy(text, value, len);
	return minisign_pub_parse(text, to, e);
}

static void
write_vault_key(const void *from, struct buf *out)
{
	char text[MINISIGN_PUB_TEXT];

	minisign_pub_encode(from, text);
	buf_adds(out, text);
}

static const struct field_type vault_key = { read_vault_key, write_vault_key };

static bool
read_count(void *to, const char *value, size_t len, struct err *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < len && n <= SHARE_COUNT_MAX; i++)
		n = value[i] >= '0' && value[i] <= '9' ? 10 * n + (unsigned)(value[i] - '0')
						       : SHARE_COUNT_MAX + 1;
	if (n < 1 || n > SHARE_COUNT_MAX)
		return err_set(e, ERR_FORMAT, "not a number from 1 to %d", SHARE_COUNT_MAX);
	*(unsigned *)to = n;
	return true;
}

static void
write_count(const void *from, struct buf *out)
{
	buf_addf(out, "%u", *(const unsigned *)from);
}

static const struct field_type number = { read_count, write_count };

static bool
read_origin(void *to, const char *value, size_t len, struct err *e)
{
	static const char *const origins[] = { "offline", "online", "imported" };

	for (size_t i = 0; i < sizeof(origins) / sizeof(origins[0]); i++)
		if (strlen(origins[i]) == len && memcmp(origins[i], value, len) == 0) {
			fields_copy(to, value, len);
			return true;
		}
	return err_set(e, ERR_FORMAT, "not offline, online or imported");
}

static const struct field_type origin = { read_origin, write_text };

static bool
read_time(void *to, const char *value, size_t len, struct err *e)
{
	char text[CLOCK_TEXT];

	if (len != sizeof(text) - 1)
		return err_set(e, ERR_FORMAT, "not a time like 2026-11-22T10:00:00Z");
	fields_copy(text, value, len);
	return clock_parse(text, to, e);
}

static void
write_time(const void *from, struct buf *out)
{
	char text[CLOCK_TEXT];

	clock_format(*(const int64_t *)from, text);
	buf_adds(out, text);
}

static const struct field_type moment = { read_time, write_time };

static bool
read_yes(void *to, const char *value, size_t len, struct err *e)
{
	if (len != 3 || memcmp(value, "yes", 3) != 0)
		return err_set(e, ERR_FORMAT, "not \"yes\"");
	*(bool *)to = true;
	return true;
}

static void
write_yes(const void *from, struct buf *out)
{
	if (*(const bool *)from)
		buf_adds(out, "yes");
}

static const struct field_type yes = { read_yes, write_yes };

static bool
read_hash(void *to, const char *value, size_t len, struct err *e)
{
	if (!fields_is_hex(value, len, SHARE_HASH_TEXT - 1))
		return err_set(e, ERR_FORMAT, "not 64 lower-case hex digits");
	fields_copy(to, value, len);
	return true;
}

static const struct field_type hash = { read_hash, write_text };

static bool
read_signature(void *to, const char *value, size_t len, struct err *e)
{
	return encode_unbase64(to, MINISIGN_SIG_LEN, value, len, e);
}

static void
write_signature(const void *from, struct buf *out)
{
	encode_base64_buf(out, from, MINISIGN_SIG_LEN);
}

static const struct field_type signature = { read_signature, write_signature };

/* From secret memory to secret memory: the text is the caller's, the bytes go to their place. */
static bool
read_payload(void *to, const char *value, size_t len, struct err *e)
{
	struct secret *data = to;

	return secret_new(data, SHARE_DATA_LEN, e) &&
	       encode_unbase64(data->data, data->len, value, len, e);
}

static const struct field_type payload = { read_payload, NULL };

static bool
read_locked(void *to, const char *value, size_t len, struct err *e)
{
	char **out = to;

	if (!locked_check(value, len, e))
		return false;
	*out = strndup(value, len);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

static void
write_locked(const void *from, struct buf *out)
{
	const char *text = *(char *const *)from;

	if (text)
		buf_adds(out, text);
}

static const struct field_type locked = { read_locked, write_locked };

#define AT(member) offsetof(struct share, member)

/* Where the parts begin. */
enum { SIGNED = 0, SIGNATURE = 14, PAYLOAD = 15, LOCKED = 16, SEALED = 17, COUNT = 19 };

/* What stands above the signature is what it signs. */
static const struct field fields[COUNT] = {
	[SIGNED] = { "vault", FIELD_MUST, &name, AT(vault) },
	{ "vault-key", FIELD_MUST, &vault_key, AT(vault_key) },
	{ "key", FIELD_MUST, &fields_key_id, AT(key) },
	{ "pin", FIELD_MUST, &fields_pin, AT(pin) },
	{ "set", FIELD_MUST, &fields_set, AT(set) },
	{ "threshold", FIELD_MUST, &number, AT(threshold) },
	{ "shares", FIELD_MUST, &number, AT(shares) },
	{ "number", FIELD_MUST, &number, AT(number) },
	{ "origin", FIELD_MUST, &origin, AT(origin) },
	{ "custodian", FIELD_MUST, &name, AT(custodian) },
	{ "created", FIELD_MUST, &moment, AT(created) },
	{ "rehearsal", FIELD_MAY, &yes, AT(rehearsal) },
	{ "commitment", FIELD_MUST, &hash, AT(commitment) },
	{ "sealed-hash", FIELD_MUST, &hash, AT(sealed_hash) },
	[SIGNATURE] = { "signature", FIELD_MUST, &signature, AT(signature) },
	[PAYLOAD] = { "data", FIELD_MAY, &payload, AT(data) },
	[LOCKED] = { "locked", FIELD_ELSE, &locked, AT(locked) },
	[SEALED] = { "sealed-nonce", FIELD_MAY, &fields_nonce, AT(sealed.nonce) },
	{ "sealed-data", FIELD_WITH, &fields_ciphertext, AT(sealed.data) },
};

void
share_signed_text(const struct share *s, struct buf *out)
{
	buf_adds(out, TITLE "\n");
	fields_write(fields + SIGNED, SIGNATURE - SIGNED, s, out);
}

#define DATA_PREFIX "data: "
#define DATA_LINE (sizeof(DATA_PREFIX) - 1 + ENCODE_BASE64_SIZE(SHARE_DATA_LEN) - 1 + 1)

/* DATA_LINE bytes, in secret memory, and a NUL after the base64 that the line end replaces. */
static void
encode_payload(const struct secret *data, char *out)
{
	memcpy(out, DATA_PREFIX, sizeof(DATA_PREFIX) - 1);
	encode_base64(out + sizeof(DATA_PREFIX) - 1, data->data, data->len);
	out[DATA_LINE - 1] = '\n';
}

bool
share_encode(const struct share *s, bool detached, struct secret *out, struct err *e)
{
	SECRET_AUTO text = SECRET_NONE;
	BUF_AUTO above = BUF_NONE;
	BUF_AUTO below = BUF_NONE;
	size_t data_len = s->locked ? 0 : DATA_LINE;

	if (!s->locked && s->data.len != SHARE_DATA_LEN)
		return err_set(e, ERR_INTERNAL, "a share without its payload");
	share_signed_text(s, &above);
	fields_write(fields + SIGNATURE, 1, s, &above);
	fields_write(fields + LOCKED, 1, s, &below);
	if (s->carries_sealed && !detached)
		fields_write(fields + SEALED, COUNT - SEALED, s, &below);
	if (!buf_ok(&above, e) || !buf_ok(&below, e) ||
		!secret_new(&text, above.len + data_len + below.len, e))
		return false;

	memcpy(text.data, above.data, above.len);
	if (data_len > 0)
		encode_payload(&s->data, (char *)text.data + above.len);
	if (below.len > 0)
		memcpy(text.data + above.len + data_len, below.data, below.len);
	secret_move(out, &text);
	return true;
}

static bool
parse(const uint8_t *text, size_t len, struct share *s, struct err *e)
{
	if (len > SHARE_TEXT_MAX)
		return err_set(e, ERR_FORMAT, "over %d bytes: not a share", SHARE_TEXT_MAX);
	if (!fields_read(TITLE, fields, COUNT, (const char *)text, len, s, e))
		return false;
	if (!share_counts_check(s->threshold, s->shares, e)) {
		e->code = ERR_FORMAT;
		return false;
	}
	s->carries_sealed = s->sealed.data.len > 0;
	memcpy(s->sealed.key, s->key, sizeof(s->key));
	memcpy(s->sealed.pin, s->pin, sizeof(s->pin));
	memcpy(s->sealed.set, s->set, sizeof(s->set));
	return true;
}

bool
share_parse(const uint8_t *text, size_t len, struct share *out, struct err *e)
{
	SHARE_AUTO s = { 0 };

	if (!parse(text, len, &s, e)) {
		if (e->code == ERR_FORMAT)
			err_hint(e, "compare that line with another share of the set; a share that "
				    "was typed: type it again");
		return false;
	}
	share_move(out, &s);
	return true;
}
