/* SPDX-License-Identifier: ISC */
/*
 * reader: smartcard readers through PC/SC: the only file that includes winscard.h.
 *
 * libpcsclite is loaded when the first reader is asked for, so that who recovers from folders
 * needs neither it nor the time it takes to link. One handle is one reader; a card is connected to
 * at the beginning of each transaction and let go, reset, at its end. Handles are independent of
 * each other; one handle is one thread's.
 * Errors are ERR_DEVICE, but ERR_AUTH where polkit keeps us out.
 */
#ifndef HSM_READER_H
#define HSM_READER_H

#include "hsm/apdu.h"
#include "hsm/readernames.h"

struct reader;
#define READER_AUTO __attribute__((cleanup(reader_close))) struct reader

/* The readers there are, in pcscd's order; none is no error. */
bool reader_list(struct readernames *out, struct err *e) FALLIBLE;

/* `wanted`: a name, a number in reader_list's order, or a part of one name (readernames_find). */
bool reader_open(const char *wanted, struct reader **out, struct err *e) FALLIBLE;
void reader_close(struct reader **r);
const char *reader_name(const struct reader *r);

/* Whether a card is in it now. */
bool reader_has_card(struct reader *r, bool *has, struct err *e) FALLIBLE;

/* Where pcscd or the reader is gone: waits for both and for a card, at most `ms` milliseconds. */
void reader_revive(struct reader *r, unsigned ms);

/* Waits until a card is in it, at most `ms` milliseconds. With `other` one that came since the last
 * call, however quickly it was swapped. */
bool reader_wait(struct reader *r, bool other, unsigned ms, struct err *e) FALLIBLE;

/* The card's answer to reset in hex, while a transaction is open; "" when it is not known. */
#define READER_ATR_TEXT 67
void reader_atr(const struct reader *r, char out[static READER_ATR_TEXT]);

/* Borrows the reader. */
struct apdu_link reader_link(struct reader *r);

#endif
