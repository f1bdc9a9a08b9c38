/* SPDX-License-Identifier: ISC */
/*
 * pieces: what a PIV card holds in the middle of a chained PUT DATA that it does not do at once.
 */
#ifndef TESTS_CARDS_PIECES_H
#define TESTS_CARDS_PIECES_H

#include "tests/cards/iso.h"

/* `data`: as much of the command's as came so far: 5C 03 tag, 53 82 length, content. It is written
 * over what was there; what is left of that, and zeros up to the new length, follow it. */
void pieces_write(struct card *c, uint32_t tag, const uint8_t *data, size_t len);

#endif
