/* SPDX-License-Identifier: ISC */
/*
 * state: what the vault holds: the journal replayed. Everything here is public or private-but-not
 * secret (contacts and locations are never exported).
 *
 * One function per kind of journal line, in a table (stateevents.c); an unknown kind is an error,
 * for a newer program may have written it.
 */
#ifndef VAULT_STATE_H
#define VAULT_STATE_H

#include "base/json.h"
#include "pins/manifest.h"
#include "shares/share.h"
#include "vault/journal.h"

struct state_custodian {
	char name[SHARE_NAME_MAX + 1];
	char *medium;   /* spec */
	char *contact;  /* or NULL */
	char *location; /* or NULL */
};

#define STATE_RAMP_MAX 16 /* steps */

/* What may differ from domain to domain; "unset" falls back to the vault's, then to the default. */
struct state_policy {
	int64_t max_age;        /* CLOCK_NONE: unset */
	int64_t prior_max_age;  /* CLOCK_NONE: there was no policy before the vault */
	int64_t valid_for;      /* CLOCK_NONE: manifests do not expire */
	int include_subdomains; /* -1 unset, 0 no, 1 yes */
	int report_only;        /* likewise */
	char *report_uri;       /* NULL unset */
	int backups;            /* cold keys wanted of each algorithm; -1: unset */
	/* Seconds, growing: the max-age of one manifest after the other (ramp.h). */
	int64_t ramp[STATE_RAMP_MAX];
	unsigned ramp_count; /* 0: none */
	int64_t ramp_since;  /* when it was set */
};
#define STATE_BACKUPS_DEFAULT 2
#define STATE_POLICY_UNSET                                                                         \
	((struct state_policy){                                                                    \
		.max_age = CLOCK_NONE,                                                             \
		.prior_max_age = CLOCK_NONE,                                                       \
		.valid_for = CLOCK_NONE,                                                           \
		.include_subdomains = -1,                                                          \
		.report_only = -1,                                                                 \
		.backups = -1,                                                                     \
	})

/* A CA that could sign, and how fast: for the runbook. */
struct state_issuer {
	char name[SHARE_NAME_MAX + 1];
	char *text;
};
#define STATE_DRILL_EVERY_DEFAULT ((int64_t)365 * 86400)

struct state_share {
	unsigned number;
	char custodian[SHARE_NAME_MAX + 1];
	char *medium; /* spec it was written to */
	char commitment[SHARE_HASH_TEXT];
	int64_t seen;      /* last read good (commit, drill) */
	bool replaced;     /* given up as lost: another share was made for it */
	int64_t destroyed; /* when its holder affirmed to have destroyed it, or CLOCK_NONE */
	bool detached;     /* does not carry the sealed key */
};

struct state_set {
	char id[SEALED_SET_TEXT];
	unsigned threshold;
	struct state_share *shares;
	size_t share_count;
	unsigned number_max;        /* the highest ever given out, by void batches too */
	bool superseded;            /* a later set was committed; its shares work until destroyed */
	bool committed;             /* false: begun and not (yet) committed: void */
	bool destroyed;             /* its sealed record is gone, or about to go */
	int64_t line;               /* of the journal, where it was committed */
	struct minisign_pub signer; /* the vault key that signed its shares */
	uint64_t proven;            /* subsets that rebuilt the key */
	int64_t drilled;            /* last drill, or CLOCK_NONE */
};

/* A chain that a CA issued for a key, the leaf first. */
struct state_certificate {
	char *serial; /* of the leaf: lower-case hex */
	char *issuer;
	char *path; /* below the vault */
	int64_t not_before, not_after;
};

struct state_key {
	char *id;
	struct pin pin;
	char *algorithm;
	char *domain; /* NULL for SHARE_SIGNING_KEY */
	enum manifest_state state;
	enum manifest_origin origin;
	bool released;
	bool displaced; /* retired by another's promotion: in the manifest until `retire` */
	int64_t created;
	struct state_set *sets; /* the last committed one counts, unless it is destroyed */
	size_t set_count;
	struct state_certificate *certificates; /* the last one counts */
	size_t certificate_count;
	unsigned request_number; /* 1: request.csr; n: request-<n>.csr */
};

