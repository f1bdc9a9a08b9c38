/* SPDX-License-Identifier: ISC */
/*
 * hurry: preloaded into the tests' pcscd, which looks for cards that came or went 2.5 times a
 * second: makes that 50 times.
 */
#include <stdbool.h>
#include <time.h>

#define LONG_NS 100000000
#define SHORT_NS 20000000

int nanosleep(const struct timespec *wanted, struct timespec *left);

int
nanosleep(const struct timespec *wanted, struct timespec *left)
{
	static const struct timespec shorter = { .tv_nsec = SHORT_NS };
	bool is_long = wanted->tv_sec > 0 || wanted->tv_nsec >= LONG_NS;

	return clock_nanosleep(CLOCK_REALTIME, 0, is_long ? &shorter : wanted, left) == 0 ? 0 : -1;
}
