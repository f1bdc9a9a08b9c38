/* SPDX-License-Identifier: ISC */
/* The medium "dir:PATH": share files in a folder, or, to read, one share file. */
#include "shares/medium.h"

#include "base/file.h"
#include "base/filebatch.h"
#include "shares/share.h"

#include <fnmatch.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

struct dir {
	bool one_file;           /* the place is a share file, not a folder */
	struct filebatch *batch; /* what was written through this handle; NULL while nothing was */
};

static bool
not_there(const char *place, struct err *e)
{
	err_errno(e, "medium %s", place);
	if (e->code != ERR_MISSING)
		return false;
	return err_hint(e,
		"mount it first, or make the folder: a missing mount point is never made "
		"here, lest shares land beside the medium");
}

/* NULL when out of memory. */
static char *
identify(const struct stat *st)
{
	char *identity;

	if (asprintf(&identity, "dir %ju:%ju", (uintmax_t)st->st_dev, (uintmax_t)st->st_ino) < 0)
		return NULL;
	return identity;
}

static bool
dir_open(struct medium *m, const char *place, struct err *e)
{
	struct stat st;

	m->path = realpath(place, NULL);
	if (!m->path || stat(m->path, &st) != 0)
		return not_there(place, e);
	if (!S_ISDIR(st.st_mode) && !S_ISREG(st.st_mode))
		return err_set(e, ERR_MISSING, "medium %s: neither a folder nor a file", place);
	m->identity = identify(&st);
	struct dir *d = calloc(1, sizeof(*d));
	m->state = d;
	if (!m->identity || !d)
		return err_set(e, ERR_MEMORY, "out of memory");
	d->one_file = S_ISREG(st.st_mode);
	return true;
}

static bool
dir_look(const struct medium_host *host, const char *place, struct medium_look *out, struct err *e)
{
	struct statvfs v;
	struct stat st;

	(void)host;
	out->path = realpath(place, NULL);
	if (!out->path || stat(out->path, &st) != 0 || statvfs(out->path, &v) != 0)
		return not_there(place, e);
	if (!S_ISDIR(st.st_mode))
		return err_set(e, ERR_MISSING, "medium %s: not a folder", place);
	out->identity = identify(&st);
	if (!out->identity)
		return err_set(e, ERR_MEMORY, "out of memory");
	out->device = st.st_dev;
	out->read_only = access(out->path, W_OK | X_OK) != 0;
	out->room_known = true;
	out->room = (uint64_t)v.f_bavail * v.f_frsize;
	out->block = v.f_frsize;
	/* FAT counts no files. */
	out->records = v.f_files > 0 ? v.f_favail : UINT64_MAX;
	return true;
}

#define HEX4 "[0-9a-f][0-9a-f][0-9a-f][0-9a-f]"
#define OUR_TAIL 27 /* ".<16 hex>.<3 digits>.share" */

/* A name as share_file_name makes it, and the key id in it is not the one that is wanted. Any
 * other name may hold any share: files get renamed. */
static bool
name_is_another_keys(const char *name, size_t len, const char *key)
{
	char id[SEALED_KEY_ID_MAX + 1];

	if (!key || fnmatch("?*." HEX4 HEX4 HEX4 HEX4 ".[0-9][0-9][0-9].share", name, 0) != 0 ||
		len - OUR_TAIL > SEALED_KEY_ID_MAX)
		return false;
	memcpy(id, name, len - OUR_TAIL);
	id[len - OUR_TAIL] = '\0';
	return !share_is_wanted(key, id, NULL);
}

static bool
ends_in_share(const char *name, size_t len)
{
	return len > 6 && strcmp(name + len - 6, ".share") == 0;
}

/* Takes `label` over. What cannot be read becomes a record that says why; no memory ends it all. */
static bool
read_one(struct medium_records *out, char **label, struct err *e)
{
	struct medium_record *record = medium_records_add(out, e);

	if (!record)
		return false;
	record->label = *label;
	*label = NULL;
	if (file_read_secret(record->label, SHARE_TEXT_MAX, &record->text, &record->err) ||
		record->err.code != ERR_MEMORY)
		return true;
	*e = record->err;
	return false;
}