/* A pin recorded from outside. */
struct state_pin {
	struct pin pin;
	enum manifest_role role;
	enum manifest_ca ca;
	char *algorithm;
	char *label;      /* subject of the certificate, or file name */
	char *group;      /* name of the CA bundle it came in, or NULL */
	bool displaced;   /* was active, another one is now: in the manifest until `retire` */
	bool compromised; /* removed for good */
	bool removed;
};

struct state_domain {
	char *name;
	char **names; /* name_san forms, the domain first; none until its first key is committed */
	size_t name_count;
	struct state_key **keys; /* committed ones, in order; borrowed from the state */
	size_t key_count;
	struct state_policy policy;
	struct state_pin *pins;
	size_t pin_count;
	bool compromised; /* one of its pins was: the manifest may be left with less than is safe */
};

struct state_manifest {
	int64_t serial;
	char hash[PIN_HEX]; /* SHA-256 of pins.json */
	int64_t created;
	int64_t deployed; /* or CLOCK_NONE */
	struct minisign_pub signer;
};

/* A copy of the vault's folder. */
struct state_backup {
	int64_t line; /* of the journal, that says so; 0: there was none */
	int64_t time;
	char *to;         /* where it was written */
	bool signing_key; /* the operator's file of the signing key is in it */
};

#define STATE_REBUILT_LINE 2 /* of the journal: what a rebuilt vault has from before */

/* What a rebuilt vault goes on from. */
struct state_rebuilt {
	int64_t serial;  /* of the manifest; 0: the vault was not rebuilt */
	int64_t entries; /* of the journal that was lost, when that manifest was signed */
	char head[ENCODE_HASH_HEX];
};

#define STATE_CEREMONY_END "transcript" /* the last step of a ceremony */

struct state {
	char name[SHARE_NAME_MAX + 1];
	struct minisign_pub key;          /* that signs now */
	struct minisign_pub first;        /* of vault.json and vault.pub */
	struct minisign_pub *keys_before; /* each signed for the next, the last one for `key` */
	size_t keys_before_count;
	int64_t created;
	bool ready;   /* the signing key's own splitting was committed: init is done */
	bool offline; /* the signing key was never handled online */
	bool rehearsal;
	char *plan;            /* hash of the plan whose ceremony made the vault, or NULL */
	int64_t ceremony_done; /* when its last step was; CLOCK_NONE before */
	unsigned sec_number;   /* n of the current vault-<n>.sec */
	char *kdf;             /* the cost of its passphrase, "sensitive"; NULL when not known */
	unsigned threshold;
	struct state_custodian *custodians;
	size_t custodian_count;
	struct state_policy policy;
	int64_t drill_every; /* seconds after which a share wants to be seen again */
	struct state_issuer *issuers;
	size_t issuer_count;
	struct state_domain *domains;
	size_t domain_count;
	struct state_key **keys; /* SHARE_SIGNING_KEY among them; void ones too */
	size_t key_count;
	struct state_manifest *manifests; /* serial order, without gaps; the first need not be 1 */
	size_t manifest_count;
	struct state_backup backup; /* the last one */
	struct state_rebuilt rebuilt;
	json_t *files; /* path below the vault -> BLAKE2b-256 hex: what must be there, unaltered */
	json_t *destroyed;    /* likewise: what was there, and is to be gone */
	json_t *key_index;    /* id -> index in keys */
	json_t *pin_index;    /* pin in base64 -> index in keys */
	json_t *domain_index; /* name -> index in domains */
	json_t *open;         /* batches begun and not committed: id -> the begin line's body */
};
bool state_init(struct state *s, struct err *e) FALLIBLE;
void state_free(struct state *s);

