/* SPDX-License-Identifier: ISC */
/*
 * sandbox: seccomp: what this process may no longer do, for good, in all its threads.
 *
 * Sockets of any family but AF_UNIX (pcscd), other programs' memory and descriptors, io_uring,
 * kernel modules and BPF, mounts and namespaces, typing into the terminal, and, unless allowed,
 * starting programs: each answers EPERM. System calls of a foreign ABI (i386, x32) kill. Whatever
 * is started inherits all this.
 */
#ifndef VAULT_SANDBOX_H
#define VAULT_SANDBOX_H

#include "base/err.h"

/* After guard_offline's first look. ERR_INTERNAL where the kernel has no seccomp. */
bool sandbox_enter(bool allow_exec, struct err *e) FALLIBLE;

#endif
