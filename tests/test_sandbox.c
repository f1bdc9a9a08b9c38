/* SPDX-License-Identifier: ISC */
#include "vault/sandbox.h"

#include "tests/support.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

/* All with senseless arguments: they fail anyway, with another error than ours. */
static const struct {
	const char *name;
	long number;
} calls[] = {
	{ "setns", SYS_setns },
	{ "unshare", SYS_unshare },
	{ "io_uring_setup", SYS_io_uring_setup },
	{ "io_uring_enter", SYS_io_uring_enter },
	{ "io_uring_register", SYS_io_uring_register },
	{ "ptrace", SYS_ptrace },
	{ "process_vm_readv", SYS_process_vm_readv },
	{ "process_vm_writev", SYS_process_vm_writev },
	{ "pidfd_getfd", SYS_pidfd_getfd },
	{ "userfaultfd", SYS_userfaultfd },
	{ "perf_event_open", SYS_perf_event_open },
	{ "bpf", SYS_bpf },
	{ "init_module", SYS_init_module },
	{ "finit_module", SYS_finit_module },
	{ "delete_module", SYS_delete_module },
	{ "kexec_load", SYS_kexec_load },
	{ "kexec_file_load", SYS_kexec_file_load },
	{ "add_key", SYS_add_key },
	{ "request_key", SYS_request_key },
	{ "keyctl", SYS_keyctl },
	{ "swapon", SYS_swapon },
	{ "mount", SYS_mount },
	{ "umount2", SYS_umount2 },
	{ "fsopen", SYS_fsopen },
	{ "open_tree", SYS_open_tree },
	{ "move_mount", SYS_move_mount },
	{ "pivot_root", SYS_pivot_root },
	{ "chroot", SYS_chroot },
	{ "open_by_handle_at", SYS_open_by_handle_at },
	{ "execve", SYS_execve },
	{ "execveat", SYS_execveat },
};
#define CALLS (sizeof(calls) / sizeof(calls[0]))

static const int families[] = { AF_INET, AF_INET6, AF_NETLINK, AF_PACKET, AF_ALG, AF_VSOCK,
	AF_BLUETOOTH, AF_CAN, AF_TIPC, AF_UNSPEC, 9999 };
#define FAMILIES (sizeof(families) / sizeof(families[0]))

static bool
is_denied(long number)
{
	errno = 0;
	return syscall(number, -1L, -1L, -1L, -1L, -1L, -1L) == -1 && errno == EPERM;
}

static bool
enter(bool allow_exec)
{
	struct err e = { 0 };

	if (sandbox_enter(allow_exec, &e))
		return true;
	fprintf(stderr, "%s\n", e.message);
	return false;
}

/* What the process may not do outside either (as no root, say) shows nothing; but there must be
 * something that it may do outside. */
static int
calls_are_denied(const void *context)
{
	size_t shown = 0, missed = 0;
	bool before[CALLS];

	(void)context;
	for (size_t i = 0; i < CALLS; i++)
		before[i] = is_denied(calls[i].number);
	if (!enter(false))
		return 1;
	for (size_t i = 0; i < CALLS; i++) {
		if (before[i])
			continue;
		shown++;
		if (!is_denied(calls[i].number)) {
			fprintf(stderr, "%s is not denied\n", calls[i].name);
			missed++;
		}
	}
	return missed > 0 || shown == 0;
}

static void
sandbox_denies_every_way_around_it(void **state)
{
	(void)state;
	support_passes(support_fork(calls_are_denied, NULL));
}

static int
families_are_denied(const void *context)
{
	int pair[2];

	(void)context;
	if (!enter(false))
		return 1;
	for (size_t i = 0; i < FAMILIES; i++) {
		if (socket(families[i], SOCK_DGRAM, 0) != -1 || errno != EPERM)
			return 2;
		if (socketpair(families[i], SOCK_STREAM, 0, pair) != -1 || errno != EPERM)
			return 3;
	}
	return 0;
}

static void
sandbox_denies_sockets_of_every_other_family(void **state)
{
	(void)state;
	support_passes(support_fork(families_are_denied, NULL));
}

static int
unix_sockets_work(const void *path)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int pair[2];

	if (!enter(false))
		return 1;
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", (const char *)path);
	int listener = socket(AF_UNIX, SOCK_STREAM, 0), client = socket(AF_UNIX, SOCK_STREAM, 0);
	if (bind(listener, (struct sockaddr *)&to, sizeof(to)) != 0 || listen(listener, 1) != 0)
		return 2;
	if (connect(client, (struct sockaddr *)&to, sizeof(to)) != 0)
		return 3;
	return socketpair(AF_UNIX, SOCK_STREAM, 0, pair) != 0;
}

