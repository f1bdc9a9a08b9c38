/* SPDX-License-Identifier: ISC */
/*
 * export: the next manifest, as the state has it: proven keys and recorded pins, nothing secret.
 */
#ifndef VAULT_EXPORT_H
#define VAULT_EXPORT_H

#include "vault/ready.h"

/* Builds the manifest with the next serial. A key that is not proven, or is compromised or retired,
 * stays out; `offline` is true only when every vault pin is of that origin, the signing key was
 * never handled online, and `online` is false. valid_for CLOCK_NONE: the policy's. */
bool export_build(const struct store *s, int64_t now, int64_t valid_for, bool online,
	struct manifest *out, struct err *e) FALLIBLE;

/*
 * A safe set has a pin in the served chain (active or ca) and another one outside it (backup), for
 * every domain: ERR_REFUSED when not. Where a pin was compromised, or with `force`, less is let
 * pass, with a line in `warnings`: only an empty set is refused.
 */
bool export_check(const struct store *s, const struct manifest *m, bool force, struct buf *warnings,
	struct err *e) FALLIBLE;

#endif
