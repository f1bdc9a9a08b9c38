/* SPDX-License-Identifier: ISC */
#include "pins/quote.h"

#include <string.h>

struct quote {
	const char *open, *close;
	struct {
		char c;
		const char *as; /* NULL: cannot be said */
	} escapes[6];
};

const struct quote quote_xml = { "", "",
	{ { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&apos;" } } };
const struct quote quote_shell = { "'", "'", { { '\'', "'\\''" } } };
const struct quote quote_nginx = { "'", "'", { { '\'', "\\'" }, { '\\', "\\\\" }, { '$', NULL } } };
const struct quote quote_apache = { "\"", "\"",
	{ { '"', "\\\"" }, { '\\', "\\\\" }, { '%', "%%" }, { '$', NULL } } };
const struct quote quote_haproxy = { "'", "'", { { '\'', "'\\''" }, { '%', "%%" } } };
const struct quote quote_caddy = { "`", "`", { { '`', NULL }, { '{', NULL } } };

#define ESCAPES (sizeof(((struct quote *)0)->escapes) / sizeof(((struct quote *)0)->escapes[0]))

/* Whether the character is one that the language wants written otherwise; if so, how. */
static bool
escape(const struct quote *q, char c, const char **as)
{
	for (size_t i = 0; i < ESCAPES && q->escapes[i].c; i++)
		if (q->escapes[i].c == c) {
			*as = q->escapes[i].as;
			return true;
		}
	return false;
}

bool
quote_can(const struct quote *q, const char *text)
{
	const char *as;

	for (; *text; text++)
		if ((unsigned char)*text < 0x20 || (unsigned char)*text > 0x7e ||
			(escape(q, *text, &as) && !as))
			return false;
	return true;
}

void
quote_add(struct buf *out, const struct quote *q, const char *text)
{
	const char *as;

	buf_adds(out, q->open);
	for (; *text; text++) {
		if (escape(q, *text, &as) && as)
			buf_adds(out, as);
		else
			buf_add(out, text, 1);
	}
	buf_adds(out, q->close);
}
