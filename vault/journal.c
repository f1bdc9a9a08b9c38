/* SPDX-License-Identifier: ISC */
#include "vault/journal.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHECK_START ",\"check\":\""
#define CHECK_END "\"}"
#define CHECK_START_LEN (sizeof(CHECK_START) - 1)
#define CHECK_END_LEN (sizeof(CHECK_END) - 1)
#define CHECK_LEN (CHECK_START_LEN + ENCODE_HASH_HEX - 1 + CHECK_END_LEN)
#define HEAD_EMPTY "0000000000000000000000000000000000000000000000000000000000000000"
#define TORN_NAMES_MAX 100

void
journal_free(struct journal *j)
{
	free(j->dir);
	*j = (struct journal){ 0 };
}

bool
journal_new(const char *dir, struct journal *out, struct err *e)
{
	struct journal j = { .head = HEAD_EMPTY, .last_time = CLOCK_NONE };

	if (!file_path(&j.dir, e, "%s", dir))
		return false;
	*out = j;
	return true;
}

/* Reading ---------------------------------------------------------------------------------- */

/* `check` is verified over the bytes that were read: nothing is parsed that it does not cover. */
static bool
check_bytes(const char *text, size_t len, struct err *e)
{
	char want[ENCODE_HASH_HEX];

	if (len < CHECK_LEN || memcmp(text + len - CHECK_LEN, CHECK_START, CHECK_START_LEN) != 0 ||
		memcmp(text + len - CHECK_END_LEN, CHECK_END, CHECK_END_LEN) != 0)
		return err_set(e, ERR_FORMAT, "does not end with its check");
	encode_hash_hex(want, text, len - CHECK_LEN);
	if (memcmp(want, text + len - CHECK_LEN + CHECK_START_LEN, sizeof(want) - 1) != 0)
		return err_set(e, ERR_AUTH, "was altered: its check does not match");
	return true;
}

static bool
get_time(const json_t *body, int64_t *out, struct err *e)
{
	const char *text;

	return json_get_str(body, "time", &text, e) && clock_parse(text, out, e);
}

static bool
get_online(const json_t *body, bool *out, struct err *e)
{
	*out = false;
	return !json_object_get(body, "online") || json_get_bool(body, "online", out, e);
}

/* Does the line continue what *j has seen so far? */
static bool
check_chain(const struct journal *j, const struct journal_line *line, struct err *e)
{
	const char *prev;

	if (!json_get_str(line->body, "prev", &prev, e))
		return false;
	if (line->n != j->entries + 1)
		return err_set(e, ERR_AUTH,
			"says that it is line %" PRId64 ": lines were removed or moved", line->n);
	if (strcmp(prev, j->head) != 0)
		return err_set(e, ERR_AUTH,
			"does not continue the line before it: one of them was exchanged");
	if (line->time < j->last_time)
		return err_set(e, ERR_AUTH, "is older than the line before it");
	return true;
}

/* Takes one line without its LF, from a file or on its way to one, and advances *j. */
static bool
take_line(struct journal *j, const char *text, size_t len, journal_visit visit, void *context,
	struct err *e)
{
	JSON_AUTO body = NULL;
	struct journal_line line;

	if (!check_bytes(text, len, e) || !json_parse(text, len, &body, e))
		return false;
	line.body = body;
	if (!json_get_int(body, "n", &line.n, e) || !get_time(body, &line.time, e) ||
		!json_get_str(body, "event", &line.event, e) || !get_online(body, &line.online, e))
		return false;
	if (!check_chain(j, &line, e) || (visit && !visit(context, &line, e)))
		return false;

	j->entries = line.n;
	j->last_time = line.time;
	j->good_bytes += (int64_t)len + 1;
	encode_hash_hex(j->head, text, len);
	return true;
}

bool
journal_read(
	const char *dir, journal_visit visit, void *context, struct journal *out, struct err *e)
{
	JOURNAL_AUTO j = { 0 };
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;

	if (!journal_new(dir, &j, e) || !file_path(&path, e, "%s/%s", dir, JOURNAL_FILE) ||
		!file_read(path, FILE_LIMIT_LARGE, &text, e))
		return false;

	const char *at = text.data, *end = text.data + text.len, *lf;
	for (; at < end && (lf = memchr(at, '\n', (size_t)(end - at))); at = lf + 1)
		if (!take_line(&j, at, (size_t)(lf - at), visit, context, e))
			return err_wrap(e, "%s: line %" PRId64, path, j.entries + 1);
	j.torn_bytes = end - at;
	*out = j;
	j = (struct journal){ 0 };
	return true;
}

