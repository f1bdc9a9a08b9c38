/* SPDX-License-Identifier: ISC */
#include "pins/installdir.h"

#include "base/filebatch.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CURRENT "current"
#define NEW_DIR ".new"
#define NEW_LINK ".current"
#define DUE ".reload-due"

void
installdir_files_free(struct installdir_files *f)
{
	for (size_t i = 0; i < f->count; i++) {
		free(f->list[i].path);
		buf_free(&f->list[i].text);
	}
	free(f->list);
	*f = (struct installdir_files){ 0 };
}

bool
installdir_files_add(struct installdir_files *f, const char *path, struct buf *text, struct err *e)
{
	struct installdir_file *list = reallocarray(f->list, f->count + 1, sizeof *list);
	if (list)
		f->list = list;
	char *copy = strdup(path);
	if (!list || !copy) {
		free(copy);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	f->list[f->count] = (struct installdir_file){ .path = copy };
	buf_move(&f->list[f->count++].text, text);
	return true;
}

void
installdir_close(struct installdir *d)
{
	file_list_free(&d->names);
	free(d->target);
	if (d->lock >= 0)
		close(d->lock);
	*d = (struct installdir){ .lock = -1 };
}

int64_t
installdir_serial(const char *name)
{
	char *end;
	if (name[0] < '1' || name[0] > '9')
		return 0;
	errno = 0;
	long long serial = strtoll(name, &end, 10);
	if (errno || (*end && *end != '.'))
		return 0;
	return end[strspn(end, ".0123456789")] == '\0' ? serial : 0;
}

static int
remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

/* What a killed run was writing never had a name that counts. */
FALLIBLE static bool
clear_leftovers(const char *dir, struct err *e)
{
	AUTO_STR folder = NULL;
	AUTO_STR link = NULL;
	if (!file_path(&folder, e, "%s/" NEW_DIR, dir) || !file_path(&link, e, "%s/" NEW_LINK, dir))
		return false;
	if (file_exists(folder) && nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS) != 0)
		return err_errno(e, "removing %s", folder);
	if (unlink(link) != 0 && errno != ENOENT)
		return err_errno(e, "removing %s", link);
	return true;
}

FALLIBLE static bool
read_current(const char *dir, char **target, struct err *e)
{
	AUTO_STR path = NULL;
	char text[64];
	if (!file_path(&path, e, "%s/" CURRENT, dir))
		return false;
	ssize_t len = readlink(path, text, sizeof text - 1);
	if (len < 0 && errno == ENOENT)
		return true;
	if (len >= 0)
		text[len] = '\0';
	if (len < 0 || installdir_serial(text) == 0) {
		err_set(e, ERR_EXISTS, "%s is not a symlink that install has made", path);
		return err_hint(e, "give --to a folder of its own");
	}
	*target = strdup(text);
	return *target || err_set(e, ERR_MEMORY, "out of memory");
}

bool
installdir_open(const char *path, struct installdir *out, struct err *e)
{
	INSTALLDIR_AUTO d = { .path = path, .lock = -1 };
	if (!file_is_dir(path) && !file_mkdir(path, 0755, e))
		return false;
	if (!file_lock(path, true, &d.lock, e) || !clear_leftovers(path, e) ||
		!file_list(path, &d.names, e) || !read_current(path, &d.target, e))
		return false;
	d.current = d.target;
	for (size_t i = 0; i < d.names.count; i++) {
		int64_t serial = installdir_serial(d.names.names[i]);
		if (serial > d.highest)
			d.highest = serial;
		d.reload_due |= strcmp(d.names.names[i], DUE) == 0;
	}
	*out = d;
	d = (struct installdir){ .lock = -1 };
	return true;
}

FALLIBLE static bool
holds_file(const char *folder, const struct installdir_file *f, bool *out, struct err *e)
{
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;
	*out = false;
	if (!file_path(&path, e, "%s/%s", folder, f->path))
		return false;
	if (!file_exists(path))
		return true;
	if (!file_read(path, FILE_LIMIT_LARGE, &text, e))
		return false;
	*out = text.len == f->text.len &&
	       (text.len == 0 || memcmp(text.data, f->text.data, text.len) == 0);
	return true;
}

/* Counts files; folders are of domains and one deep. */
FALLIBLE static bool
count_files(const char *folder, size_t *count, struct err *e)
{
	struct file_list list = { 0 };
	bool ok = file_list(folder, &list, e);
	for (size_t i = 0; ok && i < list.count; i++) {
		AUTO_STR path = NULL;
		ok = file_path(&path, e, "%s/%s", folder, list.names[i]);
		if (ok && file_is_dir(path))
			ok = count_files(path, count, e);
		else
			++*count;
	}
	file_list_free(&list);
	return ok;
}

