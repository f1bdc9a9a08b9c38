/* SPDX-License-Identifier: ISC */
#include "vault/runbook.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/help.h"
#include "vault/policyview.h"
#include "vault/ready.h"
#include "vault/successor.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATE_TEXT 11 /* the date of a time, with NUL */

/* What the steps are made from. */
struct writer {
	const struct store *store;
	const struct leave *lost;
	const struct state_domain *domain;
	int64_t now;
	struct successor use;        /* key NULL: no backup is needed, or none is left */
	const struct state_set *set; /* of the backup, or NULL */
	bool needed;                 /* servers have to change to a backup */
	bool recorded;               /* the compromise is */
	int64_t forgotten;
	json_t *steps;
	bool failed;
};

static void
begin_step(struct writer *w, const char *title)
{
	w->failed |= json_array_append_new(w->steps, json_pack("{s:s, s:[], s:[]}", "title", title,
							     "lines", "commands")) != 0;
}

/* One more line of the last step: {"text": ...} or {"command": ...}. */
__attribute__((format(printf, 3, 4))) static void
add(struct writer *w, const char *kind, const char *fmt, ...)
{
	json_t *step = json_array_get(w->steps, json_array_size(w->steps) - 1);
	AUTO_STR text = NULL;
	va_list args;

	va_start(args, fmt);
	if (vasprintf(&text, fmt, args) < 0)
		text = NULL;
	va_end(args);
	w->failed |= !text || json_array_append_new(json_object_get(step, "lines"),
				      json_pack("{s:s}", kind, text)) != 0;
}
#define SAY(w, ...) add(w, "text", __VA_ARGS__)
#define COMMAND(w, ...) add(w, "command", __VA_ARGS__)

static const char *
date(int64_t t, char out[static CLOCK_TEXT])
{
	clock_format(t, out);
	out[DATE_TEXT - 1] = '\0';
	return out;
}

/* People ----------------------------------------------------------------------------------- */

/* Whose shares count, with how to reach them. */
static json_t *
custodians_json(const struct writer *w)
{
	json_t *list = json_array();

	for (size_t i = 0; w->set && i < w->set->share_count; i++) {
		const struct state_share *share = &w->set->shares[i];
		const struct state_custodian *c =
			state_find_custodian(&w->store->state, share->custodian);

		if (state_share_counts(share))
			json_array_append_new(
				list, json_pack("{s:s, s:s?, s:s?, s:s}", "name", share->custodian,
					      "contact", c ? c->contact : NULL, "location",
					      c ? c->location : NULL, "medium", share->medium));
	}
	return list;
}

static void
call_people(struct writer *w)
{
	size_t count = 0;

	for (size_t i = 0; i < w->set->share_count; i++)
		count += state_share_counts(&w->set->shares[i]);
	begin_step(w, "Call the custodians");
	SAY(w, "any %u of these %zu, each with the medium named:", w->set->threshold, count);
	for (size_t i = 0; i < w->set->share_count; i++) {
		const struct state_share *share = &w->set->shares[i];
		const struct state_custodian *c =
			state_find_custodian(&w->store->state, share->custodian);

		if (!state_share_counts(share))
			continue;
		SAY(w, "- %s, %s", share->custodian, share->medium);
		if (c && c->contact)
			SAY(w, "  contact: %s", c->contact);
		if (c && c->location)
			SAY(w, "  location: %s", c->location);
	}
}

/* The backup ------------------------------------------------------------------------------- */

static void
get_certificate(struct writer *w)
{
	const struct state *s = &w->store->state;
	const char *id = w->use.key->id;

	begin_step(w, "Get a certificate for the backup");
	if (w->use.certificate) {
		SAY(w, "it has one: %s", w->use.certificate->path);
		return;
	}
	COMMAND(w, "coldspare csr %s --to %s.csr", id, id);
	if (s->issuer_count == 0)
		SAY(w, "no CA is on record: `policy --issuer NAME=TEXT` keeps who could sign");
	else
		SAY(w, "who could sign %s.csr:", id);
	for (size_t i = 0; i < s->issuer_count; i++)
		SAY(w, "- %s: %s", s->issuers[i].name, s->issuers[i].text);
	COMMAND(w, "coldspare attach %s CERTIFICATE", id);
}

