/* SPDX-License-Identifier: ISC */
/*
 * leave: a pin on its way out of the manifests: which one it is, whose, and what would be left.
 */
#ifndef VAULT_LEAVE_H
#define VAULT_LEAVE_H

#include "vault/store.h"

/* A key of the vault, or a pin from outside, or both: several domains may have the pin, and a key
 * that was imported for one of them may be recorded from outside for others. */
struct leave {
	struct state_key *key; /* NULL: from outside alone */
	struct pin pin;
	const char *name; /* the key id, or `text` */
	char text[PIN_TEXT];
};

/* By key id, unique prefix, or pin. ERR_MISSING; ERR_REFUSED for void keys, the signing key,
 * and pins from outside that left before. */
bool leave_find(
	const struct state *s, const char *wanted, struct leave *out, struct err *e) FALLIBLE;
/* Whether it is there as the vault's key; else leave_is_of is about a pin from outside. */
bool leave_is_key_of(const struct leave *l, const struct state_domain *d);
/* Whether any domain has it as a pin from outside that stands. */
bool leave_is_external(const struct leave *l, const struct state *s);
/* Whether the domain has it, as a key in whatever state or as a pin from outside that stands. */
bool leave_is_of(const struct leave *l, const struct state_domain *d);
/* Its algorithm there. */
const char *leave_algorithm(const struct leave *l, const struct state_domain *d);

/* Is it what servers use there: the active key or live certificate (not a displaced one), or
 * `with_ca`, a CA of theirs? */
bool leave_is_served(const struct leave *l, const struct state_domain *d, bool with_ca);
/* Must servers change to a backup when it goes? Not when it was not in use, or another CA or live
 * certificate is left. */
bool leave_needs_backup(const struct leave *l, const struct state_domain *d);
/* What of a domain stays when it leaves. */
size_t leave_served_left(const struct leave *l, const struct state_domain *d);
size_t leave_backups_left(const struct leave *l, const struct state_domain *d);

#endif
