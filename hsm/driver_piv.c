/* SPDX-License-Identifier: ISC */
/*
 * driver_piv: the data objects 5FC103 and 5FC108 of a PIV card (NIST SP 800-73-4: fingerprints and
 * facial image, which cards of ours have none of), and what YubiKeys add to it.
 *
 * Two slots. Reading wants the PIN, writing the management key. The third object behind the PIN,
 * 5FC109, is never touched: YubiKeys keep a management key there.
 */
#include "hsm/card.h"
#include "hsm/pinpad.h"
#include "hsm/pivkey.h"
#include "hsm/tlv.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define PIN_REFERENCE 0x80
#define PUK_REFERENCE 0x81
#define PIN_LEN 8
#define ROOM 3063 /* of a YubiKey 4 and 5; cards that tell nothing have less */
#define SERIAL_MAX 16

#define ADMIN_KEY 0
#define ADMIN_PUK 1

#define CHUID 0x02
static const uint8_t objects[] = { 0x03, 0x08 };

/* Objects ---------------------------------------------------------------------------------- */

static bool
get_object(struct card *c, uint8_t last, const char *what, struct secret *out, struct err *e)
{
	const uint8_t tag[] = { 0x5c, 0x03, 0x5f, 0xc1, last };
	const struct apdu get = { 0x00, 0xcb, 0x3f, 0xff, tag, sizeof(tag), 256 };
	SECRET_AUTO reply = SECRET_NONE;
	struct tlv_rest rest;
	struct tlv t = { 0 };

	if (!apdu_send(c->link, &get, what, &reply, e))
		return false;
	rest = (struct tlv_rest){ reply.data, reply.len };
	if (rest.len == 0 || !tlv_next(&rest, &t, e) || t.tag != 0x53 || rest.len > 0)
		return err_set(e, ERR_DEVICE, "%s: the card's answer is no object", what);
	return secret_copy(out, t.value, t.len, e);
}

static bool
piv_load(struct card *c, unsigned slot, struct secret *out, struct err *e)
{
	char what[40];

	(void)snprintf(what, sizeof(what), "reading object 5FC1%02X", objects[slot]);
	if (get_object(c, objects[slot], what, out, e))
		return true;
	return e->code == ERR_MISSING && secret_new(out, 0, e);
}

/* A card may know only now that it has no room. */
static bool
write_refused(uint16_t sw, const char *what, size_t len, struct err *e)
{
	if (sw != 0x6a84 && sw != 0x6700)
		return apdu_refused(sw, what, e);
	err_set(e, ERR_REFUSED, "%s: %zu bytes are more than the card takes (%04X)", what, len, sw);
	return err_hint(e, "use a card with more room, or lock a folder by the card: "
			   "NAME=dir:PATH+card:READER");
}

static bool
piv_store(struct card *c, unsigned slot, const struct secret *bytes, struct err *e)
{
	const uint8_t tag[] = { 0x5c, 0x03, 0x5f, 0xc1, objects[slot] };
	SECRET_AUTO data = SECRET_NONE;
	char what[40];
	uint16_t sw = 0;

	if (!secret_new(&data, sizeof(tag) + TLV_HEAD_MAX + bytes->len, e))
		return false;
	memcpy(data.data, tag, sizeof(tag));
	size_t head = sizeof(tag) + tlv_head(data.data + sizeof(tag), 0x53, bytes->len);
	if (bytes->len > 0)
		memcpy(data.data + head, bytes->data, bytes->len);
	const struct apdu put = { 0x00, 0xdb, 0x3f, 0xff, data.data, head + bytes->len, 0 };
	(void)snprintf(what, sizeof(what), "writing object 5FC1%02X", objects[slot]);
	if (!apdu_exchange(c->link, &put, NULL, &sw, e))
		return err_wrap(e, "%s", what);
	return sw == APDU_OK || write_refused(sw, what, bytes->len, e);
}

/* What the card is ------------------------------------------------------------------------- */

/* A number as it is printed on a YubiKey, or whatever else the card has. */
static bool
take_serial(struct card *c, const struct secret *number, struct err *e)
{
	if (number->len == 4)
		(void)snprintf(c->serial, sizeof(c->serial), "%u",
			(unsigned)number->data[0] << 24 | (unsigned)number->data[1] << 16 |
				(unsigned)number->data[2] << 8 | number->data[3]);
	else if (number->len > 0 && number->len <= SERIAL_MAX)
		sodium_bin2hex(c->serial, sizeof(c->serial), number->data, number->len);
	else
		return err_set(
			e, ERR_DEVICE, "PIV card: a serial number of %zu bytes", number->len);
	return true;
}

/* The GUID of the card holder's unique identifier: 34, 16 bytes. */
static bool
serial_of_chuid(struct card *c, struct err *e)
{
	SECRET_AUTO chuid = SECRET_NONE;
	SECRET_AUTO guid = SECRET_NONE;
	struct tlv t = { 0 };
	bool found = get_object(c, CHUID, "reading the CHUID", &chuid, e);

	if (!found && e->code != ERR_MISSING)
		return false;
	found = found && tlv_find(chuid.data, chuid.len, 0x34, &t, e) && t.len == SERIAL_MAX &&
		!sodium_is_zero(t.value, t.len);
	if (!found)
		return err_set(e, ERR_MISSING,
			"a PIV card, but one without a serial number or a CHUID to know it by "
			"(yubico-piv-tool -a set-chuid)");
	return secret_copy(&guid, t.value, t.len, e) && take_serial(c, &guid, e);
}

