/* SPDX-License-Identifier: ISC */
#include "tests/cards/ber.h"

/* The bytes of `n` that count, from the highest, at least one. */
static void
add_number(struct buf *out, uint32_t n)
{
	int shift = 24;

	while (shift > 0 && n >> shift == 0)
		shift -= 8;
	for (; shift >= 0; shift -= 8)
		buf_add(out, &(uint8_t){ (uint8_t)(n >> shift) }, 1);
}

void
ber_add(struct buf *out, uint32_t tag, const void *value, size_t len)
{
	add_number(out, tag);
	if (len > 0x7f)
		buf_add(out, &(uint8_t){ len > 0xff ? 0x82 : 0x81 }, 1);
	add_number(out, (uint32_t)len);
	buf_add(out, value, len);
}

static bool
read_tag(const uint8_t **at, const uint8_t *end, uint32_t *tag)
{
	const uint8_t *p = *at;
	bool more;

	if (p == end)
		return false;
	*tag = *p++;
	for (more = (*tag & 0x1f) == 0x1f; more; p++) {
		if (p == end || *tag > 0xffff)
			return false;
		*tag = *tag << 8 | *p;
		more = *p & 0x80;
	}
	*at = p;
	return true;
}

static bool
read_length(const uint8_t **at, const uint8_t *end, size_t *len)
{
	const uint8_t *p = *at;
	unsigned more;

	if (p == end)
		return false;
	*len = *p++;
	if (*len > 0x7f) {
		more = *len & 0x7f;
		if (more < 1 || more > 3)
			return false;
		for (*len = 0; more > 0 && p < end; more--)
			*len = *len << 8 | *p++;
		if (more > 0)
			return false;
	}
	*at = p;
	return *len <= (size_t)(end - p);
}

bool
ber_next(const uint8_t **at, const uint8_t *end, struct ber *out)
{
	const uint8_t *p = *at;
	struct ber b = { 0 };

	if (!read_tag(&p, end, &b.tag) || !read_length(&p, end, &b.len))
		return false;
	b.value = p;
	*at = p + b.len;
	*out = b;
	return true;
}

bool
ber_find(const uint8_t *data, size_t len, uint32_t tag, struct ber *out)
{
	const uint8_t *at = data;
	struct ber b;

	while (ber_next(&at, data + len, &b)) {
		if (b.tag == tag) {
			*out = b;
			return true;
		}
	}
	return false;
}
