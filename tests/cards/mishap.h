/* SPDX-License-Identifier: ISC */
/*
 * mishap: replies as a broken or hostile card gives them.
 */
#ifndef TESTS_CARDS_MISHAP_H
#define TESTS_CARDS_MISHAP_H

#include "base/buf.h"

struct mishap {
	const char *name;
	void (*spoil)(struct buf *reply); /* data and status word; at least two bytes */
	bool lasting;                     /* once begun, every later reply is spoilt too */
};

/* NULL: there is none of that name. */
const struct mishap *mishap_named(const char *name);

#endif
