/* SPDX-License-Identifier: ISC */
/*
 * keyview: one key as --json shows it, the same words in every command.
 */
#ifndef VAULT_KEYVIEW_H
#define VAULT_KEYVIEW_H

#include "vault/ready.h"

/* {"key", "pin", "algorithm", "state", "proven", "released", "origin", "deployed", "ready"} */
bool keyview_json(const struct store *s, const struct ready_history *h, const struct state_key *key,
	json_t **out, struct err *e) FALLIBLE;

#endif
