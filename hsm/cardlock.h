/* SPDX-License-Identifier: ISC */
/*
 * cardlock: a custodian's lock secret, as a record on a card (docs/FORMAT.md).
 *
 * One for each vault and custodian: a card that serves two vaults keeps their secrets apart, and
 * says whose card it is.
 */
#ifndef HSM_CARDLOCK_H
#define HSM_CARDLOCK_H

#include "hsm/cardslots.h"
#include "shares/lock.h"

struct cardlock {
	const uint8_t *secret; /* LOCK_KEY_LEN bytes; borrowed */
	uint8_t vault[MINISIGN_ID_LEN];
	char custodian[SHARE_NAME_MAX + 1];
};

/* False when the bytes are no such record. */
bool cardlock_parse(const struct secret *bytes, struct cardlock *out);
bool cardlock_encode(const struct cardlock *l, struct secret *out, struct err *e) FALLIBLE;

/* The secret that this share's vault and custodian have on the card; *secret NULL: they have none.
 * ERR_REFUSED when the card holds something of that vault for another custodian. */
bool cardlock_find(const struct cardslots *slots, const struct share *s, const uint8_t **secret,
	struct err *e) FALLIBLE;

/* Whose card it is by its first record that says so, share or secret; "" when none does. */
void cardlock_owner(const struct cardslots *slots, char out[static SHARE_NAME_MAX + 1]);

#endif
