/* SPDX-License-Identifier: ISC */
/*
 * choose: the keys that a command works on: the ones it names, or all.
 */
#ifndef VAULT_CHOOSE_H
#define VAULT_CHOOSE_H

#include "base/opt.h"
#include "vault/state.h"

/* Row for the table of options of every command that takes KEY...|--all. */
#define CHOOSE_ALL                                                                                 \
	{                                                                                          \
		"all", OPT_FLAG, NULL, "every key of the vault, its signing key included"          \
	}

/* What is wanted, as text: the operands as they are, or with --all the id of each key that has a
 * set of shares. `s` is NULL without a vault: then --all is ERR_USAGE. Borrowed strings in an array
 * to be freed. */
bool choose_names(const struct opts *o, const struct state *s, const char ***out, size_t *count,
	struct err *e) FALLIBLE;

/* The vault's keys that are wanted, each of them once and with a set of shares: ERR_USAGE for one
 * named twice. An array to be freed of what the state holds. */
bool choose_keys(const struct opts *o, const struct state *s, struct state_key ***out,
	size_t *count, struct err *e) FALLIBLE;

#endif
