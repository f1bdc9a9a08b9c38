/* SPDX-License-Identifier: ISC */
#include "pins/shell.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

FALLIBLE static bool
start(const char *line, pid_t *pid, struct err *e)
{
	char *const argv[] = { (char[]){ "sh" }, (char[]){ "-c" }, strdupa(line), NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	sigset_t pipe;

	/* These three only fill in our own memory. */
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&attributes);
	sigemptyset(&pipe);
	sigaddset(&pipe, SIGPIPE); /* which program.c has ignored */
	int status = posix_spawnattr_setsigdefault(&attributes, &pipe);
	if (!status)
		status = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
	if (!status)
		status = posix_spawn_file_actions_adddup2(&files, STDERR_FILENO, STDOUT_FILENO);
	if (!status)
		status = posix_spawn(pid, "/bin/sh", &files, &attributes, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&attributes);
	if (!status)
		return true;
	errno = status;
	return err_errno(e, "starting sh");
}

bool
shell_run(const char *line, struct err *e)
{
	pid_t pid;
	int status;
	if (!start(line, &pid, e))
		return false;
	while (waitpid(pid, &status, 0) < 0) {
		if (errno != EINTR)
			return err_errno(e, "waiting for `%s`", line);
	}
	if (WIFSIGNALED(status))
		return err_set(e, ERR_IO, "`%s` was ended by signal %d", line, WTERMSIG(status));
	if (WEXITSTATUS(status) != 0)
		return err_set(e, ERR_IO, "`%s` exited with %d", line, WEXITSTATUS(status));
	return true;
}
