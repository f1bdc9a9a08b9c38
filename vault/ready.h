/* SPDX-License-Identifier: ISC */
/*
 * ready: when a pin may be used: when every client that could still hold an older policy has it.
 *
 * A pin is ready when, for every earlier deployed manifest of its domain that lacked it, the time
 * at which that one was replaced in production plus that one's max_age has passed. At once when
 * none lacked it. Unknown while its own first manifest is not known to be deployed.
 */
#ifndef VAULT_READY_H
#define VAULT_READY_H

#include "vault/store.h"

/* The deployed manifests of a vault, in the order of their going live. */
struct ready_item {
	int64_t deployed;
	json_t *index; /* which domains and pins it held */
	/* What a rebuilt vault goes on from: its pins say themselves when they were deployed and
	 * ready. It was live, whether or not anybody knows from when on. */
	bool base;
	bool assumed; /* `deployed` is when it was made: nobody knows better */
};
struct ready_history {
	struct ready_item *items;
	size_t count;
};
#define READY_HISTORY_AUTO __attribute__((cleanup(ready_free))) struct ready_history
void ready_free(struct ready_history *h);

/* Loads every deployed manifest from the vault, checked against the journal's hashes. */
bool ready_load(const struct store *s, struct ready_history *out, struct err *e) FALLIBLE;

/* What the index of a manifest has of a domain's pin; NULL when the pin was not in it. */
const json_t *ready_held(const struct ready_item *m, const char *domain, const struct pin *pin);

/*
 * When the pin's first manifest went live, and from when on it may be used; CLOCK_NONE for what is
 * not known. `prior_max_age` is that of a policy from before the vault, or CLOCK_NONE.
 */
void ready_when(const struct ready_history *h, const char *domain, const struct pin *pin,
	int64_t prior_max_age, int64_t *deployed, int64_t *ready);

#endif
