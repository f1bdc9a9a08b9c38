/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/cardsession.h"
#include "hsm/pinpad.h"

#include <reader.h>

/* PC/SC part 10 as pcsc-lite's header has it. */
_Static_assert(offsetof(PIN_VERIFY_STRUCTURE, wPINMaxExtraDigit) == 5, "digits");
_Static_assert(offsetof(PIN_VERIFY_STRUCTURE, bEntryValidationCondition) == 7, "validation");
_Static_assert(offsetof(PIN_VERIFY_STRUCTURE, wLangId) == 9, "language");
_Static_assert(offsetof(PIN_VERIFY_STRUCTURE, ulDataLength) == 15, "length of the data");
_Static_assert(offsetof(PIN_VERIFY_STRUCTURE, abData) == 19, "data");

#define VERIFY_CODE 0x42000db2

/* A reader with a keypad, or without; and what came of asking it. */
static struct {
	const uint8_t *features;
	size_t features_len;
	bool has_none;     /* it refuses the question */
	uint8_t answer[3]; /* of the keypad */
	size_t answer_len;
	uint8_t sent[64];
	size_t sent_len;
	unsigned asked; /* how often the keypad was */
	unsigned transmitted;
} keypad;

static const uint8_t features[] = {
	FEATURE_MODIFY_PIN_DIRECT, 4, 0x42, 0x00, 0x0d, 0xb3, /**/
	FEATURE_VERIFY_PIN_DIRECT, 4, 0x42, 0x00, 0x0d, 0xb2, /**/
};

static bool
control(void *context, uint32_t code, const uint8_t *in, size_t len, uint8_t *out, size_t size,
	size_t *out_len, struct err *e)
{
	(void)context;
	if (code == CM_IOCTL_GET_FEATURE_REQUEST) {
		if (keypad.has_none)
			return err_set(e, ERR_DEVICE, "not supported");
		assert_true(size >= keypad.features_len);
		memcpy(out, keypad.features, keypad.features_len);
		*out_len = keypad.features_len;
		return true;
	}
	assert_int_equal(code, VERIFY_CODE);
	assert_true(len <= sizeof(keypad.sent));
	memcpy(keypad.sent, in, len);
	keypad.sent_len = len;
	keypad.asked++;
	memcpy(out, keypad.answer, keypad.answer_len < size ? keypad.answer_len : size);
	*out_len = keypad.answer_len;
	return true;
}

static bool
transmit(void *context, const uint8_t *command, size_t len, uint8_t *reply, size_t size,
	size_t *reply_len, struct err *e)
{
	(void)context;
	(void)command;
	(void)len;
	(void)size;
	(void)e;
	keypad.transmitted++;
	memcpy(reply, "\x90\x00", 2);
	*reply_len = 2;
	return true;
}

static const struct apdu_link link = { .transmit = transmit, .control = control };

static struct card
card_with(const struct card_driver *driver, uint16_t sw)
{
	memset(&keypad, 0, sizeof(keypad));
	keypad.features = features;
	keypad.features_len = sizeof(features);
	keypad.answer[0] = (uint8_t)(sw >> 8);
	keypad.answer[1] = (uint8_t)sw;
	keypad.answer_len = 2;
	return (struct card){ .link = &link, .driver = driver, .serial = "1", .tries = 3 };
}

static void
the_structure_is_that_of_part_10(void **state)
{
	static const struct {
		const struct card_driver *driver;
		uint8_t bytes[32];
		size_t len;
	} rows[] = {
		{ &card_openpgp,
			{ 60, 60, 0x82, 0, 0, 16, 6, 2, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0x00, 0x20,
				0x00, 0x82, 0 },
			24 },
		{ &card_schsm,
			{ 60, 60, 0x82, 0, 0, 15, 6, 2, 1, 0, 0, 0, 0, 0, 0, 5, 0, 0, 0, 0x00, 0x20,
				0x00, 0x81, 0 },
			24 },
		{ &card_piv,
			{ 60, 60, 0x82, 8, 0, 8, 6, 2, 1, 0, 0, 0, 0, 0, 0, 13, 0, 0, 0, 0x00, 0x20,
				0x00, 0x80, 8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff },
			32 },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct card c = card_with(rows[i].driver, 0x9000);
		uint32_t code = 0;

		assert_true(pinpad_find(&c, &code));
		assert_int_equal(code, VERIFY_CODE);
		assert_ok(pinpad_verify(&c, code, &e), &e);
		assert_int_equal(keypad.sent_len, rows[i].len);
		assert_memory_equal(keypad.sent, rows[i].bytes, rows[i].len);
	}
}

