/* SPDX-License-Identifier: ISC */
/*
 * plist: writing a property list as XML (plist(5) of macOS), element by element.
 *
 *	struct plist p = plist_start(&buf);
 *	plist_open(&p, "TSKPinnedDomains", "dict");	under this key; NULL inside an array
 *	plist_bool(&p, "TSKEnforcePinning", true);
 *	plist_close(&p, "dict");
 *	plist_end(&p);
 */
#ifndef PINS_PLIST_H
#define PINS_PLIST_H

#include "base/buf.h"

struct plist {
	struct buf *out;
	unsigned depth;
};

/* The prologue; what is added until plist_end stands in the outermost dictionary. */
struct plist plist_start(struct buf *out);
void plist_end(struct plist *p);

/* `key` is NULL inside an array. */
void plist_open(struct plist *p, const char *key, const char *element);
void plist_close(struct plist *p, const char *element);
void plist_string(struct plist *p, const char *key, const char *text);
void plist_bool(struct plist *p, const char *key, bool value);

#endif
