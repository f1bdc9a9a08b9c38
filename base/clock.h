/* SPDX-License-Identifier: ISC */
/*
 * clock: times and durations as people and files write them.
 *
 * Times are seconds since 1970 UTC in int64_t, written RFC 3339 "2026-11-22T10:00:00Z", whole
 * seconds, Z only. CLOCK_NONE stands for null. Durations are seconds, written as one number and
 * one unit of s, m, h, d, w ("60d"); a bare number is refused. Text that is neither: ERR_FORMAT.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include "base/err.h"

#include <stdint.h>

#define CLOCK_NONE INT64_MIN
#define CLOCK_TEXT 21 /* with NUL */

int64_t clock_now(void);
void clock_format(int64_t t, char out[static CLOCK_TEXT]); /* years 0000 to 9999; else clamped */
bool clock_parse(const char *text, int64_t *out, struct err *e) FALLIBLE;

#define CLOCK_DURATION_TEXT 24
#define CLOCK_DURATION_MAX ((int64_t)100 * 366 * 86400)
/* The largest unit that divides it: 5184000 -> "60d", 90 -> "90s". */
void clock_duration_format(int64_t seconds, char out[static CLOCK_DURATION_TEXT]);
bool clock_duration_parse(const char *text, int64_t *out, struct err *e) FALLIBLE;

#endif
