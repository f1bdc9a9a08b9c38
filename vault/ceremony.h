/* SPDX-License-Identifier: ISC */
/*
 * ceremony: a reviewed plan, run from an empty folder to a signed export, one step after the other
 * (ceremonysteps.h).
 *
 * The vault is bound to the plan: line 1 of its journal carries the plan's hash. Interrupted
 * anywhere, a ceremony of the same plan goes on where the journal says it was: keys that were not
 * committed are void and made anew, everything else is there and stays. Nothing but the journal
 * remembers how far it came, and no secret outlives the process.
 */
#ifndef VAULT_CEREMONY_H
#define VAULT_CEREMONY_H

#include "base/opt.h"
#include "vault/plan.h"

/* Rows for the command's table of options. */
#define CEREMONY_OPTIONS                                                                           \
	{ "yes", OPT_FLAG, NULL, "ask nobody: for rehearsals and tests" },                         \
		{ "rehearse", OPT_FLAG, NULL,                                                      \
			"run it for real into a vault and media that are thrown away" },           \
		{ "scratch", OPT_ONE, "DIR",                                                       \
			"where a rehearsal works; default /dev/shm, which is memory" },            \
		{ "transcript", OPT_ONE, "DIR", "a copy of the transcript, too" },                 \
	{                                                                                          \
		"dice-fd", OPT_ONE, "N", "read the rolls of dice from this file descriptor"        \
	}

/* The whole of it: with --rehearse the rehearsal. ERR_REFUSED when the vault is not this plan's, or
 * when somebody says no. */
bool ceremony_run(const struct opts *o, const struct plan *p, struct err *e) FALLIBLE;

#endif
