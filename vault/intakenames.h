/* SPDX-License-Identifier: ISC */
/*
 * intakenames: the names that new keys and requests of a domain are for: from --domain, --san, and
 * what the domain has already.
 */
#ifndef VAULT_INTAKENAMES_H
#define VAULT_INTAKENAMES_H

#include "base/opt.h"
#include "vault/state.h"

/* Fills name and names only. ERR_USAGE for a bad or repeated name; ERR_REFUSED when the domain has
 * other names already. */
bool intakenames_read(const struct opts *o, const struct state *state, struct state_domain *out,
	struct err *e) FALLIBLE;
/* `domain` and the --san names alone, whatever names it has. */
bool intakenames_given(
	const struct opts *o, const char *domain, struct state_domain *out, struct err *e) FALLIBLE;
void intakenames_free(struct state_domain *d);

#endif
