/* SPDX-License-Identifier: ISC */
/*
 * onecard: a custodian's card in a reader: read as a whole, written as a whole, put back.
 *
 * Each step is a transaction of its own, ended with a reset, and waits for the right card where
 * the host has patience. "[DRIVER@]READER[#SERIAL]" names it.
 */
#ifndef HSM_ONECARD_H
#define HSM_ONECARD_H

#include "hsm/cardsession.h"
#include "hsm/cardslots.h"
#include "hsm/reader.h"

struct onecard {
	struct reader *reader;
	struct cardsession session;
	struct cardslots slots;    /* as read, and as they shall become */
	struct cardslots readback; /* after onecard_write or _reload */
	bool is_read_back;
	bool given_up; /* what was there before could not be put back */
};

bool onecard_check(const char *place, struct err *e) FALLIBLE; /* form only */

/* Finds the reader; touches no card. All strings outlive *c. */
bool onecard_open(struct onecard *c, const struct medium_host *host, const char *holder,
	const char *spec, const char *place, struct err *e) FALLIBLE;
void onecard_close(struct onecard *c);

/* Unlocks the card and reads all its slots. */
bool onecard_load(struct onecard *c, struct err *e) FALLIBLE;

/*
 * Writes the slots that changed, unless the card is not as it was read, and reads everything back
 * after a reset. After a failure what was there before is put back; where that fails too, the
 * message says what may be lost.
 */
bool onecard_write(struct onecard *c, struct err *e) FALLIBLE;

/* Whether onecard_write has something to write. */
bool onecard_is_changed(const struct onecard *c);
/* Reads everything back after a reset, where nothing is to be written. */
bool onecard_reload(struct onecard *c, struct err *e) FALLIBLE;
/* As they were read last. */
const struct cardslots *onecard_slots(const struct onecard *c);

/* Puts back what was there before onecard_write, and says so where it cannot. */
void onecard_take_back(struct onecard *c);

/* "card openpgp 0006:12345678": a medium's identity. */
bool onecard_identity(const struct onecard *c, char **out, struct err *e) FALLIBLE;

#endif
