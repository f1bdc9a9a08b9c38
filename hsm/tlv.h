/* SPDX-License-Identifier: ISC */
/*
 * tlv: BER-TLV as smartcards speak it (ISO 7816-4, 5.2.2): read strictly, written minimally.
 *
 * Tags of one to three bytes, kept as one number (0x5f52); definite lengths of up to three further
 * bytes, which need not be minimal (cards write 82 00 10). An indefinite length, a tag of zero and
 * a value that runs over the end are ERR_FORMAT. Values are borrowed from what is read; they may
 * be secret, so no message shows them.
 */
#ifndef HSM_TLV_H
#define HSM_TLV_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct tlv {
	uint32_t tag;
	const uint8_t *value;
	size_t len;
};

/* What is left to read; begin with all of it. */
struct tlv_rest {
	const uint8_t *at;
	size_t len;
};

/* The next one; rest->len must not be 0. On failure *rest is as it was. */
bool tlv_next(struct tlv_rest *rest, struct tlv *out, struct err *e) FALLIBLE;

/* The first one with this tag among those that follow each other in `data`, not inside of them;
 * all of them must be well-formed. ERR_MISSING when there is none. */
bool tlv_find(
	const uint8_t *data, size_t len, uint32_t tag, struct tlv *out, struct err *e) FALLIBLE;

/* Writes tag and length and returns how many bytes they took. len < 2^24. */
#define TLV_HEAD_MAX 7
size_t tlv_head(uint8_t out[static TLV_HEAD_MAX], uint32_t tag, size_t len);

#endif
