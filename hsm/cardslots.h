/* SPDX-License-Identifier: ISC */
/*
 * cardslots: all that a card's slots hold, in memory: as it was read, and as it shall become.
 *
 * Reading and writing are apart, so that what does not fit, and what is foreign, is known before
 * the first byte is written, and so that what stood there before can be put back.
 */
#ifndef HSM_CARDSLOTS_H
#define HSM_CARDSLOTS_H

#include "hsm/card.h"
#include "hsm/cardstore.h"

struct cardslots_slot {
	unsigned number;
	enum cardstore_state state; /* as read */
	struct secret before;       /* its bytes as read */
	struct cardstore store;     /* as it shall become; empty where it is not ours */
	bool changed;
	bool touched; /* a write began: what it holds now is not known */
};

struct cardslots {
	struct cardslots_slot *slots; /* those in use, and those that were added, by number */
	size_t count;
	size_t room;   /* of a slot */
	unsigned max;  /* how many slots the card has */
	bool too_much; /* a write was refused for its length, by a card that had not told its room
			*/
};
#define CARDSLOTS_AUTO __attribute__((cleanup(cardslots_free))) struct cardslots
void cardslots_free(struct cardslots *s);

/* Reads all slots in use of an unlocked card. */
bool cardslots_load(struct card *c, struct cardslots *out, struct err *e) FALLIBLE;

/* Puts a record where there is room, into a slot of its own while there is one. ERR_REFUSED when
 * it does not fit, saying how much room there is. */
bool cardslots_add(struct cardslots *s, enum cardstore_kind kind, const struct secret *bytes,
	struct err *e) FALLIBLE;
/* Forgets what was added since the slots were read. */
bool cardslots_undo(struct cardslots *s, struct err *e) FALLIBLE;
/* How many whole records of this kind there are. */
size_t cardslots_count(const struct cardslots *s, enum cardstore_kind kind);
/* Takes one record off its slot. */
void cardslots_remove(struct cardslots *s, size_t slot, size_t record);
/* Empties every slot of ours, whole or torn; *removed counts records, a torn slot as one. */
void cardslots_clear(struct cardslots *s, size_t *removed);

/* Writes what changed, slot by slot. */
bool cardslots_write(struct card *c, struct cardslots *s, struct err *e) FALLIBLE;
/* Puts back, into the slots that were touched, what was there before. */
bool cardslots_restore(struct card *c, struct cardslots *s, struct err *e) FALLIBLE;

/* Whether a fresh reading of the card shows what `s` was read from, or, with `after`, what was
 * written. */
bool cardslots_agree(const struct cardslots *s, const struct cardslots *fresh, bool after,
	bool *agree, struct err *e) FALLIBLE;

#endif
