/* SPDX-License-Identifier: ISC */
/*
 * pcscfake: for tests: libpcsclite with one reader, and a simulated card in it, in this process.
 *
 * A test whose WRAP_ and FIRST_ in the Makefile are as test_cardfaults' gets it in place of the
 * library, and ordinary memory in place of guarded. What a card keeps outlives its removal.
 */
#ifndef TESTS_PCSCFAKE_H
#define TESTS_PCSCFAKE_H

#include <stdbool.h>
#include <stddef.h>

#define PCSCFAKE_READER "Fake Reader 00 00"

/* As tests/cards/iso.h has them: the size of an object, 0 for the usual; the algorithm, NULL for
 * the usual. */
struct pcscfake_sort {
	const char *applet, *algorithm;
	long size;
	bool old, pieces;
};
/* A new card out of the box is in the reader. */
void pcscfake_card(const struct pcscfake_sort *sort);
void pcscfake_free(void);
/* Keeps what the card has, and puts it back. */
void pcscfake_save(void);
void pcscfake_restore(void);

/* What goes wrong, counted from 1 since it was armed; 0: never. */
struct pcscfake_fault {
	long die_at, die_after; /* APDUs */
	long tear;              /* writes of the card */
	const char *lie;        /* tests/cards/mishap.h */
	long lie_at;            /* an APDU */
	long call;              /* a call of the library, and what it returns: */
	long code;
	bool comes_back; /* the card that was pulled, as soon as somebody waits for one */
};
/* NULL: nothing. Whatever went wrong before is mended, and no security status is left. */
void pcscfake_arm(const struct pcscfake_fault *f);
long pcscfake_apdus(void);
long pcscfake_writes(void);
long pcscfake_calls(void);
/* The card was pulled and is gone. */
bool pcscfake_gone(void);
/* Tries left of its user's PIN; whether a right that the PIN gives is left. */
unsigned pcscfake_tries(void);
bool pcscfake_unlocked(void);
/* All that it keeps has not changed since pcscfake_save. */
bool pcscfake_is_as_saved(void);

#endif
