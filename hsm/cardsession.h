/* SPDX-License-Identifier: ISC */
/*
 * cardsession: one card over several transactions: it must be the same card each time, and its PIN
 * is asked for once.
 *
 * The PIN is kept in secret memory from the first time the card took it until the session is freed,
 * or the card takes it no more: then it is not tried a second time.
 * One that is typed on the reader's own keypad never comes here: it is asked for each time.
 */
#ifndef HSM_CARDSESSION_H
#define HSM_CARDSESSION_H

#include "hsm/card.h"
#include "shares/medium.h"

struct cardsession {
	struct apdu_link link;
	const struct card_driver *driver;  /* NULL until the first transaction chooses one */
	char serial[CARD_SERIAL_MAX + 1];  /* that it must have; "" until it is known */
	const struct medium_host *host;    /* whom to ask */
	const char *holder, *spec, *place; /* for messages; holder may be NULL; place: the reader */
	struct secret pin, admin;          /* admin: card_admin_to_write's */
	bool typed_here;  /* the PIN is wanted in `pin`: not by the reader's own keypad */
	struct card card; /* while a transaction is open */
};
void cardsession_free(struct cardsession *s);

/* Begins a transaction and selects the application. Another card than the one known: ERR_AUTH and
 * *other is set. On failure no transaction is open. */
bool cardsession_begin(struct cardsession *s, bool *other, struct err *e) FALLIBLE;
/* Ends it; the card is reset. */
bool cardsession_end(struct cardsession *s, struct err *e) FALLIBLE;
/* The same after something failed, which is what will be told. Always false. */
bool cardsession_fail(struct cardsession *s);

/* Inside of a transaction: the PIN, asked for unless it is known already. One try. */
bool cardsession_unlock(struct cardsession *s, struct err *e) FALLIBLE;

/* The same for what `store` wants beside the PIN, if anything. One try. */
bool cardsession_unlock_writing(struct cardsession *s, struct err *e) FALLIBLE;

/* What to ask for this card's PIN with, or for another secret of it; `what` is the buffer behind
 * it. */
struct medium_ask cardsession_ask(
	const struct cardsession *s, const struct card_admin *admin, char *what, size_t size);
/* Asks for that other secret, proves it where the card can, and warns when it is the factory's. */
bool cardsession_prove_admin(struct cardsession *s, const struct card_admin *admin,
	struct secret *out, struct err *e) FALLIBLE;

#endif
