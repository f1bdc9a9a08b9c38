/* SPDX-License-Identifier: ISC */
/*
 * sources: the kernel's and OpenSSL's randomness, replaced by the linker (--wrap) in the tests that
 * the Makefile lists for it, and nowhere else.
 */
#ifndef TESTS_SOURCES_H
#define TESTS_SOURCES_H

#include <stddef.h>
#include <stdint.h>

enum sources_behaviour {
	SOURCES_REAL,
	SOURCES_FIXED,   /* a stream that passes every test and is the same in each run */
	SOURCES_HALTING, /* FIXED, but interrupted and one byte short in turn (the kernel's only) */
	SOURCES_STUCK,   /* zeros (the kernel's only) */
	SOURCES_REFUSING, /* an error; the buffer stays as it was */
};

struct source {
	enum sources_behaviour behaviour;
	uint8_t stream[1 << 16];
	size_t at; /* bytes of the stream given out */
	size_t calls;
};
extern struct source sources_kernel, sources_openssl;

/* Back to the stream's start, which depends on `seed`. */
void sources_start(struct source *s, enum sources_behaviour b, uint8_t seed);

#endif