static bool
read_folder(const char *path, const struct file_list *files, const char *key,
	struct medium_records *out, struct err *e)
{
	for (size_t i = 0; i < files->count; i++) {
		const char *name = files->names[i];
		size_t len = strlen(name);
		AUTO_STR label = NULL;

		if (!ends_in_share(name, len) || name_is_another_keys(name, len, key))
			continue;
		if (!file_path(&label, e, "%s/%s", path, name) || !read_one(out, &label, e))
			return false;
	}
	return true;
}

static bool
dir_read(struct medium *m, const char *key, struct medium_records *out, struct err *e)
{
	const struct dir *d = m->state;
	struct file_list files;

	if (d->one_file) {
		AUTO_STR label = NULL;
		return file_path(&label, e, "%s", m->path) && read_one(out, &label, e);
	}
	if (!file_list(m->path, &files, e))
		return false;
	bool ok = read_folder(m->path, &files, key, out, e);
	file_list_free(&files);
	return ok;
}

/* A stick that was pulled out leaves its mount point behind, where shares must not land. */
static bool
check_in_place(const struct medium *m, struct err *e)
{
	AUTO_STR identity = NULL;
	struct stat st;

	if (stat(m->path, &st) != 0)
		return err_errno(e, "medium %s", m->path);
	identity = identify(&st);
	if (!identity)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (strcmp(identity, m->identity) == 0)
		return true;
	err_set(e, ERR_IO, "medium %s: another one than a moment ago", m->path);
	return err_hint(e, "was it unmounted? Mount it again and start over");
}

static bool
record_path(const struct medium *m, const char *name, char **out, struct err *e)
{
	const struct dir *d = m->state;

	if (d->one_file) {
		err_set(e, ERR_USAGE, "medium %s: a file, not a folder", m->path);
		return err_hint(e, "shares are written into a folder");
	}
	if (strchr(name, '/'))
		return err_set(e, ERR_INTERNAL, "a share named %s", name);
	return check_in_place(m, e) && file_path(out, e, "%s/%s", m->path, name);
}

static bool
dir_write(struct medium *m, const char *name, const struct secret *text, struct err *e)
{
	struct dir *d = m->state;
	AUTO_STR path = NULL;

	if (!record_path(m, name, &path, e))
		return false;
	if (!d->batch && !filebatch_new(&d->batch, e))
		return false;
	return filebatch_add(d->batch, path, 0600, text->data, text->len, e);
}

static bool
dir_sync(struct medium *m, struct err *e)
{
	struct dir *d = m->state;

	return !d->batch || filebatch_sync(d->batch, e);
}

static bool
dir_remove(struct medium *m, const char *name, struct err *e)
{
	AUTO_STR path = NULL;

	return record_path(m, name, &path, e) && file_remove(path, e);
}

static bool
dir_reread(struct medium *m, const char *name, struct secret *out, struct err *e)
{
	AUTO_STR path = NULL;

	return record_path(m, name, &path, e) && file_reread_secret(path, SHARE_TEXT_MAX, out, e);
}

static void
dir_keep(struct medium *m)
{
	struct dir *d = m->state;

	if (d->batch)
		filebatch_keep(d->batch);
}

static void
dir_close(struct medium *m)
{
	struct dir *d = m->state;

	if (d)
		filebatch_free(&d->batch);
	free(d);
	m->state = NULL;
}

const struct medium_kind medium_dir = {
	.scheme = "dir",
	.example = "dir:PATH for a folder",
	.is_path = true,
	.open = dir_open,
	.look = dir_look,
	.read = dir_read,
	.write = dir_write,
	.sync = dir_sync,
	.remove = dir_remove,
	.reread = dir_reread,
	.keep = dir_keep,
	.close = dir_close,
};
