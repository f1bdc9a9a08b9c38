/* SPDX-License-Identifier: ISC */
/*
 * trust: a manifest loaded for use: signed by enough of the keys that the user trusts.
 *
 * A key's signature stands beside the manifest as `FILE.minisig` or as the cosignature
 * `FILE.<key id>.minisig`; or the key has signed for a successor that did (succession.h). Nothing
 * is parsed before enough signatures hold. The vault's own key, which the manifest names, must be
 * among the keys that signed. Signatures count by the key that made them, however many given keys
 * lead to it, and those of a key and of its successors as one.
 */
#ifndef PINS_TRUST_H
#define PINS_TRUST_H

#include "base/opt.h"
#include "pins/manifest.h"
#include "pins/succession.h"

/* Rows for the table of options of every command that takes a signed manifest. */
/* clang-format off */
#define TRUST_OPTIONS \
	{ "key", OPT_MANY, "PUB", "a key to trust: a minisign public key, as file or base64" }, \
	{ "need", OPT_ONE, "N", "how many of the keys must have signed (default: all)" }, \
	{ "rehearsal", OPT_FLAG, NULL, "take a rehearsal's manifest, too" }
/* clang-format on */

struct trust {
	struct manifest manifest;
	struct buf bytes;  /* of the manifest file */
	size_t signatures; /* how many of the given keys signed */
	size_t keys;       /* how many were given */
	bool succeeded;    /* the vault's key was not given: `given` signed for it */
	struct minisign_pub given;
	struct succession succession; /* what stands beside the manifest */
};
#define TRUST_AUTO __attribute__((cleanup(trust_free))) struct trust
void trust_free(struct trust *t);

/*
 * Loads `path` as the options ask. ERR_USAGE without --key; ERR_AUTH with fewer signatures than
 * needed; ERR_REFUSED for a rehearsal's manifest without --rehearsal; ERR_FORMAT, ERR_MISSING.
 * Expiry is the caller's to judge: trust_current.
 */
bool trust_load(const struct opts *o, const char *path, struct trust *out, struct err *e) FALLIBLE;

/* The same where the one key, the vault's, comes from elsewhere; `rehearsal` takes a rehearsal's.
 */
bool trust_load_by(const struct minisign_pub *key, bool rehearsal, const char *path,
	struct trust *out, struct err *e) FALLIBLE;

/*
 * Whether the manifest may come after the one at `old_path`, which is compared with and not trusted
 * anew: it is what this machine has accepted before. ERR_REFUSED: another vault (no statement leads
 * from its key to this one's), or a serial not above. ERR_AUTH: the next serial, but `previous` is
 * not the hash of `old_bytes`.
 */
bool trust_follows(const struct trust *t, const struct manifest *old, const struct buf *old_bytes,
	const char *old_path, struct err *e) FALLIBLE;

/* ERR_REFUSED when valid_until has passed. */
bool trust_current(const struct manifest *m, int64_t now, struct err *e) FALLIBLE;

#endif
