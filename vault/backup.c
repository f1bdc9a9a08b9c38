/* SPDX-License-Identifier: ISC */
#include "vault/backup.h"

#include "base/file.h"
#include "base/filenew.h"
#include "base/progress.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "vault-1.sec" opens with the operator's passphrase alone. */
static bool
is_signing_key(const char *path)
{
	size_t len = strlen(path);

	return strncmp(path, "vault-", 6) == 0 && len > 4 && strcmp(path + len - 4, ".sec") == 0;
}

/* The paths to copy: as the journal has them. */
struct list {
	const char **paths; /* borrowed */
	size_t count;
};
#define LIST_AUTO __attribute__((cleanup(list_free))) struct list

static void
list_free(struct list *l)
{
	free(l->paths);
}

static bool
list_files(
	const struct store *s, bool signing_key, struct list *l, struct backup *out, struct err *e)
{
	const char *path;
	json_t *hash;

	l->paths = calloc(json_object_size(s->state.files) + 1, sizeof *l->paths);
	if (!l->paths)
		return err_set(e, ERR_MEMORY, "out of memory");
	json_object_foreach(s->state.files, path, hash)
	{
		if (is_signing_key(path) && !signing_key)
			out->skipped = true;
		else
			l->paths[l->count++] = path;
	}
	return true;
}

static bool
make_folder(struct filebatch *b, const char *path, struct err *e)
{
	return file_is_dir(path) || filebatch_mkdir(b, path, 0700, e);
}

/* The folders on the way to a file of the copy. */
static bool
make_folders(struct filebatch *b, const char *to, const char *relative, struct err *e)
{
	for (const char *slash = strchr(relative, '/'); slash; slash = strchr(slash + 1, '/')) {
		AUTO_STR path = NULL;

		if (!file_path(&path, e, "%s/%.*s", to, (int)(slash - relative), relative) ||
			!make_folder(b, path, e))
			return false;
	}
	return true;
}

static bool
copy_file(const struct store *s, struct filebatch *b, const char *to, const char *relative,
	struct backup *out, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	AUTO_STR path = NULL;

	if (!store_read_file(s, relative, FILE_LIMIT_LARGE, &bytes, e) ||
		!make_folders(b, to, relative, e) || !file_path(&path, e, "%s/%s", to, relative) ||
		!filebatch_add(b, path, 0600, bytes.data ? bytes.data : "", bytes.len, e))
		return false;
	out->files++;
	out->bytes += bytes.len;
	return true;
}

/* From the disk itself, and against what the journal says, not against what was written. */
static bool
check_copy(const struct store *s, const char *to, const char *relative, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	AUTO_STR path = NULL;
	char hash[ENCODE_HASH_HEX];

	if (!file_path(&path, e, "%s/%s", to, relative) ||
		!file_reread(path, FILE_LIMIT_LARGE, &bytes, e))
		return false;
	encode_hash_hex(hash, bytes.data, bytes.len);
	return strcmp(hash, json_string_value(json_object_get(s->state.files, relative))) == 0 ||
	       err_set(e, ERR_IO, "%s was read back and is not what was written", path);
}

static bool
copy_files(const struct store *s, struct filebatch *b, const char *to, const struct list *l,
	struct backup *out, struct err *e)
{
	PROGRESS_AUTO progress = progress_start("copying and reading back", 2 * l->count);

	for (size_t i = 0; i < l->count; i++) {
		if (!copy_file(s, b, to, l->paths[i], out, e))
			return false;
		progress_step(progress, 1);
	}
	if (!filebatch_sync(b, e))
		return false;
	for (size_t i = 0; i < l->count; i++) {
		if (!check_copy(s, to, l->paths[i], e))
			return false;
		progress_step(progress, 1);
	}
	return true;
}

/* What this process replayed: a journal that reads back to the same head is the same journal. */
static bool
check_journal(const struct store *s, const char *to, struct err *e)
{
	JOURNAL_AUTO copy = { 0 };

	if (!journal_read(to, NULL, NULL, &copy, e))
		return err_wrap(e, "the copy");
	return (copy.entries == s->journal.entries && strcmp(copy.head, s->journal.head) == 0) ||
	       err_set(e, ERR_IO, "the copy's journal was read back and is another");
}

/* With its name the copy is a vault: it comes last. */
static bool
copy_journal(const struct store *s, const char *to, struct backup *out, struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	BUF_AUTO copied = BUF_NONE;
	AUTO_STR from = NULL;
	AUTO_STR path = NULL;
	FILENEW_AUTO file = FILENEW_NONE;

	if (!file_path(&from, e, "%s/" JOURNAL_FILE, s->dir) ||
		!file_path(&path, e, "%s/" JOURNAL_FILE, to) ||
		!file_read(from, FILE_LIMIT_LARGE, &bytes, e))
		return false;
	if ((int64_t)bytes.len != s->journal.good_bytes)
		return err_set(e, ERR_IO, "%s changed while it was read", from);
	if (!filenew_write(&file, path, 0600, bytes.data, bytes.len, e))
		return false;
	if (fsync(file.fd) != 0)
		return err_errno(e, "syncing %s", path);
	if (!filenew_name(&file, e) || !file_sync_dir(to, e) ||
		!file_reread(path, FILE_LIMIT_LARGE, &copied, e) || !check_journal(s, to, e))
		return false;
	out->files++;
	out->bytes += bytes.len;
	return filenew_keep(&file, NULL, e);
}

bool
backup_make(
	const struct store *s, const char *to, bool signing_key, struct backup *out, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	LIST_AUTO list = { 0 };
	struct backup made = { 0 };

	if (!list_files(s, signing_key, &list, &made, e) || !filebatch_new(&files, e) ||
		!make_folder(files, to, e) || !copy_files(s, files, to, &list, &made, e) ||
		!copy_journal(s, to, &made, e))
		return false;
	filebatch_keep(files);
	*out = made;
	return true;
}
