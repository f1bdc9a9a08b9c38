/* SPDX-License-Identifier: ISC */
/*
 * render: a manifest's pins in the form in which a consumer takes them.
 *
 * One table of formats drives the command, its help and install. Public data only. What is rendered
 * is the caller's to judge: load the manifest through trust.h and pass it through lint.h first.
 */
#ifndef PINS_RENDER_H
#define PINS_RENDER_H

#include "base/buf.h"
#include "pins/manifest.h"

struct renderjob; /* pins/renderjob.h: what a writer works with */

enum render_names { RENDER_DNS = 1, RENDER_WILDCARD = 2, RENDER_IP = 4 };
#define RENDER_ANY_NAME (RENDER_DNS | RENDER_WILDCARD | RENDER_IP)

/* What a format can do, and which options it takes. */
enum render_flags {
	RENDER_LEAF = 1,        /* compares the leaf's key alone: pins of CAs are left out */
	RENDER_ONE_DOMAIN = 2,  /* holds the pins of one domain */
	RENDER_REPORT_ONLY = 4, /* can report without enforcing; takes --report-only */
	RENDER_PORT = 8,        /* takes --port */
	RENDER_PROTO = 16,      /* takes --proto */
	RENDER_LANGUAGE = 32,   /* takes --language and --package */
	RENDER_ADDRESS = 64,    /* takes --address */
};

struct render_format {
	const char *name;
	const char *help; /* what it is, in a few words */
	const char *file; /* its name in a folder that install writes */
	unsigned names;   /* enum render_names: kinds it has an entry for; 0: it names no host */
	unsigned flags;   /* enum render_flags */
	/* Appends the whole text. ERR_REFUSED when the format has no way to say it. */
	bool (*write)(const struct renderjob *job, struct buf *out, struct err *e);
};

extern const struct render_format render_formats[];
extern const size_t render_format_count;
/* For the command's help: a line for each format. */
extern const char render_help[];

struct render_options {
	const char *domain;           /* one domain of the manifest; NULL: every one */
	long port;                    /* 0: the format's own default */
	const char *proto;            /* "tcp", "udp", "sctp"; NULL: tcp */
	bool report_only;             /* even where the manifest says to enforce */
	const char *language;         /* "kotlin" or "java"; NULL: kotlin */
	const char *package;          /* of the generated source; NULL: none */
	const char *const *addresses; /* of the servers, in canonical form */
	size_t address_count;
	const char *const *forced; /* rules of lint that were let pass: the text says so */
	size_t forced_count;
};

/* ERR_USAGE, naming the nearest. */
bool render_find(const char *name, const struct render_format **out, struct err *e) FALLIBLE;

/* Appends what `f` makes of the manifest. ERR_USAGE: no such domain, several where the format
 * holds one, an option that it does not take. ERR_REFUSED: nothing of a domain can be said in this
 * format. On failure `out` is as it was. */
bool render(const struct render_format *f, const struct manifest *m,
	const struct render_options *options, struct buf *out, struct err *e) FALLIBLE;

#endif
