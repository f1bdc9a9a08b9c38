/* SPDX-License-Identifier: ISC */
/*
 * manifest: the model of pins.json, format "coldspare-pins-1" (docs/FORMAT.md).
 *
 * Public data. Parsing is strict about what is known (types, ranges, canonical pins and times,
 * names) and ignores members it does not know; an unknown format is refused. Encoding is
 * deterministic: the same model gives the same bytes.
 */
#ifndef PINS_MANIFEST_H
#define PINS_MANIFEST_H

#include "base/clock.h"
#include "base/minisign.h"
#include "pins/pin.h"

#define MANIFEST_FORMAT "coldspare-pins-1"
#define MANIFEST_MAX_AGE_DEFAULT ((int64_t)60 * 86400)

/* X(enumerator, word in JSON); NULL stands for null. */
#define MANIFEST_ROLES(X) X(ROLE_ACTIVE, "active") X(ROLE_BACKUP, "backup") X(ROLE_CA, "ca")
#define MANIFEST_STATES(X)                                                                         \
	X(STATE_NONE, NULL)                                                                        \
	X(STATE_STANDBY, "standby")                                                                \
	X(STATE_PRESIGNED, "presigned")                                                            \
	X(STATE_ACTIVE, "active")                                                                  \
	X(STATE_RETIRED, "retired")                                                                \
	X(STATE_COMPROMISED, "compromised")                                                        \
	X(STATE_VOID, "void")
#define MANIFEST_ORIGINS(X)                                                                        \
	X(ORIGIN_OFFLINE, "offline")                                                               \
	X(ORIGIN_ONLINE, "online")                                                                 \
	X(ORIGIN_IMPORTED, "imported")                                                             \
	X(ORIGIN_EXTERNAL, "external")
#define MANIFEST_CAS(X) X(CA_NONE, NULL) X(CA_ROOT, "root") X(CA_INTERMEDIATE, "intermediate")

#define MANIFEST_ENUM(code, word) code,
enum manifest_role { MANIFEST_ROLES(MANIFEST_ENUM) };
enum manifest_state { MANIFEST_STATES(MANIFEST_ENUM) }; /* the last two never stand in a manifest */
enum manifest_origin { MANIFEST_ORIGINS(MANIFEST_ENUM) };
enum manifest_ca { MANIFEST_CAS(MANIFEST_ENUM) };
#undef MANIFEST_ENUM

const char *manifest_role_name(enum manifest_role r);
const char *manifest_state_name(enum manifest_state s);
const char *manifest_origin_name(enum manifest_origin o);
const char *manifest_ca_name(enum manifest_ca c);
/* `word` may be NULL where the table has a NULL. ERR_FORMAT. */
bool manifest_role_parse(const char *word, enum manifest_role *out, struct err *e) FALLIBLE;
bool manifest_state_parse(const char *word, enum manifest_state *out, struct err *e) FALLIBLE;
bool manifest_origin_parse(const char *word, enum manifest_origin *out, struct err *e) FALLIBLE;
bool manifest_ca_parse(const char *word, enum manifest_ca *out, struct err *e) FALLIBLE;

struct manifest_pin {
	struct pin pin;
	enum manifest_role role;
	enum manifest_state state;
	enum manifest_origin origin;
	enum manifest_ca ca;
	char *algorithm; /* "ec:p256" */
	char *key;       /* key id, NULL for external pins */
	bool released;
	int64_t deployed; /* when its first manifest went live, or CLOCK_NONE */
	int64_t ready;    /* or CLOCK_NONE */
};

struct manifest_domain {
	char *domain;
	char **names; /* the domain first; "IP:..." for addresses */
	size_t name_count;
	bool include_subdomains;
	int64_t max_age; /* seconds */
	bool report_only;
	char *report_uri; /* or NULL */
	struct manifest_pin *pins;
	size_t pin_count;
};

struct manifest {
	char *vault_name;
	struct minisign_pub vault_key;
	int64_t serial; /* from 1 */
	int64_t created;
	int64_t valid_until; /* or CLOCK_NONE */
	bool offline;
	bool rehearsal;
	char *previous; /* SHA-256 hex of the manifest before, or NULL */
	int64_t journal_entries;
	char *journal_head; /* hex */
	struct manifest_domain *domains;
	size_t domain_count;
};
#define MANIFEST_AUTO __attribute__((cleanup(manifest_free))) struct manifest
void manifest_free(struct manifest *m);

bool manifest_parse(const char *text, size_t len, struct manifest *out, struct err *e) FALLIBLE;
bool manifest_encode(const struct manifest *m, struct buf *out, struct err *e) FALLIBLE;

/* A pin of a key that is held in reserve. One that was displaced, role backup and state retired, is
 * none: it was in use before and is about to leave. */
bool manifest_is_backup(const struct manifest_pin *p);

/* The domain's entry (exact, lower case), or NULL. */
const struct manifest_domain *manifest_find(const struct manifest *m, const char *domain);

/* SHA-256 hex of a manifest's bytes: what `previous` holds. */
void manifest_hash(const void *data, size_t len, char out[static PIN_HEX]);

/* Reads `path` without asking who signed it: for what only compares or judges. `bytes` may be NULL.
 * ERR_FORMAT, ERR_MISSING. */
bool manifest_read(
	const char *path, struct manifest *out, struct buf *bytes, struct err *e) FALLIBLE;

/*
 * Loads and authenticates: `path`, and its signature at `path`.minisig, by `pub`; the model's
 * vault key must be `pub` too. Nothing is parsed before the signature holds. `bytes` may be NULL.
 * ERR_AUTH, ERR_FORMAT, ERR_MISSING.
 */
bool manifest_load(const char *path, const struct minisign_pub *pub, struct manifest *out,
	struct buf *bytes, struct err *e) FALLIBLE;

#endif