/* A journal_visit: applies one line. `state` is a struct state. */
bool state_apply(void *state, const struct journal_line *line, struct err *e) FALLIBLE;

/* By id, unique prefix, or pin (base64 or hex). ERR_MISSING; ERR_USAGE when a prefix is not
 * unique. Void keys are found only by their whole id. */
bool state_find_key(
	const struct state *s, const char *wanted, struct state_key **out, struct err *e) FALLIBLE;
/* NULL when there is none; void keys are passed over. */
struct state_key *state_key_by_pin(const struct state *s, const struct pin *pin);
struct state_key *state_key_by_id(const struct state *s, const char *id); /* or NULL */
/* The one that signs now, or NULL; its id is SHARE_SIGNING_KEY, or that of the n-th successor. */
struct state_key *state_signing_key(const struct state *s);
void state_signing_id(size_t successor, char out[static SEALED_KEY_ID_MAX + 1]);
/* Whether `key` is the vault's, now or before. */
bool state_is_vault_key(const struct state *s, const struct minisign_pub *key);
/* Or NULL. Good until the next line is applied. */
struct state_domain *state_find_domain(const struct state *s, const char *domain);
/* Whether `name` is one of those that the domain's certificates are for. */
bool state_has_name(const struct state_domain *d, const char *name);
/* A pin from outside, a removed one too, or NULL. Good until the next line is applied. */
struct state_pin *state_find_pin(const struct state_domain *d, const struct pin *pin);
/* Whether it was, as a key or as a pin from outside, of whatever domain. */
bool state_was_compromised(const struct state *s, const struct pin *pin);
struct state_custodian *state_find_custodian(const struct state *s, const char *name); /* or NULL */
/* The chain that counts: the last one attached, or NULL. */
const struct state_certificate *state_certificate(const struct state_key *k);
/* The role that the next manifest gives them, where it has them. */
enum manifest_role state_key_role(const struct state_key *k);
enum manifest_role state_pin_role(const struct state_pin *p);
/* The set that counts: the last one committed and not destroyed, or NULL. */
const struct state_set *state_current_set(const struct state_key *k);
/* Its custodian has it: it was neither replaced nor destroyed. */
bool state_share_counts(const struct state_share *share);
/* How many of its shares count. */
unsigned state_set_held(const struct state_set *set);
/* So few of its shares carry the sealed key that a quorum may be without it: not even n-k+1. */
bool state_set_is_detached(const struct state_set *set);
/* It was committed after the last backup of the folder, or there was none. */
bool state_set_is_newer_than_backup(const struct state *s, const struct state_set *set);
/* The manifest with this serial, the newest one: NULL when there is none. */
struct state_manifest *state_manifest(const struct state *s, int64_t serial);
const struct state_manifest *state_last_manifest(const struct state *s);
int64_t state_next_serial(const struct state *s);
/* True when the key may be exported: it is not void, its current set is proven, and so many of
 * that one's shares count that it can be brought back. */
bool state_is_proven(const struct state_key *k);
/* True when the next manifest has its pin: a proven backup, the active key, a displaced one. What
 * is in production stays pinned even when its sealed records are destroyed. */
bool state_is_pinned(const struct state_key *k);
/* Where the n-th request of a key is, below the vault. */
#define STATE_PATH (SEALED_KEY_ID_MAX + 64)
void state_request_path(const struct state_key *k, unsigned n, char out[static STATE_PATH]);
/* A backup that will serve when it is needed: proven, and not in use yet. */
bool state_is_spare(const struct state_key *k);
/* Such a one that is still cold. */
bool state_is_backup(const struct state_key *k);

/* Policy after falling back: domain (may be NULL), vault, default; nothing is unset but
 * prior_max_age, valid_for and report_uri. Strings are borrowed. */
struct state_policy state_policy_of(const struct state *s, const struct state_domain *d);

#endif
