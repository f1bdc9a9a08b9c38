/* SPDX-License-Identifier: ISC */
#include "vault/audittree.h"

#include "base/file.h"
#include "vault/auditmanifest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define DEPTH_MAX 8 /* folders in folders: the vault's own are 2 deep */

static bool
starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

static const char *
base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* What may lie there without being named. Each says why, or nothing. */

static bool
explain_batch(struct auditwork *w, const char *path)
{
	const char *batch = json_string_value(json_object_get(w->leftovers, path));

	if (batch)
		auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
			"was left by the batch %s, which is void: it may be removed", batch);
	return batch != NULL;
}

/* Named by a line that says it is to go. It opens with k shares as long as it lies there. */
static bool
explain_destroyed(struct auditwork *w, const char *path)
{
	const char *slash = starts(path, "keys/") ? strrchr(path, '/') : NULL;

	if (!json_object_get(w->store->state.destroyed, path))
		return false;
	if (slash)
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, path,
			"was to be destroyed and is still there: finish it with "
			"`coldspare destroy %.*s`",
			(int)(slash - path - 5), path + 5);
	else
		auditwork_add(w, AUDIT_WARNING, ERR_NONE, path,
			"was to be removed and is still there: the next command that changes the "
			"vault "
			"removes it");
	return true;
}

static bool
explain_torn(struct auditwork *w, const char *path)
{
	if (!starts(path, JOURNAL_TORN))
		return false;
	auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
		"is a torn tail, set aside by a repair that was cut off itself: it may be removed");
	return true;
}

/* The signing key under a passphrase that was to be the next one. */
static bool
is_next_secret(const struct auditwork *w, const char *path)
{
	char next[32];

	(void)snprintf(next, sizeof(next), "vault-%u.sec", w->store->state.sec_number + 1);
	return strcmp(path, next) == 0;
}

/* attach, csr and passphrase write, then journal. */
static bool
explain_unnamed(struct auditwork *w, const char *path)
{
	const char *name = base_name(path);

	if (!is_next_secret(w, path) &&
		(!starts(path, "keys/") ||
			(!starts(name, "certificate-") && !starts(name, "request-"))))
		return false;
	auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
		"was left by a command that was cut off before its line: it is not the vault's, "
		"and may be removed");
	return true;
}

/* Half-written files never have their final names, where a file system cannot do without any. */
static bool
explain_temporary(struct auditwork *w, const char *path)
{
	const char *name = base_name(path);
	size_t len = strlen(name);

	if (!starts(name, ".coldspare-") || len < 4 || strcmp(name + len - 4, ".tmp") != 0)
		return false;
	auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
		"is a file that a killed command did not finish: it may be removed");
	return true;
}

/* Written before the line that names it. */
static bool
explain_transcript(struct auditwork *w, const char *path)
{
	const struct state *s = &w->store->state;

	if (!starts(path, "transcripts/") || !s->plan || s->ceremony_done != CLOCK_NONE)
		return false;
	auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
		"is of a ceremony that was interrupted: run it again with the same plan");
	return true;
}

static bool (*const explanations[])(struct auditwork *w, const char *path) = {
	explain_batch,
	explain_destroyed,
	explain_torn,
	explain_unnamed,
	explain_temporary,
	explain_transcript,
	auditmanifest_explain,
};

static void
look_at_file(struct auditwork *w, const char *path)
{
	if (json_object_get(w->store->state.files, path) || strcmp(path, JOURNAL_FILE) == 0)
		return;
	for (size_t i = 0; i < sizeof(explanations) / sizeof(explanations[0]); i++)
		if (explanations[i](w, path))
			return;
	auditwork_add(w, AUDIT_ERROR, ERR_AUTH, path,
		"is a stray: no line of the journal names it; move it out of the vault");
}

static bool
is_known_folder(const struct auditwork *w, const char *path)
{
	if (strcmp(path, "keys") == 0 || strcmp(path, "manifests") == 0)
		return true;
	if (strcmp(path, "transcripts") == 0 && w->store->state.plan)
		return true;
	return starts(path, "keys/") && state_key_by_id(&w->store->state, path + 5);
}

static void walk(struct auditwork *w, const char *below, int depth);

static void
look_at_folder(struct auditwork *w, const char *path, int depth)
{
	if (!is_known_folder(w, path))
		auditwork_add(w, AUDIT_ERROR, ERR_AUTH, path,
			"is a stray folder: move it out of the vault");
	else if (depth < DEPTH_MAX)
		walk(w, path, depth + 1);
}

/* `below` is "" for the vault itself. */
static void
walk(struct auditwork *w, const char *below, int depth)
{
	AUTO_STR folder = NULL;
	struct file_list list;
	struct err e;

	if (!file_path(&folder, &e, "%s/%s", w->store->dir, below) ||
		!file_list(folder, &list, &e)) {
		auditwork_err(w, below, &e);
		return;
	}
	for (size_t i = 0; i < list.count; i++) {
		AUTO_STR path = NULL;
		AUTO_STR full = NULL;
		struct stat st;
		if (!file_path(&path, &e, "%s%s%s", below, *below ? "/" : "", list.names[i]) ||
			!file_path(&full, &e, "%s/%s", w->store->dir, path))
			w->failed = true;
		else if (lstat(full, &st) == 0 && S_ISDIR(st.st_mode))
			look_at_folder(w, path, depth);
		else
			look_at_file(w, path);
	}
	file_list_free(&list);
}

void
audittree_walk(struct auditwork *w)
{
	walk(w, "", 0);
}
