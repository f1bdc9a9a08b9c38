/* SPDX-License-Identifier: ISC */
/*
 * runbook: what to do when a key is compromised, for this very vault: who must come, which backup,
 * which CAs, the commands with the real ids, and when the old policy is out of every client.
 *
 * Contacts and locations are private: a runbook is for those who keep the vault.
 */
#ifndef VAULT_RUNBOOK_H
#define VAULT_RUNBOOK_H

#include "vault/leave.h"

/*
 * Adds one to the array `out` for each domain that has the key or pin:
 * {"lost", "domain", "recorded" (the compromise is, or is about to be), "needed" (must servers
 * change?), "use" (key id or null),
 * "why" (how the backup stands), "threshold", "custodians" [{"name", "contact", "location",
 * "medium"}], "issuers" {name: text}, "forgotten" (when no client trusts the lost key any more if
 * the new manifest goes live now; null when it never went live), "steps" [{"title", "lines"
 * [{"text"} or {"command"}]}]}
 */
bool runbook_all(const struct store *s, const struct leave *lost, bool recorded, json_t *out,
	struct err *e) FALLIBLE;

/* To standard output, at most 80 columns but for long commands. */
void runbook_print(const json_t *runbook);

#endif
