/* SPDX-License-Identifier: ISC */
/*
 * locker_card: the layer "+card:READER": shares locked under a secret that a smartcard keeps.
 *
 * The secret is made when the first share is locked, one for each vault and custodian, written by
 * sync and read back after a reset. The card is read when the layer is opened and at rest in
 * between, as in medium_card.
 */
#ifndef HSM_LOCKER_CARD_H
#define HSM_LOCKER_CARD_H

#include "shares/locker.h"

extern const struct locker_kind locker_card;

#endif
