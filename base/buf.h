/* SPDX-License-Identifier: ISC */
/*
 * buf: a growing run of public bytes, always with a NUL after the last one.
 *
 * Never for secrets: growing copies and does not wipe. A failed allocation sticks: later calls do
 * nothing and buf_ok reports it, so that callers check once, at the end.
 */
#ifndef BASE_BUF_H
#define BASE_BUF_H

#include "base/err.h"

#include <stddef.h>

struct buf {
	char *data; /* NUL-terminated once anything was added; NULL before */
	size_t len; /* without the NUL */
	size_t cap;
	bool failed;
};

#define BUF_NONE ((struct buf){ 0 })
#define BUF_AUTO __attribute__((cleanup(buf_free))) struct buf

void buf_add(struct buf *b, const void *data, size_t len);
void buf_adds(struct buf *b, const char *text);
void buf_addf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool buf_ok(const struct buf *b, struct err *e) FALLIBLE; /* ERR_MEMORY when an addition failed */
void buf_clear(struct buf *b);                            /* empty, memory kept */
void buf_free(struct buf *b);
void buf_move(struct buf *to, struct buf *from);

#endif
