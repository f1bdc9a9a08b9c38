/* SPDX-License-Identifier: ISC */
/*
 * guard: the offline guard and the hardening of the process that handles secrets.
 *
 * guard_harden, then guard_offline, then guard_seal_off, in this order: interfaces are enumerated
 * before seccomp takes the sockets away.
 */
#ifndef VAULT_GUARD_H
#define VAULT_GUARD_H

#include "base/err.h"

#include <stddef.h>

/*
 * No core dumps, not dumpable (PR_SET_DUMPABLE), no new privileges, umask 077, the memory-lock
 * limit raised as far as it goes, libsodium started, OpenSSL's secure heap on and locked. Locked
 * memory that cannot be had, or active swap: ERR_MEMORY, unless `allow_swap`.
 */
bool guard_harden(bool allow_swap, struct err *e) FALLIBLE;

/* ERR_REFUSED while any interface but loopback is up with an address or a route, naming it, unless
 * `allow_online`. Interfaces through getifaddrs. */
bool guard_offline(bool allow_online, struct err *e) FALLIBLE;

/* The same through /sys/class/net and /proc/net alone: works inside the sandbox, before a commit.
 */
bool guard_offline_again(bool allow_online, struct err *e) FALLIBLE;

/* seccomp: from here on socket() and socketpair() give AF_UNIX only, io_uring, ptrace,
 * process_vm_readv/writev, execve (unless `allow_exec`), and further ways around are denied
 * (EPERM), in all threads. */
bool guard_seal_off(bool allow_exec, struct err *e) FALLIBLE;

/* The first interface that is up with an address or route, or "" : for doctor. */
void guard_online_interface(char *out, size_t size);

#endif
