/* SPDX-License-Identifier: ISC */
/*
 * locked: what follows "locked: " in a share that its holder has locked (docs/FORMAT.md).
 *
 * Recognised and checked for form here; a locked share's payload stays closed. All of it is
 * public.
 */
#ifndef SHARES_LOCKED_H
#define SHARES_LOCKED_H

#include "base/err.h"

#include <stddef.h>

#define LOCKED_TEXT_MAX 256 /* characters */

/* A known kind, its parameters in order and within bounds, and a ciphertext of the right size.
 * ERR_FORMAT. */
bool locked_check(const char *text, size_t len, struct err *e) FALLIBLE;

/* What a checked text is locked with, for messages: "a passphrase", "a smartcard". */
const char *locked_with(const char *text);

#endif
