/* SPDX-License-Identifier: ISC */
/*
 * card: the applications on cards that can keep records behind a PIN, one driver each.
 *
 * A card keeps records in numbered slots (objects, files). All calls are made inside of one
 * transaction of its link, which card_select begins to fill *c for; after its end nothing of the
 * card's state counts any more: select and verify again.
 * No function sends a PIN twice, and none sends one by itself.
 */
#ifndef HSM_CARD_H
#define HSM_CARD_H

#include "hsm/apdu.h"

#define CARD_SERIAL_MAX 64
#define CARD_SLOTS_MAX 256
#define CARD_FACTS_MAX 256
#define CARD_TRIES_UNKNOWN (-1)
#define CARD_WHY_MAX 160
#define CARD_ADMINS_MAX 2

struct card_driver;
struct pinpad_format;

struct card {
	const struct apdu_link *link;
	const struct card_driver *driver;
	char serial[CARD_SERIAL_MAX + 1]; /* printable, without spaces */
	int tries;                        /* of the PIN, left; CARD_TRIES_UNKNOWN */
	int admin_tries[CARD_ADMINS_MAX]; /* of the driver's further secrets */
	size_t room;                      /* bytes that a slot holds */
	unsigned slots;                   /* how many there are at most */
	bool in_use[CARD_SLOTS_MAX];      /* those that may hold something */
	uint8_t facts[CARD_FACTS_MAX];    /* the driver's own; public */
	size_t facts_len;
	bool room_unknown;      /* the card does not tell: room is the most there can be */
	char why[CARD_WHY_MAX]; /* why this driver: "as asked for" */
};

/* A further secret of a card: who has it sets the PIN anew, or writes. */
struct card_admin {
	const char *name;    /* "management key" */
	const char *line;    /* on --pin-fd, before NAME: "ADMIN-" */
	const char *factory; /* as it is typed, or the beginning of it; known to everybody */
	bool to_write;       /* `store` wants it proven */
	/* Whether the card says that it is the factory's. NULL: it never does. */
	bool (*says_factory)(struct card *c, bool *factory);
	/* ERR_AUTH when it cannot be right, which costs no try. */
	bool (*check)(const struct card *c, const struct secret *typed, struct err *e);
	/* One try. NULL: it can be changed only, with the old one. */
	bool (*prove)(struct card *c, const struct secret *typed, struct err *e);
	/* After `prove`, where there is one. */
	bool (*change)(struct card *c, const struct secret *old, const struct secret *fresh,
		struct err *e);
};

struct card_driver {
	const char *name;                          /* "openpgp" */
	const char *title;                         /* "OpenPGP card" */
	const char *factory_pin;                   /* known to everybody */
	size_t pin_min, pin_max;                   /* bytes */
	struct card_admin admins[CARD_ADMINS_MAX]; /* those that have a name */
	const char *admin_note; /* what cannot be done about them here, or NULL */
	/* Selects the application and fills *c from what it says without a PIN. ERR_MISSING when
	 * the card has no such application, or one that cannot keep records: the message is the
	 * reason. */
	bool (*select)(struct card *c, struct err *e);
	/* One try. ERR_AUTH when wrong; c->tries is what is left. */
	bool (*verify)(struct card *c, const struct secret *pin, struct err *e);
	/* How a reader's own keypad hands it the PIN; NULL: not at all. */
	const struct pinpad_format *(*pinpad)(const struct card *c);
	/* A slot's bytes; none when it is not there. */
	bool (*load)(struct card *c, unsigned slot, struct secret *out, struct err *e);
	/* Overwrites a slot; with no bytes it is removed or emptied. */
	bool (*store)(struct card *c, unsigned slot, const struct secret *bytes, struct err *e);
	/* One try with the old one. */
	bool (*change_pin)(struct card *c, const struct secret *old, const struct secret *fresh,
		struct err *e);
};

extern const struct card_driver card_openpgp, card_piv, card_schsm;

/* The one that `store` wants, or NULL. */
const struct card_admin *card_admin_to_write(const struct card *c);
/* Who types this word means the value that the card has out of the box. */
#define CARD_FACTORY_WORD "factory"
/* Of one that `check` let pass, or of that word. */
bool card_admin_is_factory(const struct card_admin *a, const struct secret *typed);
/* For drivers: what was typed, or what that word stands for. */
bool card_admin_value(const struct card_admin *a, const struct secret *typed, struct secret *out,
	struct err *e) FALLIBLE;

/* In the order they are tried; NULL ends. */
extern const struct card_driver *const card_drivers[];
const struct card_driver *card_driver_find(const char *name, size_t len); /* or NULL */

/* With `driver` NULL the first that the card has an application for, but one with little room only
 * where no other has more. ERR_DEVICE when there is none, with each one's reason. */
bool card_select(const struct card_driver *driver, const struct apdu_link *link, struct card *c,
	struct err *e) FALLIBLE;

/* ERR_AUTH when the PIN is blocked. */
bool card_pin_usable(const struct card *c, struct err *e) FALLIBLE;
/* ERR_AUTH when its length says that it is wrong: that costs no try. */
bool card_pin_check(const struct card *c, const struct secret *pin, struct err *e) FALLIBLE;
bool card_pin_is_factory(const struct card *c, const struct secret *pin);

/* What a status word says of the PIN that was tried; true for 9000. Fills c->tries. */
bool card_pin_answer(struct card *c, uint16_t sw, struct err *e) FALLIBLE;

/* For drivers: an application's SELECT by its name. ERR_MISSING when the card knows none such. */
bool card_select_aid(struct card *c, const uint8_t *aid, size_t len, struct secret *reply,
	struct err *e) FALLIBLE;
/* For drivers: VERIFY with these bytes; fills c->tries where the reply tells. */
bool card_verify(
	struct card *c, uint8_t reference, const struct secret *bytes, struct err *e) FALLIBLE;
/* For drivers: VERIFY without a PIN: fills c->tries where the reply tells, and *sw. */
bool card_ask_tries(struct card *c, uint8_t reference, uint16_t *sw, struct err *e) FALLIBLE;
/* For drivers: CHANGE REFERENCE DATA, old and new one after the other. */
bool card_change_pin(struct card *c, uint8_t reference, const struct secret *old,
	const struct secret *fresh, struct err *e) FALLIBLE;
/* For drivers: the same two for the further secret number `admin`. */
bool card_verify_admin(struct card *c, size_t admin, uint8_t reference, const struct secret *bytes,
	struct err *e) FALLIBLE;
bool card_change_admin(struct card *c, size_t admin, uint8_t reference, const struct secret *old,
	const struct secret *fresh, struct err *e) FALLIBLE;

#endif