void
journal_head_text(const struct journal *j, struct buf *out)
{
	buf_addf(out, "%" PRId64 " %s, head", j->entries, j->entries == 1 ? "entry" : "entries");
	for (size_t i = 0; i + 4 < sizeof(j->head); i += 4)
		buf_addf(out, " %.4s", j->head + i);
}

/* Appending -------------------------------------------------------------------------------- */

static bool
check_clock(const struct journal *j, int64_t now, struct err *e)
{
	char now_text[CLOCK_TEXT], last_text[CLOCK_TEXT];

	if (now >= j->last_time)
		return true;
	clock_format(now, now_text);
	clock_format(j->last_time, last_text);
	err_set(e, ERR_REFUSED, "the clock says %s, earlier than the journal's last line (%s)",
		now_text, last_text);
	return err_hint(e, "set this machine's clock, then run this again");
}

bool
journal_clock(const struct journal *j, struct err *e)
{
	return check_clock(j, clock_now(), e);
}

/* The line as it will stand in the file, its LF included. */
static bool
build_line(const struct journal *j, int64_t now, const char *event, const json_t *body,
	struct buf *out, struct err *e)
{
	BUF_AUTO members = BUF_NONE;
	char time[CLOCK_TEXT], check[ENCODE_HASH_HEX];

	if (!json_write(body, false, &members, e))
		return false;
	clock_format(now, time);
	buf_addf(out, "{\"n\":%" PRId64 ",\"time\":\"%s\",\"prev\":\"%s\",\"event\":\"%s\"%s",
		j->entries + 1, time, j->head, event, j->online ? ",\"online\":true" : "");
	if (members.len > 2) { /* what stands between the braces */
		buf_adds(out, ",");
		buf_add(out, members.data + 1, members.len - 2);
	}
	if (!buf_ok(out, e))
		return false;
	encode_hash_hex(check, out->data, out->len);
	buf_addf(out, CHECK_START "%s" CHECK_END "\n", check);
	return buf_ok(out, e);
}

/* Only while the file is what was read: the vault is locked, so nothing else may have grown it. */
static bool
open_end(const struct journal *j, const char *path, size_t more, int *out, struct err *e)
{
	AUTO_FD fd = open(path,
		O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW | (j->entries == 0 ? O_CREAT : 0),
		0600);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return err_errno(e, "opening %s", path);
	if (st.st_size != j->good_bytes)
		return err_set(e, ERR_BUSY, "%s was changed by another program", path);
	if ((uintmax_t)st.st_size + more > FILE_LIMIT_LARGE) {
		err_set(e, ERR_REFUSED, "%s is full: it may not exceed %zu bytes", path,
			FILE_LIMIT_LARGE);
		return err_hint(e, "start a new vault for further keys");
	}
	*out = fd;
	fd = -1;
	return true;
}

/* One write, one fsync. A line that could not be written whole is taken back; should that fail
 * too, the next reader finds a torn tail. */
static bool
write_line(const struct journal *j, int fd, const struct buf *line, const char *path, struct err *e)
{
	ssize_t n;

	do
		n = write(fd, line->data, line->len);
	while (n < 0 && errno == EINTR);
	bool written = n >= 0 && (size_t)n == line->len;
	if (!written && n >= 0)
		errno = ENOSPC; /* the usual cause of a short write */
	if (written && fsync(fd) == 0)
		return true;
	err_errno(e, "%s %s", written ? "syncing" : "writing", path);
	if (j->entries == 0)
		unlink(path);
	else if (n > 0 && ftruncate(fd, j->good_bytes) != 0)
		err_hint(e, "its last line is torn; the next command sets it aside");
	return false;
}

static bool
append(struct journal *j, const char *event, const json_t *body, journal_visit visit, void *context,
	struct err *e)
{
	AUTO_STR path = NULL;
	AUTO_FD fd = -1;
	BUF_AUTO line = BUF_NONE;
	struct journal next = *j;
	int64_t now = clock_now();

