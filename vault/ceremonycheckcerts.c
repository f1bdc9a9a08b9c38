/* SPDX-License-Identifier: ISC */
/* Domains: the certificates that are live, their CAs, and names that are two domains'. */
#include "vault/ceremonycheck.h"

#include "base/clock.h"
#include "pins/verdict.h"
#include "vault/livecert.h"
#include "vault/pinning.h"

#include <stdio.h>
#include <string.h>

/* What was found in one domain's files so far. */
struct served {
	struct ceremonycheck *check;
	const struct plan_domain *domain;
	struct state *state;                /* an empty vault's */
	char algorithms[PLAN_LIST_MAX][32]; /* of the active ones */
	size_t active;
	char pins[2 * PLAN_LIST_MAX][PIN_TEXT];
	size_t pins_seen;
	size_t cas;
};

static bool
tell(struct served *s, enum doctor_verdict verdict, const char *path, const char *what,
	const char *detail, struct err *e)
{
	struct doctor_finding *row = ceremonycheck_row(s->check, s->domain->name, e);

	if (row)
		doctor_tell(row, verdict, "%s: %s%s", path, what, detail);
	return row != NULL;
}

static bool
is_made(const struct plan *p, const char *algorithm)
{
	for (size_t i = 0; i < p->algorithm_count; i++)
		if (strcmp(p->algorithms[i]->name, algorithm) == 0)
			return true;
	return false;
}

/* One active pin for each algorithm: a second one would displace the first. */
static bool
check_algorithm(struct served *s, const char *path, const struct pubfile_item *item, struct err *e)
{
	for (size_t i = 0; i < s->active; i++)
		if (strcmp(s->algorithms[i], item->algorithm) == 0)
			return tell(s, DOCTOR_FAIL, path,
				"a second live certificate with a key of algorithm ",
				item->algorithm, e);
	snprintf(s->algorithms[s->active++], sizeof s->algorithms[0], "%s", item->algorithm);
	if (is_made(s->check->plan, item->algorithm))
		return true;
	return tell(s, DOCTOR_WARN, path, "the plan makes no backup of its algorithm, ",
		item->algorithm, e);
}

static bool
check_pin(struct served *s, const char *path, const struct pubfile_item *item, struct err *e)
{
	char *pin = s->pins[s->pins_seen];

	pin_encode(&item->pin, pin);
	for (size_t i = 0; i < s->pins_seen; i++)
		if (strcmp(s->pins[i], pin) == 0)
			return tell(s, DOCTOR_FAIL, path,
				"its pin stands in the plan already: ", pin, e);
	s->pins_seen += s->pins_seen + 1 < sizeof(s->pins) / sizeof(*s->pins);
	return true;
}

static bool
check_end(struct served *s, const char *path, const struct pubfile_item *item, struct err *e)
{
	int64_t end = verdict_not_after(item);
	char text[CLOCK_TEXT];

	if (end == CLOCK_NONE || end > s->check->machine.now)
		return true;
	clock_format(end, text);
	return tell(s, DOCTOR_FAIL, path, "it expired at ", text, e);
}

static bool
check_names(struct served *s, const char *path, const struct pubfile_item *item, struct err *e)
{
	for (size_t i = 0; i < s->domain->names.count; i++)
		if (!livecert_covers(item, s->domain->names.items[i]) &&
			!tell(s, DOCTOR_WARN, path, "it does not serve the name ",
				s->domain->names.items[i], e))
			return false;
	return true;
}

static bool
check_item(struct served *s, enum manifest_role role, const char *path,
	const struct pubfile_item *item, struct err *e)
{
	size_t before = s->check->count;
	char pin[PIN_TEXT];

	if (!check_pin(s, path, item, e) ||
		(role == ROLE_ACTIVE && !check_algorithm(s, path, item, e)) ||
		(item->certificate && !check_end(s, path, item, e)) ||
		(item->certificate && role == ROLE_ACTIVE && !check_names(s, path, item, e)))
		return false;
	if (s->check->count > before)
		return true;
	pin_encode(&item->pin, pin);
	return tell(s, DOCTOR_OK, path, role == ROLE_CA ? "CA, pin " : "live, pin ", pin, e);
}

/* As the ceremony itself will load it. */
static bool
check_file(struct served *s, enum manifest_role role, const char *path, struct err *e)
{
	const struct state_domain domain = { .name = s->domain->name };
	PINNING_AUTO p = { .path = path, .domain = &domain, .role = role };
	struct err why = { 0 };

	if (!pinning_load(&p, s->state, &why)) {
		struct doctor_finding *row = ceremonycheck_row(s->check, s->domain->name, e);

		if (row)
			doctor_tell_err(row, false, &why);
		return row != NULL;
	}
	for (size_t i = 0; i < p.file.count; i++)
		if (!check_item(s, role, path, &p.file.items[i], e))
			return false;
	return true;
}

static bool
check_shared_names(struct ceremonycheck *c, const struct plan_domain *a,
	const struct plan_domain *b, struct err *e)
{
	for (size_t i = 0; i < a->names.count; i++)
		for (size_t j = 0; j < b->names.count; j++) {
			struct doctor_finding *row;

			if (strcmp(a->names.items[i], b->names.items[j]) != 0)
				continue;
			row = ceremonycheck_row(c, a->name, e);
			if (!row)
				return false;
			doctor_tell(row, DOCTOR_WARN,
				"%s is a name of %s too: clients get two sets of pins for it",
				a->names.items[i], b->name);
		}
	return true;
}

static bool
check_domain(struct ceremonycheck *c, size_t n, struct state *empty, struct err *e)
{
	const struct plan_domain *d = &c->plan->domains[n];
	static struct served s;
	struct doctor_finding *row;

	s = (struct served){ .check = c, .domain = d, .state = empty };
	for (size_t i = 0; i < d->active.count; i++)
		if (!check_file(&s, ROLE_ACTIVE, d->active.items[i], e))
			return false;
	for (size_t i = 0; i < d->ca.count; i++)
		if (!check_file(&s, ROLE_CA, d->ca.items[i], e))
			return false;
	for (size_t i = 0; i < n; i++)
		if (!check_shared_names(c, d, &c->plan->domains[i], e))
			return false;
	if (d->active.count + d->ca.count > 0)
		return true;
	row = ceremonycheck_row(c, d->name, e);
	if (row)
		doctor_tell(row, DOCTOR_FAIL,
			"neither `active` nor `ca`: without a pin of what is served today the "
			"export would be refused");
	return row != NULL;
}

bool
ceremonycheck_domains(struct ceremonycheck *c, struct err *e)
{
	struct state empty;
	bool ok;

	if (!state_init(&empty, e))
		return false;
	ok = true;
	for (size_t i = 0; ok && i < c->plan->domain_count; i++)
		ok = check_domain(c, i, &empty, e);
	state_free(&empty);
	return ok;
}