static void
sandbox_leaves_unix_sockets(void **state)
{
	support_passes(support_fork(unix_sockets_work, support_path(state, "socket")));
}

static char socket_given;

static void *
try_socket(void *barrier)
{
	if (barrier)
		pthread_barrier_wait(barrier);
	bool denied = socket(AF_INET, SOCK_STREAM, 0) == -1 && errno == EPERM;
	return denied ? NULL : &socket_given;
}

static int
threads_are_denied(const void *context)
{
	pthread_barrier_t entered;
	pthread_t earlier, later;
	void *of_earlier, *of_later;

	(void)context;
	pthread_barrier_init(&entered, NULL, 2);
	if (pthread_create(&earlier, NULL, try_socket, &entered) != 0 || !enter(false))
		return 1;
	pthread_barrier_wait(&entered);
	if (pthread_create(&later, NULL, try_socket, NULL) != 0)
		return 2;
	pthread_join(earlier, &of_earlier);
	pthread_join(later, &of_later);
	return of_earlier || of_later;
}

static void
sandbox_binds_threads_started_before_and_after(void **state)
{
	(void)state;
	support_passes(support_fork(threads_are_denied, NULL));
}

static int
exec_of_true(const void *allow_exec)
{
	if (!enter(*(const bool *)allow_exec))
		return 1;
	execl("/bin/true", "true", NULL);
	return errno == EPERM ? 2 : 3;
}

static void
sandbox_starts_programs_only_when_allowed(void **state)
{
	bool allow = true, deny = false;

	(void)state;
	assert_int_equal(support_fork(exec_of_true, &allow), 0);
	assert_int_equal(support_fork(exec_of_true, &deny), 2);
}

static int
exec_of_grep(const void *context)
{
	(void)context;
	if (!enter(true))
		return 1;
	execl("/bin/grep", "grep", "-q", "^Seccomp:[[:blank:]]*2$", "/proc/self/status", NULL);
	return 2;
}

static void
sandbox_holds_for_programs_it_starts(void **state)
{
	(void)state;
	support_passes(support_fork(exec_of_grep, NULL));
}

static int
terminal_stays_untyped(const void *context)
{
	static const unsigned long high = 1UL << 40;
	char c = 'x';

	(void)context;
	if (!enter(false))
		return 1;
	if (ioctl(-1, TIOCSTI, &c) != -1 || errno != EPERM)
		return 2;
	/* The kernel drops the upper half of the number, the filter must too. */
	if (syscall(SYS_ioctl, -1L, high | TIOCSTI, &c) != -1 || errno != EPERM)
		return 3;
	if (ioctl(-1, TIOCLINUX, &c) != -1 || errno != EPERM)
		return 4;
	return ioctl(-1, TIOCGWINSZ, &c) != -1 || errno != EBADF;
}

static void
sandbox_denies_typing_into_the_terminal(void **state)
{
	(void)state;
	support_passes(support_fork(terminal_stays_untyped, NULL));
}

#ifdef __x86_64__
#define X32_BIT 0x40000000L

static int
x32_call(const void *context)
{
	(void)context;
	if (!enter(false))
		return 1;
	syscall(X32_BIT | SYS_getpid);
	return 2;
}

static int
i386_call(const void *context)
{
	long result = 20; /* getpid there, writev here */

	(void)context;
	if (!enter(false))
		return 1;
	__asm__ volatile("int $0x80" : "+a"(result) : : "memory");
	return 2;
}

static void
sandbox_kills_on_foreign_system_calls(void **state)
{
	(void)state;
	assert_int_equal(support_fork(x32_call, NULL), -SIGSYS);
	int status = support_fork(i386_call, NULL);
	if (status != -SIGSEGV) /* a kernel without them */
		assert_int_equal(status, -SIGSYS);
}
#endif

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(sandbox_denies_every_way_around_it),
		unit(sandbox_denies_sockets_of_every_other_family),
		unit_in_dir(sandbox_leaves_unix_sockets),
		unit(sandbox_binds_threads_started_before_and_after),
		unit(sandbox_starts_programs_only_when_allowed),
		unit(sandbox_holds_for_programs_it_starts),
		unit(sandbox_denies_typing_into_the_terminal),
#ifdef __x86_64__
		unit(sandbox_kills_on_foreign_system_calls),
#endif
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
