/* SPDX-License-Identifier: ISC */
/*
 * gather: the custodians' media, opened once, and the shares of one key after the other from them.
 */
#ifndef VAULT_GATHER_H
#define VAULT_GATHER_H

#include "base/opt.h"
#include "shares/quorum.h"
#include "vault/store.h"

#include <openssl/types.h>

/* Row for the table of options of every command that reads shares. */
#define GATHER_OPTION                                                                              \
	{                                                                                          \
		"from", OPT_MANY, "MEDIUM",                                                        \
			"where shares are: dir:PATH, card:READER, dir:PATH+card:READER; for each " \
			"custodian"                                                                \
	}

/* Likewise, for those that take shares of whatever set is complete. */
#define GATHER_SET                                                                                 \
	{                                                                                          \
		"set", OPT_ONE, "SET",                                                             \
			"only shares of this set (16 hex digits), where two are complete"          \
	}

struct gather_source {
	const char *spec;
	struct medium medium;
	struct err err; /* why it could not be opened; ERR_NONE when it is open */
};
struct gather {
	struct gather_source *sources;
	size_t count;
};
#define GATHER_AUTO __attribute__((cleanup(gather_close))) struct gather
void gather_close(struct gather *g);

/* Opens every --from. One that cannot be opened is remembered and reported with each key's
 * rejects: the others may suffice. ERR_USAGE when there is no --from, or a bad one. */
bool gather_open(const struct medium_host *host, const struct opts *o, struct gather *g,
	struct err *e) FALLIBLE;

/* Reads the wanted key's shares from one of them. One that fails as a whole is a reject in *q. */
bool gather_add(struct gather_source *s, const struct quorum_want *want, struct quorum *q,
	struct err *e) FALLIBLE;
/* Reads the wanted key's shares from all of them and settles on one set. The rejects are in *q
 * even when this fails. */
bool gather_shares(
	struct gather *g, const struct quorum_want *want, struct quorum *q, struct err *e) FALLIBLE;

/* A quorum_want's `accept`; its context is the vault's struct state. Refuses shares of a set that
 * was begun and never committed: a killed command may have left a whole one; and those that an
 * earlier key of the vault signed, but for the sets from its time. */
bool gather_accept(const void *state, const struct share *s, struct err *why);

/* Names each reject on standard error, as a warning. */
void gather_warn(const struct quorum *q);

/*
 * The private key from settled shares: from the sealed record they carry or, failing that, the
 * vault's (`store` may be NULL). Released only when its recomputed pin is the one in the signed
 * shares. ERR_AUTH when not; ERR_MISSING when there is no sealed record.
 */
bool gather_unseal(const struct quorum *q, const struct store *store, struct secret *kek,
	EVP_PKEY **out, struct err *e) FALLIBLE;

#endif
