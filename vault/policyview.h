/* SPDX-License-Identifier: ISC */
/*
 * policyview: the policy of a vault and its domains, as `policy` shows it.
 */
#ifndef VAULT_POLICYVIEW_H
#define VAULT_POLICYVIEW_H

#include "vault/state.h"

/* {"vault": {the settings, "threshold", "custodians"}, "domains": [{"domain", "names", the settings
 * as they apply}]}; with a domain, that one's entry alone is in "domains". */
bool policyview_json(const struct state *s, const struct state_domain *only, json_t **out,
	struct err *e) FALLIBLE;

/* {name: text}; NULL: out of memory. */
json_t *policyview_issuers(const struct state *s);

/* What policyview_json has to standard output; what a domain takes from the vault is marked. */
void policyview_print(const struct state *s, const struct state_domain *only);

#endif
