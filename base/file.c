/* SPDX-License-Identifier: ISC */
#include "base/file.h"

#include "base/filenew.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)16 << 10)

void
file_close_auto(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

void
file_free_auto(char **p)
{
	free(*p);
}

/* Reading ---------------------------------------------------------------------------------- */

static bool
too_large(const char *path, size_t limit, struct err *e)
{
	return err_set(e, ERR_FORMAT, "%s is larger than %zu bytes", path, limit);
}

/* O_NONBLOCK: opening a FIFO must not wait for a writer. It means nothing to a regular file. */
static bool
open_regular(const char *path, size_t limit, int *out, size_t *size, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	struct stat st;

	if (fd < 0 && errno == ENXIO) /* a socket, a device without a driver */
		return err_set(e, ERR_MISSING, "%s is not a regular file", path);
	if (fd < 0 || fstat(fd, &st) != 0)
		return err_errno(e, "reading %s", path);
	if (S_ISDIR(st.st_mode))
		return err_set(e, ERR_MISSING, "%s is a folder, not a file", path);
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_MISSING, "%s is not a regular file", path);
	if (st.st_size > 0 && (uintmax_t)st.st_size > limit)
		return too_large(path, limit, e);
	*out = fd;
	*size = (size_t)st.st_size;
	fd = -1;
	return true;
}

static bool
read_some(int fd, void *data, size_t size, size_t *got, const char *path, struct err *e)
{
	ssize_t n;

	do
		n = read(fd, data, size);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_errno(e, "reading %s", path);
	*got = (size_t)n;
	return true;
}

static bool
read_plain(int fd, const char *path, size_t limit, struct buf *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	char chunk[CHUNK];
	size_t got;

	do {
		if (!read_some(fd, chunk, sizeof(chunk), &got, path, e))
			return false;
		buf_add(&text, chunk, got);
		if (text.len > limit) /* whatever its size was said to be: files grow */
			return too_large(path, limit, e);
	} while (got > 0);
	if (!buf_ok(&text, e))
		return err_wrap(e, "reading %s", path);
	buf_move(out, &text);
	return true;
}

bool
file_read(const char *path, size_t limit, struct buf *out, struct err *e)
{
	AUTO_FD fd = -1;
	size_t size;

	return open_regular(path, limit, &fd, &size, e) && read_plain(fd, path, limit, out, e);
}

/* The bytes go from the kernel into locked memory and nowhere else. One byte of room beyond the
 * limit shows that there is more. */
static bool
read_secret(int fd, size_t size, const char *path, size_t limit, struct secret *out, struct err *e)
{
	SECRET_AUTO text = SECRET_NONE;
	size_t len = 0, got;

	if (!secret_new(&text, size + 1, e))
		return false;
	for (;;) {
		if (!read_some(fd, text.data + len, text.len - len, &got, path, e))
			return false;
		len += got;
		if (got == 0)
			break;
		if (len > limit)
			return too_large(path, limit, e);
		if (len < text.len)
			continue;
		SECRET_AUTO more = SECRET_NONE;
		if (!secret_new(&more, text.len < limit / 2 ? text.len * 2 : limit + 1, e))
			return false;
		memcpy(more.data, text.data, len);
		secret_move(&text, &more);
	}
	secret_shorten(&text, len);
	secret_move(out, &text);
	return true;
}

bool
file_read_secret(const char *path, size_t limit, struct secret *out, struct err *e)
{
	AUTO_FD fd = -1;
	size_t size;

	return open_regular(path, limit, &fd, &size, e) &&
	       read_secret(fd, size, path, limit, out, e);
}

/* Whether any page of the file is in the page cache; what cannot be found out counts as cached. */
static bool
is_cached(int fd, size_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t pages = (size + page - 1) / page;
	unsigned char *state = calloc(pages + 1, 1);
	void *map = size > 0 ? mmap(NULL, size, PROT_NONE, MAP_SHARED, fd, 0) : MAP_FAILED;
	bool cached = size > 0;

	if (state && map != MAP_FAILED && mincore(map, size, state) == 0)
		cached = memchr(state, 1, pages) != NULL;
	if (map != MAP_FAILED)
		munmap(map, size);
	free(state);
	return cached;
}

static bool
advise_drop(int fd, const char *path, struct err *e)
{
	int error = posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);

	if (error == 0)
		return true;
	errno = error;
	return err_errno(e, "reading %s from its medium", path);
}

/* Only clean pages can be dropped. After a batch's syncfs they are clean, and an fsync of each file
 * would flush the disk's own cache each time: so it is called only when pages stayed. Where there
 * is none (EINVAL: ISO 9660) or nothing is writable (EROFS) no page is dirty. */
static bool
drop_cache(int fd, size_t size, const char *path, struct err *e)
{
	if (!advise_drop(fd, path, e))
		return false;
	if (!is_cached(fd, size))
		return true;
	if (fsync(fd) != 0 && errno != EINVAL && errno != EROFS)
		return err_errno(e, "syncing %s", path);
	return advise_drop(fd, path, e);
}