static bool
is_record(const char *path)
{
	return strcmp(path, INSTALLDIR_MANIFEST) == 0 || strcmp(path, INSTALLDIR_SIGNATURE) == 0;
}

bool
installdir_holds(const struct installdir *d, const char *name, const struct installdir_files *files,
	bool *out, struct err *e)
{
	AUTO_STR folder = NULL;
	size_t count = 0, rendered = 0;
	if (!file_path(&folder, e, "%s/%s", d->path, name) || !count_files(folder, &count, e))
		return false;
	bool same = true;
	for (size_t i = 0; i < files->count && same; i++) {
		if (is_record(files->list[i].path))
			continue;
		rendered++;
		if (!holds_file(folder, &files->list[i], &same, e))
			return false;
	}
	for (size_t i = 0; i < 2; i++) {
		AUTO_STR path = NULL;
		if (!file_path(&path, e, "%s/%s", folder,
			    i ? INSTALLDIR_SIGNATURE : INSTALLDIR_MANIFEST))
			return false;
		rendered += file_exists(path);
	}
	*out = same && count == rendered;
	return true;
}

/* The first of 4, 4.1, 4.2, ... that is free. */
FALLIBLE static bool
free_name(const struct installdir *d, int64_t serial, char **name, struct err *e)
{
	for (unsigned i = 0;; i++) {
		AUTO_STR path = NULL;
		AUTO_STR candidate = NULL;
		bool ok = i ? file_path(&candidate, e, "%lld.%u", (long long)serial, i)
			    : file_path(&candidate, e, "%lld", (long long)serial);
		if (!ok || !file_path(&path, e, "%s/%s", d->path, candidate))
			return false;
		if (!file_exists(path)) {
			*name = candidate;
			candidate = NULL;
			return true;
		}
	}
}

FALLIBLE static bool
add_file(
	struct filebatch *batch, const char *folder, const struct installdir_file *f, struct err *e)
{
	AUTO_STR path = NULL;
	if (!file_path(&path, e, "%s/%s", folder, f->path))
		return false;
	char *slash = strrchr(path, '/');
	*slash = '\0';
	bool ok = file_is_dir(path) || filebatch_mkdir(batch, path, 0755, e);
	*slash = '/';
	return ok && filebatch_add(batch, path, 0644, f->text.data, f->text.len, e);
}

FALLIBLE static bool
write_files(const char *folder, const struct installdir_files *files, struct err *e)
{
	FILEBATCH_AUTO batch = NULL;
	if (!filebatch_new(&batch, e) || !filebatch_mkdir(batch, folder, 0755, e))
		return false;
	for (size_t i = 0; i < files->count; i++) {
		if (!add_file(batch, folder, &files->list[i], e))
			return false;
	}
	if (!filebatch_sync(batch, e))
		return false;
	filebatch_keep(batch);
	return true;
}

bool
installdir_write(const struct installdir *d, int64_t serial, const struct installdir_files *files,
	char **name, struct err *e)
{
	AUTO_STR fresh = NULL;
	AUTO_STR final = NULL;
	AUTO_STR found = NULL;
	if (!free_name(d, serial, &found, e) || !file_path(&fresh, e, "%s/" NEW_DIR, d->path) ||
		!file_path(&final, e, "%s/%s", d->path, found) || !write_files(fresh, files, e))
		return false;
	if (rename(fresh, final) != 0)
		return err_errno(e, "naming %s", final);
	if (!file_sync_dir(d->path, e))
		return false;
	*name = found;
	found = NULL;
	return true;
}

bool
installdir_switch(const struct installdir *d, const char *name, struct err *e)
{
	AUTO_STR fresh = NULL;
	AUTO_STR current = NULL;
	if (!file_path(&fresh, e, "%s/" NEW_LINK, d->path) ||
		!file_path(&current, e, "%s/" CURRENT, d->path))
		return false;
	if (!name)
		return file_remove(current, e);
	if (symlink(name, fresh) != 0)
		return err_errno(e, "making %s", fresh);
	if (rename(fresh, current) != 0)
		return err_errno(e, "switching %s", current);
	return file_sync_dir(d->path, e);
}

bool
installdir_set_due(const struct installdir *d, bool due, struct err *e)
{
	AUTO_STR path = NULL;
	if (!file_path(&path, e, "%s/" DUE, d->path))
		return false;
	if (file_exists(path) == due)
		return true;
	return due ? file_write_new(path, 0644, "", 0, e) : file_remove(path, e);
}
