/* SPDX-License-Identifier: ISC */
#include "vault/statepolicy.h"

#include "base/clock.h"
#include "vault/statebuild.h"
#include "vault/statedomain.h"

#include <stdlib.h>
#include <string.h>

void
statepolicy_free(struct state_policy *p)
{
	free(p->report_uri);
	*p = STATE_POLICY_UNSET;
}

static bool
take_seconds(const json_t *body, const char *name, int64_t *out, struct err *e)
{
	const json_t *m = json_object_get(body, name);
	int64_t seconds = CLOCK_NONE;

	if (!m)
		return true;
	if (!json_is_null(m) && !json_get_int(body, name, &seconds, e))
		return false;
	if (!json_is_null(m) && (seconds < 0 || seconds > CLOCK_DURATION_MAX))
		return err_set(e, ERR_FORMAT, "member \"%s\" is no duration", name);
	*out = seconds;
	return true;
}

static bool
take_flag(const json_t *body, const char *name, int *out, struct err *e)
{
	const json_t *m = json_object_get(body, name);
	bool flag;

	if (!m)
		return true;
	if (json_is_null(m)) {
		*out = -1;
		return true;
	}
	if (!json_get_bool(body, name, &flag, e))
		return false;
	*out = flag;
	return true;
}

static bool
take_backups(const json_t *body, int *out, struct err *e)
{
	const json_t *m = json_object_get(body, "backups");
	int64_t count = -1;

	if (!m)
		return true;
	if (!json_is_null(m) && !json_get_int(body, "backups", &count, e))
		return false;
	if (!json_is_null(m) && (count < 1 || count > INT16_MAX))
		return err_set(e, ERR_FORMAT, "member \"backups\" is no number of keys");
	*out = (int)count;
	return true;
}

/* One step longer than the one before. */
static bool
take_step(const json_t *step, struct state_policy *p, struct err *e)
{
	int64_t seconds = json_integer_value(step);
	int64_t least = p->ramp_count > 0 ? p->ramp[p->ramp_count - 1] + 1 : 1;

	if (!json_is_integer(step) || seconds < least || seconds > CLOCK_DURATION_MAX ||
		p->ramp_count == STATE_RAMP_MAX)
		return err_set(e, ERR_FORMAT, "step %u of the ramp is none", p->ramp_count + 1);
	p->ramp[p->ramp_count++] = seconds;
	return true;
}

static bool
take_ramp(struct state_policy *p, const struct journal_line *line, struct err *e)
{
	const json_t *m = json_object_get(line->body, "ramp");
	json_t *steps, *step;
	size_t i;

	if (!m)
		return true;
	p->ramp_count = 0;
	p->ramp_since = line->time;
	if (json_is_null(m))
		return true;
	if (!json_get_array(line->body, "ramp", &steps, e))
		return false;
	json_array_foreach(steps, i, step)
	{
		if (!take_step(step, p, e))
			return false;
	}
	return p->ramp_count > 0 || err_set(e, ERR_FORMAT, "a ramp without a step");
}

bool
statepolicy_take(struct state_policy *p, const struct journal_line *line, struct err *e)
{
	const json_t *body = line->body;
	const char *uri;

	if (!take_seconds(body, "max_age", &p->max_age, e) ||
		!take_seconds(body, "prior_max_age", &p->prior_max_age, e) ||
		!take_seconds(body, "valid_for", &p->valid_for, e) ||
		!take_flag(body, "include_subdomains", &p->include_subdomains, e) ||
		!take_flag(body, "report_only", &p->report_only, e) ||
		!take_backups(body, &p->backups, e) || !take_ramp(p, line, e) ||
		!json_get_str_opt(body, "report_uri", &uri, e))
		return false;
	return !json_object_get(body, "report_uri") || statebuild_copy(&p->report_uri, uri, e);
}

/* Custodians ------------------------------------------------------------------------------- */

