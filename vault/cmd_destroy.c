/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/term.h"
#include "vault/cmd.h"
#include "vault/oldshares.h"

#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	{ "set", OPT_ONE, "S", "the sealed record of this set alone; default: of all sets" },
	{ "force", OPT_FLAG, NULL, "though it is the last one of a key that is pinned" },
	{ "yes", OPT_FLAG, NULL, "do not ask" },
	{ 0 },
};

struct job {
	struct store store;
	const struct state_key *key;
	json_t *sets;  /* that are to be destroyed */
	json_t *files; /* their records */
	json_t *late;  /* records that an earlier run journalled and did not come to remove */
	bool last;     /* no set that counts would be left */
	bool none;     /* and none at all */
};

static void
job_free(struct job *j)
{
	json_decref(j->sets);
	json_decref(j->files);
	json_decref(j->late);
	store_close(&j->store);
}

/* What there is to destroy ----------------------------------------------------------------- */

static void
record_path(const struct job *j, const struct state_set *set, char out[static STATE_PATH])
{
	(void)snprintf(out, STATE_PATH, "keys/%s/sealed-%s.txt", j->key->id, set->id);
}

/* Does the file lie there still? */
static bool
is_there(const struct job *j, const char *path)
{
	AUTO_STR full = NULL;
	struct err ignored;

	return file_path(&full, &ignored, "%s/%s", j->store.dir, path) && file_exists(full);
}

static bool
add_set(struct job *j, const struct state_set *set, struct err *e)
{
	char path[STATE_PATH];

	record_path(j, set, path);
	if (json_object_get(j->store.state.files, path))
		return json_array_append_new(j->sets, json_string(set->id)) == 0 &&
				       json_array_append_new(j->files, json_string(path)) == 0
			       ? true
			       : err_set(e, ERR_MEMORY, "out of memory");
	if (json_object_get(j->store.state.destroyed, path) && is_there(j, path))
		json_array_append_new(j->late, json_string(path));
	return true;
}

/* Of a set that was replaced the shares may be gone, whatever is recorded. */
static bool
counts(const struct state_set *set)
{
	return !set->destroyed && !set->superseded && state_set_held(set) >= set->threshold;
}

static bool
find_sets(const struct opts *o, struct job *j, struct err *e)
{
	const char *wanted = opt_get(o, "set");
	bool found = false;

	j->sets = json_array();
	j->files = json_array();
	j->late = json_array();
	j->last = j->none = true;
	for (size_t i = 0; i < j->key->set_count; i++) {
		const struct state_set *set = &j->key->sets[i];
		if (!set->committed)
			continue;
		if (wanted && strcmp(set->id, wanted) != 0) {
			j->last = j->last && !counts(set);
			j->none = j->none && set->destroyed;
			continue;
		}
		found = true;
		if (!add_set(j, set, e))
			return false;
	}
	if (!found) {
		err_set(e, ERR_MISSING, "%s has no set %s", j->key->id, wanted ? wanted : "at all");
		return err_hint(e, "`coldspare status --json` and `log` name the sets");
	}
	if (json_array_size(j->sets) + json_array_size(j->late) > 0)
		return true;
	err_set(e, ERR_REFUSED, "the vault holds no sealed record of %s any more", j->key->id);
	return err_hint(
		e, "nothing is left to do here; `coldspare status` says whose old shares are");
}

static bool
find_key(const struct opts *o, struct job *j, struct err *e)
{
	struct state_key *k = NULL;

	if (!state_find_key(&j->store.state, o->operands[0], &k, e))
		return false;
	j->key = k;
	if (k->state != STATE_VOID)
		return find_sets(o, j, e);
	err_set(e, ERR_REFUSED, "%s is void: it never was the vault's", k->id);
	return err_hint(e, "`coldspare audit` names what its ceremony left: remove it by hand");
}

/* Is it wanted ----------------------------------------------------------------------------- */