	if (!check_clock(j, now, e) || !file_path(&path, e, "%s/%s", j->dir, JOURNAL_FILE) ||
		!build_line(j, now, event, body, &line, e) || !open_end(j, path, line.len, &fd, e))
		return false;
	if (!take_line(&next, line.data, line.len - 1, visit, context, e))
		return err_wrap(
			e, "%s: line %" PRId64 " (%s) not written", path, j->entries + 1, event);
	if (!write_line(j, fd, &line, path, e) || (j->entries == 0 && !file_sync_dir(j->dir, e)))
		return false;
	*j = next;
	return true;
}

bool
journal_append(struct journal *j, const char *event, json_t *body, journal_visit visit,
	void *context, struct err *e)
{
	JSON_AUTO consumed = body;

	if (!consumed)
		return err_set(e, ERR_MEMORY, "no memory for a line of the journal");
	if (j->failed)
		return err_set(e, ERR_IO, "nothing is appended to %s/%s after a failure", j->dir,
			JOURNAL_FILE);
	j->failed = !append(j, event, consumed, visit, context, e);
	return !j->failed;
}

/* Repair ----------------------------------------------------------------------------------- */

static bool
read_tail(const struct journal *j, struct buf *tail, struct err *e)
{
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;

	if (!file_path(&path, e, "%s/%s", j->dir, JOURNAL_FILE) ||
		!file_read(path, FILE_LIMIT_LARGE, &text, e))
		return false;
	if (text.len != (size_t)(j->good_bytes + j->torn_bytes))
		return err_set(e, ERR_BUSY, "%s was changed by another program", path);
	buf_add(tail, text.data + j->good_bytes, (size_t)j->torn_bytes);
	return buf_ok(tail, e);
}

static bool
holds(const char *path, const struct buf *bytes)
{
	BUF_AUTO text = BUF_NONE;
	struct err ignored;

	return file_read(path, FILE_LIMIT_LARGE, &text, &ignored) && text.len == bytes->len &&
	       memcmp(text.data, bytes->data, text.len) == 0;
}

/* Writes the tail aside, under journal.torn-<n>, or -<n>-2 and so on where an interrupted repair
 * left a file; one that holds the same bytes already serves. */
static bool
keep_tail(const struct journal *j, const struct buf *tail, char **name, struct err *e)
{
	for (int i = 1; i <= TORN_NAMES_MAX; i++) {
		AUTO_STR file = NULL;
		AUTO_STR path = NULL;
		char suffix[16] = "";

		if (i > 1)
			snprintf(suffix, sizeof(suffix), "-%d", i);
		if (!file_path(&file, e, JOURNAL_TORN "%" PRId64 "%s", j->entries + 1, suffix) ||
			!file_path(&path, e, "%s/%s", j->dir, file))
			return false;
		if (file_exists(path) && !holds(path, tail))
			continue;
		if (!file_exists(path) && !file_write_new(path, 0600, tail->data, tail->len, e))
			return false;
		*name = file;
		file = NULL;
		return true;
	}
	return err_set(e, ERR_EXISTS, "%s holds %d torn tails before line %" PRId64 " already",
		j->dir, TORN_NAMES_MAX, j->entries + 1);
}

static bool
cut_tail(struct journal *j, struct err *e)
{
	AUTO_STR path = NULL;

	if (!file_path(&path, e, "%s/%s", j->dir, JOURNAL_FILE))
		return false;
	AUTO_FD fd = open(path, O_WRONLY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 || ftruncate(fd, j->good_bytes) != 0 || fsync(fd) != 0)
		return err_errno(e, "cutting the torn tail off %s", path);
	j->torn_bytes = 0;
	return true;
}

bool
journal_repair(struct journal *j, journal_visit visit, void *context, struct err *e)
{
	BUF_AUTO tail = BUF_NONE;
	AUTO_STR name = NULL;
	char hash[ENCODE_HASH_HEX];
	int64_t bytes = j->torn_bytes;

	if (bytes == 0)
		return true;
	if (!read_tail(j, &tail, e) || !keep_tail(j, &tail, &name, e) || !cut_tail(j, e))
		return false;
	encode_hash_hex(hash, tail.data, tail.len);
	json_t *body = json_pack("{s:I, s:{s:s}}", "bytes", (json_int_t)bytes, "files", name, hash);
	return journal_append(j, "repair", body, visit, context, e);
}
