/* SPDX-License-Identifier: ISC */
/*
 * onetoken: a custodian's token behind a PKCS#11 module: what is ours on it is read as a whole, and
 * new objects are written, read back, and taken back.
 *
 * "MODULE[#SERIAL]" names it. Each step is a session of its own, logged in and out, and waits for
 * the right token where the host has patience; the PIN is asked for once and kept in secret memory.
 * Objects are only ever added and removed, never changed: a write that is torn costs nothing but
 * itself.
 */
#ifndef HSM_ONETOKEN_H
#define HSM_ONETOKEN_H

#include "hsm/p11.h"
#include "shares/medium.h"

struct onetoken {
	struct p11 *module;
	const struct medium_host *host;
	const char *holder, *spec; /* holder may be NULL */
	char *serial;              /* that it must have; "" until it is known */
	char *name;                /* of the module's file, for messages */
	struct p11_token token;    /* as it showed itself last */
	struct secret pin;
	struct p11_objects objects;  /* ours, as read */
	struct p11_objects readback; /* after onetoken_write */
	const struct onetoken_item *begun;
	size_t begun_count; /* of those, that were begun to be written */
	const char *label;  /* what onetoken_remove removes */
	bool full;          /* the token would not take one of them */
	bool given_up;      /* they could not be taken back */
};

bool onetoken_check(const char *place, struct err *e) FALLIBLE; /* form only */

/* Loads the module; looks at no token. The strings outlive *t. */
bool onetoken_open(struct onetoken *t, const struct medium_host *host, const char *holder,
	const char *spec, const char *place, struct err *e) FALLIBLE;
void onetoken_close(struct onetoken *t);

/* Chooses the token and fills t->token: the one with that serial, else the only one there is.
 * ERR_USAGE when there are several, ERR_AUTH when it is another one, ERR_DEVICE when none. */
bool onetoken_find(struct onetoken *t, struct err *e) FALLIBLE;

/* How many objects of ours it shows without a PIN: it should be none. */
bool onetoken_peek(struct onetoken *t, size_t *count, struct err *e) FALLIBLE;

/* Logs in and reads all objects of ours. */
bool onetoken_load(struct onetoken *t, struct err *e) FALLIBLE;

/* A new object. */
struct onetoken_item {
	const char *label; /* another than those that were read */
	struct secret value;
};
/*
 * Writes them, unless what is ours has changed since it was read, and reads everything back in a
 * new session, with the module started anew. t->full when the token would not take one. After a
 * failure what was written is removed. The items must stay until then, and for onetoken_undo.
 */
bool onetoken_write(struct onetoken *t, const struct onetoken_item *items, size_t count,
	struct err *e) FALLIBLE;

/* Removes what onetoken_write wrote. */
bool onetoken_undo(struct onetoken *t, struct err *e) FALLIBLE;
/* Removes one of those that were read, by its label. ERR_MISSING when it is not there. */
bool onetoken_remove(struct onetoken *t, const char *label, struct err *e) FALLIBLE;
/* Removes every object of ours that was read. */
bool onetoken_erase(struct onetoken *t, struct err *e) FALLIBLE;

#endif
