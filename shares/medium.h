/* SPDX-License-Identifier: ISC */
/*
 * medium: where a custodian's shares are: one interface over folders, cards and paper.
 *
 * A medium is named by a spec: "dir:PATH" (a folder, or one share file when reading); `+` adds a
 * layer that locks the shares, "dir:PATH+card:READER", and a backslash escapes it in a path. Each
 * kind is a row in a table and a file
 * medium_<kind>.c, in the room where it belongs: which kinds there are, and who is asked for a PIN,
 * is the program's choice and comes with its host. A medium that is not there is ERR_MISSING: a
 * missing mount point is never made.
 */
#ifndef SHARES_MEDIUM_H
#define SHARES_MEDIUM_H

#include "base/err.h"
#include "base/secret.h"

#include <stddef.h>
#include <stdint.h>

struct medium;
struct medium_host;

/* One record found on a medium: its text, and how to name it in messages. */
struct medium_record {
	char *label;        /* "/media/usb1/example.org-....001.share" */
	struct secret text; /* whole share text; empty when it could not be read */
	struct err err;     /* code ERR_NONE when readable */
	char *unlocked;     /* "the smartcard 0006:12345678", which opened it; else NULL */
};
struct medium_records {
	struct medium_record *items;
	size_t count;
};
#define MEDIUM_RECORDS_AUTO __attribute__((cleanup(medium_records_free))) struct medium_records
void medium_records_free(struct medium_records *r);
/* For kinds: one more, empty; NULL when out of memory. Good until the next one is added. */
struct medium_record *medium_records_add(struct medium_records *r, struct err *e) FALLIBLE;

/* May this medium, just opened, be used? */
typedef bool (*medium_fit)(void *context, const struct medium *m, struct err *e);

/* What a medium shows without a secret and without a write. */
struct medium_look {
	char *identity;      /* as that of struct medium; NULL: it would take a secret to know */
	char *lock_identity; /* likewise */
	char *path;          /* likewise */
	char about[160]; /* "OpenPGP card 0006:12345678 in ..."; for kinds that have more to say */
	uint64_t device; /* of the file system; 0 where there is none */
	bool read_only;
	bool room_known;
	uint64_t room;    /* bytes that are free, or, where `packed`, that there are in all */
	uint64_t block;   /* what a record's bytes are rounded up to */
	uint64_t records; /* how many more it takes at most; UINT64_MAX: any number */
	bool packed;      /* records are kept in their binary form (sharebin.h) */
};
#define MEDIUM_LOOK_AUTO __attribute__((cleanup(medium_look_free))) struct medium_look
void medium_look_free(struct medium_look *l);

struct locker_kind;

struct medium_kind {
	const char *scheme;  /* "dir" */
	const char *example; /* for hints: "dir:PATH for a folder" */
	bool is_path;        /* the place is a path */
	/* What it is as a layer; NULL where it is none (locker.h). */
	const struct locker_kind *locker;
	/* Form only. NULL: any place will do. */
	bool (*check)(const char *place, struct err *e);
	/* Opens what follows "scheme:"; fills identity, path and state. */
	bool (*open)(struct medium *m, const char *place, struct err *e);
	/* For kinds whose medium a person puts in place: asks until one is there that opens and is
	 * `fit`; `again`: once more the one that was written to, which is then read back whole. An
	 * answer that will not do is said and asked for again; nobody to ask is an error. NULL: the
	 * medium is there all the time. */
	bool (*insert)(struct medium *m, bool again, medium_fit fit, void *context, struct err *e);
	/* Fills what it can tell of a medium that is there. NULL: nothing, without a secret. */
	bool (*look)(const struct medium_host *host, const char *place, struct medium_look *out,
		struct err *e);
	/* Reads the records; `key` (a key id, a prefix of one, or NULL for all) may be used to pass
	 * over records whose names say that they are another key's. Unreadable ones are returned
	 * with their err, not dropped. */
	bool (*read)(struct medium *m, const char *key, struct medium_records *out, struct err *e);
	/* Queues one new record; never overwrites (ERR_EXISTS). */
	bool (*write)(struct medium *m, const char *name, const struct secret *text, struct err *e);
	/* All that was queued is on the medium for good when this returns. */
	bool (*sync)(struct medium *m, struct err *e);
	/* Removes one record. NULL: this kind's records stay. */
	bool (*remove)(struct medium *m, const char *name, struct err *e);
	/* Reads one record back from the medium itself, past any cache. */
	bool (*reread)(struct medium *m, const char *name, struct secret *out, struct err *e);
	/* What was written through this handle stays: without it, close removes it. */
	void (*keep)(struct medium *m);
	void (*close)(struct medium *m);
};

