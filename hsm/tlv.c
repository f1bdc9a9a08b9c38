/* SPDX-License-Identifier: ISC */
#include "hsm/tlv.h"

#define TAG_BYTES_MAX 3
#define LENGTH_BYTES_MAX 3

static bool
take(struct tlv_rest *r, uint8_t *out, struct err *e)
{
	if (r->len == 0)
		return err_set(e, ERR_FORMAT, "TLV: cut off");
	*out = *r->at++;
	r->len--;
	return true;
}

static bool
take_tag(struct tlv_rest *r, uint32_t *tag, struct err *e)
{
	uint8_t byte = 0;

	if (!take(r, &byte, e))
		return false;
	if (byte == 0)
		return err_set(e, ERR_FORMAT, "TLV: a tag of zero");
	*tag = byte;
	if ((byte & 0x1f) != 0x1f)
		return true;
	for (int i = 1; i < TAG_BYTES_MAX; i++) {
		if (!take(r, &byte, e))
			return false;
		*tag = *tag << 8 | byte;
		if (!(byte & 0x80))
			return true;
	}
	return err_set(e, ERR_FORMAT, "TLV: a tag of over %d bytes", TAG_BYTES_MAX);
}

static bool
take_length(struct tlv_rest *r, size_t *len, struct err *e)
{
	uint8_t byte = 0;

	if (!take(r, &byte, e))
		return false;
	if (byte < 0x80) {
		*len = byte;
		return true;
	}
	unsigned count = byte & 0x7f;
	if (count == 0 || count > LENGTH_BYTES_MAX)
		return err_set(e, ERR_FORMAT, "TLV: a length of %u bytes", count);
	*len = 0;
	while (count-- > 0) {
		if (!take(r, &byte, e))
			return false;
		*len = *len << 8 | byte;
	}
	return true;
}

bool
tlv_next(struct tlv_rest *rest, struct tlv *out, struct err *e)
{
	struct tlv_rest r = *rest;
	struct tlv t = { 0 };

	if (!take_tag(&r, &t.tag, e) || !take_length(&r, &t.len, e))
		return false;
	if (t.len > r.len)
		return err_set(e, ERR_FORMAT, "TLV: tag %02x runs over the end", (unsigned)t.tag);
	t.value = r.at;
	*rest = (struct tlv_rest){ r.at + t.len, r.len - t.len };
	*out = t;
	return true;
}

bool
tlv_find(const uint8_t *data, size_t len, uint32_t tag, struct tlv *out, struct err *e)
{
	struct tlv_rest r = { data, len };
	struct tlv t, found = { 0 };

	while (r.len > 0) {
		if (!tlv_next(&r, &t, e))
			return false;
		if (t.tag == tag && !found.value)
			found = t;
	}
	if (!found.value)
		return err_set(e, ERR_MISSING, "TLV: no tag %02x", (unsigned)tag);
	*out = found;
	return true;
}

size_t
tlv_head(uint8_t out[static TLV_HEAD_MAX], uint32_t tag, size_t len)
{
	size_t n = 0;

	for (int shift = 16; shift >= 0; shift -= 8)
		if (tag >> shift != 0)
			out[n++] = (uint8_t)(tag >> shift);
	if (len >= 0x80) {
		uint8_t bytes = len >= 0x10000 ? 3 : len >= 0x100 ? 2 : 1;
		out[n++] = 0x80 | bytes;
		for (; bytes > 1; bytes--)
			out[n++] = (uint8_t)(len >> (8 * (bytes - 1)));
	}
	out[n++] = (uint8_t)len;
	return n;
}
