/* SPDX-License-Identifier: ISC */
/*
 * medium_card: the medium "card:READER": shares on a smartcard.
 *
 * The place is a reader's name, number or part of its name; "DRIVER@" before it chooses an
 * application where the card has several, "#SERIAL" after it names the card. The card is read when
 * the medium is opened, written by sync, read back after a reset, and at rest in between: with
 * their serials, several cards can take turns in one reader.
 * What is not Coldspare's is never overwritten, and neither is a card that holds another
 * custodian's shares of the same vault.
 */
#ifndef HSM_MEDIUM_CARD_H
#define HSM_MEDIUM_CARD_H

#include "shares/medium.h"

extern const struct medium_kind medium_card;

#endif