static void
bring_back(struct writer *w)
{
	BUF_AUTO from = BUF_NONE;
	unsigned k = 0;

	for (size_t i = 0; i < w->set->share_count && k < w->set->threshold; i++)
		if (state_share_counts(&w->set->shares[i])) {
			buf_addf(&from, " --from '%s'", w->set->shares[i].medium);
			k++;
		}
	begin_step(w, "Bring the backup back");
	w->failed |= from.failed;
	SAY(w, "a passphrase for the way to the server is asked for; others' media do as well:");
	COMMAND(w, "coldspare recover %s%s --format bundle --to %s.pem", w->use.key->id,
		from.len > 0 ? from.data : "", w->use.key->id);
}

/* The manifests ---------------------------------------------------------------------------- */

static void
record_it(struct writer *w)
{
	AUTO_STR dir = realpath(w->store->dir, NULL);

	begin_step(w, "Record the compromise");
	COMMAND(w, "export COLDSPARE_VAULT='%s'", dir ? dir : w->store->dir);
	if (w->recorded)
		SAY(w, "%s is recorded as compromised", w->lost->name);
	else
		COMMAND(w, "coldspare compromise %s", w->lost->name);
}

/* Will the manifest without the lost pin have a backup? */
static bool
backup_stays(const struct writer *w)
{
	const struct state_domain *d = w->domain;

	for (size_t i = 0; i < d->key_count; i++)
		if (state_is_spare(d->keys[i]) && d->keys[i] != w->lost->key &&
			d->keys[i] != w->use.key)
			return true;
	for (size_t i = 0; i < d->pin_count; i++)
		if (d->pins[i].role == ROLE_BACKUP && !d->pins[i].removed &&
			!d->pins[i].displaced && !pin_equal(&d->pins[i].pin, &w->lost->pin))
			return true;
	return false;
}

static void
publish(struct writer *w)
{
	int64_t next = state_next_serial(&w->store->state);

	begin_step(w, "Publish without it");
	if (w->use.key)
		COMMAND(w, "coldspare promote %s%s", w->use.key->id,
			w->use.ready ? "" : " --force");
	SAY(w, "export asks for the operator's passphrase; where nobody knows it, the custodians "
	       "set a new one with `coldspare passphrase --from MEDIUM ...`");
	COMMAND(w, "coldspare export --to export-%" PRId64, next);
	begin_step(w, "Deploy");
	SAY(w, "in production, from the folder export-%" PRId64 ":", next);
	COMMAND(w, "coldspare-pins verify --key vault.pub pins.json");
	if (!backup_stays(w))
		SAY(w, "no backup is left in it, which `coldspare-pins render` and `install` "
		       "refuse: "
		       "give them --force no-backup (for TrustKit and React Native --force "
		       "two-pins "
		       "too) until the next ceremony has made one");
	if (w->use.key)
		SAY(w, "put %s.pem onto the servers, and the pins to where clients get them; then:",
			w->use.key->id);
	else
		SAY(w, "put the pins to where clients get them; then:");
	COMMAND(w, "coldspare-pins check --key vault.pub --domain %s --connect %s:443 pins.json",
		w->domain->name, w->domain->name);
	SAY(w, "and at the vault:");
	COMMAND(w, "coldspare deployed %" PRId64, next);
}

static void
wait(struct writer *w)
{
	char text[CLOCK_TEXT];

	begin_step(w, "Until clients have forgotten it");
	if (w->forgotten == CLOCK_NONE)
		SAY(w, "its pin is not known to have been in production");
	else
		SAY(w, "clients may trust it until %s if the new manifest goes live today",
			date(w->forgotten, text));
	if (w->use.key && !w->use.ready && w->use.ready_at != CLOCK_NONE)
		SAY(w, "clients with an older policy refuse the backup until %s",
			date(w->use.ready_at, text));
	if (w->use.key && !w->use.ready && w->use.ready_at == CLOCK_NONE)
		SAY(w, "the backup's pin is not known to be in production: clients with an older "
		       "policy refuse it");
	begin_step(w, "At the next ceremony");
	COMMAND(w, "coldspare generate --domain %s --algorithm %s --backups 1", w->domain->name,
		leave_algorithm(w->lost, w->domain));
	SAY(w, "a spent backup wants a new one; it is usable one max-age after it is exported");
}

/* No backup to change to. */
static void
no_backup(struct writer *w)
{
	begin_step(w, "Make a backup");
	SAY(w, "no proven backup of %s is left: all custodians, or their media, are needed",
		w->domain->name);
	COMMAND(w, "coldspare generate --domain %s", w->domain->name);
}

