/* SPDX-License-Identifier: ISC */
/*
 * p11: tokens through a PKCS#11 module (OASIS PKCS#11 2.40), loaded into this process.
 *
 * A module is named by its absolute path, or by its file name in one of the folders where Debian
 * and p11-kit put them; the environment has no say. It is trusted with all that is handed to it:
 * PINs and shares lie in its memory, which is neither guarded nor wiped. What it says is not
 * trusted: lengths and counts are checked.
 * One process has one of each module, however many handles there are on it: they take turns, in
 * one thread at a time.
 */
#ifndef HSM_P11_H
#define HSM_P11_H

#include "base/secret.h"

#define P11_APPLICATION "coldspare" /* CKA_APPLICATION of what is ours */
#define P11_LABEL_MAX 255
#define P11_TRIES_UNKNOWN (-1)

struct p11;

/* ERR_MISSING where there is no such file, ERR_DEVICE where it is no PKCS#11 module. */
bool p11_load(const char *name, struct p11 **out, struct err *e) FALLIBLE;
void p11_unload(struct p11 **m);
const char *p11_path(const struct p11 *m); /* the file's, resolved */
/* Who made it and which version, as it says. */
bool p11_about(struct p11 *m, char *out, size_t size, struct err *e) FALLIBLE;
/* Forgets all that it remembers of its tokens, while no session is open. */
bool p11_restart(struct p11 *m, struct err *e) FALLIBLE;

/* A token as it shows itself without a PIN. Texts are printable. */
struct p11_token {
	unsigned long slot; /* good until p11_restart */
	char serial[17];    /* without spaces; "" where it has none */
	char label[33], model[17], maker[33];
	bool ready;       /* initialised, and with a user PIN */
	bool initialised; /* the first of the two */
	bool open;        /* asks for no PIN at all */
	bool pinpad;      /* the PIN is typed on the token, or its reader */
	bool read_only;   /* nothing can be written to it */
	bool stale;       /* the PIN is one that is to be changed, as from a factory */
	bool warned;      /* a wrong PIN was tried since the last right one */
	int tries;        /* 0, 1, or P11_TRIES_UNKNOWN */
	size_t pin_min, pin_max;
	bool room_known;
	size_t room; /* bytes left for private objects */
};

struct p11_tokens {
	struct p11_token *items;
	size_t count;
	struct err unknown; /* why a token was passed over; code ERR_NONE: none was */
};
#define P11_TOKENS_AUTO __attribute__((cleanup(p11_tokens_free))) struct p11_tokens
void p11_tokens_free(struct p11_tokens *t);
/* All that there are; of several with one serial, as OpenSC shows a card with several PINs, the
 * first. None is no error. */
bool p11_list(struct p11 *m, struct p11_tokens *out, struct err *e) FALLIBLE;

struct p11_session;
#define P11_SESSION_AUTO __attribute__((cleanup(p11_close))) struct p11_session
bool p11_open(struct p11 *m, const struct p11_token *t, bool write, struct p11_session **out,
	struct err *e) FALLIBLE;
void p11_close(struct p11_session **s); /* logs out */
/* One try; with `pin` NULL it is typed on the token. ERR_AUTH when wrong or locked. */
bool p11_login(struct p11_session *s, const struct secret *pin, struct err *e) FALLIBLE;

/* An object of ours: private data with our CKA_APPLICATION. */
struct p11_object {
	unsigned long handle; /* good until the session's end */
	char label[P11_LABEL_MAX + 1];
	struct secret value; /* empty where it is over the limit, or gone */
};
struct p11_objects {
	struct p11_object *items;
	size_t count;
};
#define P11_OBJECTS_AUTO __attribute__((cleanup(p11_objects_free))) struct p11_objects
void p11_objects_free(struct p11_objects *o);

/* Ours, with values of at most `limit` bytes. Of others no more is read than whose they are. */
bool p11_read(struct p11_session *s, size_t limit, struct p11_objects *out, struct err *e) FALLIBLE;
/* *full: the token would not take it, which is all that some of them say when they are full;
 * ERR_REFUSED where it says so. */
bool p11_create(struct p11_session *s, const char *label, const struct secret *value, bool *full,
	struct err *e) FALLIBLE;
bool p11_destroy(struct p11_session *s, const struct p11_object *o, struct err *e) FALLIBLE;

#endif
