/* SPDX-License-Identifier: ISC */
/*
 * journal: the vault's append-only history, one JSON object a line, hash-chained (docs/FORMAT.md).
 *
 *   {"n":17,"time":"...","prev":"<hex>","event":"export", ...body..., "check":"<hex>"}
 *
 * `n` counts from 1. `prev` is the BLAKE2b-256 of the line before, without its LF (64 zeros on
 * line 1); `check` is the BLAKE2b-256 of this line's own bytes before `,"check"`, so that the last
 * line is covered too. An append is one write and one fsync: the commit point of everything.
 * Every event written under --allow-online carries "online":true.
 *
 * A tail without LF is torn: reading reports it and goes on without it; opening for writing moves
 * it to journal.torn-<n> first and records that. Anything wrong before that is an error that
 * names the line.
 */
#ifndef VAULT_JOURNAL_H
#define VAULT_JOURNAL_H

#include "base/encode.h"
#include "base/json.h"

#define JOURNAL_FILE "journal.jsonl"
#define JOURNAL_TORN "journal.torn-" /* and the number of the line that follows */

struct journal {
	char *dir;
	int64_t entries;
	char head[ENCODE_HASH_HEX]; /* hash of the last line; 64 zeros when empty */
	int64_t last_time;          /* of the last line, or CLOCK_NONE */
	int64_t good_bytes;         /* where the last whole line ends */
	int64_t torn_bytes;         /* behind it; 0 when the journal is whole */
	bool online;                /* --allow-online: mark what is appended */
	bool failed;                /* an append failed: there is none after it */
};
#define JOURNAL_AUTO __attribute__((cleanup(journal_free))) struct journal
void journal_free(struct journal *j);

/* Of a vault that has no line yet. */
bool journal_new(const char *dir, struct journal *out, struct err *e) FALLIBLE;

/* One line as read. */
struct journal_line {
	int64_t n;
	int64_t time;
	const char *event;
	bool online;
	json_t *body; /* the whole object; json_incref keeps it */
};
typedef bool (*journal_visit)(void *context, const struct journal_line *line, struct err *e);

/* Reads and checks every line of DIR/journal.jsonl, handing each to `visit` (may be NULL).
 * ERR_MISSING when there is none; ERR_AUTH or ERR_FORMAT, naming the line, when it is damaged. */
bool journal_read(const char *dir, journal_visit visit, void *context, struct journal *out,
	struct err *e) FALLIBLE;

/* Moves a torn tail aside and records it with a "repair" line, which `visit` sees. Does nothing to
 * a whole journal. */
bool journal_repair(struct journal *j, journal_visit visit, void *context, struct err *e) FALLIBLE;

/* ERR_REFUSED when the clock is earlier than the last line. */
bool journal_clock(const struct journal *j, struct err *e) FALLIBLE;

/*
 * Appends one line and advances *j. `body` is consumed. `visit` (may be NULL) sees the line as a
 * reader would, and before it is written: what it refuses is never written. A clock earlier than
 * the last line: ERR_REFUSED. After a failure nothing more can be appended through *j: a failed
 * fsync is never tried again.
 */
bool journal_append(struct journal *j, const char *event, json_t *body, journal_visit visit,
	void *context, struct err *e) FALLIBLE;

/* "17 entries, head 5f0c 7c1e ...": for the paper log. */
void journal_head_text(const struct journal *j, struct buf *out);

#endif