void
statepolicy_free_custodians(struct state_custodian *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		free(list[i].medium);
		free(list[i].contact);
		free(list[i].location);
	}
	free(list);
}

static struct state_custodian *
find_custodian(struct state_custodian *list, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].name, name) == 0)
			return &list[i];
	return NULL;
}

/* The next one of a list; what is known of a custodian who stays is copied. */
static bool
add_custodian(const struct state *s, const json_t *item, struct state_custodian *list,
	size_t *count, struct err *e)
{
	struct state_custodian *c = &list[*count];
	const char *medium;

	if (!statebuild_name(item, "name", c->name, e) || !json_get_str(item, "medium", &medium, e))
		return false;
	if (find_custodian(list, *count, c->name))
		return err_set(e, ERR_FORMAT, "the custodian %s is there twice", c->name);
	(*count)++;
	const struct state_custodian *old =
		find_custodian(s->custodians, s->custodian_count, c->name);
	return statebuild_copy(&c->medium, medium, e) &&
	       statebuild_copy(&c->contact, old ? old->contact : NULL, e) &&
	       statebuild_copy(&c->location, old ? old->location : NULL, e);
}

static bool
fill_custodians(const struct state *s, const json_t *items, struct state_custodian *list,
	size_t *count, struct err *e)
{
	json_t *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (!add_custodian(s, item, list, count, e))
			return false;
	}
	return true;
}

bool
statepolicy_custodians(struct state *s, const json_t *body, struct err *e)
{
	json_t *items;
	int64_t threshold;
	size_t count = 0;

	if (!json_get_int(body, "threshold", &threshold, e) ||
		!json_get_array(body, "custodians", &items, e) ||
		!share_counts_check((long)threshold, (long)json_array_size(items), e))
		return false;
	struct state_custodian *list = calloc(json_array_size(items), sizeof(*list));
	if (!list)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!fill_custodians(s, items, list, &count, e)) {
		statepolicy_free_custodians(list, count);
		return false;
	}
	statepolicy_free_custodians(s->custodians, s->custodian_count);
	s->custodians = list;
	s->custodian_count = count;
	s->threshold = (unsigned)threshold;
	return true;
}

/* `contact` or `location`: {custodian: text}; an empty text removes what was there. */
static bool
take_notes(struct state *s, const json_t *body, const char *name, size_t offset, struct err *e)
{
	json_t *notes, *text;
	const char *who;

	if (!json_object_get(body, name))
		return true;
	if (!json_get_object(body, name, &notes, e))
		return false;
	json_object_foreach(notes, who, text)
	{
		struct state_custodian *c = find_custodian(s->custodians, s->custodian_count, who);
		if (!c || !json_is_string(text))
			return err_set(
				e, ERR_FORMAT, "the %s of %s, who is no custodian", name, who);
		char **note = (char **)((char *)c + offset);
		if (!statebuild_copy(
			    note, json_string_length(text) ? json_string_value(text) : NULL, e))
			return false;
	}
	return true;
}

/* Issuers ---------------------------------------------------------------------------------- */

void
statepolicy_free_issuers(struct state *s)
{
	for (size_t i = 0; i < s->issuer_count; i++)
		free(s->issuers[i].text);
	free(s->issuers);
}

static void
drop_issuer(struct state *s, size_t at)
{
	free(s->issuers[at].text);
	memmove(&s->issuers[at], &s->issuers[at + 1],
		(s->issuer_count - at - 1) * sizeof(*s->issuers));
	s->issuer_count--;
}

