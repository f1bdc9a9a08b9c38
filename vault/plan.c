/* SPDX-License-Identifier: ISC */
#include "vault/plan.h"

#include "base/clock.h"
#include "base/file.h"
#include "pins/name.h"
#include "vault/csr.h"
#include "vault/media.h"
#include "vault/planconf.h"
#include "vault/policyvalue.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One plan being read. */
struct reading {
	struct planconf conf;
	char *folder; /* where the plan lies: relative files count from there */
};

static void
reading_free(struct reading *r)
{
	free(r->folder);
	planconf_free(&r->conf);
}

static void
list_free(struct plan_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		free(l->items[i]);
	free(l->items);
}

static void
domain_free(struct plan_domain *d)
{
	free(d->name);
	list_free(&d->names);
	list_free(&d->active);
	list_free(&d->ca);
	free(d->report_uri);
	free(d->subject);
}

void
plan_free(struct plan *p)
{
	free(p->path);
	free(p->export_dir);
	for (size_t i = 0; i < p->custodian_count; i++) {
		free(p->custodians[i].medium);
		free(p->custodians[i].contact);
		free(p->custodians[i].location);
	}
	free(p->custodians);
	for (size_t i = 0; i < p->domain_count; i++)
		domain_free(&p->domains[i]);
	free(p->domains);
	*p = (struct plan){ 0 };
}

/* Values ----------------------------------------------------------------------------------- */

