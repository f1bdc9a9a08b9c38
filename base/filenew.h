/* SPDX-License-Identifier: ISC */
/*
 * filenew: one new file that gets its name only when it is complete.
 *
 * What file_write_new and filebatch share; everybody else calls those. filenew_write makes a file
 * without a name (O_TMPFILE) and writes every byte; the caller syncs `fd` the way it likes; then
 * filenew_name gives it its name without clobbering. Until filenew_keep, filenew_abandon (the
 * cleanup of FILENEW_AUTO) takes everything back, the name included.
 *
 * File systems without unnamed files (FAT, some of FUSE, NFS) get a temporary name in the same
 * folder, `.coldspare-XXXXXX.tmp`, and a rename that refuses to clobber; those that cannot refuse
 * it either get the name reserved by an empty O_EXCL file first, which the rename replaces.
 */
#ifndef BASE_FILENEW_H
#define BASE_FILENEW_H

#include "base/err.h"

#include <stddef.h>
#include <sys/types.h>

struct filenew {
	char *path; /* the name it is to have */
	char *temp; /* the one it has until then; NULL when it has none */
	int fd;     /* open for writing until filenew_keep */
	bool named; /* stands at `path` */
};

#define FILENEW_NONE ((struct filenew){ .fd = -1 })
#define FILENEW_AUTO __attribute__((cleanup(filenew_abandon))) struct filenew

/* *f must be FILENEW_NONE. Nothing is left behind on failure. */
bool filenew_write(struct filenew *f, const char *path, mode_t mode, const void *data, size_t len,
	struct err *e) FALLIBLE;
bool filenew_name(struct filenew *f, struct err *e) FALLIBLE;

/* Closes it; the file stays from here on, and *f is FILENEW_NONE again. `path` may be NULL, or
 * takes over the file's malloc'd path. */
bool filenew_keep(struct filenew *f, char **path, struct err *e) FALLIBLE;
void filenew_abandon(struct filenew *f); /* idempotent */

/* A new folder whose mode is exact; not synced. */
bool filenew_mkdir(const char *path, mode_t mode, struct err *e) FALLIBLE;

#endif