bool
file_reread(const char *path, size_t limit, struct buf *out, struct err *e)
{
	AUTO_FD fd = -1;
	size_t size;

	return open_regular(path, limit, &fd, &size, e) && drop_cache(fd, size, path, e) &&
	       read_plain(fd, path, limit, out, e);
}

bool
file_reread_secret(const char *path, size_t limit, struct secret *out, struct err *e)
{
	AUTO_FD fd = -1;
	size_t size;

	return open_regular(path, limit, &fd, &size, e) && drop_cache(fd, size, path, e) &&
	       read_secret(fd, size, path, limit, out, e);
}

/* Writing ---------------------------------------------------------------------------------- */

static bool
sync_parent(const char *path, struct err *e)
{
	AUTO_STR dir = NULL;

	return file_parent(path, &dir, e) && file_sync_dir(dir, e);
}

bool
file_write_new(const char *path, mode_t mode, const void *data, size_t len, struct err *e)
{
	FILENEW_AUTO f = FILENEW_NONE;

	if (!filenew_write(&f, path, mode, data, len, e))
		return false;
	if (fsync(f.fd) != 0)
		return err_errno(e, "syncing %s", path);
	return filenew_name(&f, e) && sync_parent(path, e) && filenew_keep(&f, NULL, e);
}

bool
file_mkdir(const char *path, mode_t mode, struct err *e)
{
	if (!filenew_mkdir(path, mode, e))
		return false;
	if (sync_parent(path, e))
		return true;
	rmdir(path);
	return false;
}

bool
file_remove(const char *path, struct err *e)
{
	if (unlink(path) != 0)
		return err_errno(e, "removing %s", path);
	return sync_parent(path, e);
}

bool
file_sync_dir(const char *path, struct err *e)
{
	AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "opening the folder %s", path);
	if (fsync(fd) == 0)
		return true;
	/* Some file systems sync no folders; all of them sync as a whole. */
	if (errno == EINVAL && syncfs(fd) == 0)
		return true;
	return err_errno(e, "syncing the folder %s", path);
}

/* Names ------------------------------------------------------------------------------------ */

bool
file_exists(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0;
}

bool
file_is_dir(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool
file_path(char **out, struct err *e, const char *fmt, ...)
{
	char *path;
	va_list ap;

	va_start(ap, fmt);
	int n = vasprintf(&path, fmt, ap);
	va_end(ap);
	if (n < 0)
		return err_set(e, ERR_MEMORY, "no memory for a path");
	*out = path;
	return true;
}

bool
file_parent(const char *path, char **out, struct err *e)
{
	AUTO_STR copy = NULL;

	return file_path(&copy, e, "%s", path) && file_path(out, e, "%s", dirname(copy));
}

static int
compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool
list_add(struct file_list *l, const char *name)
{
	if ((l->count & (l->count - 1)) == 0) { /* full at each power of two */
		size_t cap = l->count == 0 ? 1 : 2 * l->count;
		char **names = reallocarray(l->names, cap, sizeof(*names));
		if (!names)
			return false;
		l->names = names;
	}
	l->names[l->count] = strdup(name);
	if (!l->names[l->count])
		return false;
	l->count++;
	return true;
}

static bool
list_fill(DIR *d, struct file_list *l)
{
	struct dirent *entry;

	while (errno = 0, (entry = readdir(d)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (!list_add(l, entry->d_name))
			return false;
	}
	return errno == 0;
}

bool
file_list(const char *dir, struct file_list *out, struct err *e)
{
	struct file_list l = { 0 };
	DIR *d = opendir(dir);

	if (!d)
		return err_errno(e, "opening the folder %s", dir);
	bool filled = list_fill(d, &l);
	if (!filled)
		err_errno(e, "reading the folder %s", dir);
	closedir(d);
	if (!filled) {
		file_list_free(&l);
		return false;
	}
	if (l.count > 0)
		qsort(l.names, l.count, sizeof(*l.names), compare_names);
	*out = l;
	return true;
}

void
file_list_free(struct file_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->names[i]);
	free(l->names);
	*l = (struct file_list){ 0 };
}

bool
file_check_empty(const char *dir, struct err *e)
{
	struct file_list list;

	if (!file_list(dir, &list, e))
		return false;
	bool empty = list.count == 0;
	file_list_free(&list);
	return empty || err_set(e, ERR_EXISTS, "%s is not empty", dir);
}

bool
file_lock(const char *dir, bool exclusive, int *out, struct err *e)
{
	AUTO_FD fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_errno(e, "opening the folder %s", dir);
	if (flock(fd, (exclusive ? LOCK_EX : LOCK_SH) | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK)
			return err_errno(e, "locking %s", dir);
		err_set(e, ERR_BUSY, "%s is in use by another coldspare process", dir);
		return err_hint(e, "wait until that one is done, then run this again");
	}
	*out = fd;
	fd = -1;
	return true;
}
