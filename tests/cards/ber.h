/* SPDX-License-Identifier: ISC */
/*
 * ber: BER-TLV as cards write it (ISO 7816-4 section 6.3): tags of one to three bytes, definite
 * lengths.
 */
#ifndef TESTS_CARDS_BER_H
#define TESTS_CARDS_BER_H

#include "base/buf.h"

#include <stdint.h>

struct ber {
	uint32_t tag;
	const uint8_t *value;
	size_t len;
};

void ber_add(struct buf *out, uint32_t tag, const void *value, size_t len);

/* The element at *at, which moves behind it; false at the end, or where none can be read. */
bool ber_next(const uint8_t **at, const uint8_t *end, struct ber *out);

/* The first element with this tag, not looking inside others. */
bool ber_find(const uint8_t *data, size_t len, uint32_t tag, struct ber *out);

#endif
