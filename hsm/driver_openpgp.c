/* SPDX-License-Identifier: ISC */
/*
 * driver_openpgp: the private data object 0103 of an OpenPGP card (Functional Specification of the
 * OpenPGP application on ISO Smart Card Operating Systems, version 3.4).
 *
 * One slot. Reading and writing it wants PW1 as reference 82.
 */
#include "hsm/card.h"
#include "hsm/pgpkdf.h"
#include "hsm/pinpad.h"
#include "hsm/tlv.h"

#include <stdio.h>
#include <string.h>

#define PIN_REFERENCE 0x82
#define CHANGE_REFERENCE 0x81
#define ADMIN_PIN 0
#define ADMIN_REFERENCE 0x83
#define TAG_RELATED 0x6e
#define TAG_DISCRETIONARY 0x73
#define TAG_AID 0x4f
#define TAG_CAPABILITIES 0xc0
#define TAG_PIN_STATUS 0xc4
#define CAPABLE_OF_PRIVATE 0x08
#define CAPABLE_OF_KDF 0x01
#define ROOM_VERSION_2 254 /* where the card does not tell */

static bool
get_data(struct card *c, uint16_t object, const char *what, struct secret *out, struct err *e)
{
	const struct apdu get = {
		.ins = 0xca, .p1 = (uint8_t)(object >> 8), .p2 = (uint8_t)object, .le = 256
	};

	return apdu_send(c->link, &get, what, out, e);
}

/* Cards give a constructed object with or without its own tag. */
static struct tlv_rest
unwrap(const struct secret *reply, uint32_t tag)
{
	struct tlv_rest whole = { reply->data, reply->len };
	struct tlv_rest rest = whole;
	struct tlv t;
	struct err ignored;

	if (rest.len > 0 && tlv_next(&rest, &t, &ignored) && t.tag == tag && rest.len == 0)
		return (struct tlv_rest){ t.value, t.len };
	return whole;
}

/* An object of at least `min` bytes, directly in the related data or among the discretionary. */
static bool
find(struct tlv_rest related, uint32_t tag, size_t min, struct tlv *out, struct err *e)
{
	struct tlv inner;
	struct err ignored;

	if (!tlv_find(related.at, related.len, tag, out, &ignored) &&
		(!tlv_find(related.at, related.len, TAG_DISCRETIONARY, &inner, e) ||
			!tlv_find(inner.value, inner.len, tag, out, e)))
		return false;
	return out->len >= min || err_set(e, ERR_FORMAT, "TLV: tag %02x is too short", tag);
}

/* RID and application (6 bytes), version (2), manufacturer (2), serial number (4). */
static bool
read_related(struct card *c, uint8_t *capabilities, struct err *e)
{
	SECRET_AUTO reply = SECRET_NONE;
	struct tlv aid, caps, status;

	if (!get_data(c, 0x006e, "its description", &reply, e))
		return false;
	struct tlv_rest related = unwrap(&reply, TAG_RELATED);
	if (!find(related, TAG_AID, 14, &aid, e) || !find(related, TAG_CAPABILITIES, 8, &caps, e) ||
		!find(related, TAG_PIN_STATUS, 7, &status, e)) {
		err_wrap(e, "OpenPGP card: its description");
		e->code = ERR_DEVICE;
		return false;
	}
	(void)snprintf(c->serial, sizeof(c->serial), "%02X%02X:%02X%02X%02X%02X", aid.value[8],
		aid.value[9], aid.value[10], aid.value[11], aid.value[12], aid.value[13]);
	c->tries = status.value[4];
	c->admin_tries[ADMIN_PIN] = status.value[6];
	c->room = aid.value[6] >= 3 ? (size_t)caps.value[6] << 8 | caps.value[7] : ROOM_VERSION_2;
	*capabilities = caps.value[0];
	return true;
}

/* Into c->facts: empty where PINs are sent as they are. */
static bool
read_kdf(struct card *c, struct err *e)
{
	SECRET_AUTO reply = SECRET_NONE;

	if (!get_data(c, 0x00f9, "its KDF", &reply, e))
		return e->code == ERR_MISSING;
	struct tlv_rest kdf = unwrap(&reply, 0xf9);
	if (kdf.len > sizeof(c->facts))
		return err_set(e, ERR_DEVICE, "OpenPGP card: a KDF object of %zu bytes", kdf.len);
	if (kdf.len > 0)
		memcpy(c->facts, kdf.at, kdf.len);
	c->facts_len = kdf.len;
	return true;
}

static bool
openpgp_select(struct card *c, struct err *e)
{
	static const uint8_t aid[] = { 0xd2, 0x76, 0x00, 0x01, 0x24, 0x01 };
	SECRET_AUTO reply = SECRET_NONE;
	uint8_t capabilities = 0;

	if (!card_select_aid(c, aid, sizeof(aid), &reply, e) || !read_related(c, &capabilities, e))
		return false;
	if (!(capabilities & CAPABLE_OF_PRIVATE))
		return err_set(e, ERR_MISSING,
			"an OpenPGP card, %s, but one without private data objects", c->serial);
	c->slots = 1;
	c->in_use[0] = true;
	return !(capabilities & CAPABLE_OF_KDF) || read_kdf(c, e);
}

