/* SPDX-License-Identifier: ISC */
#include "base/err.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static const struct {
	int status;
	const char *name;
} codes[] = { [ERR_NONE] = { 0, "none" },
#define ERR_ROW(code, status, name) [code] = { status, name },
	ERR_TABLE(ERR_ROW)
#undef ERR_ROW
};

int
err_status(enum err_code code)
{
	return codes[code].status;
}

const char *
err_name(enum err_code code)
{
	return codes[code].name;
}

/* Where a character ends that was cut at the end of the buffer, the cut one is dropped. */
static void
drop_cut_character(char *text)
{
	size_t len = strlen(text);
	size_t start = len;

	while (start > 0 && ((unsigned char)text[start - 1] & 0xc0) == 0x80)
		start--;
	if (start == 0 || (unsigned char)text[start - 1] < 0xc0)
		return;
	unsigned char lead = (unsigned char)text[start - 1];
	size_t want = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : 1;
	if (len - start < want)
		text[start - 1] = '\0';
}

/* Code points that steer a terminal, or the order in which it shows the others, and none. */
static const struct {
	uint32_t first, last;
} unshown[] = {
	{ 0x00, 0x1f },
	{ 0x7f, 0x9f },
	{ 0x200e, 0x200f },
	{ 0x2028, 0x202e },
	{ 0x2066, 0x2069 },
	{ 0xd800, 0xdfff },
	{ 0x110000, UINT32_MAX },
};

/* How many bytes the character at `p` has, and whether it may be shown. What is not UTF-8 counts as
 * one byte that may not. */
static size_t
next_character(const unsigned char *p, bool *shown)
{
	static const uint32_t least[] = { 0, 0x80, 0x800, 0x10000 };
	size_t more = *p >= 0xf0 ? 3 : *p >= 0xe0 ? 2 : *p >= 0xc0 ? 1 : 0;
	uint32_t c = more > 0 ? *p & (0x3fu >> more) : *p;

	*shown = false;
	if (more == 0 && c >= 0x80)
		return 1;
	for (size_t i = 1; i <= more; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 1;
		c = c << 6 | (p[i] & 0x3fu);
	}
	*shown = c >= least[more];
	for (size_t i = 0; i < sizeof(unshown) / sizeof(unshown[0]); i++)
		*shown = *shown && (c < unshown[i].first || c > unshown[i].last);
	return 1 + more;
}

void
err_clean(char *text)
{
	size_t len;

	for (; *text; text += len) {
		bool shown;
		len = next_character((const unsigned char *)text, &shown);
		if (!shown)
			memset(text, '?', len);
	}
}

bool
err_is_clean(const char *text)
{
	bool shown = true;

	while (*text && shown)
		text += next_character((const unsigned char *)text, &shown);
	return shown;
}

/* Formats into `out`; the arguments may point into it. */
__attribute__((format(printf, 3, 0))) static void
format(char *out, size_t size, const char *fmt, va_list args)
{
	char text[sizeof((struct err *)0)->message];

	int n = vsnprintf(text, size, fmt, args);
	if (n < 0)
		text[0] = '\0';
	else if ((size_t)n >= size)
		drop_cut_character(text);
	err_clean(text);
	memcpy(out, text, strlen(text) + 1);
}

/* Appends as much of `more` as fits. */
static void
append(char *out, size_t size, const char *more)
{
	size_t used = strlen(out);
	size_t room = size - used - 1;
	size_t len = strlen(more);

	memcpy(out + used, more, len < room ? len : room);
	out[used + (len < room ? len : room)] = '\0';
	if (len > room)
		drop_cut_character(out);
	err_clean(out + used);
}

__attribute__((format(printf, 3, 0))) static void
set(struct err *e, enum err_code code, const char *fmt, va_list args)
{
	format(e->message, sizeof(e->message), fmt, args);
	e->code = code;
	e->hint[0] = '\0';
}

static void
append_reason(struct err *e, const char *reason)
{
	append(e->message, sizeof(e->message), ": ");
	append(e->message, sizeof(e->message), reason);
}

bool
err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	set(e, code, fmt, args);
	va_end(args);
	return false;
}

static enum err_code
code_of_errno(int number)
{
	static const struct {
		int number;
		enum err_code code;
	} known[] = {
		{ ENOENT, ERR_MISSING },
		{ ENOTDIR, ERR_MISSING },
		{ EEXIST, ERR_EXISTS },
		{ ENOMEM, ERR_MEMORY },
	};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (known[i].number == number)
			return known[i].code;
	return ERR_IO;
}

bool
err_errno(struct err *e, const char *fmt, ...)
{
	int number = errno;
	char reason[128];
	va_list args;

	va_start(args, fmt);
	set(e, code_of_errno(number), fmt, args);
	va_end(args);
	append_reason(e, strerror_r(number, reason, sizeof(reason)));
	return false;
}

bool
err_openssl(struct err *e, enum err_code code, const char *fmt, ...)
{
	unsigned long oldest = ERR_get_error();
	char text[128];
	va_list args;

	va_start(args, fmt);
	set(e, code, fmt, args);
	va_end(args);
	ERR_clear_error();
	if (oldest == 0)
		return false;
	/* OpenSSL has no reason strings for errno values. */
	const char *reason = ERR_SYSTEM_ERROR(oldest)
				     ? strerror_r(ERR_GET_REASON(oldest), text, sizeof(text))
				     : ERR_reason_error_string(oldest);
	if (reason)
		append_reason(e, reason);
	return false;
}

bool
err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[sizeof(e->message)];
	va_list args;

	memcpy(inner, e->message, sizeof(inner));
	va_start(args, fmt);
	format(e->message, sizeof(e->message), fmt, args);
	va_end(args);
	append_reason(e, inner);
	return false;
}

bool
err_hint(struct err *e, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	format(e->hint, sizeof(e->hint), fmt, args);
	va_end(args);
	return false;
}
