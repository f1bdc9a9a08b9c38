/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "pins/name.h"
#include "vault/cmd.h"
#include "vault/intakenames.h"
#include "vault/policyvalue.h"
#include "vault/policyview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UNSET "none"
#define BACKUPS_MAX 1000

static const struct opt_spec options[] = {
	{ "domain", OPT_ONE, "D", "of this domain only, where it differs from the vault" },
	{ "san", OPT_MANY, "NAME", "with --domain: its names beside itself; name all" },
	{ "max-age", OPT_ONE, "T", "how long clients keep a policy, as 60d" },
	{ "prior-max-age", OPT_ONE, "T", "that of a policy served from before the vault" },
	{ "valid-for", OPT_ONE, "T", "manifests expire after this time" },
	{ "include-subdomains", OPT_ONE, "yes|no", "pins hold for subdomains too" },
	{ "report-only", OPT_ONE, "yes|no", "clients report and do not refuse" },
	{ "report-uri", OPT_ONE, "U", "where clients report to, https:// or http://" },
	{ "backups", OPT_ONE, "N", "cold backup keys wanted of each algorithm; default 2" },
	{ "ramp", OPT_ONE, "T,T...",
		"max-ages that grow with each deployed manifest, as 5m,1d,60d" },
	{ "drill-every", OPT_ONE, "T", "each share wants to be seen this often; default 365d" },
	{ "issuer", OPT_MANY, "NAME=TEXT",
		"a CA that could sign, and how fast; empty to forget it" },
	{ "threshold", OPT_ONE, "K", "with --custodian: how many of them bring a key back" },
	{ "custodian", OPT_MANY, "NAME=MEDIUM", "who gets a share of keys to come; name all" },
	{ "contact", OPT_MANY, "NAME=TEXT", "how to reach a custodian; empty to forget it" },
	{ "location", OPT_MANY, "NAME=TEXT", "where the custodian's shares lie; likewise" },
	{ 0 },
};

/* Options that set one member each --------------------------------------------------------- */

static bool
read_duration(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	int64_t seconds = 0;

	if (!opt_duration(o, option, &seconds, e))
		return false;
	*out = json_integer(seconds);
	return true;
}

static bool
read_lifetime(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	int64_t seconds = 0;

	if (!opt_duration(o, option, &seconds, e))
		return false;
	if (seconds == 0)
		return err_set(e, ERR_USAGE, "--%s %s: nothing is valid for no time", option,
			opt_get(o, option));
	*out = json_integer(seconds);
	return true;
}

static bool
read_flag(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	const char *text = opt_get(o, option);
	bool yes = strcmp(text, "yes") == 0;

	if (!yes && strcmp(text, "no") != 0)
		return err_set(e, ERR_USAGE, "--%s %s: expected yes or no", option, text);
	*out = json_boolean(yes);
	return true;
}

static bool
read_uri(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	const char *uri = opt_get(o, option);

	if (!policyvalue_uri(uri, e))
		return err_wrap(e, "--%s", option);
	*out = json_string(uri);
	return true;
}

static bool
read_backups(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	long count = 0;

	if (!opt_int(o, option, 1, BACKUPS_MAX, &count, e))
		return false;
	*out = json_integer(count);
	return true;
}

/* The next step, longer than the one before. */
static bool
read_step(const char *text, json_t *steps, struct err *e)
{
	size_t count = json_array_size(steps);
	int64_t seconds = 0;

	if (!clock_duration_parse(text, &seconds, e))
		return false;
	if (count == STATE_RAMP_MAX)
		return err_set(e, ERR_USAGE, "more than %d steps", STATE_RAMP_MAX);
	if (seconds <= (count ? json_integer_value(json_array_get(steps, count - 1)) : 0))
		return err_set(e, ERR_USAGE, "%s: each step is longer than the one before", text);
	return json_array_append_new(steps, json_integer(seconds)) == 0 ||
	       err_set(e, ERR_MEMORY, "out of memory");
}

static bool
read_ramp(const struct opts *o, const char *option, json_t **out, struct err *e)
{
	AUTO_STR copy = strdup(opt_get(o, option));
	JSON_AUTO steps = json_array();
	char *rest = copy;

	if (!copy || !steps)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (char *step = strsep(&rest, ","); step; step = strsep(&rest, ","))
		if (!read_step(step, steps, e)) {
			e->code = e->code == ERR_MEMORY ? ERR_MEMORY : ERR_USAGE;
			return err_wrap(e, "--%s %s", option, opt_get(o, option));
		}
	*out = json_incref(steps);
	return true;
}