/* The PIN as the card wants it: itself, or its hash by the card's KDF. */
static bool
derive(const struct card *c, enum pgpkdf_pin which, const struct secret *pin, struct secret *out,
	struct err *e)
{
	return c->facts_len > 0 ? pgpkdf_derive(c->facts, c->facts_len, which, pin, out, e)
				: secret_copy(out, pin->data, pin->len, e);
}

/* Some cards say no more than that a PIN is wrong. */
static void
refresh_tries(struct card *c)
{
	struct card again = *c;
	uint8_t capabilities = 0;
	struct err ignored;

	if (!read_related(&again, &capabilities, &ignored))
		return;
	c->tries = again.tries;
	memcpy(c->admin_tries, again.admin_tries, sizeof(c->admin_tries));
}

/* After a refusal, of the PIN or of the administrator's. Always false. */
static bool
tell_tries(struct card *c, const int *tries, struct err *e)
{
	if (e->code != ERR_AUTH || *tries == 0)
		return false;
	refresh_tries(c);
	return err_hint(e, "%d tries are left, then the card is blocked", *tries);
}

static bool
openpgp_verify(struct card *c, const struct secret *pin, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;

	if (!derive(c, PGPKDF_USER, pin, &bytes, e))
		return false;
	return card_verify(c, PIN_REFERENCE, &bytes, e) || tell_tries(c, &c->tries, e);
}

/* A keypad cannot hash. */
static const struct pinpad_format *
openpgp_pinpad(const struct card *c)
{
	static const struct pinpad_format format = { PIN_REFERENCE, 6, 16, 0 };

	return c->facts_len > 0 ? NULL : &format;
}

static bool
openpgp_load(struct card *c, unsigned slot, struct secret *out, struct err *e)
{
	(void)slot;
	if (get_data(c, 0x0103, "reading private data object 0103", out, e))
		return true;
	return e->code == ERR_MISSING && secret_new(out, 0, e);
}

static bool
openpgp_store(struct card *c, unsigned slot, const struct secret *bytes, struct err *e)
{
	const struct apdu put = { 0x00, 0xda, 0x01, 0x03, bytes->data, bytes->len, 0 };

	(void)slot;
	return apdu_send(c->link, &put, "writing private data object 0103", NULL, e);
}

static bool
openpgp_change_pin(
	struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	SECRET_AUTO old_bytes = SECRET_NONE;
	SECRET_AUTO fresh_bytes = SECRET_NONE;

	return derive(c, PGPKDF_USER, old, &old_bytes, e) &&
	       derive(c, PGPKDF_USER, fresh, &fresh_bytes, e) &&
	       card_change_pin(c, CHANGE_REFERENCE, &old_bytes, &fresh_bytes, e);
}

/* The administrator's PIN ------------------------------------------------------------------- */

static bool
admin_check(const struct card *c, const struct secret *typed, struct err *e)
{
	(void)c;
	return (typed->len >= 8 && typed->len <= 64) ||
	       err_set(e, ERR_AUTH,
		       "an administrator's PIN has 8 to 64 characters: not tried, no try was "
		       "spent");
}

static bool
admin_prove(struct card *c, const struct secret *typed, struct err *e)
{
	SECRET_AUTO value = SECRET_NONE;
	SECRET_AUTO bytes = SECRET_NONE;

	return card_admin_value(&c->driver->admins[ADMIN_PIN], typed, &value, e) &&
	       derive(c, PGPKDF_ADMIN, &value, &bytes, e) &&
	       (card_verify_admin(c, ADMIN_PIN, ADMIN_REFERENCE, &bytes, e) ||
		       tell_tries(c, &c->admin_tries[ADMIN_PIN], e));
}

static bool
admin_change(struct card *c, const struct secret *old, const struct secret *fresh, struct err *e)
{
	SECRET_AUTO value = SECRET_NONE;
	SECRET_AUTO old_bytes = SECRET_NONE;
	SECRET_AUTO fresh_bytes = SECRET_NONE;

	return card_admin_value(&c->driver->admins[ADMIN_PIN], old, &value, e) &&
	       derive(c, PGPKDF_ADMIN, &value, &old_bytes, e) &&
	       derive(c, PGPKDF_ADMIN, fresh, &fresh_bytes, e) &&
	       card_change_admin(c, ADMIN_PIN, ADMIN_REFERENCE, &old_bytes, &fresh_bytes, e);
}

const struct card_driver card_openpgp = {
	.name = "openpgp",
	.title = "OpenPGP card",
	.factory_pin = "123456",
	.pin_min = 6,
	.pin_max = 64,
	.admins = { [ADMIN_PIN] = {
			    .name = "administrator's PIN",
			    .line = "ADMIN-",
			    .factory = "12345678",
			    .check = admin_check,
			    .prove = admin_prove,
			    .change = admin_change,
		    } },
	.select = openpgp_select,
	.verify = openpgp_verify,
	.pinpad = openpgp_pinpad,
	.load = openpgp_load,
	.store = openpgp_store,
	.change_pin = openpgp_change_pin,
};
