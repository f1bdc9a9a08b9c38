/* SPDX-License-Identifier: ISC */
/*
 * words: bytes as words that people can read aloud and compare: the PGP word list.
 *
 * Juola and Zimmermann, "Whole-word phonetic distances and the PGPfone alphabet" (1996): byte i is
 * a two-syllable word when i is even and a three-syllable one when odd, so that a word left out or
 * swapped is heard.
 */
#ifndef BASE_WORDS_H
#define BASE_WORDS_H

#include "base/buf.h"

#include <stdint.h>

/* One word a byte, separated by single blanks. */
void words_encode(const uint8_t *data, size_t len, struct buf *out);

#endif
