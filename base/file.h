/* SPDX-License-Identifier: ISC */
/*
 * file: the one way to read a file and the one way to write one.
 *
 * Reading takes regular files only (a FIFO, device or folder is refused at once: ERR_MISSING),
 * follows symlinks, and refuses more than `limit` bytes (ERR_FORMAT).
 *
 * Writing never overwrites (ERR_EXISTS) and never follows a symlink at the final name. The bytes
 * are complete and on disk before the name appears: unnamed O_TMPFILE, fsync, linkat; where the
 * file system has no unnamed files (FAT), an O_EXCL temporary name and RENAME_NOREPLACE. Then the
 * folder is synced. A failed fsync abandons the file. Modes are exact whatever the umask, or as
 * good as the file system has them.
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/err.h"
#include "base/secret.h"

#include <sys/types.h>

#define FILE_LIMIT ((size_t)1 << 20)        /* what users hand us: 1 MiB */
#define FILE_LIMIT_LARGE ((size_t)64 << 20) /* journals and manifests: 64 MiB */

#define AUTO_FD __attribute__((cleanup(file_close_auto))) int
#define AUTO_STR __attribute__((cleanup(file_free_auto))) char *
void file_close_auto(int *fd);
void file_free_auto(char **p);

bool file_read(const char *path, size_t limit, struct buf *out, struct err *e) FALLIBLE;
bool file_read_secret(const char *path, size_t limit, struct secret *out, struct err *e) FALLIBLE;

/* As file_read and file_read_secret, with the file's pages dropped from the page cache first
 * (posix_fadvise DONTNEED, after an fsync where pages are dirty), so that what is read comes from
 * the medium. */
bool file_reread(const char *path, size_t limit, struct buf *out, struct err *e) FALLIBLE;
bool file_reread_secret(const char *path, size_t limit, struct secret *out, struct err *e) FALLIBLE;

bool file_write_new(
	const char *path, mode_t mode, const void *data, size_t len, struct err *e) FALLIBLE;

/* A new folder; its parent is synced. */
bool file_mkdir(const char *path, mode_t mode, struct err *e) FALLIBLE;
bool file_exists(const char *path);                         /* lstat: a dangling symlink exists */
bool file_is_dir(const char *path);                         /* stat */
bool file_remove(const char *path, struct err *e) FALLIBLE; /* unlink, parent synced */
bool file_sync_dir(const char *path, struct err *e) FALLIBLE;
bool file_parent(const char *path, char **out, struct err *e) FALLIBLE; /* its folder, malloc'd */
bool file_path(char **out, struct err *e, const char *fmt, ...)         /* malloc'd */
	FALLIBLE __attribute__((format(printf, 3, 4)));

/* The names in a folder, sorted, without "." and "..". Free with file_list_free. */
struct file_list {
	char **names;
	size_t count;
};
bool file_list(const char *dir, struct file_list *out, struct err *e) FALLIBLE;
void file_list_free(struct file_list *l);
/* ERR_EXISTS when anything is in the folder. */
bool file_check_empty(const char *dir, struct err *e) FALLIBLE;

/* Opens the folder and takes its flock(2), shared or exclusive, without waiting: ERR_BUSY when
 * another process holds it. Held until *fd is closed. */
bool file_lock(const char *dir, bool exclusive, int *fd, struct err *e) FALLIBLE;

#endif
