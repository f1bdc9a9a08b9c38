/* SPDX-License-Identifier: ISC */
/*
 * store: a vault folder, opened: locked, its journal read and replayed, its identity checked.
 */
#ifndef VAULT_STORE_H
#define VAULT_STORE_H

#include "base/filebatch.h"
#include "vault/journal.h"
#include "vault/signer.h"
#include "vault/state.h"

#define STORE_FORMAT "coldspare-vault-1" /* of vault.json */

enum store_mode {
	STORE_READ,  /* shared lock, nothing is changed */
	STORE_WRITE, /* exclusive lock; a torn journal is repaired first; a backward clock is
			refused */
	STORE_RESUME /* the same, of a vault whose making was interrupted, too */
};

struct store {
	char *dir;
	int lock_fd;
	enum store_mode mode;
	bool made; /* the folder was made by store_create */
	struct journal journal;
	struct state state;
};
#define STORE_AUTO __attribute__((cleanup(store_close))) struct store

/* ERR_MISSING when there is no vault; ERR_BUSY when another process has it; ERR_FORMAT or
 * ERR_AUTH when the journal or the identity is damaged. With STORE_WRITE a vault whose init did
 * not finish is ERR_REFUSED. `online` marks what is appended. */
bool store_open(const char *dir, enum store_mode mode, bool online, struct store *out,
	struct err *e) FALLIBLE;
/* The two steps of it that an audit takes by itself: is there a journal (ERR_MISSING), and do
 * vault.json and vault.pub say what its first line says? */
bool store_find(const char *dir, struct err *e) FALLIBLE;
bool store_identity(const struct store *s, struct err *e) FALLIBLE;
/* What to say of a vault whose journal is empty. Always returns false. */
bool store_no_line(const struct store *s, struct err *e);
/* A new, empty one: the folder is made (or is an empty one) and locked, nothing is journalled. */
bool store_create(const char *dir, bool online, struct store *out, struct err *e) FALLIBLE;
void store_close(struct store *s);
/* Takes store_create back after a failed init: removes the journal, and the folder when it is empty
 * and was made by store_create. */
void store_discard(struct store *s);

/* Appends to the journal and applies to the state. `body` is consumed. */
bool store_append(struct store *s, const char *event, json_t *body, struct err *e) FALLIBLE;

/* Removes what is left of earlier files of the signing key, which the journal says are to be gone:
 * a command may have been killed before it came to that. store_open does it too, for writing. */
bool store_sweep(const struct store *s, struct err *e) FALLIBLE;

/* Adds `relative` (below the vault) to the batch and its hash to `files` (a JSON object that goes
 * into the line that commits). Folders on the way are made. A file in its place that no line names,
 * as a killed command leaves one, gives way. */
bool store_add_file(struct store *s, struct filebatch *b, json_t *files, const char *relative,
	mode_t mode, const void *data, size_t len, struct err *e) FALLIBLE;

/* Reads a file of the vault and checks it against the journal's hash. ERR_AUTH when altered. */
bool store_read_file(const struct store *s, const char *relative, size_t limit, struct buf *out,
	struct err *e) FALLIBLE;

/* A manifest that was signed, from the vault. */
bool store_manifest(
	const struct store *s, int64_t serial, struct manifest *out, struct err *e) FALLIBLE;

/* Unlocks the signing key with the operator's passphrase; its public half must be the vault's. */
bool store_signer(const struct store *s, const struct secret *passphrase, struct signer *out,
	struct err *e) FALLIBLE;

/* keys/<id>/sealed-<set>.txt, parsed, hash-checked. `set` NULL: of the key's current set. */
bool store_sealed(const struct store *s, const struct state_key *k, const char *set,
	struct sealed *out, struct err *e) FALLIBLE;

#endif
