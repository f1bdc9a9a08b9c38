/* SPDX-License-Identifier: ISC */
/*
 * locker: what locks a custodian's shares: the layer of a medium, after a `+` in its spec.
 *
 * One row for each kind, in the room that has what it takes (hsm/locker_card.c): a card today, a
 * passphrase is another. A locker knows which key a share is locked under; medium_locked does the
 * rest. Opened together with its medium.
 */
#ifndef SHARES_LOCKER_H
#define SHARES_LOCKER_H

#include "shares/locked.h"
#include "shares/medium.h"
#include "shares/share.h"

struct locker;

struct locker_kind {
	const char *word;    /* the first one after "locked: ": "card" */
	const char *example; /* for hints: "+card:READER to lock it with a smartcard" */
	/* Of what follows "scheme:" in the layer; "" where nothing does. Form only. */
	bool (*check)(const char *place, struct err *e);
	/* Fills identity and state. `wanted`: what stands after "locked: " in the shares beneath,
	 * where they agree in what they want of a locker of this kind; else NULL. */
	bool (*open)(struct locker *l, const char *place, const char *wanted, struct err *e);
	/* For locking *s: what stands before the nonce, and the key, made now if need be. */
	bool (*fresh)(struct locker *l, const struct share *s, char head[static LOCKED_TEXT_MAX],
		struct secret *key, struct err *e);
	/* What *s was locked under. Called by several threads at once. ERR_AUTH when this is not
	 * the locker that it was locked with, which the message names. */
	bool (*key)(
		const struct locker *l, const struct share *s, struct secret *key, struct err *e);
	/* After it a key that was made can be had again, from the locker itself, past any cache. */
	bool (*sync)(struct locker *l, struct err *e);
	void (*keep)(struct locker *l); /* without it, close takes a key back that was made */
	void (*close)(struct locker *l);
};

struct locker {
	const struct locker_kind *kind;
	const struct medium_host *host;
	const char *holder, *spec; /* the medium's */
	char *identity;            /* as a medium's */
	void *state;               /* the kind's own */
};

#endif
