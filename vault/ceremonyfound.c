/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "base/term.h"
#include "vault/ceremonyrun.h"
#include "vault/cmd.h"
#include "vault/found.h"

#include <string.h>

static bool
check_plan(const struct ceremony *c, struct err *e)
{
	const char *plan = c->store.state.plan;

	if (plan && strcmp(plan, c->plan->hash) == 0)
		return true;
	if (plan)
		err_set(e, ERR_REFUSED, "the vault %s is of another plan (%.16s...) than %s",
			c->dir, plan, c->plan->path);
	else
		err_set(e, ERR_REFUSED, "the vault %s was not made by a ceremony", c->dir);
	return err_hint(e, "a ceremony makes a new vault: name another folder with --vault, or go "
			   "on with the plan that this one was begun with");
}

/* A journal whose first line is not whole is none. */
static bool
has_line(const char *dir, bool *out, struct err *e)
{
	JOURNAL_AUTO j = { 0 };
	AUTO_STR path = NULL;

	*out = false;
	if (!file_path(&path, e, "%s/%s", dir, JOURNAL_FILE))
		return false;
	if (!file_exists(path))
		return true;
	if (!journal_read(dir, NULL, NULL, &j, e)) {
		if (e->hint[0] == '\0')
			err_hint(e,
				"`coldspare audit` looks at everything; the folder's backup may "
				"hold it whole");
		return false;
	}
	*out = j.entries > 0;
	return true;
}

bool
ceremonyfound_look(struct ceremony *c, struct err *e)
{
	bool begun, left;

	if (!has_line(c->dir, &begun, e))
		return false;
	if (!begun) {
		if (!found_clear(c->dir, c->plan->hash, &left, e))
			return false;
		if (left)
			ceremony_say(c,
				"What an interrupted run had begun to write into %s was "
				"removed.",
				c->dir);
		return true;
	}
	if (!store_open(c->dir, STORE_RESUME, c->online, &c->store, e))
		return false;
	c->have_store = true;
	c->resumed = true;
	return check_plan(c, e);
}

static bool
ask_dice(struct ceremony *c, struct err *e)
{
	SECRET_AUTO rolls = SECRET_NONE;
	int fd = -1;

	if (!c->plan->dice || c->store.state.ready)
		return true;
	ceremony_announce(c, CEREMONY_DICE);
	return cmd_fd(c->options, "dice-fd", &fd, e) &&
	       term_secret(
		       fd, ceremonysteps[CEREMONY_DICE].screen, false, "--dice-fd", &rolls, e) &&
	       entropy_dice(c->entropy, (const char *)rolls.data, rolls.len, e) &&
	       ceremony_done(c, CEREMONY_DICE, NULL, e);
}

bool
ceremonyfound_unlock(struct ceremony *c, struct secret *passphrase, struct err *e)
{
	if (!entropy_new(&c->entropy, e))
		return false;
	ceremony_announce(c, CEREMONY_PASSPHRASE);
	if (c->resumed)
		ceremony_say(c, "The passphrase is the one that was chosen when this ceremony was "
				"begun.");
	if (!cmd_passphrase(c->options, !c->resumed, passphrase, e) ||
		(c->resumed && !store_signer(&c->store, passphrase, &c->signer, e)))
		return false;
	return ceremony_done(c, CEREMONY_PASSPHRASE, NULL, e) && ask_dice(c, e);
}

/* The specs that the journal keeps for keys to come. */
static bool
list_media(const struct ceremony *c, char *made[], const char *names[], const char *specs[],
	struct err *e)
{
	for (size_t i = 0; i < c->plan->custodian_count; i++) {
		names[i] = c->plan->custodians[i].name;
		if (!c->specs[i] && !file_path(&made[i], e, "prompt:%s", names[i]))
			return false;
		specs[i] = c->specs[i] ? c->specs[i] : made[i];
	}
	return true;
}

static bool
make(struct ceremony *c, const char *const *names, const char *const *specs,
	const struct secret *secret_file, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	struct found f = {
		.dir = c->dir,
		.name = c->plan->name,
		.threshold = c->plan->threshold,
		.max_age = c->plan->max_age,
		.kdf = c->kdf,
		.custodians = names,
		.media = specs,
		.custodian_count = c->plan->custodian_count,
		.online = c->online,
		.rehearsal = c->rehearsal,
		.plan = c->plan->hash,
	};

	if (!found_begin(&f, &c->signer, secret_file, &files, &c->store, e))
		return false;
	/* From line 1 on the vault is there to be gone on with. */
	filebatch_keep(files);
	c->have_store = true;
	return true;
}

bool
ceremonyfound_make(struct ceremony *c, const struct secret *passphrase, struct err *e)
{
	const char *names[SHARE_COUNT_MAX], *specs[SHARE_COUNT_MAX];
	char *made[SHARE_COUNT_MAX] = { 0 };
	SECRET_AUTO secret_file = SECRET_NONE;
	bool ok;

	if (c->have_store)
		return true;
	ok = list_media(c, made, names, specs, e) && signer_new(c->entropy, &c->signer, e) &&
	     signer_encode(&c->signer, passphrase, c->kdf, &secret_file, e) &&
	     make(c, names, specs, &secret_file, e);
	for (size_t i = 0; i < c->plan->custodian_count; i++)
		file_free_auto(&made[i]);
	return ok;
}
