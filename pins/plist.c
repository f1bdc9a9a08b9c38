/* SPDX-License-Identifier: ISC */
#include "pins/plist.h"

#include "pins/quote.h"

static void
indent(const struct plist *p)
{
	for (unsigned i = 0; i < p->depth; i++)
		buf_adds(p->out, "\t");
}

static void
add_key(const struct plist *p, const char *key)
{
	if (!key)
		return;
	indent(p);
	buf_adds(p->out, "<key>");
	quote_add(p->out, &quote_xml, key);
	buf_adds(p->out, "</key>\n");
}

struct plist
plist_start(struct buf *out)
{
	struct plist p = { .out = out, .depth = 1 };

	buf_adds(out, "<plist version=\"1.0\">\n<dict>\n");
	return p;
}

void
plist_end(struct plist *p)
{
	buf_adds(p->out, "</dict>\n</plist>\n");
}

void
plist_open(struct plist *p, const char *key, const char *element)
{
	add_key(p, key);
	indent(p);
	buf_addf(p->out, "<%s>\n", element);
	p->depth++;
}

void
plist_close(struct plist *p, const char *element)
{
	p->depth--;
	indent(p);
	buf_addf(p->out, "</%s>\n", element);
}

void
plist_string(struct plist *p, const char *key, const char *text)
{
	add_key(p, key);
	indent(p);
	buf_adds(p->out, "<string>");
	quote_add(p->out, &quote_xml, text);
	buf_adds(p->out, "</string>\n");
}

void
plist_bool(struct plist *p, const char *key, bool value)
{
	add_key(p, key);
	indent(p);
	buf_addf(p->out, "<%s/>\n", value ? "true" : "false");
}
