/* SPDX-License-Identifier: ISC */
/*
 * cardattempt: for tests: simulated cards of each sort, each with a share on it and the secret of a
 * lock, and what is done with them: reading and writing shares, locking and unlocking.
 *
 * The card is in pcscfake's reader. Shares are numbered from 0; sets of them are bits.
 */
#ifndef TESTS_CARDATTEMPT_H
#define TESTS_CARDATTEMPT_H

#include "base/err.h"
#include "tests/pcscfake.h"

#define CARDATTEMPT_FIRST 1u /* the share that is there from the start */
#define CARDATTEMPT_ALL 7u

struct cardattempt_sort {
	const char *name;
	struct pcscfake_sort card;
	const char *pin;
	bool lists; /* its files, each record in one of its own: writing one touches no other */
};
#define CARDATTEMPT_SORTS 5
extern const struct cardattempt_sort cardattempt_sorts[CARDATTEMPT_SORTS];

/* A new card of this sort, with the first share and a lock's secret on it, saved as that. */
void cardattempt_begin(const struct cardattempt_sort *sort);
void cardattempt_end(void);
/* How long somebody waits for a card, in milliseconds; 0 at the beginning. */
void cardattempt_patience(unsigned ms);

/* What is tried while something goes wrong. Each either fails, or has done just what it should. */
struct cardattempt {
	const char *name;
	bool (*run)(struct err *e);
	unsigned leaves; /* shares on the card when it has succeeded */
};
#define CARDATTEMPTS 4
#define CARDATTEMPT_UNLOCK 3
extern const struct cardattempt cardattempts[CARDATTEMPTS];

/* Which shares are on the card; *bad counts what is shown as unreadable. A share that nobody wrote
 * fails the test. */
bool cardattempt_read(unsigned *found, unsigned *bad, struct err *e) FALLIBLE;

#endif
