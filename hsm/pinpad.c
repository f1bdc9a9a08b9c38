/* SPDX-License-Identifier: ISC */
#include "hsm/pinpad.h"

#include <string.h>

#define GET_FEATURE_REQUEST (0x42000000 + 3400)
#define VERIFY_PIN_DIRECT 0x06
#define FEATURES_MAX 256
#define BLOCK_MAX 16
#define SECONDS 60

/* PIN_VERIFY_STRUCTURE, byte by byte (2.5.2); numbers are little-endian. */
enum {
	TIMEOUT = 0,
	TIMEOUT_NEXT = 1,
	FORMAT = 2,
	BLOCK = 3,
	LENGTH_FORMAT = 4,
	DIGITS_MAX = 5,
	DIGITS_MIN = 6,
	VALIDATION = 7,
	MESSAGES = 8,
	LANGUAGE = 9,
	MESSAGE = 11,
	PROLOGUE = 12,
	DATA_LEN = 15,
	DATA = 19,
};

/* The control code of one feature among those that the reader lists: tag, length 4, code in
 * big-endian order. */
static bool
find_feature(const uint8_t *list, size_t len, uint8_t feature, uint32_t *control)
{
	for (; len >= 6 && list[1] == 4; list += 6, len -= 6)
		if (list[0] == feature) {
			*control = (uint32_t)list[2] << 24 | (uint32_t)list[3] << 16 |
				   (uint32_t)list[4] << 8 | list[5];
			return true;
		}
	return false;
}

static const struct pinpad_format *
format_of(const struct card *c)
{
	return c->driver->pinpad ? c->driver->pinpad(c) : NULL;
}

bool
pinpad_find(const struct card *c, uint32_t *control)
{
	uint8_t list[FEATURES_MAX];
	size_t len = 0;
	struct err ignored;

	return c->link->control && format_of(c) &&
	       c->link->control(c->link->context, GET_FEATURE_REQUEST, NULL, 0, list, sizeof(list),
		       &len, &ignored) &&
	       find_feature(list, len, VERIFY_PIN_DIRECT, control);
}

/* Returns how many bytes it takes. */
static size_t
structure(const struct pinpad_format *f, uint8_t out[static DATA + 5 + BLOCK_MAX])
{
	size_t data = 5 + (size_t)f->block;

	memset(out, 0, DATA);
	out[TIMEOUT] = out[TIMEOUT_NEXT] = SECONDS;
	out[FORMAT] = 0x82; /* positions in bytes, none to move by, to the left, ASCII */
	out[BLOCK] = f->block;
	out[DIGITS_MAX] = f->max;
	out[DIGITS_MIN] = f->min;
	out[VALIDATION] = 0x02; /* the key that ends the entry */
	out[MESSAGES] = 1;
	out[DATA_LEN] = (uint8_t)data;
	memcpy(out + DATA, (const uint8_t[]){ 0x00, 0x20, 0x00, f->reference, f->block }, 5);
	memset(out + DATA + 5, 0xff, f->block);
	return DATA + data;
}

/* What the reader says in the card's place (2.5.2, table 5). */
static const struct answer {
	uint16_t sw;
	const char *text;
} answers[] = {
	{ 0x6400, "nothing was typed on the reader in time" },
	{ 0x6401, "the entry was broken off on the reader" },
	{ 0x6402, "the reader wants it typed twice, the same both times" },
	{ 0x6403, "the reader takes no PIN of that length" },
	{ 0x6b80, "the reader cannot ask for this card's PIN" },
};

static bool
judge(struct card *c, uint16_t sw, struct err *e)
{
	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++)
		if (answers[i].sw == sw) {
			err_set(e, ERR_REFUSED, "the PIN: %s (%04X); no try was spent",
				answers[i].text, sw);
			return err_hint(
				e, "run the same command again, or give the PIN by --pin-fd");
		}
	return card_pin_answer(c, sw, e);
}

bool
pinpad_verify(struct card *c, uint32_t control, struct err *e)
{
	uint8_t in[DATA + 5 + BLOCK_MAX], out[2];
	const struct pinpad_format *f = format_of(c);
	size_t len = 0;

	if (!f || f->block > BLOCK_MAX)
		return err_set(e, ERR_INTERNAL, "no PIN by keypad for this card");
	if (!c->link->control(
		    c->link->context, control, in, structure(f, in), out, sizeof(out), &len, e))
		return err_wrap(e, "the PIN, on the reader");
	if (len != sizeof(out))
		return err_set(e, ERR_DEVICE, "the PIN: the reader gave no status word");
	return judge(c, (uint16_t)(out[0] << 8 | out[1]), e);
}
