/* SPDX-License-Identifier: ISC */
/*
 * fake: a PKCS#11 module in memory, for what real ones do not do on demand.
 *
 * A test finds its settings by the symbol `fake`. What is on its tokens outlives C_Finalize; it
 * logs in, keeps and finds private data objects, and nothing else.
 */
#ifndef TESTS_P11_FAKE_H
#define TESTS_P11_FAKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAKE_TOKENS 2
#define FAKE_OBJECTS 32
#define FAKE_VALUE 4096

struct fake_object {
	bool there, private;
	unsigned token;
	char application[32], label[256];
	uint8_t value[FAKE_VALUE];
	size_t len;
};

struct fake {
	/* The tokens. */
	unsigned tokens;
	char serial[FAKE_TOKENS][17];
	char pin[FAKE_TOKENS][16];
	unsigned long flags; /* beside those of an initialised token with a PIN */
	unsigned long clear; /* of those */
	unsigned tries;      /* before the PIN is locked */
	struct fake_object objects[FAKE_OBJECTS];

	/* What goes wrong. */
	unsigned fail_at;         /* the call that fails, counted from 1; 0: none does */
	unsigned long fail_with;  /* what it answers */
	bool fail_for_good;       /* and so do all after it, but C_Finalize */
	unsigned long token_info; /* what C_GetTokenInfo answers */
	size_t room;              /* bytes that all values take at most; 0: any number */
	bool tell_room;
	size_t tear;            /* a new object's value is cut to this many bytes; 0: whole */
	unsigned long longer;   /* a value claims to be that much longer once it is read */
	unsigned long lengths;  /* what is said when asked how long a value is; 0: the truth */
	bool endless;           /* objects are found again and again */
	bool greedy;            /* finds more than it was asked for */
	unsigned slots_said;    /* how many slots it says it has; 0: the truth */
	unsigned slots_given;   /* how many it then says that it wrote */
	bool ignores_private;   /* shows private objects to everybody */
	bool drops_application; /* keeps no CKA_APPLICATION */

	void (*look)(void); /* called by C_GetSlotList */

	/* What was done. */
	unsigned calls, slot_lists;
	unsigned logins, wrong_pins, null_pins;
	unsigned sessions, running;
};

extern struct fake fake;

#endif
