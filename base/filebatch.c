/* SPDX-License-Identifier: ISC */
#include "base/filebatch.h"

#include "base/file.h"
#include "base/filenew.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROUP 200 /* files open at once; the usual limit of descriptors is 1024 */

/* What stands under its name already, to be taken back in reverse order. */
struct made {
	char *path;
	bool folder;
};

/* One for each file system written to. The descriptor is as old as the first write there, so that
 * syncfs reports every write-back error since. */
struct fsys {
	dev_t dev;
	int fd;
	char *path; /* something on it, for messages */
	bool dirty; /* written to since the last sync */
};

struct filebatch {
	struct filenew pending[GROUP];
	size_t pending_count;
	struct made *made;
	size_t made_count, made_cap;
	struct fsys *fsys;
	size_t fsys_count;
	bool kept;
};

bool
filebatch_new(struct filebatch **out, struct err *e)
{
	struct filebatch *b = calloc(1, sizeof(*b));

	if (!b)
		return err_set(e, ERR_MEMORY, "no memory for a batch of files");
	*out = b;
	return true;
}

/* Notes that something was written on the file system of `fd`, whose path is `path`. */
static bool
mark_dirty(struct filebatch *b, int fd, const char *path, struct err *e)
{
	struct stat st;
	struct fsys new = { .fd = -1, .dirty = true };

	if (fstat(fd, &st) != 0)
		return err_errno(e, "writing %s", path);
	for (size_t i = 0; i < b->fsys_count; i++) {
		if (b->fsys[i].dev == st.st_dev) {
			b->fsys[i].dirty = true;
			return true;
		}
	}
	struct fsys *all = reallocarray(b->fsys, b->fsys_count + 1, sizeof(*all));
	if (!all)
		return err_set(e, ERR_MEMORY, "no memory for a batch of files");
	b->fsys = all;
	if (!file_path(&new.path, e, "%s", path))
		return false;
	new.dev = st.st_dev;
	new.fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (new.fd < 0) {
		free(new.path);
		return err_errno(e, "writing %s", path);
	}
	b->fsys[b->fsys_count++] = new;
	return true;
}

/* Room for what is pending and one more, so that nothing can fail once a name stands. */
static bool
reserve_made(struct filebatch *b, struct err *e)
{
	size_t want = b->made_count + b->pending_count + 1;

	if (want <= b->made_cap)
		return true;
	struct made *made = reallocarray(b->made, want + GROUP, sizeof(*made));
	if (!made)
		return err_set(e, ERR_MEMORY, "no memory for a batch of files");
	b->made = made;
	b->made_cap = want + GROUP;
	return true;
}

bool
filebatch_add(struct filebatch *b, const char *path, mode_t mode, const void *data, size_t len,
	struct err *e)
{
	struct filenew *f = &b->pending[b->pending_count];

	if (b->pending_count == GROUP) {
		if (!filebatch_sync(b, e))
			return false;
		f = &b->pending[0];
	}
	*f = FILENEW_NONE;
	if (!reserve_made(b, e) || !filenew_write(f, path, mode, data, len, e))
		return false;
	b->pending_count++;
	return mark_dirty(b, f->fd, path, e);
}

bool
filebatch_mkdir(struct filebatch *b, const char *path, mode_t mode, struct err *e)
{
	AUTO_STR copy = NULL;

	if (!reserve_made(b, e) || !file_path(&copy, e, "%s", path) ||
		!filenew_mkdir(path, mode, e))
		return false;
	b->made[b->made_count++] = (struct made){ .path = copy, .folder = true };
	copy = NULL;
	AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return err_errno(e, "opening the folder %s", path);
	return mark_dirty(b, fd, path, e);
}

/* FAT's syncfs leaves bytes in the medium's own cache; an fsync of anything there empties that.
 * Some file systems sync no folders (EINVAL), should that be what we hold. */
static bool
sync_fsys(const struct fsys *fs)
{
	return syncfs(fs->fd) == 0 && (fsync(fs->fd) == 0 || errno == EINVAL);
}

static bool
sync_dirty(struct filebatch *b, struct err *e)
{
	for (size_t i = 0; i < b->fsys_count; i++) {
		const struct fsys *fs = &b->fsys[i];
		if (fs->dirty && !sync_fsys(fs))
			return err_errno(e, "syncing the file system of %s", fs->path);
	}
	return true;
}

static bool
name_pending(struct filebatch *b, struct err *e)
{
	if (b->pending_count > 0 && !sync_dirty(b, e)) /* bytes first, names after */
		return false;
	for (size_t i = 0; i < b->pending_count; i++)
		if (!filenew_name(&b->pending[i], e))
			return false;
	return true;
}

static bool
keep_pending(struct filebatch *b, struct err *e)
{
	while (b->pending_count > 0) {
		struct made m = { .folder = false };
		if (!filenew_keep(&b->pending[b->pending_count - 1], &m.path, e))
			return false;
		b->pending_count--;
		b->made[b->made_count++] = m;
	}
	return true;
}

bool
filebatch_sync(struct filebatch *b, struct err *e)
{
	if (!name_pending(b, e) || !sync_dirty(b, e) || !keep_pending(b, e))
		return false;
	for (size_t i = 0; i < b->fsys_count; i++)
		b->fsys[i].dirty = false;
	return true;
}

void
filebatch_keep(struct filebatch *b)
{
	b->kept = true;
}

static void
take_back(const struct filebatch *b)
{
	for (size_t i = b->made_count; i-- > 0;) {
		const struct made *m = &b->made[i];
		if (m->folder)
			rmdir(m->path);
		else
			unlink(m->path);
	}
}

void
filebatch_free(struct filebatch **batch)
{
	struct filebatch *b = *batch;

	if (!b)
		return;
	for (size_t i = 0; i < b->pending_count; i++)
		filenew_abandon(&b->pending[i]);
	if (!b->kept)
		take_back(b);
	for (size_t i = 0; i < b->made_count; i++)
		free(b->made[i].path);
	for (size_t i = 0; i < b->fsys_count; i++) {
		close(b->fsys[i].fd);
		free(b->fsys[i].path);
	}
	free(b->made);
	free(b->fsys);
	free(b);
	*batch = NULL;
}
