/* SPDX-License-Identifier: ISC */
/*
 * html: pages to be printed: one file for A4, nothing fetched, nothing run.
 */
#ifndef BASE_HTML_H
#define BASE_HTML_H

#include "base/buf.h"

/* Text as it may stand between tags and in quoted attributes. */
void html_text(struct buf *out, const char *text);

/* From <!doctype> to the first heading, `title`; what follows ends with html_end. */
void html_begin(struct buf *out, const char *title);
void html_end(struct buf *out);

#endif
