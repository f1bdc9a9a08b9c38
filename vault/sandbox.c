/* SPDX-License-Identifier: ISC */
#include "vault/sandbox.h"

#include <errno.h>
#include <seccomp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define IF_ALWAYS { 0 }, 0
/* All 64 bits are compared: a family hidden under garbage in the upper half is no AF_UNIX. */
#define IF_NOT_UNIX { .arg = 0, .op = SCMP_CMP_NE, .datum_a = AF_UNIX }, 1
/* The kernel reads 32 bits of an ioctl's number, whatever the upper half holds. */
#define IF_IOCTL(number)                                                                           \
	{ .arg = 1, .op = SCMP_CMP_MASKED_EQ, .datum_a = UINT32_MAX, .datum_b = (number) }, 1

struct rule {
	int call;
	struct scmp_arg_cmp when;
	unsigned arguments; /* compared: 0 or 1 */
};

static const struct rule denied[] = {
	/* a network */
	{ SCMP_SYS(socket), IF_NOT_UNIX },
	{ SCMP_SYS(socketpair), IF_NOT_UNIX },
	{ SCMP_SYS(setns), IF_ALWAYS },
	{ SCMP_SYS(unshare), IF_ALWAYS },
	/* the same system calls by another door */
	{ SCMP_SYS(io_uring_setup), IF_ALWAYS },
	{ SCMP_SYS(io_uring_enter), IF_ALWAYS },
	{ SCMP_SYS(io_uring_register), IF_ALWAYS },
	/* other processes' memory and descriptors, a socket among them */
	{ SCMP_SYS(ptrace), IF_ALWAYS },
	{ SCMP_SYS(process_vm_readv), IF_ALWAYS },
	{ SCMP_SYS(process_vm_writev), IF_ALWAYS },
	{ SCMP_SYS(pidfd_getfd), IF_ALWAYS },
	{ SCMP_SYS(userfaultfd), IF_ALWAYS },
	{ SCMP_SYS(perf_event_open), IF_ALWAYS },
	/* a command typed into the terminal runs in the shell, outside */
	{ SCMP_SYS(ioctl), IF_IOCTL(TIOCSTI) },
	{ SCMP_SYS(ioctl), IF_IOCTL(TIOCLINUX) },
	/* the kernel */
	{ SCMP_SYS(bpf), IF_ALWAYS },
	{ SCMP_SYS(init_module), IF_ALWAYS },
	{ SCMP_SYS(finit_module), IF_ALWAYS },
	{ SCMP_SYS(delete_module), IF_ALWAYS },
	{ SCMP_SYS(kexec_load), IF_ALWAYS },
	{ SCMP_SYS(kexec_file_load), IF_ALWAYS },
	{ SCMP_SYS(add_key), IF_ALWAYS },
	{ SCMP_SYS(request_key), IF_ALWAYS },
	{ SCMP_SYS(keyctl), IF_ALWAYS },
	/* what was checked at the start: swap is off, /proc is the kernel's */
	{ SCMP_SYS(swapon), IF_ALWAYS },
	{ SCMP_SYS(mount), IF_ALWAYS },
	{ SCMP_SYS(umount2), IF_ALWAYS },
	{ SCMP_SYS(fsopen), IF_ALWAYS },
	{ SCMP_SYS(open_tree), IF_ALWAYS },
	{ SCMP_SYS(move_mount), IF_ALWAYS },
	{ SCMP_SYS(pivot_root), IF_ALWAYS },
	{ SCMP_SYS(chroot), IF_ALWAYS },
	{ SCMP_SYS(open_by_handle_at), IF_ALWAYS },
};

static const struct rule denied_exec[] = {
	{ SCMP_SYS(execve), IF_ALWAYS },
	{ SCMP_SYS(execveat), IF_ALWAYS },
};

static void
free_filter(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

static bool
failed(int result, struct err *e)
{
	return err_set(e, ERR_INTERNAL, "seccomp: %s", strerror(-result));
}

static bool
deny(scmp_filter_ctx ctx, const struct rule *rules, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		int result = seccomp_rule_add_array(ctx, SCMP_ACT_ERRNO(EPERM), rules[i].call,
			rules[i].arguments, &rules[i].when);
		if (result != 0)
			return failed(result, e);
	}
	return true;
}

/* All threads; no setuid program gets around it; a foreign ABI's system calls, which have other
 * numbers, kill; a search tree, since every system call from here on pays for the filter. */
static bool
set_attributes(scmp_filter_ctx ctx, struct err *e)
{
	static const struct {
		enum scmp_filter_attr name;
		uint32_t value;
	} attributes[] = {
		{ SCMP_FLTATR_CTL_TSYNC, 1 },
		{ SCMP_FLTATR_CTL_NNP, 1 },
		{ SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS },
		{ SCMP_FLTATR_CTL_OPTIMIZE, 2 },
	};

	for (size_t i = 0; i < sizeof(attributes) / sizeof(attributes[0]); i++) {
		int result = seccomp_attr_set(ctx, attributes[i].name, attributes[i].value);
		if (result != 0)
			return failed(result, e);
	}
	return true;
}

bool
sandbox_enter(bool allow_exec, struct err *e)
{
	__attribute__((cleanup(free_filter))) scmp_filter_ctx ctx = seccomp_init(SCMP_ACT_ALLOW);

	if (!ctx)
		return failed(-ENOMEM, e);
	if (!set_attributes(ctx, e))
		return false;
	if (!deny(ctx, denied, sizeof(denied) / sizeof(denied[0]), e))
		return false;
	if (!allow_exec && !deny(ctx, denied_exec, sizeof(denied_exec) / sizeof(denied_exec[0]), e))
		return false;
	int result = seccomp_load(ctx);
	return result == 0 || failed(result, e);
}