static bool
read_serial(struct card *c, struct err *e)
{
	const struct apdu get = { .ins = 0xf8, .le = 256 };
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;

	if (!apdu_exchange(c->link, &get, &reply, &sw, e))
		return false;
	return sw == APDU_OK ? take_serial(c, &reply, e) : serial_of_chuid(c, e);
}

static bool
piv_select(struct card *c, struct err *e)
{
	static const uint8_t aid[] = { 0xa0, 0x00, 0x00, 0x03, 0x08 };
	SECRET_AUTO reply = SECRET_NONE;
	uint16_t sw = 0;

	if (!card_select_aid(c, aid, sizeof(aid), &reply, e) || !read_serial(c, e) ||
		!card_ask_tries(c, PIN_REFERENCE, &sw, e))
		return false;
	if (sw != APDU_OK && c->tries < 0)
		return apdu_refused(sw, "PIV card: asking for the PIN's tries", e);
	c->slots = sizeof(objects);
	c->in_use[0] = c->in_use[1] = true;
	c->room = ROOM;
	c->room_unknown = true;
	return true;
}

/* PIN and PUK ------------------------------------------------------------------------------ */

/* Padded with FF. `pin` is no longer than that. */
static bool
pad(const struct secret *pin, struct secret *out, struct err *e)
{
	if (!secret_new(out, PIN_LEN, e))
		return false;
	memset(out->data, 0xff, PIN_LEN);
	memcpy(out->data, pin->data, pin->len);
	return true;
}

static bool
piv_verify(struct card *c, const struct secret *pin, struct err *e)
{
	SECRET_AUTO padded = SECRET_NONE;

	return pad(pin, &padded, e) && card_verify(c, PIN_REFERENCE, &padded, e);
}

static const struct pinpad_format *
piv_pinpad(const struct card *c)
{
	static const struct pinpad_format format = { PIN_REFERENCE, 6, PIN_LEN, PIN_LEN };

	(void)c;
	return &format;
}

static bool
piv_change_pin(struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	SECRET_AUTO a = SECRET_NONE;
	SECRET_AUTO b = SECRET_NONE;

	return pad(old, &a, e) && pad(fresh, &b, e) && card_change_pin(c, PIN_REFERENCE, &a, &b, e);
}

static bool
puk_check(const struct card *c, const struct secret *typed, struct err *e)
{
	(void)c;
	return (typed->len >= 6 && typed->len <= PIN_LEN) ||
	       err_set(e, ERR_AUTH, "a PUK has 6 to 8 characters: not tried, no try was spent");
}

static bool
puk_change(struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	SECRET_AUTO value = SECRET_NONE;
	SECRET_AUTO a = SECRET_NONE;
	SECRET_AUTO b = SECRET_NONE;

	return card_admin_value(&c->driver->admins[ADMIN_PUK], old, &value, e) &&
	       pad(&value, &a, e) && pad(fresh, &b, e) &&
	       card_change_admin(c, ADMIN_PUK, PUK_REFERENCE, &a, &b, e);
}

/* Metadata: 05, one byte: 1 for the factory's; 06: tries at most, and tries left. */
static bool
says_factory(struct card *c, uint8_t reference, bool *factory)
{
	SECRET_AUTO reply = SECRET_NONE;
	struct tlv t;
	struct err e;

	if (!pivkey_metadata(c, reference, &reply, &e))
		return false;
	if (reference == PUK_REFERENCE && tlv_find(reply.data, reply.len, 0x06, &t, &e) &&
		t.len == 2)
		c->admin_tries[ADMIN_PUK] = t.value[1];
	if (!tlv_find(reply.data, reply.len, 0x05, &t, &e) || t.len != 1)
		return false;
	*factory = t.value[0] != 0;
	return true;
}

static bool
puk_says_factory(struct card *c, bool *factory)
{
	return says_factory(c, PUK_REFERENCE, factory);
}

/* The management key ----------------------------------------------------------------------- */

static bool
key_says_factory(struct card *c, bool *factory)
{
	return says_factory(c, PIVKEY_REFERENCE, factory);
}

static bool
key_change(struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	(void)old;
	return pivkey_change(c, fresh, e);
}

const struct card_driver card_piv = {
	.name = "piv",
	.title = "PIV card",
	.factory_pin = "123456",
	.pin_min = 6,
	.pin_max = PIN_LEN,
	.admins = {
		[ADMIN_KEY] = {
			.name = "management key",
			.line = "ADMIN-",
			.factory = "0102030405060708010203040506070801020304050607080102030405060708",
			.to_write = true,
			.says_factory = key_says_factory,
			.check = pivkey_check,
			.prove = pivkey_prove,
			.change = key_change,
		},
		[ADMIN_PUK] = {
			.name = "PUK",
			.line = "PUK-",
			.factory = "12345678",
			.says_factory = puk_says_factory,
			.check = puk_check,
			.change = puk_change,
		},
	},
	.select = piv_select,
	.verify = piv_verify,
	.pinpad = piv_pinpad,
	.load = piv_load,
	.store = piv_store,
	.change_pin = piv_change_pin,
};
