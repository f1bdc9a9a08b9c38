/* SPDX-License-Identifier: ISC */
/*
 * share: one share of one splitting: its text form, its signature, its payload (docs/FORMAT.md).
 *
 * The signature (Ed25519 by the vault key) covers who, what, how many, the payload's commitment
 * and the sealed record's hash: every byte before the "signature:" line. What stands below it is
 * checked against those two hashes, so one signature holds with or without the sealed key, and
 * for a locked share. All but the payload is public.
 */
#ifndef SHARES_SHARE_H
#define SHARES_SHARE_H

#include "base/minisign.h"
#include "shares/sealed.h"

#define SHARE_DATA_LEN 32
#define SHARE_COUNT_MAX 255
#define SHARE_THRESHOLD_MIN 2
#define SHARE_NAME_MAX 32    /* vault and custodian names */
#define SHARE_TEXT_MAX 65536 /* bytes of a share's text */
#define SHARE_HASH_TEXT 65   /* hex BLAKE2b-256 with NUL */
/* Key id; those of its successors are "vault-signing-key-2" and so on. */
#define SHARE_SIGNING_KEY "vault-signing-key"

struct share {
	char vault[SHARE_NAME_MAX + 1];
	struct minisign_pub vault_key;
	char key[SEALED_KEY_ID_MAX + 1];
	char pin[SEALED_PIN_TEXT];
	char set[SEALED_SET_TEXT];
	unsigned threshold; /* k */
	unsigned shares;    /* n when the set was made */
	unsigned number;    /* the gfshare x coordinate, 1..255; may exceed `shares` */
	char origin[16];    /* "offline", "online", "imported" */
	char custodian[SHARE_NAME_MAX + 1];
	int64_t created;
	bool rehearsal;
	char commitment[SHARE_HASH_TEXT];  /* of the payload */
	char sealed_hash[SHARE_HASH_TEXT]; /* of the sealed record */
	uint8_t signature[MINISIGN_SIG_LEN];

	struct secret data; /* SHARE_DATA_LEN bytes; empty while locked */
	char *locked;       /* what follows "locked: ", NULL when not locked; public */
	bool carries_sealed;
	struct sealed sealed; /* filled when carries_sealed */
};
#define SHARE_AUTO __attribute__((cleanup(share_free))) struct share
void share_free(struct share *s);
void share_move(struct share *to, struct share *from);

/* 1 to 32 of [A-Za-z0-9 ._-], no leading or trailing space. `what` names it in the message. */
bool share_name_check(const char *what, const char *name, struct err *e) FALLIBLE;
/* 2 <= k <= n <= 255, checked before any narrowing. ERR_USAGE. */
bool share_counts_check(long threshold, long shares, struct err *e) FALLIBLE;

void share_commitment(const uint8_t data[static SHARE_DATA_LEN], char out[static SHARE_HASH_TEXT]);

/* The bytes that are signed: all before the "signature:" line. */
void share_signed_text(const struct share *s, struct buf *out);
/* The whole text, into guarded memory (it holds the payload). With `detached` the sealed key is
 * left out. */
bool share_encode(const struct share *s, bool detached, struct secret *out, struct err *e) FALLIBLE;

/* Fields in FORMAT.md's order and nothing else; CRLF and surrounding blank lines are accepted.
 * Checks form only, not authenticity. The message names the line at fault. ERR_FORMAT. */
bool share_parse(const uint8_t *text, size_t len, struct share *out, struct err *e) FALLIBLE;

/* Signature by `anchor`, payload against its commitment (unless locked), sealed key against its
 * hash (where carried). ERR_AUTH; the message says which of them failed. A share that names
 * another vault key than `anchor` fails too. */
bool share_verify(const struct share *s, const struct minisign_pub *anchor, struct err *e) FALLIBLE;

/* Whether `want` (a key id, a prefix of one, a pin in base64 or hex) means the key of this id and
 * pin. With `pin` NULL only the id is known, and a pin is compared with the digits at its end. */
bool share_is_wanted(const char *want, const char *key, const char *pin);

/* Whether a key id is that of a vault's signing key, or of a successor of it. */
bool share_is_signing_key(const char *key);

/* `<key id>.<set>.<number as 3 digits>.share`, malloc'd. */
bool share_file_name(const struct share *s, char **out, struct err *e) FALLIBLE;

#endif
