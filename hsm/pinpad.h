/* SPDX-License-Identifier: ISC */
/*
 * pinpad: a reader's own keypad: the PIN goes from there to the card and never comes here (PC/SC
 * part 10, revision 2.02.09: FEATURE_VERIFY_PIN_DIRECT).
 */
#ifndef HSM_PINPAD_H
#define HSM_PINPAD_H

#include "hsm/card.h"

/* How a card wants it: in ASCII. */
struct pinpad_format {
	uint8_t reference; /* VERIFY's P2 */
	uint8_t min, max;  /* digits; what is longer is for the keyboard */
	uint8_t block;     /* padded with FF to so many bytes; 0: as long as it is */
};

/* Whether the reader has a keypad that can hand this card its PIN; *control is what to say to it.
 */
bool pinpad_find(const struct card *c, uint32_t *control);

/* Lets the reader ask for the PIN. One try. ERR_AUTH when it was wrong, c->tries being what is
 * left; ERR_REFUSED when nothing was typed in time, or the entry was broken off: no try was spent.
 */
bool pinpad_verify(struct card *c, uint32_t control, struct err *e) FALLIBLE;

#endif
