/* SPDX-License-Identifier: ISC */
/*
 * planstrict: a plan's text taken apart before libconfuse sees it, and refused where libconfuse
 * would guess.
 *
 * What libconfuse takes and people overlook: ${ENV}, a repeated option, octal numbers, a section
 * that the end of the file closes, a NUL that ends the file, functions, +=, text across lines. The
 * grammar here is the rest of libconfuse's:
 *
 *	setting:  NAME = VALUE      VALUE:  number | yes | no | "text" | {"text", "text"}
 *	section:  NAME "title" { setting ... }      comments: # and // to the line's end, and C's
 *
 * UTF-8 without control characters but LF and tab; no `$` and no backslash anywhere. Errors are
 * ERR_FORMAT and begin with "PATH:LINE: ".
 */
#ifndef VAULT_PLANSTRICT_H
#define VAULT_PLANSTRICT_H

#include "base/buf.h"

#define PLANSTRICT_ITEMS_MAX 4096
#define PLANSTRICT_NAME_MAX 32
#define PLANSTRICT_TEXT_MAX 1024 /* bytes of one text */

enum planstrict_kind {
	PLANSTRICT_NUMBER, /* a decimal one, of at most nine digits */
	PLANSTRICT_FLAG,   /* yes or no */
	PLANSTRICT_TEXT,
	PLANSTRICT_LIST, /* of texts, at least one */
	PLANSTRICT_SECTION,
};

/* A setting, or a section's beginning, in the order of the file. */
struct planstrict_item {
	enum planstrict_kind kind;
	char name[PLANSTRICT_NAME_MAX + 1];
	char *title;      /* of a section */
	unsigned line;    /* where its name stands */
	unsigned section; /* in which one it stands, counted from 1 (a section: its own); 0: none */
};
struct planstrict {
	struct planstrict_item *items;
	size_t count;
};
#define PLANSTRICT_AUTO __attribute__((cleanup(planstrict_free))) struct planstrict
void planstrict_free(struct planstrict *s);

/* `path` is for messages only. */
bool planstrict_scan(const char *path, const char *text, size_t len, struct planstrict *out,
	struct err *e) FALLIBLE;

/* The setting of that name in a section (0: in none), or with `name` NULL the section's beginning;
 * NULL when there is none. */
const struct planstrict_item *planstrict_find(
	const struct planstrict *s, unsigned section, const char *name);

#endif
