/* SPDX-License-Identifier: ISC */
#include "pins/install.h"

#include "pins/installdir.h"
#include "pins/shell.h"

#include <stdlib.h>
#include <string.h>

#define WILDCARD "*."

void
install_outcome_free(struct install_outcome *o)
{
	free(o->folder);
	free(o->current);
	*o = (struct install_outcome){ 0 };
}

/* A domain as the name of a folder. Lint refuses odd domains, but lint can be forced. */
FALLIBLE static bool
folder_of(const char *domain, char **out, struct err *e)
{
	bool wildcard = strncmp(domain, WILDCARD, strlen(WILDCARD)) == 0;
	if (domain[0] == '.')
		return err_set(e, ERR_REFUSED, "%s cannot be the name of a folder", domain);
	return wildcard ? file_path(out, e, "_wildcard.%s", domain + strlen(WILDCARD))
			: file_path(out, e, "%s", domain);
}

FALLIBLE static bool
render_one(const struct trust *t, const struct render_format *f, const struct install_wish *w,
	const char *domain, bool in_folder, struct installdir_files *files, struct err *e)
{
	AUTO_STR folder = NULL;
	AUTO_STR path = NULL;
	BUF_AUTO text = BUF_NONE;
	const struct render_options options = {
		.domain = domain, .forced = w->forced, .forced_count = w->forced_count
	};
	if (in_folder && !folder_of(domain, &folder, e))
		return false;
	if (!file_path(&path, e, "%s%s%s", folder ? folder : "", folder ? "/" : "", f->file))
		return false;
	return render(f, &t->manifest, &options, &text, e) &&
	       installdir_files_add(files, path, &text, e);
}

/* A format that holds one domain gets a folder for each, when there are several. */
FALLIBLE static bool
render_format(const struct trust *t, const struct render_format *f, const struct install_wish *w,
	struct installdir_files *files, struct err *e)
{
	const struct manifest *m = &t->manifest;
	if (!(f->flags & RENDER_ONE_DOMAIN) || w->domain || m->domain_count <= 1)
		return render_one(t, f, w, w->domain, false, files, e);
	for (size_t i = 0; i < m->domain_count; i++) {
		if (!render_one(t, f, w, m->domains[i].domain, true, files, e))
			return false;
	}
	return true;
}

FALLIBLE static bool
add_record(const struct trust *t, const struct install_wish *w, struct installdir_files *files,
	struct err *e)
{
	BUF_AUTO bytes = BUF_NONE;
	BUF_AUTO signature = BUF_NONE;
	buf_add(&bytes, t->bytes.data, t->bytes.len);
	if (!buf_ok(&bytes, e) || !installdir_files_add(files, INSTALLDIR_MANIFEST, &bytes, e))
		return false;
	return !w->signature ||
	       (file_read(w->signature, FILE_LIMIT, &signature, e) &&
		       installdir_files_add(files, INSTALLDIR_SIGNATURE, &signature, e));
}

FALLIBLE static bool
render_all(const struct trust *t, const struct install_wish *w, struct installdir_files *files,
	struct err *e)
{
	for (size_t i = 0; i < w->format_count; i++) {
		if (!render_format(t, w->formats[i], w, files, e))
			return false;
	}
	return add_record(t, w, files, e);
}

/* The manifest in a version's folder; *there says whether it has one. */
FALLIBLE static bool
read_record(const struct installdir *d, const char *name, struct manifest *m, struct buf *bytes,
	bool *there, struct err *e)
{
	AUTO_STR path = NULL;
	if (!file_path(&path, e, "%s/%s/" INSTALLDIR_MANIFEST, d->path, name))
		return false;
	*there = file_exists(path);
	return !*there || manifest_read(path, m, bytes, e);
}

/* Against one version that is here: the same manifest, or one that may come before this one. */
FALLIBLE static bool
check_version(const struct installdir *d, const char *name, const struct trust *t, struct err *e)
{
	MANIFEST_AUTO old = { 0 };
	BUF_AUTO bytes = BUF_NONE;
	int64_t serial = installdir_serial(name);
	bool there;
	if (serial > t->manifest.serial || (serial < t->manifest.serial && serial < d->highest))
		return true;
	if (!read_record(d, name, &old, &bytes, &there, e))
		return false;
	if (there && serial < t->manifest.serial)
		return trust_follows(t, &old, &bytes, name, e) || err_wrap(e, "%s", d->path);
	if (there &&
		(bytes.len != t->bytes.len || memcmp(bytes.data, t->bytes.data, bytes.len) != 0)) {
		err_set(e, ERR_AUTH, "another manifest with the serial %lld was installed in %s",
			(long long)serial, d->path);
		return err_hint(e, "compare it with %s/%s/" INSTALLDIR_MANIFEST, d->path, name);
	}
	return true;
}