/* A known one gets the new text, an empty text takes it away. */
static bool
take_issuer(struct state *s, const char *name, const char *text, struct err *e)
{
	struct state_issuer *list;
	size_t at = 0;

	while (at < s->issuer_count && strcmp(s->issuers[at].name, name) != 0)
		at++;
	if (at < s->issuer_count) {
		if (text[0] != '\0')
			return statebuild_copy(&s->issuers[at].text, text, e);
		drop_issuer(s, at);
		return true;
	}
	if (text[0] == '\0')
		return true;
	list = reallocarray(s->issuers, s->issuer_count + 1, sizeof(*list));
	if (!list)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->issuers = list;
	list[at] = (struct state_issuer){ 0 };
	memcpy(list[at].name, name, strlen(name) + 1);
	s->issuer_count++;
	return statebuild_copy(&list[at].text, text, e);
}

static bool
take_issuers(struct state *s, const json_t *body, struct err *e)
{
	json_t *issuers, *text;
	const char *name;

	if (!json_object_get(body, "issuer"))
		return true;
	if (!json_get_object(body, "issuer", &issuers, e))
		return false;
	json_object_foreach(issuers, name, text)
	{
		if (!share_name_check("issuer", name, e))
			return false;
		if (!json_is_string(text))
			return err_set(e, ERR_FORMAT, "the issuer %s has no text", name);
		if (!take_issuer(s, name, json_string_value(text), e))
			return false;
	}
	return true;
}

bool
statepolicy_drills(struct state *s, const json_t *body, struct err *e)
{
	int64_t seconds = s->drill_every;

	if (!take_seconds(body, "drill_every", &seconds, e))
		return false;
	s->drill_every = seconds == CLOCK_NONE ? STATE_DRILL_EVERY_DEFAULT : seconds;
	return true;
}

bool
statepolicy_apply(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_policy *p = &s->policy;
	const char *domain;

	if (!json_get_str_opt(line->body, "domain", &domain, e))
		return false;
	if (domain) {
		struct state_domain *d = state_find_domain(s, domain);
		if (!d)
			return err_set(e, ERR_FORMAT, "the vault has no domain %s", domain);
		p = &d->policy;
	}
	if (json_object_get(line->body, "names") &&
		!(domain ? statedomain_take(s, line->body, e)
			 : err_set(e, ERR_FORMAT, "names of no domain")))
		return false;
	if (json_object_get(line->body, "custodians") && !statepolicy_custodians(s, line->body, e))
		return false;
	return statepolicy_take(p, line, e) && statepolicy_drills(s, line->body, e) &&
	       take_issuers(s, line->body, e) &&
	       take_notes(s, line->body, "contact", offsetof(struct state_custodian, contact), e) &&
	       take_notes(s, line->body, "location", offsetof(struct state_custodian, location), e);
}

/* Falling back ----------------------------------------------------------------------------- */

static int64_t
first_set(int64_t a, int64_t b)
{
	return a != CLOCK_NONE ? a : b;
}

static bool
first_flag(int a, int b)
{
	return (a >= 0 ? a : b) > 0;
}

struct state_policy
state_policy_of(const struct state *s, const struct state_domain *d)
{
	const struct state_policy *vault = &s->policy;
	const struct state_policy *own = d ? &d->policy : vault;

	const struct state_policy *ramp = own->ramp_count > 0 ? own : vault;
	struct state_policy p = {
		.max_age = first_set(
			first_set(own->max_age, vault->max_age), MANIFEST_MAX_AGE_DEFAULT),
		.prior_max_age = first_set(own->prior_max_age, vault->prior_max_age),
		.valid_for = first_set(own->valid_for, vault->valid_for),
		.include_subdomains =
			first_flag(own->include_subdomains, vault->include_subdomains),
		.report_only = first_flag(own->report_only, vault->report_only),
		.report_uri = own->report_uri ? own->report_uri : vault->report_uri,
		.backups = own->backups > 0     ? own->backups
			   : vault->backups > 0 ? vault->backups
						: STATE_BACKUPS_DEFAULT,
		.ramp_count = ramp->ramp_count,
		.ramp_since = ramp->ramp_since,
	};

	memcpy(p.ramp, ramp->ramp, sizeof(p.ramp));
	return p;
}
