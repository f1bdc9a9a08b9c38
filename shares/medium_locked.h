/* SPDX-License-Identifier: ISC */
/*
 * medium_locked: a medium with a layer: what is written to the one beneath is locked first, and
 * what is read from it unlocked. Private to medium.c.
 *
 * Reading, a share that is not locked, or not with this kind, is handed on as it is; one that
 * cannot be unlocked is a record with its reason.
 */
#ifndef SHARES_MEDIUM_LOCKED_H
#define SHARES_MEDIUM_LOCKED_H

#include "shares/locker.h"

/* Makes *m such a medium; takes `beneath`, which is open, over. */
bool medium_locked_open(struct medium *m, struct medium *beneath, const struct locker_kind *kind,
	const char *place, struct err *e) FALLIBLE;

#endif
