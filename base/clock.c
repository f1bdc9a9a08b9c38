/* SPDX-License-Identifier: ISC */
#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define YEAR_0000 INT64_C(-62167219200)
#define YEAR_9999_END INT64_C(253402300799)

int64_t
clock_now(void)
{
	return time(NULL);
}

static void
two_digits(char *out, int value)
{
	out[0] = (char)('0' + value / 10 % 10);
	out[1] = (char)('0' + value % 10);
}

void
clock_format(int64_t t, char out[static CLOCK_TEXT])
{
	if (t < YEAR_0000)
		t = YEAR_0000;
	if (t > YEAR_9999_END)
		t = YEAR_9999_END;
	const time_t clamped = t;
	struct tm tm;
	gmtime_r(&clamped, &tm);

	memcpy(out, "0000-00-00T00:00:00Z", CLOCK_TEXT);
	two_digits(out, (tm.tm_year + 1900) / 100);
	two_digits(out + 2, (tm.tm_year + 1900) % 100);
	two_digits(out + 5, tm.tm_mon + 1);
	two_digits(out + 8, tm.tm_mday);
	two_digits(out + 11, tm.tm_hour);
	two_digits(out + 14, tm.tm_min);
	two_digits(out + 17, tm.tm_sec);
}

static int
number(const char *text, int digits)
{
	int value = 0;

	for (int i = 0; i < digits; i++)
		value = value * 10 + (text[i] - '0');
	return value;
}

static bool
bad_time(const char *text, struct err *e)
{
	err_set(e, ERR_FORMAT, "\"%.40s\" is not a time", text);
	return err_hint(e, "write UTC times as in 2026-11-22T10:00:00Z");
}

bool
clock_parse(const char *text, int64_t *out, struct err *e)
{
	if (strlen(text) != CLOCK_TEXT - 1)
		return bad_time(text, e);
	struct tm tm = {
		.tm_year = number(text, 4) - 1900,
		.tm_mon = number(text + 5, 2) - 1,
		.tm_mday = number(text + 8, 2),
		.tm_hour = number(text + 11, 2),
		.tm_min = number(text + 14, 2),
		.tm_sec = number(text + 17, 2),
	};
	int64_t t = timegm(&tm);

	/* timegm makes a time of anything, 30 February and letters included: only a real time in
	 * the one form reads back as it was. */
	char back[CLOCK_TEXT];
	clock_format(t, back);
	if (strcmp(text, back) != 0)
		return bad_time(text, e);
	*out = t;
	return true;
}

static const struct {
	char name;
	int64_t seconds;
} units[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 }, { 'm', 60 }, { 's', 1 } };

enum { UNITS = sizeof(units) / sizeof(units[0]) };

void
clock_duration_format(int64_t seconds, char out[static CLOCK_DURATION_TEXT])
{
	size_t i = 0;

	while (i < UNITS - 1 && (seconds == 0 || seconds % units[i].seconds != 0))
		i++;
	snprintf(out, CLOCK_DURATION_TEXT, "%" PRId64 "%c", seconds / units[i].seconds,
		units[i].name);
}

static bool
bad_duration(const char *text, struct err *e)
{
	err_set(e, ERR_FORMAT, "\"%.40s\" is not a duration", text);
	return err_hint(e, "write one number and one unit of s, m, h, d or w, as in 60d");
}

bool
clock_duration_parse(const char *text, int64_t *out, struct err *e)
{
	const char *unit = text + strspn(text, "0123456789");
	int64_t value = 0;
	size_t i = 0;

	while (i < UNITS && units[i].name != *unit)
		i++;
	if (unit == text || i == UNITS || unit[1] != '\0')
		return bad_duration(text, e);
	for (const char *p = text; p < unit; p++) {
		value = value * 10 + (*p - '0');
		if (value > CLOCK_DURATION_MAX / units[i].seconds)
			return err_set(e, ERR_FORMAT, "\"%.40s\" is over 100 years", text);
	}
	*out = value * units[i].seconds;
	return true;
}
