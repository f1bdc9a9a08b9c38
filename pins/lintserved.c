/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

#include <ctype.h>
#include <string.h>

/* One directive of a header value: its name, and its value as it stands, quotes included. */
struct directive {
	const char *name, *value;
	size_t name_len, value_len;
};

/* The next directive from *at on, which moves behind it. Semicolons in quotes do not count. */
static bool
next_directive(const char **at, struct directive *out)
{
	const char *p = *at + strspn(*at, "; \t");
	if (*p == '\0')
		return false;
	*out = (struct directive){ .name = p, .name_len = strcspn(p, "=; \t") };
	p += out->name_len;
	p += strspn(p, " \t");
	if (*p == '=') {
		p += 1 + strspn(p + 1, " \t");
		out->value = p;
		for (bool quoted = false; *p && (quoted || *p != ';'); p++)
			quoted ^= *p == '"';
		out->value_len = (size_t)(p - out->value);
		while (out->value_len > 0 && isblank((unsigned char)out->value[out->value_len - 1]))
			out->value_len--;
	}
	*at = p + strcspn(p, ";");
	return true;
}

static bool
is_called(const struct directive *d, const char *name)
{
	return d->name_len == strlen(name) && strncasecmp(d->name, name, d->name_len) == 0;
}

void
lintserved_unquoted(struct lint_visit *v)
{
	struct directive d;
	for (const char *at = v->ctx->header; at && next_directive(&at, &d);) {
		if (!is_called(&d, "pin-sha256"))
			continue;
		if (d.value_len < 2 || d.value[0] != '"' || d.value[d.value_len - 1] != '"')
			lint_say(v, NULL, "a pin-sha256 of the header is not in quotes");
	}
}

static bool
is_number(const struct directive *d)
{
	return d->value_len > 0 && strspn(d->value, "0123456789") >= d->value_len;
}

void
lintserved_max_age(struct lint_visit *v)
{
	struct directive d;
	size_t count = 0, bad = 0;
	if (!v->ctx->header)
		return;
	for (const char *at = v->ctx->header; next_directive(&at, &d);) {
		if (!is_called(&d, "max-age"))
			continue;
		count++;
		bad += !is_number(&d);
	}
	if (count != 1)
		lint_say(v, NULL, "the header has %zu max-age directives", count);
	else if (bad)
		lint_say(v, NULL, "the header's max-age is no number of seconds");
}