/* What a medium asks of a person. */
struct medium_ask {
	const char *holder; /* the custodian, or NULL where that is not known */
	const char *spec;   /* the medium's */
	const char *serial; /* the card's */
	const char *what;   /* "PIN of the OpenPGP card 0006:12345678" */
	const char *line;   /* NULL for the PIN; for another secret the beginning of its line on
			       --pin-fd: "ADMIN-" */
	int tries;          /* left; negative when not known */
	const char *pinpad; /* the reader that can ask for it itself: no answer means that it shall;
			       NULL: none can */
};

/* What a person is asked to put in place. */
struct medium_call {
	const char *holder; /* the custodian, or the medium's name where that is not known */
	bool again;         /* the one that was written to, to be read back */
};

/* The program that media are opened by. Outlives them. */
struct medium_host {
	const struct medium_kind *const *kinds; /* NULL ends */
	/* Answers from wherever the program has it; NULL: nobody can be asked. */
	bool (*secret)(const struct medium_host *h, const struct medium_ask *ask,
		struct secret *out, struct err *e);
	/* What the card said no to, so that nobody gives it that again; may be NULL. */
	void (*refused)(const struct medium_host *h, const struct medium_ask *ask,
		const struct secret *answer);
	/* Has a person put a medium in place, and say where: *out, malloc'd, a spec or a folder's
	 * absolute path. NULL: nobody can be asked. */
	bool (*call)(const struct medium_host *h, const struct medium_call *call, char **out,
		struct err *e);
	/* What was called for has been dealt with and may be taken away; may be NULL. */
	void (*done)(const struct medium_host *h, const struct medium_call *call, const char *spec);
	/* A line for the operator, who may have to do something; may be NULL. */
	void (*say)(const struct medium_host *h, const char *line);
	/* Random bytes for a key; NULL: none are made. */
	bool (*random)(const struct medium_host *h, uint8_t *out, size_t len, struct err *e);
	unsigned patience; /* milliseconds to wait for a person to do it; 0: nobody is there */
};

struct medium {
	const struct medium_kind *kind;
	const struct medium_host *host;
	char *spec;          /* as given; once inserted, as answered */
	char *holder;        /* the custodian, or NULL where that is not known */
	char *identity;      /* equal for two handles on the same place, whatever their spelling */
	char *lock_identity; /* the same of its layer, or NULL */
	char *path;          /* canonical absolute path; NULL for media that have none */
	void *state;         /* the kind's own */
};
#define MEDIUM_AUTO __attribute__((cleanup(medium_close))) struct medium

/* Form only, opens nothing: a known scheme and a place. ERR_USAGE. */
bool medium_check(const struct medium_kind *const *kinds, const char *spec, struct err *e) FALLIBLE;
/* The same spec, with a place that is a path made absolute (links and `..` are left alone): what a
 * journal keeps has to hold wherever the next command is started. ERR_USAGE as medium_check. */
bool medium_absolute(const struct medium_kind *const *kinds, const char *spec, char **out,
	struct err *e) FALLIBLE;
/* `holder`: the custodian whose medium it is, or NULL. */
bool medium_open(const struct medium_host *host, const char *holder, const char *spec,
	struct medium *out, struct err *e) FALLIBLE;
void medium_close(struct medium *m);
/* Whether it is there, and what it shows. */
bool medium_look(const struct medium_host *host, const char *spec, struct medium_look *out,
	struct err *e) FALLIBLE;
/* Whether they have a place in common, or what they are locked with. */
bool medium_overlap(const struct medium *a, const struct medium *b);
bool medium_look_overlap(const struct medium_look *a, const struct medium_look *b);

/* Does nothing to a medium that is there all the time. */
bool medium_insert(
	struct medium *m, bool again, medium_fit fit, void *context, struct err *e) FALLIBLE;
bool medium_is_inserted(const struct medium *m); /* a person puts it in place */
bool medium_read(
	struct medium *m, const char *key, struct medium_records *out, struct err *e) FALLIBLE;
bool medium_write(
	struct medium *m, const char *name, const struct secret *text, struct err *e) FALLIBLE;
bool medium_sync(struct medium *m, struct err *e) FALLIBLE;
/* *removed is false where this kind's records stay. */
bool medium_remove(struct medium *m, const char *name, bool *removed, struct err *e) FALLIBLE;
bool medium_reread(struct medium *m, const char *name, struct secret *out, struct err *e) FALLIBLE;
void medium_keep(struct medium *m);

extern const struct medium_kind medium_dir;
extern const struct medium_kind medium_prompt; /* "prompt:NAME": asked for when it is needed */

#endif
