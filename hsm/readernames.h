/* SPDX-License-Identifier: ISC */
/*
 * readernames: the names of the readers there are, and which of them is meant.
 */
#ifndef HSM_READERNAMES_H
#define HSM_READERNAMES_H

#include "base/err.h"

#include <stddef.h>

struct readernames {
	char **names;
	size_t count;
};
#define READERNAMES_AUTO __attribute__((cleanup(readernames_free))) struct readernames
void readernames_free(struct readernames *n);

/* From PC/SC's form: strings one after the other, an empty one last. */
bool readernames_split(const char *multi, struct readernames *out, struct err *e) FALLIBLE;

/* By whole name, by number, or by a part that only one has; *out is borrowed. ERR_DEVICE when there
 * is none, ERR_USAGE when there are several; the hint lists all. */
bool readernames_find(
	const struct readernames *n, const char *wanted, const char **out, struct err *e) FALLIBLE;

#endif