static bool
copy(const char *text, char **out, struct err *e)
{
	*out = strdup(text);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
read_text(const struct reading *r, unsigned section, const char *option,
	bool (*check)(const char *text, struct err *e), char **out, struct err *e)
{
	const char *text;

	if (!planconf_has(&r->conf, section, option))
		return true;
	text = planconf_text(&r->conf, section, option);
	if (!text || !*text)
		err_set(e, ERR_FORMAT, "the text is empty");
	else if ((!check || check(text, e)) && copy(text, out, e))
		return true;
	return planconf_at(&r->conf, section, option, e);
}

/* Durations in a plan are of what lasts: none of them is zero. */
static bool
read_duration(
	const struct reading *r, unsigned section, const char *option, int64_t *out, struct err *e)
{
	*out = CLOCK_NONE;
	if (!planconf_has(&r->conf, section, option))
		return true;
	if (!clock_duration_parse(planconf_text(&r->conf, section, option), out, e))
		return planconf_at(&r->conf, section, option, e);
	if (*out > 0)
		return true;
	err_set(e, ERR_FORMAT, "no time at all");
	return planconf_at(&r->conf, section, option, e);
}

/* "live.pem" -> "FOLDER OF THE PLAN/live.pem" */
static bool
take_file(const struct reading *r, const char *text, char **out, struct err *e)
{
	if (!*text)
		return err_set(e, ERR_FORMAT, "an empty file name");
	if (*text == '/' || strcmp(r->folder, ".") == 0)
		return copy(text, out, e);
	return file_path(out, e, "%s/%s", r->folder, text);
}

static bool
take_name(const struct reading *r, const char *text, char **out, struct err *e)
{
	char name[NAME_MAX_DNS + 4];

	(void)r;
	return name_san(text, name, e) && copy(name, out, e);
}

static bool
add(const struct reading *r, struct plan_list *l, const char *text,
	bool (*take)(const struct reading *r, const char *text, char **out, struct err *e),
	struct err *e)
{
	char *item = NULL;

	if (!take(r, text, &item, e))
		return false;
	for (size_t i = 0; i < l->count; i++)
		if (strcmp(l->items[i], item) == 0) {
			free(item);
			return err_set(e, ERR_FORMAT, "%s is given twice", text);
		}
	l->items[l->count++] = item;
	return true;
}

/* Adds to what the list holds; a list has room for one more than its option names. */
static bool
read_list(const struct reading *r, unsigned section, const char *option,
	bool (*take)(const struct reading *r, const char *text, char **out, struct err *e),
	struct plan_list *out, struct err *e)
{
	size_t count = planconf_count(&r->conf, section, option);

	if (!out->items)
		out->items = calloc(PLAN_LIST_MAX + 1, sizeof *out->items);
	if (!out->items)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (count > PLAN_LIST_MAX) {
		err_set(e, ERR_FORMAT, "more than %d entries", PLAN_LIST_MAX);
		return planconf_at(&r->conf, section, option, e);
	}
	for (size_t i = 0; i < count; i++)
		if (!add(r, out, planconf_nth(&r->conf, section, option, i), take, e))
			return planconf_at(&r->conf, section, option, e);
	return true;
}

/* Sections --------------------------------------------------------------------------------- */

static bool
check_medium(const char *spec, struct err *e)
{
	AUTO_STR absolute = NULL;

	if (strncmp(spec, PLAN_PROMPT ":", sizeof(PLAN_PROMPT)) == 0) {
		err_set(e, ERR_FORMAT, "medium \"%s\": whose it is, is said already", spec);
		return err_hint(e, "\"" PLAN_PROMPT "\" alone has it asked for at the ceremony");
	}
	if (!medium_absolute(media_kinds, spec, &absolute, e))
		return err_hint(e, "write \"dir:/media/stick\", \"card:READER\", or \"" PLAN_PROMPT
				   "\"; a path with + in it cannot stand in a plan");
	if (strcmp(absolute, spec) == 0)
		return true;
	err_set(e, ERR_FORMAT, "medium \"%s\": the path is not absolute", spec);
	return err_hint(e, "a plan holds wherever the ceremony is started");
}

static bool
read_medium(const struct reading *r, unsigned section, struct plan *p, struct plan_custodian *c,
	struct err *e)
{
	if (!planconf_has(&r->conf, section, "medium")) {
		err_set(e, ERR_FORMAT, "the setting `medium` is missing");
		err_hint(e, "\"" PLAN_PROMPT "\" has it asked for at the ceremony");
		return planconf_at(&r->conf, section, NULL, e);
	}
	if (strcmp(planconf_text(&r->conf, section, "medium"), PLAN_PROMPT) == 0)
		return true;
	if (!read_text(r, section, "medium", check_medium, &c->medium, e))
		return false;
	for (size_t i = 0; i < p->custodian_count; i++) {
		const char *other = p->custodians[i].medium;

		if (!other || &p->custodians[i] == c || strcmp(other, c->medium) != 0)
			continue;
		err_set(e, ERR_FORMAT, "%s has the same", p->custodians[i].name);
		return planconf_at(&r->conf, section, "medium", e);
	}
	return true;
}

static bool
read_custodian(
	const struct reading *r, unsigned section, const char *title, struct plan *p, struct err *e)
{
	struct plan_custodian *c = &p->custodians[p->custodian_count++];

	if (!share_name_check("the name", title, e))
		return planconf_at(&r->conf, section, NULL, e);
	strcpy(c->name, title);
	return read_medium(r, section, p, c, e) &&
	       read_text(r, section, "contact", policyvalue_note, &c->contact, e) &&
	       read_text(r, section, "location", policyvalue_note, &c->location, e);
}

static bool
read_domain_name(const char *title, const struct plan *p, char **out, struct err *e)
{
	char name[NAME_MAX_DNS + 1];

	if (!name_domain(title, name, e))
		return false;
	for (size_t i = 0; i < p->domain_count; i++)
		if (p->domains[i].name && strcmp(p->domains[i].name, name) == 0)
			return err_set(e, ERR_FORMAT, "%s has its section already", name);
	return copy(name, out, e);
}

static bool
check_subject(const char *text, struct err *e)
{
	return csr_subject_check(text, e);
}

static bool
read_domain(
	const struct reading *r, unsigned section, const char *title, struct plan *p, struct err *e)
{
	struct plan_domain *d = &p->domains[p->domain_count++];

	d->include_subdomains = planconf_flag(&r->conf, section, "include-subdomains");
	if (!read_domain_name(title, p, &d->name, e) ||
		!read_list(r, section, "", take_name, &d->names, e) ||
		!add(r, &d->names, d->name, take_name, e))
		return planconf_at(&r->conf, section, NULL, e);
	return read_list(r, section, "names", take_name, &d->names, e) &&
	       read_list(r, section, "active", take_file, &d->active, e) &&
	       read_list(r, section, "ca", take_file, &d->ca, e) &&
	       read_text(r, section, "report-uri", policyvalue_uri, &d->report_uri, e) &&
	       read_text(r, section, "subject", check_subject, &d->subject, e) &&
	       read_duration(r, section, "max-age", &d->max_age, e);
}

static bool
read_sections(const struct reading *r, struct plan *p, struct err *e)
{
	const struct planstrict *s = &r->conf.strict;

	p->custodians = calloc(planconf_sections(&r->conf, "custodian") + 1, sizeof *p->custodians);
	p->domains = calloc(planconf_sections(&r->conf, "domain") + 1, sizeof *p->domains);
	if (!p->custodians || !p->domains)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (const struct planstrict_item *i = s->items; i < s->items + s->count; i++) {
		bool custodian = strcmp(i->name, "custodian") == 0;

		if (i->kind != PLANSTRICT_SECTION)
			continue;
		if (!(custodian ? read_custodian : read_domain)(r, i->section, i->title, p, e))
			return false;
	}
	return true;
}

/* The whole -------------------------------------------------------------------------------- */

static bool
read_algorithms(const struct reading *r, struct plan *p, struct err *e)
{
	size_t count = planconf_count(&r->conf, 0, "algorithms");

	for (size_t i = 0; i < count; i++) {
		const struct alg *a = NULL;

		if (!alg_find(planconf_nth(&r->conf, 0, "algorithms", i), &a, e))
			return planconf_at(&r->conf, 0, "algorithms", e);
		for (size_t j = 0; j < p->algorithm_count; j++)
			if (p->algorithms[j] == a) {
				err_set(e, ERR_FORMAT, "%s is given twice", a->name);
				return planconf_at(&r->conf, 0, "algorithms", e);
			}
		p->algorithms[p->algorithm_count++] = a;
	}
	return true;
}

static bool
read_name(const struct reading *r, struct plan *p, struct err *e)
{
	const char *name = planconf_text(&r->conf, 0, "vault");

	if (!share_name_check("the vault's name", name, e))
		return planconf_at(&r->conf, 0, "vault", e);
	strcpy(p->name, name);
	return true;
}

static bool
read_kdf(const struct reading *r, struct plan *p, struct err *e)
{
	const char *name =
		planconf_has(&r->conf, 0, "kdf") ? planconf_text(&r->conf, 0, "kdf") : "sensitive";

	return signer_kdf_find(name, &p->kdf, e) || planconf_at(&r->conf, 0, "kdf", e);
}

static bool
read_export(const struct reading *r, struct plan *p, struct err *e)
{
	const char *spec = planconf_text(&r->conf, 0, "export");

	if (strncmp(spec, "dir:/", 5) == 0)
		return copy(spec + 4, &p->export_dir, e);
	err_set(e, ERR_FORMAT, "\"%s\" is no folder with an absolute path", spec);
	err_hint(e, "write \"dir:/media/public/export\"");
	return planconf_at(&r->conf, 0, "export", e);
}

static bool
read_counts(const struct reading *r, struct plan *p, struct err *e)
{
	long threshold = planconf_number(&r->conf, 0, "threshold"),
	     backups = planconf_number(&r->conf, 0, "backups");

	if (!share_counts_check(threshold, (long)p->custodian_count, e))
		return planconf_at(&r->conf, 0, "threshold", e);
	p->threshold = (unsigned)threshold;
	if (p->domain_count == 0)
		return err_set(
			e, ERR_FORMAT, "%s: there is no domain to make keys for", r->conf.path);
	p->backups = (unsigned)backups;
	if (backups < 1 || backups > PLAN_BACKUPS_MAX)
		err_set(e, ERR_FORMAT, "%ld is not between 1 and %d", backups, PLAN_BACKUPS_MAX);
	else if (plan_keys(p) > PLAN_KEYS_MAX)
		err_set(e, ERR_FORMAT, "%zu keys in all; at most %d", plan_keys(p), PLAN_KEYS_MAX);
	else
		return true;
	return planconf_at(&r->conf, 0, "backups", e);
}

static bool
fill(const struct reading *r, struct plan *p, struct err *e)
{
	p->dice = planconf_flag(&r->conf, 0, "dice") == 1;
	p->detached = planconf_flag(&r->conf, 0, "detached") == 1;
	return read_name(r, p, e) && read_duration(r, 0, "max-age", &p->max_age, e) &&
	       read_duration(r, 0, "valid-for", &p->valid_for, e) &&
	       read_duration(r, 0, "drill-every", &p->drill_every, e) && read_algorithms(r, p, e) &&
	       read_kdf(r, p, e) && read_export(r, p, e) && read_sections(r, p, e) &&
	       read_counts(r, p, e);
}

bool
plan_load(const char *path, struct plan *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	PLAN_AUTO p = { 0 };
	__attribute__((cleanup(reading_free))) struct reading r = { 0 };

	if (!file_read(path, FILE_LIMIT, &text, e) || !file_parent(path, &r.folder, e) ||
		!planconf_parse(path, &text, &r.conf, e) || !fill(&r, &p, e) ||
		!copy(path, &p.path, e))
		return false;
	encode_hash_hex(p.hash, text.data, text.len);
	*out = p;
	p = (struct plan){ 0 };
	return true;
}

size_t
plan_keys(const struct plan *p)
{
	return p->domain_count * p->algorithm_count * p->backups;
}

bool
plan_locations_check(const struct plan *p, struct err *e)
{
	const char *first = NULL;

	for (size_t i = 0; i < p->custodian_count; i++) {
		const char *location = p->custodians[i].location;

		if (location && first && strcmp(location, first) != 0)
			return true;
		if (location && !first)
			first = location;
	}
	if (!first)
		return true;
	err_set(e, ERR_REFUSED, "all shares would lie in one place, %s", first);
	return err_hint(
		e, "one fire, one thief: let custodians keep theirs in at least two places");
}
