/* SPDX-License-Identifier: ISC */
#include "base/filenew.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PROC_FD "/proc/self/fd"

static bool
failed(const char *path, struct err *e)
{
	if (errno == EEXIST) {
		err_set(e, ERR_EXISTS, "%s exists already", path);
		return err_hint(e, "nothing is ever overwritten: choose another name");
	}
	err_errno(e, "writing %s", path);
	if (e->code == ERR_MISSING)
		err_hint(e, "the folder must exist first");
	return false;
}

/* An unnamed file can only be linked through /proc: where that is not mounted, go without. */
static int
open_unnamed(const char *dir)
{
	if (access(PROC_FD, X_OK) != 0) {
		errno = EOPNOTSUPP;
		return -1;
	}
	return open(dir, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
}

static bool
lacks_unnamed(int error)
{
	/* EISDIR and EINVAL: kernels and FUSE servers that do not know the flag. */
	return error == EOPNOTSUPP || error == EISDIR || error == EINVAL;
}

static bool
open_temp(struct filenew *f, const char *dir, struct err *e)
{
	f->fd = open_unnamed(dir);
	if (f->fd >= 0)
		return true;
	if (!lacks_unnamed(errno))
		return failed(f->path, e);
	AUTO_STR temp = NULL;
	if (!file_path(&temp, e, "%s/.coldspare-XXXXXX.tmp", dir))
		return false;
	f->fd = mkostemps(temp, (int)strlen(".tmp"), O_CLOEXEC);
	if (f->fd < 0)
		return failed(f->path, e);
	f->temp = temp;
	temp = NULL;
	return true;
}

static bool
write_all(int fd, const uint8_t *data, size_t len)
{
	for (size_t done = 0; done < len;) {
		ssize_t n = write(fd, data + done, len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n == 0)
			errno = EIO;
		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

static bool
set_mode(int fd, mode_t mode)
{
	if (fchmod(fd, mode) == 0)
		return true;
	/* It is our own file, so these say that the file system has no modes. */
	return errno == EPERM || errno == EOPNOTSUPP || errno == ENOSYS;
}

bool
filenew_write(struct filenew *f, const char *path, mode_t mode, const void *data, size_t len,
	struct err *e)
{
	FILENEW_AUTO new = FILENEW_NONE;
	AUTO_STR dir = NULL;

	/* Only a courtesy: what counts is the link or rename that refuses to clobber. */
	if (file_exists(path)) {
		errno = EEXIST;
		return failed(path, e);
	}
	if (!file_path(&new.path, e, "%s", path) || !file_parent(path, &dir, e) ||
		!open_temp(&new, dir, e))
		return false;
	if (!set_mode(new.fd, mode) || !write_all(new.fd, data, len))
		return failed(path, e);
	*f = new;
	new = FILENEW_NONE;
	return true;
}

static bool
link_unnamed(const struct filenew *f)
{
	char self[sizeof(PROC_FD) + 16];

	snprintf(self, sizeof(self), PROC_FD "/%d", f->fd);
	return linkat(AT_FDCWD, self, AT_FDCWD, f->path, AT_SYMLINK_FOLLOW) == 0;
}

/* Takes the name with an empty file of our own, which the rename may then replace: after a crash
 * in between, an empty file stands there, never half a one. */
static bool
rename_reserved(const struct filenew *f)
{
	int fd = open(f->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		return false;
	close(fd);
	if (rename(f->temp, f->path) == 0)
		return true;
	int error = errno;
	unlink(f->path);
	errno = error;
	return false;
}

static bool
rename_temp(const struct filenew *f)
{
	if (renameat2(AT_FDCWD, f->temp, AT_FDCWD, f->path, RENAME_NOREPLACE) == 0)
		return true;
	if (errno != EINVAL && errno != ENOSYS && errno != EOPNOTSUPP)
		return false;
	return rename_reserved(f);
}

bool
filenew_name(struct filenew *f, struct err *e)
{
	if (!(f->temp ? rename_temp(f) : link_unnamed(f)))
		return failed(f->path, e);
	f->named = true;
	return true;
}

bool
filenew_keep(struct filenew *f, char **path, struct err *e)
{
	int fd = f->fd;

	f->fd = -1; /* closed whatever close says */
	if (close(fd) != 0)
		return failed(f->path, e);
	if (path) {
		*path = f->path;
		f->path = NULL;
	}
	free(f->path);
	free(f->temp);
	*f = FILENEW_NONE;
	return true;
}

void
filenew_abandon(struct filenew *f)
{
	if (f->named)
		unlink(f->path);
	else if (f->temp)
		unlink(f->temp);
	if (f->fd >= 0)
		close(f->fd);
	free(f->path);
	free(f->temp);
	*f = FILENEW_NONE;
}

bool
filenew_mkdir(const char *path, mode_t mode, struct err *e)
{
	if (mkdir(path, 0700) != 0)
		return failed(path, e);
	AUTO_FD fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0 && set_mode(fd, mode))
		return true;
	failed(path, e);
	rmdir(path);
	return false;
}