static const struct {
	const char *option;
	const char *member;
	bool (*read)(const struct opts *o, const char *option, json_t **out, struct err *e);
} settings[] = {
	{ "max-age", "max_age", read_duration },
	{ "prior-max-age", "prior_max_age", read_duration },
	{ "valid-for", "valid_for", read_lifetime },
	{ "include-subdomains", "include_subdomains", read_flag },
	{ "report-only", "report_only", read_flag },
	{ "report-uri", "report_uri", read_uri },
	{ "backups", "backups", read_backups },
	{ "ramp", "ramp", read_ramp },
	{ "drill-every", "drill_every", read_lifetime },
};

static bool
put(json_t *body, const char *member, json_t *value, struct err *e)
{
	if (json_object_set_new(body, member, value) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

static bool
read_settings(const struct opts *o, json_t *body, struct err *e)
{
	for (size_t i = 0; i < sizeof(settings) / sizeof(settings[0]); i++) {
		const char *text = opt_get(o, settings[i].option);
		json_t *value = json_null();

		if (!text)
			continue;
		if (strcmp(text, UNSET) != 0 && !settings[i].read(o, settings[i].option, &value, e))
			return false;
		if (!put(body, settings[i].member, value, e))
			return false;
	}
	return true;
}

/* Custodians ------------------------------------------------------------------------------- */

static bool
put_custodians(const struct cmd_custodian *list, size_t count, json_t *body, struct err *e)
{
	json_t *items = json_array();

	if (!put(body, "custodians", items, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < i; j++)
			if (strcmp(list[i].medium, list[j].medium) == 0)
				return err_set(e, ERR_REFUSED, "%s and %s have the same medium, %s",
					list[j].name, list[i].name, list[i].medium);
		if (json_array_append_new(items, json_pack("{s:s, s:s}", "name", list[i].name,
							 "medium", list[i].medium)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

static bool
read_custodians(const struct opts *o, json_t *body, struct err *e)
{
	struct cmd_custodian *list = NULL;
	size_t count = 0;
	long threshold = 0;

	if (!opt_get(o, "threshold") && opt_count(o, "custodian") == 0)
		return true;
	if (!opt_get(o, "threshold") || opt_count(o, "custodian") == 0)
		return err_set(e, ERR_USAGE, "--threshold and all --custodian options go together");
	if (!opt_int(o, "threshold", 0, INT32_MAX, &threshold, e) ||
		!cmd_custodians(o, &list, &count, e))
		return false;
	bool ok = share_counts_check(threshold, (long)count, e) &&
		  put(body, "threshold", json_integer(threshold), e) &&
		  put_custodians(list, count, body, e);
	cmd_custodians_free(list, count);
	return ok;
}

/* Will there be this custodian when the line is applied? */
static bool
is_custodian(const struct state *s, const json_t *body, const char *name)
{
	const json_t *items = json_object_get(body, "custodians"), *item;
	size_t i;

	json_array_foreach(items, i, item)
	{
		if (strcmp(json_string_value(json_object_get(item, "name")), name) == 0)
			return true;
	}
	return !items && state_find_custodian(s, name);
}

static bool
read_note(const struct state *s, const char *option, const char *text, const json_t *body,
	json_t *notes, struct err *e)
{
	const char *equals = strchr(text, '=');
	char name[SHARE_NAME_MAX + 1];
	size_t len = equals ? (size_t)(equals - text) : 0;

	if (!equals || len > SHARE_NAME_MAX)
		return err_set(e, ERR_USAGE, "--%s %s: expected NAME=TEXT", option, text);
	memcpy(name, text, len);
	name[len] = '\0';
	if (strcmp(option, "issuer") == 0) {
		if (!share_name_check("issuer", name, e))
			return err_wrap(e, "--%s %s", option, text);
	} else if (!is_custodian(s, body, name)) {
		err_set(e, ERR_MISSING, "--%s %s: there is no custodian of that name", option,
			name);
		return err_hint(e, "`coldspare policy` lists them");
	}
	if (json_object_get(notes, name))
		return err_set(e, ERR_USAGE, "--%s %s is given twice", option, name);
	if (!policyvalue_note(equals + 1, e))
		return err_wrap(e, "--%s", option);
	return put(notes, name, json_string(equals + 1), e);
}

static bool
read_notes(const struct state *s, const struct opts *o, const char *option, json_t *body,
	struct err *e)
{
	size_t count = opt_count(o, option);
	json_t *notes = json_object();

	if (count == 0) {
		json_decref(notes);
		return true;
	}
	if (!put(body, option, notes, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!read_note(s, option, opt_nth(o, option, i), body, notes, e))
			return false;
	return true;
}

/* The names of one domain: all of them, or "none" but itself. */
static bool
read_names(const struct opts *o, const struct state_domain *d, json_t *body, struct err *e)
{
	struct state_domain given = { 0 };
	json_t *names = json_array();

	if (opt_count(o, "san") == 0) {
		json_decref(names);
		return true;
	}
	if (!put(body, "names", names, e))
		return false;
	if (!d)
		return err_set(e, ERR_USAGE, "--san is of one domain: give --domain");
	if (strcmp(opt_nth(o, "san", 0), UNSET) == 0 && opt_count(o, "san") == 1)
		return json_array_append_new(names, json_string(d->name)) == 0 ||
		       err_set(e, ERR_MEMORY, "out of memory");
	if (!intakenames_given(o, d->name, &given, e))
		return false;
	for (size_t i = 0; i < given.name_count; i++)
		json_array_append_new(names, json_string(given.names[i]));
	intakenames_free(&given);
	return true;
}

/* The command ------------------------------------------------------------------------------ */

static bool
is_change(const struct opts *o)
{
	for (const struct opt_spec *p = options; p->name; p++)
		if (strcmp(p->name, "domain") != 0 && opt_count(o, p->name) > 0)
			return true;
	return false;
}

static bool
check_scope(const struct opts *o, struct err *e)
{
	static const char *const whole[] = { "valid-for", "drill-every", "issuer", "threshold",
		"custodian", "contact", "location" };

	for (size_t i = 0; opt_get(o, "domain") && i < sizeof(whole) / sizeof(whole[0]); i++)
		if (opt_count(o, whole[i]) > 0)
			return err_set(e, ERR_USAGE,
				"--%s is of the whole vault: leave --domain out", whole[i]);
	return true;
}

/* NULL without --domain. */
static bool
find_domain(const struct opts *o, const struct state *s, struct state_domain **out, struct err *e)
{
	char name[NAME_MAX_DNS + 1];

	*out = NULL;
	if (!opt_get(o, "domain"))
		return true;
	if (!name_domain(opt_get(o, "domain"), name, e))
		return err_wrap(e, "--domain");
	*out = state_find_domain(s, name);
	if (*out)
		return true;
	err_set(e, ERR_MISSING, "the vault has no domain %s", name);
	return err_hint(e, "`coldspare generate --domain %s` makes its first keys", name);
}

static bool
change(const struct opts *o, struct store *s, const struct state_domain *d, struct err *e)
{
	JSON_AUTO body = json_pack("{s:s?}", "domain", d ? d->name : NULL);

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return read_settings(o, body, e) && read_names(o, d, body, e) &&
	       read_custodians(o, body, e) && read_notes(&s->state, o, "contact", body, e) &&
	       read_notes(&s->state, o, "location", body, e) &&
	       read_notes(&s->state, o, "issuer", body, e) &&
	       store_append(s, "policy", json_incref(body), e);
}

static bool
show(const struct opts *o, const struct store *s, const struct state_domain *d, bool changed,
	struct err *e)
{
	JSON_AUTO doc = NULL;

	if (cmd_json(o))
		return policyview_json(&s->state, d, &doc, e) &&
		       (!changed || cmd_journal_line(o, s, doc, e)) && json_print(doc, e);
	policyview_print(&s->state, d);
	if (opt_count(o, "san") > 0)
		printf("requests that were made before are for the names of then: `coldspare csr "
		       "KEY --from MEDIUM ...` makes new ones\n");
	return !changed || cmd_journal_line(o, s, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	struct state_domain *d = NULL;
	bool changes = is_change(o);

	if (!check_scope(o, e) || !cmd_store_open(o, changes ? STORE_WRITE : STORE_READ, &s, e) ||
		!find_domain(o, &s.state, &d, e) || (changes && !change(o, &s, d, e)))
		return false;
	return show(o, &s, d, changes, e);
}

const struct command cmd_policy = {
	.name = "policy",
	.operands = "",
	.summary = "show or change the policy of the vault or of one domain",
	.detail = "What a domain does not say itself it takes from the vault. \"none\" as a value "
		  "takes a setting back. New custodians hold the keys to come; those that exist "
		  "stay where they are until `reshare`.",
	.options = options,
	.run = run,
};
