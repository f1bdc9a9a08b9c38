/* SPDX-License-Identifier: ISC */
/*
 * harden: the process that handles secrets, made fit for it before it does anything else.
 */
#ifndef VAULT_HARDEN_H
#define VAULT_HARDEN_H

#include "base/err.h"

/*
 * Once, at the start, before threads. Inherited descriptors but 0 to 2 close on exec; a full
 * quota is an error, not SIGXFSZ; umask 077; no core dumps, not dumpable
 * (PR_SET_DUMPABLE), no new privileges; the memory-lock limit goes to its hard limit; libsodium
 * starts (secret_init), OpenSSL starts without its configuration file, with its secure heap, and
 * with an ordinary heap that is wiped (wipeheap.h).
 * Locked memory that cannot be had, or active swap: ERR_MEMORY, unless `allow_swap`.
 */
bool harden_process(bool allow_swap, struct err *e) FALLIBLE;

/* For a command that finds out later that it handles a secret: demands what harden_process(true)
 * let pass. */
bool harden_for_secret(bool allow_swap, struct err *e) FALLIBLE;

/* ERR_MEMORY while swap is active, naming it, or when that cannot be found out. */
bool harden_no_swap(struct err *e) FALLIBLE;

#endif
