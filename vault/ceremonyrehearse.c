/* SPDX-License-Identifier: ISC */
#include "vault/ceremonyrehearse.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#define MEMORY "/dev/shm"
#define DEPTH 32

/* Deleting --------------------------------------------------------------------------------- */

static int
delete_one(const char *path, const struct stat *st, int what, struct FTW *where)
{
	(void)st;
	(void)what;
	(void)where;
	return remove(path);
}

static bool
delete_all(const char *dir)
{
	return nftw(dir, delete_one, DEPTH, FTW_DEPTH | FTW_PHYS) == 0 || !file_exists(dir);
}

/* The second process: nothing but this. The terminal's signals are for the other one. */
__attribute__((noreturn)) static void
wait_and_delete(int alive, const char *dir)
{
	static const int ignored[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP };
	char byte;

	for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); i++)
		signal(ignored[i], SIG_IGN);
	setsid();
	while (read(alive, &byte, 1) < 0 && errno == EINTR)
		continue;
	_exit(delete_all(dir) ? 0 : 1);
}

static bool
fork_sweeper(struct ceremonyrehearse *r, struct err *e)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return err_errno(e, "making a pipe");
	r->sweeper = fork();
	if (r->sweeper == 0) {
		close(ends[1]);
		wait_and_delete(ends[0], r->dir);
	}
	close(ends[0]);
	r->alive = ends[1];
	return r->sweeper > 0 || err_errno(e, "starting a second process");
}

/* Waits for the sweeper; it has nothing else to do by then. */
static bool
sweep(struct ceremonyrehearse *r)
{
	int status = 1;

	if (r->alive >= 0)
		close(r->alive);
	r->alive = -1;
	if (r->sweeper > 0)
		while (waitpid(r->sweeper, &status, 0) < 0 && errno == EINTR)
			continue;
	r->sweeper = -1;
	return status == 0 || !r->dir || delete_all(r->dir);
}

bool
ceremonyrehearse_end(struct ceremonyrehearse *r, struct err *e)
{
	if (!sweep(r)) {
		err_set(e, ERR_IO, "the rehearsal's folder %s could not be deleted", r->dir);
		return err_hint(e, "delete it by hand: its keys are real ones");
	}
	free(r->dir);
	r->dir = NULL;
	return true;
}

void
ceremonyrehearse_free(struct ceremonyrehearse *r)
{
	struct err e;

	if (r->dir && !ceremonyrehearse_end(r, &e))
		(void)fprintf(stderr, "coldspare: warning: %s; %s\n", e.message, e.hint);
	for (size_t i = 0; i < r->count; i++)
		free(r->media[i]);
	free(r->dir);
	free(r->vault);
	free(r->export_dir);
	*r = CEREMONYREHEARSE_NONE;
}

/* Making ----------------------------------------------------------------------------------- */

static bool
find_scratch(const char *given, const char **out, struct err *e)
{
	struct statfs fs;

	*out = given ? given : MEMORY;
	if (given && file_is_dir(given))
		return true;
	if (given) {
		err_set(e, ERR_MISSING, "--scratch %s: there is no such folder", given);
		return err_hint(
			e, "make it first, in memory if you can: what is in it is thrown away");
	}
	if (statfs(MEMORY, &fs) == 0 && fs.f_type == TMPFS_MAGIC)
		return true;
	err_set(e, ERR_MISSING, "there is no " MEMORY " that is memory");
	return err_hint(e, "name a folder to rehearse in with --scratch DIR");
}

static bool
make_media(struct ceremonyrehearse *r, const struct plan *p, struct err *e)
{
	for (size_t i = 0; i < p->custodian_count; i++) {
		AUTO_STR path = NULL;

		if (!file_path(&path, e, "%s/medium-%zu", r->dir, i + 1) ||
			!file_mkdir(path, 0700, e) || !file_path(&r->media[i], e, "dir:%s", path))
			return false;
		r->count = i + 1;
	}
	return true;
}

bool
ceremonyrehearse_begin(
	struct ceremonyrehearse *r, const struct plan *p, const char *scratch, struct err *e)
{
	const char *base;
	AUTO_STR dir = NULL;

	if (!signer_kdf_find("interactive", &r->kdf, e) || !find_scratch(scratch, &base, e) ||
		!file_path(&dir, e, "%s/coldspare-rehearsal-XXXXXX", base))
		return false;
	if (!mkdtemp(dir))
		return err_errno(e, "making a folder in %s", base);
	r->dir = realpath(dir, NULL);
	if (!r->dir) {
		rmdir(dir);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return fork_sweeper(r, e) && file_path(&r->vault, e, "%s/vault", r->dir) &&
	       file_path(&r->export_dir, e, "%s/export", r->dir) && make_media(r, p, e);
}