static void
a_reader_without_a_keypad_or_a_card_with_a_kdf_has_none(void **state)
{
	static const uint8_t malformed[] = { FEATURE_VERIFY_PIN_DIRECT, 3, 0x42, 0x00, 0x0d, 0xb2 };
	struct card c = card_with(&card_openpgp, 0x9000);
	struct apdu_link deaf = link;
	uint32_t code = 0;

	(void)state;
	for (size_t len = 0; len < sizeof(features); len++) {
		keypad.features_len = len;
		assert_false(pinpad_find(&c, &code));
	}
	keypad.features = malformed;
	keypad.features_len = sizeof(malformed);
	assert_false(pinpad_find(&c, &code));
	keypad.has_none = true;
	assert_false(pinpad_find(&c, &code));
	c = card_with(&card_openpgp, 0x9000);
	c.facts_len = 3;
	assert_false(pinpad_find(&c, &code));
	deaf.control = NULL;
	c.facts_len = 0;
	c.link = &deaf;
	assert_false(pinpad_find(&c, &code));
}

static void
what_the_reader_or_the_card_says_is_told(void **state)
{
	static const struct {
		uint16_t sw;
		enum err_code code;
		const char *message;
		int tries;
	} rows[] = {
		{ 0x6400, ERR_REFUSED, "nothing was typed on the reader in time (6400); no try",
			3 },
		{ 0x6401, ERR_REFUSED, "broken off on the reader (6401); no try", 3 },
		{ 0x6402, ERR_REFUSED, "typed twice", 3 },
		{ 0x6403, ERR_REFUSED, "no PIN of that length", 3 },
		{ 0x6b80, ERR_REFUSED, "cannot ask", 3 },
		{ 0x63c2, ERR_AUTH, "wrong PIN for the OpenPGP card 1", 2 },
		{ 0x63c0, ERR_AUTH, "is blocked now", 0 },
		{ 0x6983, ERR_AUTH, "is blocked now", 0 },
		{ 0x6f00, ERR_DEVICE, "PIN: the card refuses it", 3 },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct card c = card_with(&card_openpgp, rows[i].sw);

		assert_fails(pinpad_verify(&c, VERIFY_CODE, &e), &e, rows[i].code, rows[i].message);
		assert_int_equal(c.tries, rows[i].tries);
		assert_int_equal(keypad.asked, 1);
	}
	for (size_t len = 0; len < 4; len++) {
		struct card c = card_with(&card_openpgp, 0x9000);

		if (len == 2)
			continue;
		keypad.answer_len = len;
		assert_fails(pinpad_verify(&c, VERIFY_CODE, &e), &e, ERR_DEVICE, "no status word");
	}
}

/* Who is asked: with an answer of its own, or leaving it to the reader. */
static const char *typed, *offered;

static bool
answer(const struct medium_host *h, const struct medium_ask *ask, struct secret *out, struct err *e)
{
	(void)h;
	offered = ask->pinpad;
	return !typed || secret_copy(out, typed, strlen(typed), e);
}

static void
a_pin_is_typed_on_the_reader_unless_there_is_one_here(void **state)
{
	const struct medium_host host = { .secret = answer };
	struct cardsession s = { .host = &host, .spec = "card:0", .place = "Keypad 00" };
	struct err e;

	(void)state;
	typed = NULL;
	s.card = card_with(&card_openpgp, 0x9000);
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_string_equal(offered, "Keypad 00");
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_int_equal(keypad.asked, 2);
	assert_int_equal(keypad.transmitted, 0);
	s.card.tries = 0;
	assert_fails(cardsession_unlock(&s, &e), &e, ERR_AUTH, "is blocked");
	assert_int_equal(keypad.asked, 2);
	s.card.tries = 3;
	s.typed_here = true;
	assert_fails(cardsession_unlock(&s, &e), &e, ERR_AUTH, "no try was spent");
	assert_null(offered);
	s.typed_here = false;
	typed = "24681357";
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_int_equal(keypad.asked, 2);
	assert_int_equal(keypad.transmitted, 2);
	cardsession_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(the_structure_is_that_of_part_10),
		unit(a_reader_without_a_keypad_or_a_card_with_a_kdf_has_none),
		unit(what_the_reader_or_the_card_says_is_told),
		unit(a_pin_is_typed_on_the_reader_unless_there_is_one_here),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
