/* SPDX-License-Identifier: ISC */
/*
 * quote: text as a string of each language that render writes.
 *
 * The text is printable ASCII: names, pins and URIs were checked before. What a language has no
 * way to say (a `$` in nginx) is told by quote_can.
 */
#ifndef PINS_QUOTE_H
#define PINS_QUOTE_H

#include "base/buf.h"

struct quote; /* one language */

extern const struct quote quote_xml;     /* text of an element or attribute; no quotes around it */
extern const struct quote quote_shell;   /* POSIX sh, single quotes */
extern const struct quote quote_nginx;   /* a parameter: $ always means a variable */
extern const struct quote quote_apache;  /* the value of Header, where % begins a format */
extern const struct quote quote_haproxy; /* a log-format string in single quotes */
extern const struct quote quote_caddy;   /* backquotes, where nothing but { is special */

bool quote_can(const struct quote *q, const char *text);
void quote_add(struct buf *out, const struct quote *q, const char *text);

#endif
