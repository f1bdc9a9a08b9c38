/* SPDX-License-Identifier: ISC */
#include "vault/auditmanifest.h"

#include "base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PATH_SIZE 64

static void
path_of(int64_t serial, char out[static PATH_SIZE])
{
	snprintf(out, PATH_SIZE, "manifests/%06" PRId64 ".json", serial);
}

/* Signature first: nothing is parsed that it does not cover. */
static bool
load(const struct auditwork *w, const struct minisign_pub *signer, const char *path,
	struct manifest *out, struct buf *bytes, struct err *e)
{
	AUTO_STR full = NULL;

	return file_path(&full, e, "%s/%s", w->store->dir, path) &&
	       manifest_load(full, signer, out, bytes, e);
}

/* Is the journal that it saw the one that is there? */
static bool
check_journal(const struct auditwork *w, const struct manifest *m, struct err *e)
{
	int64_t lines = w->store->journal.entries;
	const struct state_rebuilt *base = &w->store->state.rebuilt;

	if (w->partial)
		return true;
	if (m->serial == base->serial) /* of the journal that was lost */
		return (m->journal_entries == base->entries &&
			       strcmp(m->journal_head, base->head) == 0) ||
		       err_set(e, ERR_AUTH, "is not what the vault was rebuilt from");
	if (m->journal_entries < 0 || m->journal_entries > lines)
		return err_set(e, ERR_AUTH,
			"was signed when the journal had %" PRId64 " lines, and it has %" PRId64
			": its end was cut off",
			m->journal_entries, lines);
	if (strcmp(w->heads[m->journal_entries], m->journal_head) != 0)
		return err_set(e, ERR_AUTH,
			"was signed over another journal: line %" PRId64 " was not this one",
			m->journal_entries);
	return true;
}

static bool
check_place(const struct state *s, const struct state_manifest *place, const struct manifest *m,
	const struct buf *bytes, struct err *e)
{
	const struct state_manifest *last = state_manifest(s, place->serial - 1);
	const char *before = last ? last->hash : NULL;
	char hash[PIN_HEX];

	manifest_hash(bytes->data, bytes->len, hash);
	if (strcmp(hash, place->hash) != 0)
		return err_set(e, ERR_AUTH, "is not the manifest that the journal says");
	if (m->serial != place->serial)
		return err_set(e, ERR_AUTH, "has the serial %" PRId64, m->serial);
	if (place->serial == s->rebuilt.serial)
		before = m->previous; /* lost with the first vault */
	if (!before != !m->previous || (before && strcmp(before, m->previous) != 0))
		return err_set(e, ERR_AUTH, "does not follow the manifest before it");
	if (strcmp(m->vault_name, s->name) != 0)
		return err_set(e, ERR_AUTH, "names the vault \"%s\"", m->vault_name);
	return true;
}

/* A key of ours under its own pin, and never a void one. */
static bool
check_pins(const struct state *s, int64_t serial, const struct manifest_domain *d, struct err *e)
{
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct manifest_pin *p = &d->pins[i];
		if (!p->key)
			continue;
		const struct state_key *k = state_key_by_id(s, p->key);
		if (!k && serial == s->rebuilt.serial)
			continue; /* its shares were not there when the vault was rebuilt */
		if (!k || !pin_equal(&k->pin, &p->pin))
			return err_set(
				e, ERR_AUTH, "pins a key that is not the vault's, %s", p->key);
		if (k->state == STATE_VOID)
			return err_set(e, ERR_AUTH, "pins a void key, %s", p->key);
	}
	return true;
}

static void
check(struct auditwork *w, const struct state_manifest *place)
{
	const struct state *s = &w->store->state;
	MANIFEST_AUTO m = { 0 };
	BUF_AUTO bytes = BUF_NONE;
	char path[PATH_SIZE];
	struct err e;

	path_of(place->serial, path);
	if (!load(w, &place->signer, path, &m, &bytes, &e)) {
		auditwork_err(w, path, &e);
		return;
	}
	if (!check_place(s, place, &m, &bytes, &e))
		auditwork_err(w, path, &e);
	if (!check_journal(w, &m, &e))
		auditwork_err(w, path, &e);
	for (size_t i = 0; i < m.domain_count; i++)
		if (!check_pins(s, m.serial, &m.domains[i], &e))
			auditwork_err(w, path, &e);
}

void
auditmanifest_all(struct auditwork *w)
{
	const struct state *s = &w->store->state;

	for (size_t i = 0; i < s->manifest_count; i++) {
		check(w, &s->manifests[i]);
		w->audit->manifests++;
	}
}

bool
auditmanifest_explain(struct auditwork *w, const char *path)
{
	MANIFEST_AUTO m = { 0 };
	char json[PATH_SIZE], sig[PATH_SIZE + 16];
	struct err e;

	path_of(state_next_serial(&w->store->state), json);
	snprintf(sig, sizeof(sig), "%s.minisig", json);
	if (strcmp(path, json) != 0 && strcmp(path, sig) != 0)
		return false;
	/* Signed, and it knows more lines than there are: then lines are gone. */
	if (load(w, &w->store->state.key, json, &m, NULL, &e) && !check_journal(w, &m, &e)) {
		auditwork_err(w, path, &e);
		return true;
	}
	auditwork_add(w, AUDIT_NOTE, ERR_NONE, path,
		"was left by an export that was cut off: the next export replaces it");
	return true;
}
