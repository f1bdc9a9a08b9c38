/* SPDX-License-Identifier: ISC */
/*
 * place: where paths lie, for paths that need not exist yet.
 */
#ifndef BASE_PLACE_H
#define BASE_PLACE_H

#include "base/err.h"

/* Whether `path` is `dir` or below it, links resolved. A last component that does not exist yet
 * counts by its parent; where not even the parent exists, the answer is false. */
bool place_inside(const char *path, const char *dir, bool *out, struct err *e) FALLIBLE;

#endif