static void
write_steps(struct writer *w)
{
	record_it(w);
	if (w->use.key) {
		call_people(w);
		get_certificate(w);
		bring_back(w);
	} else if (w->needed) {
		no_backup(w);
	}
	publish(w);
	wait(w);
}

/* The latest time at which some client still holds a policy with the pin, if it goes now. */
static int64_t
forgotten_at(const struct ready_history *h, const struct writer *w)
{
	int64_t when = CLOCK_NONE;

	for (size_t i = 0; i < h->count; i++) {
		const json_t *index = h->items[i].index;
		int64_t gone = i + 1 < h->count ? h->items[i + 1].deployed : w->now;
		int64_t until = gone + json_integer_value(json_object_get(index, w->domain->name));

		if (ready_held(&h->items[i], w->domain->name, &w->lost->pin) && until > when)
			when = until;
	}
	return when;
}

static json_t *
document(const struct writer *w, const struct buf *why)
{
	return json_pack("{s:s, s:s, s:b, s:b, s:s?, s:s?, s:i, s:o, s:o, s:o, s:O}", "lost",
		w->lost->name, "domain", w->domain->name, "recorded", w->recorded, "needed",
		w->needed, "use", w->use.key ? w->use.key->id : NULL, "why",
		why->len > 0 ? why->data : NULL, "threshold", w->set ? (int)w->set->threshold : 0,
		"custodians", custodians_json(w), "issuers", policyview_issuers(&w->store->state),
		"forgotten", json_time(w->forgotten), "steps", w->steps);
}

static bool
make_one(const struct store *s, const struct ready_history *h, const struct leave *lost,
	const struct state_domain *d, bool recorded, int64_t now, json_t **out, struct err *e)
{
	JSON_AUTO steps = json_array();
	BUF_AUTO why = BUF_NONE;
	struct writer w = {
		.store = s,
		.lost = lost,
		.domain = d,
		.now = now,
		.needed = leave_needs_backup(lost, d),
		.recorded = recorded,
		.steps = steps,
	};
	json_t *doc;

	if (w.needed && successor_choose(s, h, d, leave_algorithm(lost, d), now, &w.use)) {
		successor_describe(&w.use, &why);
		w.set = state_current_set(w.use.key);
	}
	w.forgotten = forgotten_at(h, &w);
	write_steps(&w);
	doc = document(&w, &why);
	if (w.failed || !doc || !buf_ok(&why, e)) {
		json_decref(doc);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = doc;
	return true;
}

bool
runbook_all(
	const struct store *s, const struct leave *lost, bool recorded, json_t *out, struct err *e)
{
	READY_HISTORY_AUTO h = { 0 };

	if (!ready_load(s, &h, e))
		return false;
	for (size_t i = 0; i < s->state.domain_count; i++) {
		const struct state_domain *d = &s->state.domains[i];
		json_t *runbook = NULL;

		if (!leave_is_of(lost, d))
			continue;
		if (!make_one(s, &h, lost, d, recorded, clock_now(), &runbook, e))
			return false;
		if (json_array_append_new(out, runbook) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

/* Text ------------------------------------------------------------------------------------- */

/* Commands stand as they are typed, whatever their length. */
static bool
add_step(const json_t *step, size_t number, struct buf *out)
{
	json_t *line;
	size_t i;

	buf_addf(out, "\n%zu. %s\n", number, json_string_value(json_object_get(step, "title")));
	json_array_foreach(json_object_get(step, "lines"), i, line)
	{
		const char *command = json_string_value(json_object_get(line, "command"));

		buf_adds(out, "   ");
		if (command)
			buf_addf(out, "  %s\n", command);
		else
			help_wrapped(out, json_string_value(json_object_get(line, "text")), 3, 3);
	}
	return !out->failed;
}

void
runbook_print(const json_t *runbook)
{
	const char *use = json_string_value(json_object_get(runbook, "use"));
	json_t *step;
	size_t i;

	printf("Runbook for %s: %s is compromised\n",
		json_string_value(json_object_get(runbook, "domain")),
		json_string_value(json_object_get(runbook, "lost")));
	if (use)
		printf("Use %s: %s\n", use, json_string_value(json_object_get(runbook, "why")));
	else if (!json_is_true(json_object_get(runbook, "needed")))
		printf("No server has to change: it is not what servers use\n");
	json_array_foreach(json_object_get(runbook, "steps"), i, step)
	{
		BUF_AUTO text = BUF_NONE;

		if (add_step(step, i + 1, &text))
			fputs(text.data, stdout);
	}
}
