/* SPDX-License-Identifier: ISC */
#include "vault/script.h"

#include <stdarg.h>
#include <stdio.h>

void
script_say(
	struct script *s, void (*how)(struct sheet *sheet, const char *text), const char *fmt, ...)
{
	char text[2048];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof text, fmt, args);
	va_end(args);
	how(&s->sheet, text);
}

const char *
script_medium(const struct plan_custodian *c)
{
	return c->medium ? c->medium : "asked for at the ceremony";
}
