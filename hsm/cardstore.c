/* SPDX-License-Identifier: ISC */
#include "hsm/cardstore.h"

#include "base/encode.h"

#include <stdlib.h>
#include <string.h>

/* Tag 43, and a length byte that X.690 (8.1.3.5) reserves: no TLV. */
static const uint8_t magic[4] = { 0x43, 0xff, 0x53, 0x31 };

#define HEAD (sizeof(magic) + 3)
#define CHECKSUM 8

_Static_assert(HEAD + CHECKSUM == CARDSTORE_OVERHEAD, "what stands beside the records");

void
cardstore_free(struct cardstore *s)
{
	for (size_t i = 0; i < s->count; i++)
		secret_free(&s->records[i].bytes);
	free(s->records);
	*s = (struct cardstore){ 0 };
}

static size_t
get16(const uint8_t *at)
{
	return (size_t)at[0] << 8 | at[1];
}

static void
put16(uint8_t *at, size_t n)
{
	at[0] = (uint8_t)(n >> 8);
	at[1] = (uint8_t)n;
}

static void
checksum(const uint8_t *data, size_t len, uint8_t out[static CHECKSUM])
{
	uint8_t hash[ENCODE_HASH_LEN];

	encode_hash(hash, data, len);
	memcpy(out, hash, CHECKSUM);
}

static bool
is_blank(const uint8_t *data, size_t len)
{
	if (len == 0)
		return true;
	for (size_t i = 0; i < len; i++)
		if (data[i] != data[0])
			return false;
	return data[0] == 0x00 || data[0] == 0xff;
}

/* All of it there, and as it was written. */
static bool
is_whole(const uint8_t *data, size_t len)
{
	uint8_t sum[CHECKSUM];

	if (len < CARDSTORE_OVERHEAD)
		return false;
	size_t total = get16(data + sizeof(magic));
	if (total < CARDSTORE_OVERHEAD || total > len || total > CARDSTORE_MAX)
		return false;
	checksum(data, total - CHECKSUM, sum);
	return memcmp(sum, data + total - CHECKSUM, CHECKSUM) == 0;
}

static bool
append(struct cardstore *s, uint8_t kind, const void *bytes, size_t len, struct err *e)
{
	struct cardstore_record *grown = realloc(s->records, (s->count + 1) * sizeof(*s->records));

	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->records = grown;
	grown[s->count] = (struct cardstore_record){ .kind = kind };
	if (!secret_copy(&grown[s->count].bytes, bytes, len, e))
		return false;
	s->count++;
	return true;
}

/* The records between head and checksum; *fit: they fill that space exactly. */
static bool
read_records(const uint8_t *at, size_t len, unsigned count, bool *fit, struct cardstore *out,
	struct err *e)
{
	*fit = false;
	while (count-- > 0) {
		if (len < CARDSTORE_RECORD)
			return true;
		size_t size = get16(at + 1);
		if (size > len - CARDSTORE_RECORD)
			return true;
		if (!append(out, at[0], at + CARDSTORE_RECORD, size, e))
			return false;
		at += CARDSTORE_RECORD + size;
		len -= CARDSTORE_RECORD + size;
	}
	*fit = len == 0;
	return true;
}

static enum cardstore_state
state_of(const uint8_t *data, size_t len)
{
	if (is_blank(data, len))
		return CARDSTORE_EMPTY;
	if (memcmp(data, magic, len < sizeof(magic) ? len : sizeof(magic)) != 0)
		return CARDSTORE_FOREIGN;
	return is_whole(data, len) ? CARDSTORE_OURS : CARDSTORE_TORN;
}

bool
cardstore_parse(const uint8_t *data, size_t len, enum cardstore_state *state, struct cardstore *out,
	struct err *e)
{
	CARDSTORE_AUTO s = { 0 };
	enum cardstore_state found = state_of(data, len);
	bool fit = true;

	if (found == CARDSTORE_OURS) {
		size_t total = get16(data + sizeof(magic));
		if (!read_records(
			    data + HEAD, total - CARDSTORE_OVERHEAD, data[HEAD - 1], &fit, &s, e))
			return false;
	}
	*state = fit ? found : CARDSTORE_TORN;
	if (*state == CARDSTORE_OURS) {
		*out = s;
		s = (struct cardstore){ 0 };
	}
	return true;
}

bool
cardstore_add(
	struct cardstore *s, enum cardstore_kind kind, const struct secret *bytes, struct err *e)
{
	if (s->count >= CARDSTORE_RECORDS_MAX ||
		cardstore_size(s) + CARDSTORE_RECORD + bytes->len > CARDSTORE_MAX)
		return err_set(e, ERR_FORMAT, "too much for one object of a card: over %d bytes",
			CARDSTORE_MAX);
	return append(s, (uint8_t)kind, bytes->data, bytes->len, e);
}

void
cardstore_remove(struct cardstore *s, size_t i)
{
	secret_free(&s->records[i].bytes);
	s->count--;
	memmove(&s->records[i], &s->records[i + 1], (s->count - i) * sizeof(*s->records));
}

size_t
cardstore_size(const struct cardstore *s)
{
	size_t size = CARDSTORE_OVERHEAD;

	for (size_t i = 0; i < s->count; i++)
		size += CARDSTORE_RECORD + s->records[i].bytes.len;
	return size;
}

bool
cardstore_encode(const struct cardstore *s, struct secret *out, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;
	size_t size = cardstore_size(s);

	if (!secret_new(&bytes, size, e))
		return false;
	memcpy(bytes.data, magic, sizeof(magic));
	put16(bytes.data + sizeof(magic), size);
	bytes.data[HEAD - 1] = (uint8_t)s->count;
	uint8_t *at = bytes.data + HEAD;
	for (size_t i = 0; i < s->count; i++) {
		const struct cardstore_record *r = &s->records[i];
		*at = r->kind;
		put16(at + 1, r->bytes.len);
		if (r->bytes.len > 0)
			memcpy(at + CARDSTORE_RECORD, r->bytes.data, r->bytes.len);
		at += CARDSTORE_RECORD + r->bytes.len;
	}
	checksum(bytes.data, size - CHECKSUM, at);
	secret_move(out, &bytes);
	return true;
}
