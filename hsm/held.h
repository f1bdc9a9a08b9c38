/* SPDX-License-Identifier: ISC */
/*
 * held: the shares on a card or a token: how its medium gives them out, and which new ones it
 * takes.
 *
 * Each medium walks over what it holds by itself and asks here about one record after the other,
 * a share in binary form (sharebin). What decodes to no share is never dropped in silence: it is
 * given out with the reason.
 */
#ifndef HSM_HELD_H
#define HSM_HELD_H

#include "hsm/cardstore.h"
#include "shares/medium.h"
#include "shares/share.h"

/* What holds them, for messages: "READER: card SERIAL". */
struct held_by {
	const char *place;  /* the reader, the module */
	const char *what;   /* "card", "token" */
	const char *serial; /* its */
};

/* Adds one record to what a medium reads, unless it is a share of another key than `key` (which
 * may be NULL). `where` names it where it is no share: "slot 3". */
bool held_give(const struct held_by *by, const struct secret *bytes, const char *where,
	const char *key, struct medium_records *out, struct err *e) FALLIBLE;
/* The same for one whose write was torn. */
bool held_give_torn(const struct held_by *by, const char *where, struct medium_records *out,
	struct err *e) FALLIBLE;

/* What is asked about one share after the other; false ends the walk. */
typedef bool (*held_visit)(void *context, const struct secret *bytes, struct err *e);
/* The shares among the records of one object. */
bool held_each(const struct cardstore *s, held_visit visit, void *context, struct err *e) FALLIBLE;

/* A visit: whether the new share may come beside this one. ERR_EXISTS when it is that very share,
 * ERR_REFUSED when it is one of the same vault of another custodian. */
struct held_newcomer {
	struct held_by by;
	const struct share *share;
};
bool held_gets_along(void *newcomer, const struct secret *bytes, struct err *e) FALLIBLE;

/* Whose it is; "" when it is no share. */
void held_owner(const struct secret *bytes, char out[static SHARE_NAME_MAX + 1]);

/* A visit: the text of the share of this file name, once. */
struct held_named {
	const char *name;
	struct secret *out;
	bool found;
};
bool held_take_named(void *named, const struct secret *bytes, struct err *e) FALLIBLE;

/* Shares that wait to be written. */
struct held_waiting {
	char *name; /* the file's */
	struct share share;
};
struct held_queue {
	struct held_waiting *items;
	size_t count;
};
void held_queue_free(struct held_queue *q);
/* Takes *share over. */
bool held_enqueue(
	struct held_queue *q, const char *name, struct share *share, struct err *e) FALLIBLE;

#endif