static bool
check_last(const struct opts *o, const struct job *j, struct err *e)
{
	const struct state_key *k = j->key;

	if (json_array_size(j->sets) == 0 || !j->last || opt_flag(o, "force"))
		return true;
	if (k->domain && !state_is_pinned(k))
		return true;
	err_set(e, ERR_REFUSED, "that is the last sealed record that counts of %s, which is %s",
		k->id, k->domain ? manifest_state_name(k->state) : "what the vault signs with");
	return err_hint(e, k->domain ? "`retire` it first, or give --force"
				     : "nobody could bring it back: --force destroys it");
}

static bool
confirm(const struct opts *o, const struct job *j, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	size_t n = json_array_size(j->sets);

	if (n == 0 || opt_flag(o, "yes"))
		return true;
	buf_addf(&text, "%zu sealed record%s of %s (%s) will be gone from this vault for good.", n,
		n == 1 ? "" : "s", j->key->id, manifest_state_name(j->key->state));
	if (j->none)
		buf_adds(&text, " It cannot be brought back from here any more.");
	if (!buf_ok(&text, e))
		return false;
	if (term_confirm(text.data, "yes", e))
		return true;
	err_wrap(e, "nothing was destroyed");
	return err_hint(e, "type yes on the terminal, or give --yes");
}

/* Doing it --------------------------------------------------------------------------------- */

static bool
append(struct job *j, struct err *e)
{
	json_t *body;

	if (json_array_size(j->sets) == 0)
		return true;
	body = json_pack("{s:s, s:O, s:O}", "key", j->key->id, "sets", j->sets, "files", j->files);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&j->store, "destroy", body, e);
}

/* Overwriting would promise what file systems and flash do not keep: see the threat model. */
static bool
remove_all(const struct job *j, const json_t *paths, struct err *e)
{
	json_t *path;
	size_t i;

	json_array_foreach(paths, i, path)
	{
		AUTO_STR full = NULL;
		if (!is_there(j, json_string_value(path)))
			continue;
		if (file_path(&full, e, "%s/%s", j->store.dir, json_string_value(path)) &&
			file_remove(full, e))
			continue;
		err_wrap(e, "journalled as destroyed, and still there");
		return err_hint(e, "run it again to finish: `coldspare destroy %s`", j->key->id);
	}
	return true;
}

/* What opens the key all the same. */
static bool
print_result(const struct opts *o, const struct job *j, struct err *e)
{
	JSON_AUTO old = json_array();
	JSON_AUTO doc = NULL;
	BUF_AUTO text = BUF_NONE;
	json_t *path;
	size_t i;

	if (!oldshares_list(&j->store.state, j->key, old, e))
		return false;
	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:O, s:O, s:O, s:O}", "key", j->key->id, "sets", j->sets,
			"files", j->files, "finished", j->late, "old", old);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
	}
	oldshares_text(old, &text);
	if (!buf_ok(&text, e))
		return false;
	json_array_foreach(j->files, i, path) printf("destroyed %s\n", json_string_value(path));
	json_array_foreach(j->late, i, path)
		printf("finished: %s is gone\n", json_string_value(path));
	printf("%s", text.len > 0 ? text.data : "");
	printf("backups of this folder that were made before still have it: destroy them too\n");
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { .store = { .lock_fd = -1 } };
	bool ok = cmd_store_open(o, STORE_WRITE, &j.store, e) && find_key(o, &j, e) &&
		  check_last(o, &j, e) && confirm(o, &j, e) && append(&j, e) &&
		  remove_all(&j, j.files, e) && remove_all(&j, j.late, e) && print_result(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_destroy = {
	.name = "destroy",
	.operands = "KEY",
	.min = 1,
	.max = 1,
	.summary = "remove a key's sealed records from the vault, for good",
	.detail = "Journalled first; one that was cut off is finished by running it again. Shares "
		  "that carry the sealed key go on opening it: their holders are named.",
	.options = options,
	.run = run,
};
