/* SPDX-License-Identifier: ISC */
/*
 * statebuild: the small steps that applying a journal line to the state is made of.
 *
 * Private to state*.c. What a line says is checked here for form: ids and paths name nothing
 * outside the vault, hashes are hashes.
 */
#ifndef VAULT_STATEBUILD_H
#define VAULT_STATEBUILD_H

#include "vault/state.h"

/* `items` with room for one more than `count`, moved where it had to grow. NULL: ERR_MEMORY, and
 * the old array stands. Arrays grown by this alone have room up to the next power of two. */
void *statebuild_room(void *items, size_t count, size_t size, struct err *e);
/* Replaces *out by a copy of `text` (NULL: by NULL). */
bool statebuild_copy(char **out, const char *text, struct err *e) FALLIBLE;

/* Members of a line, checked for form. */
bool statebuild_hex(
	const json_t *o, const char *name, size_t digits, const char **out, struct err *e) FALLIBLE;
bool statebuild_key_id(const json_t *o, const char *name, const char **out, struct err *e) FALLIBLE;
bool statebuild_pin(const json_t *o, const char *name, struct pin *out, struct err *e) FALLIBLE;
bool statebuild_name(const json_t *o, const char *name, char out[static SHARE_NAME_MAX + 1],
	struct err *e) FALLIBLE;
bool statebuild_time(const json_t *o, const char *name, int64_t *out, struct err *e) FALLIBLE;

/* Takes over the line's `files`. A path that is named already is an error: nothing is written
 * twice. */
bool statebuild_files(struct state *s, const json_t *body, struct err *e) FALLIBLE;
/* A file of the vault that is to be gone from now on. */
bool statebuild_destroyed(struct state *s, const char *path, struct err *e) FALLIBLE;

/* The domain, added when it is new. Good until the next call. */
bool statebuild_domain(
	struct state *s, const char *name, struct state_domain **out, struct err *e) FALLIBLE;
/* An index: text -> number. */
bool statebuild_index(json_t *index, const char *text, json_int_t number, struct err *e) FALLIBLE;

/* A committed or void set of the key, or NULL. */
struct state_set *statebuild_find_set(const struct state_key *k, const char *id);
/* The key and set that a line names as `key` and `set`. */
bool statebuild_get_set(const struct state *s, const json_t *o, struct state_key **key,
	struct state_set **set, struct err *e) FALLIBLE;

/* A private key was in memory while this line's command ran. */
void statebuild_handled(struct state *s, struct state_key *k, const struct journal_line *line);
/* The key that `o` names was brought back from the set it names, and the shares of its `custodians`
 * were read, and good. Of two that one custodian has, the one that was not replaced. */
bool statebuild_brought_back(struct state *s, const json_t *o, const struct journal_line *line,
	struct state_key **key, struct state_set **set, struct err *e) FALLIBLE;

#endif
