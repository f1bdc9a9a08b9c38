/* SPDX-License-Identifier: ISC */
/*
 * iso: what every simulated card does alike (ISO 7816-3 and -4): command APDUs short and extended,
 * command chaining (CLA 10), replies that are fetched in parts (61xx and GET RESPONSE), 6Cxx,
 * selecting the one applet, PINs with counters, and forgetting all of it on a reset.
 */
#ifndef TESTS_CARDS_ISO_H
#define TESTS_CARDS_ISO_H

#include "base/buf.h"
#include "tests/cards/store.h"

#include <stddef.h>
#include <stdint.h>

/* Status words, named as in ISO 7816-4. */
enum {
	SW_OK = 0x9000,
	SW_MORE = 0x6100, /* + bytes that wait, 00 for 256 and more */
	SW_END_REACHED = 0x6282,
	SW_TRIES_LEFT = 0x63c0, /* + tries */
	SW_MEMORY_FAILURE = 0x6581,
	SW_WRONG_LENGTH = 0x6700,
	SW_CHANNEL = 0x6881,
	SW_SECURE_MESSAGING = 0x6882,
	SW_NOT_AUTHORISED = 0x6982,
	SW_BLOCKED = 0x6983,
	SW_CONDITIONS = 0x6985,
	SW_WRONG_DATA = 0x6a80,
	SW_NO_FUNCTION = 0x6a81,
	SW_NO_FILE = 0x6a82,
	SW_NO_ROOM = 0x6a84,
	SW_WRONG_P1P2 = 0x6a86,
	SW_NO_REFERENCE = 0x6a88,
	SW_EXISTS = 0x6a89,
	SW_WRONG_OFFSET = 0x6b00,
	SW_EXACT_LENGTH = 0x6c00, /* + the length */
	SW_WRONG_INS = 0x6d00,
	SW_WRONG_CLA = 0x6e00,
};

struct apdu {
	uint8_t cla, ins, p1, p2; /* cla without the chaining bit */
	const uint8_t *data;
	size_t lc;
	size_t le; /* 0 when none is expected; 256 or 65536 for "all there is" */
};

#define APDU_P1P2(a) ((unsigned)(a)->p1 << 8 | (a)->p2)

/* What the command line decides. */
struct settings {
	const char *serial, *pin, *admin; /* as text */
	const char *algorithm;            /* piv: of the management key */
	long size;                        /* the longest value, in bytes */
	long room;                        /* for all that a user writes */
	long tries;
	bool extended; /* takes extended length, and says so */
	bool exact_le; /* answers 6Cxx unless Le is exactly what there is */
	bool counts;   /* answers a wrong PIN with 63Cx where the applet has the choice */
	bool kdf;      /* openpgp: a KDF-DO from the factory */
	bool old;      /* openpgp: version 2.1; piv: no metadata */
	bool pieces;   /* piv: each command of a chained write is written at once */
	long tear;     /* this write, from 1, keeps its first half, and the card dies */
};

/* What a reset forgets. */
struct session {
	bool selected;
	unsigned verified; /* bits of the applet's own */
	uint32_t file;     /* the selected one */
	uint8_t challenge[16];
	size_t challenge_len;
};

struct card {
	const struct applet *applet;
	struct settings settings;
	struct store store;
	struct session session;
	long writes;
	bool dying;       /* tears itself away before it answers */
	struct buf chain; /* of a command that is not complete */
	uint8_t chain_head[4];
	struct buf rest; /* of a reply */
	uint16_t status; /* that follows its last byte */
};

/* An instruction of an applet, which appends its reply's data to `out`. */
struct instruction {
	uint8_t cla, ins;
	uint16_t (*run)(struct card *c, const struct apdu *a, struct buf *out);
};

struct applet {
	const char *name;
	const char *atr, *aid; /* hex, lower case */
	struct settings defaults;
	void (*factory)(struct card *c); /* fills an empty store */
	uint16_t (*select)(struct card *c, struct buf *out);
	const struct instruction *instructions; /* ends with .run == NULL */
	/* With settings.pieces: all of a chain so far, which is not complete. */
	void (*piece)(struct card *c, const struct apdu *a);
};

extern const struct applet app_openpgp, app_piv, app_schsm;

void iso_reset(struct card *c);
void iso_exchange(struct card *c, const uint8_t *in, size_t len, struct buf *out);

/* How many of the bytes are really written: half of them, if this is the write to be torn. */
size_t iso_torn(struct card *c, size_t len);

/* A write of a whole value, within --size. */
uint16_t iso_write(struct card *c, uint32_t id, const void *data, size_t len);

/* The bytes of a hexadecimal text of our own. */
void iso_hex(struct buf *out, const char *hex);

/* What is kept of a PIN: tries left, tries at most, and its bytes. */
#define ISO_PIN_ID(ref) (UINT32_C(0x1000000) | (ref))
#define ISO_PIN_HEAD 2

/* PINs: `ref` is their number in VERIFY. A check costs a try, success restores them all. */
void iso_pin_set(struct card *c, uint8_t ref, const void *pin, size_t len);
bool iso_pin_check(struct card *c, uint8_t ref, const void *pin, size_t len);
unsigned iso_pin_tries(const struct card *c, uint8_t ref);
size_t iso_pin_len(const struct card *c, uint8_t ref);
uint16_t iso_pin_refused(const struct card *c, uint8_t ref); /* the status after a failed check */

#endif
