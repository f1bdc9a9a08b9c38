/* SPDX-License-Identifier: ISC */
/*
 * apdu: commands to a card and its replies (ISO 7816-4), over any link.
 *
 * Always short APDUs: longer data goes out in a chain (CLA bit 10), longer replies come in by GET
 * RESPONSE (61xx), and a wrong Le is mended once (6Cxx). Every loop is bounded: a card that lies
 * is ERR_DEVICE. Commands may hold PINs and replies shares, so both live in secret memory.
 */
#ifndef HSM_APDU_H
#define HSM_APDU_H

#include "base/secret.h"

#define APDU_OK 0x9000
#define APDU_REPLY_MAX 16384 /* bytes of one reply, however many pieces it comes in */
#define APDU_DATA_MAX 255    /* bytes of data in one command */

/* The other end: a reader, or a transcript in tests. */
struct apdu_link {
	void *context;
	/* One command, one reply, whose last two bytes are the status word. */
	bool (*transmit)(void *context, const uint8_t *command, size_t len, uint8_t *reply,
		size_t size, size_t *reply_len, struct err *e);
	/* From here to `end` the card is ours alone. */
	bool (*begin)(void *context, struct err *e);
	/* Resets the card, so that nobody else finds it unlocked. */
	bool (*end)(void *context, struct err *e);
	/* Something to the reader itself, in PC/SC's control codes. NULL: there is no reader. */
	bool (*control)(void *context, uint32_t code, const uint8_t *in, size_t len, uint8_t *out,
		size_t size, size_t *out_len, struct err *e);
};

struct apdu {
	uint8_t cla, ins, p1, p2;
	const void *data;
	size_t len;
	unsigned le; /* bytes wanted: 0 (none) to 256 (as many as there are) */
};

/* Sends it and fills *sw and, unless NULL, *reply (emptied first). True for any status word: only
 * a link that fails or a reply that breaks the rules is an error. */
bool apdu_exchange(const struct apdu_link *l, const struct apdu *c, struct secret *reply,
	uint16_t *sw, struct err *e) FALLIBLE;

/* The same, and anything but 9000 is an error, as apdu_refused words it. */
bool apdu_send(const struct apdu_link *l, const struct apdu *c, const char *what,
	struct secret *reply, struct err *e) FALLIBLE;

/* "what: meaning (status word)". ERR_AUTH when a PIN is wanted, ERR_MISSING when there is no such
 * object, else ERR_DEVICE. Always false. */
bool apdu_refused(uint16_t sw, const char *what, struct err *e);

#endif
