/* SPDX-License-Identifier: ISC */
/*
 * locked: what follows "locked: " in a share that its holder has locked (docs/FORMAT.md): a kind,
 * its parameters, a nonce, a ciphertext.
 *
 * Its form alone; lock.h opens it. All of it is public.
 */
#ifndef SHARES_LOCKED_H
#define SHARES_LOCKED_H

#include "base/err.h"

#include <stddef.h>

#define LOCKED_TEXT_MAX 256 /* characters */

/* A known kind, its parameters in order and within bounds, and a ciphertext of the right size.
 * ERR_FORMAT. */
bool locked_check(const char *text, size_t len, struct err *e) FALLIBLE;

/* Of a checked text: */

/* Whether it is of this kind: "card". */
bool locked_is(const char *text, const char *kind);
/* What stands before the nonce: "card 0006:12345678". */
void locked_head(const char *text, char out[static LOCKED_TEXT_MAX]);
/* The first parameter: a card's serial. */
void locked_first(const char *text, char out[static LOCKED_TEXT_MAX]);
/* What it is locked with, for messages: "a passphrase", "the smartcard 0006:12345678". */
#define LOCKED_WITH_MAX 96
void locked_with(const char *text, char out[static LOCKED_WITH_MAX]);
/* What to do with one that nobody unlocked, for hints. */
const char *locked_advice(const char *text);

#endif
