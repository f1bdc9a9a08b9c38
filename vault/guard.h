/* SPDX-License-Identifier: ISC */
/*
 * guard: the offline guard: no network while secrets are handled.
 *
 * "Online" is any interface but loopback (IFF_LOOPBACK, whatever its name) that is up and has an
 * IPv4 or IPv6 address, or a route (IPv4: main table). It is asked of the kernel through an AF_UNIX
 * socket and /proc/net, which both speak of the process's own network namespace (/sys/class/net
 * shows the one it was mounted in) and both work inside the sandbox.
 */
#ifndef VAULT_GUARD_H
#define VAULT_GUARD_H

#include "base/err.h"

/* ERR_REFUSED while online, naming the interface, unless `allow_online`. main.c asks before a
 * CMD_SECRET command starts, and the command itself again before it commits. What cannot be found
 * out counts as online. */
bool guard_offline(bool allow_online, struct err *e) FALLIBLE;

#endif
