/* SPDX-License-Identifier: ISC */
/*
 * filebatch: many new files at once, synced per file system and not file by file.
 *
 * As file_write_new for each, but: write all, syncfs, name all, syncfs. Named in groups of a couple
 * of hundred, so that descriptors stay bounded. Freed without a keep, it removes every file and
 * folder that it made. After a failed call only filebatch_free makes sense.
 */
#ifndef BASE_FILEBATCH_H
#define BASE_FILEBATCH_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

#define FILEBATCH_AUTO __attribute__((cleanup(filebatch_free))) struct filebatch *

struct filebatch;
bool filebatch_new(struct filebatch **out, struct err *e) FALLIBLE;
bool filebatch_add(struct filebatch *b, const char *path, mode_t mode, const void *data, size_t len,
	struct err *e) FALLIBLE;
bool filebatch_mkdir(struct filebatch *b, const char *path, mode_t mode, struct err *e) FALLIBLE;
bool filebatch_sync(struct filebatch *b, struct err *e) FALLIBLE; /* all named and on disk now */
void filebatch_keep(struct filebatch *b); /* the files stay: a later free removes nothing */
void filebatch_free(struct filebatch **b);

#endif