FALLIBLE static bool
check_history(const struct installdir *d, const struct trust *t, bool rollback, struct err *e)
{
	if (t->manifest.serial < d->highest && !rollback) {
		err_set(e, ERR_REFUSED, "serial %lld is below %lld, which was installed in %s",
			(long long)t->manifest.serial, (long long)d->highest, d->path);
		return err_hint(e, "--allow-rollback goes back on purpose");
	}
	for (size_t i = 0; i < d->names.count; i++) {
		const char *name = d->names.names[i];
		if (installdir_serial(name) > 0 && !check_version(d, name, t, e))
			return false;
	}
	return true;
}

/* Lint, with what is current as the manifest before. */
FALLIBLE static bool
judge(const struct installdir *d, const struct trust *t, const struct install_wish *w,
	size_t *forced, struct err *e)
{
	MANIFEST_AUTO previous = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	bool there = false;
	if (d->current && !read_record(d, d->current, &previous, NULL, &there, e))
		return false;
	const struct lint_context ctx = { .now = clock_now(),
		.previous = there ? &previous : NULL,
		.forced = w->forced,
		.forced_count = w->forced_count };
	if (!lint_run(&t->manifest, &ctx, &f, e))
		return false;
	for (size_t i = 0; i < w->format_count; i++) {
		if (!lint_pass(&f, w->formats[i]->name, w->domain, e))
			return false;
	}
	for (size_t i = 0; i < f.count; i++)
		*forced += f.list[i].forced;
	return true;
}

/* A version of this serial that holds the same; else *name stays NULL. */
FALLIBLE static bool
find_version(const struct installdir *d, int64_t serial, const struct installdir_files *files,
	char **name, struct err *e)
{
	for (size_t i = 0; i < d->names.count && !*name; i++) {
		bool same;
		if (installdir_serial(d->names.names[i]) != serial)
			continue;
		if (!installdir_holds(d, d->names.names[i], files, &same, e))
			return false;
		if (same && !file_path(name, e, "%s", d->names.names[i]))
			return false;
	}
	return true;
}

FALLIBLE static bool
is_current(
	const struct installdir *d, const struct installdir_files *files, bool *out, struct err *e)
{
	AUTO_STR folder = NULL;
	*out = false;
	if (!d->current)
		return true;
	if (!file_path(&folder, e, "%s/%s", d->path, d->current))
		return false;
	return !file_is_dir(folder) || installdir_holds(d, d->current, files, out, e);
}

/* The reload; and back to what was current before when it fails. */
FALLIBLE static bool
reload(const struct installdir *d, const struct install_wish *w, bool switched, struct err *e)
{
	struct err again;
	if (shell_run(w->reload, e))
		return installdir_set_due(d, false, e);
	if (!switched)
		return err_hint(e, "mend it and run install again: the reload stays due");
	if (!installdir_switch(d, d->current, &again) || !installdir_set_due(d, false, &again))
		return err_hint(e, "and going back failed: %s", again.message);
	return err_hint(e, "%s/current is %s again", d->path, d->current ? d->current : "gone");
}

FALLIBLE static bool
deploy(const struct installdir *d, const struct install_wish *w, int64_t serial,
	const struct installdir_files *files, struct install_outcome *out, struct err *e)
{
	bool same;
	if (!is_current(d, files, &same, e) || !find_version(d, serial, files, &out->folder, e))
		return false;
	if (!out->folder) {
		if (!installdir_write(d, serial, files, &out->folder, e))
			return false;
		out->written = true;
	}
	/* The mark comes first: a run that is killed after the switch must not lose the reload. */
	if (!same) {
		if ((w->reload && !installdir_set_due(d, true, e)) ||
			!installdir_switch(d, out->folder, e))
			return false;
		out->switched = true;
	}
	if (w->reload && (out->switched || d->reload_due)) {
		if (!reload(d, w, out->switched, e))
			return false;
		out->reloaded = true;
	}
	return file_path(&out->current, e, "%s", out->switched ? out->folder : d->current);
}

bool
install(const struct trust *t, const struct install_wish *w, struct install_outcome *out,
	struct err *e)
{
	INSTALLDIR_AUTO d = { .lock = -1 };
	INSTALLDIR_FILES_AUTO files = { 0 };
	INSTALL_OUTCOME_AUTO outcome = { 0 };

	if (!trust_current(&t->manifest, clock_now(), e) || !render_all(t, w, &files, e) ||
		!installdir_open(w->to, &d, e) || !check_history(&d, t, w->allow_rollback, e) ||
		!judge(&d, t, w, &outcome.forced, e) ||
		!deploy(&d, w, t->manifest.serial, &files, &outcome, e))
		return false;
	*out = outcome;
	outcome = (struct install_outcome){ 0 };
	return true;
}
