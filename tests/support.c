/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "base/secret.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* A test that failed has jumped over its cleanups: the next one starts from what it left. */
static size_t left_behind;

int
support_setup(void **state)
{
	struct err e = { 0 };

	(void)state;
	/* Whether memory is locked is test_secret's business; the others run anywhere. */
	assert_ok(secret_init(true, &e), &e);
	left_behind = secret_live();
	return 0;
}

int
support_teardown(void **state)
{
	(void)state;
	assert_int_equal(secret_live() - left_behind, 0);
	return 0;
}

int
support_dir_setup(void **state)
{
	char *dir = strdup("/tmp/coldspare-test-XXXXXX");

	support_setup(state);
	assert_non_null(dir);
	assert_non_null(mkdtemp(dir));
	*state = dir;
	return 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* A test may have left a folder that nobody may write to. */
static int
open_up(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)at;
	if (type == FTW_D || type == FTW_DNR)
		chmod(path, 0700);
	return 0;
}

int
support_dir_teardown(void **state)
{
	nftw(*state, open_up, 16, FTW_PHYS);
	int failed = nftw(*state, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*state);
	*state = NULL;
	assert_int_equal(failed, 0);
	return support_teardown(state);
}

int
support_fork(int (*body)(const void *context), const void *context)
{
	int status;

	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0)
		_exit(body(context));
	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void
support_passes(int status)
{
	if (status == SUPPORT_SKIP)
		skip();
	assert_int_equal(status, 0);
}

const char *
support_path(void **state, const char *name)
{
	static char paths[8][512];
	static size_t next;

	char *path = paths[next++ % 8];
	int n = snprintf(path, sizeof(paths[0]), "%s/%s", (const char *)*state, name);
	assert_in_range(n, 1, sizeof(paths[0]) - 1);
	return path;
}

void
support_run(void **state, const char *command)
{
	char line[4096];
	int n = snprintf(line, sizeof(line),
		"cd '%s' && { %s\n} >run.out 2>&1 || { cat run.out >&2; exit 1; }",
		(const char *)*state, command);

	assert_in_range(n, 1, sizeof(line) - 1);
	if (system(line) != 0)
		fail_msg("%s", line);
}
