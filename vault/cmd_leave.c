/* SPDX-License-Identifier: ISC */
/* retire and compromise: the two ways out of the manifests. */
#include "base/clock.h"
#include "vault/cmd.h"
#include "vault/leave.h"
#include "vault/runbook.h"

#include <stdio.h>

static const struct opt_spec retire_options[] = {
	{ "force", OPT_FLAG, NULL, "though it is the last backup, or the last pin that is served" },
	{ 0 },
};

struct job {
	struct store store;
	struct leave what;
	json_t *domains;  /* what is said of each */
	json_t *runbooks; /* borrowed; NULL for none */
};

static void
job_free(struct job *j)
{
	json_decref(j->domains);
	store_close(&j->store);
}

static bool
open_job(const struct opts *o, struct job *j, struct err *e)
{
	j->domains = json_array();
	return cmd_store_open(o, STORE_WRITE, &j->store, e) &&
	       leave_find(&j->store.state, o->operands[0], &j->what, e);
}

/* One line for each domain that has it: of the key in its own, of the pin in others. */
static bool
append(struct job *j, const char *event, const char *domain, const char *member, json_t *value,
	struct err *e)
{
	const struct state_domain *d = state_find_domain(&j->store.state, domain);
	json_t *body = json_pack("{s:s, s:s?, s:s, s:o?}", "pin", j->what.text, "key",
		leave_is_key_of(&j->what, d) ? j->what.key->id : NULL, "domain", domain, member,
		value);

	if (!body || json_array_append_new(j->domains, json_deep_copy(body)) != 0) {
		json_decref(body);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	return store_append(&j->store, event, body, e);
}

static bool
print_end(const struct opts *o, const struct job *j, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (!cmd_json(o))
		return cmd_journal_line(o, &j->store, NULL, e);
	doc = json_pack("{s:s, s:s?, s:O}", "pin", j->what.text, "key",
		j->what.key ? j->what.key->id : NULL, "domains", j->domains);
	if (!doc || (j->runbooks && json_object_set(doc, "runbooks", j->runbooks) != 0))
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
}

/* retire ----------------------------------------------------------------------------------- */

static bool
check_left(const struct leave *l, const struct state_domain *d, struct err *e)
{
	if (leave_is_key_of(l, d) && state_is_backup(l->key) && leave_backups_left(l, d) == 0) {
		err_set(e, ERR_REFUSED, "%s is the last usable backup of %s", l->name, d->name);
		return err_hint(e,
			"make another first, with `coldspare generate --domain %s`, or retire it "
			"all the same with --force",
			d->name);
	}
	if (leave_is_served(l, d, true) && leave_served_left(l, d) == 0) {
		err_set(e, ERR_REFUSED, "%s is the last pin in the served chain of %s", l->name,
			d->name);
		return err_hint(e, "`promote` its successor first, or record the new live "
				   "certificate with `add-pin`; --force retires it all the same");
	}
	return true;
}

static bool
gone_already(const struct leave *l, const char *how, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s is %s already", l->name, how);
	return err_hint(e, "its pin is in no manifest to come; `coldspare log` says since when");
}

static bool
check_retire(const struct opts *o, const struct job *j, struct err *e)
{
	const struct state *s = &j->store.state;
	const struct state_key *k = j->what.key;

	if (k && !state_is_pinned(k) && k->state != STATE_STANDBY && k->state != STATE_PRESIGNED &&
		!leave_is_external(&j->what, s))
		return gone_already(&j->what, manifest_state_name(k->state), e);
	for (size_t i = 0; i < s->domain_count && !opt_flag(o, "force"); i++)
		if (leave_is_of(&j->what, &s->domains[i]) &&
			!check_left(&j->what, &s->domains[i], e))
			return false;
	return true;
}

static bool
retire(const struct opts *o, struct job *j, struct err *e)
{
	const struct state *s = &j->store.state;

	if (!open_job(o, j, e) || !check_retire(o, j, e))
		return false;
	for (size_t i = 0; i < s->domain_count; i++) {
		const struct state_domain *d = &s->domains[i];
		if (!leave_is_of(&j->what, d))
			continue;
		if (!append(j, "retire", d->name, "force", json_boolean(opt_flag(o, "force")), e))
			return false;
		if (!cmd_json(o))
			printf("%s: %s is retired: its pin leaves with the next export\n", d->name,
				j->what.name);
	}
	return print_end(o, j, e);
}

/* compromise ------------------------------------------------------------------------------- */

static bool
record(struct job *j, const json_t *runbooks, struct err *e)
{
	json_t *runbook;
	size_t i;

	json_array_foreach(runbooks, i, runbook)
	{
		const char *domain = json_string_value(json_object_get(runbook, "domain"));

		if (!append(j, "compromise", domain, "use",
			    json_incref(json_object_get(runbook, "use")), e))
			return false;
	}
	return true;
}

static void
print_runbooks(const struct job *j, const json_t *runbooks)
{
	json_t *runbook;
	size_t i;

	json_array_foreach(runbooks, i, runbook)
		printf("%s: %s is compromised: its pin leaves with the next export\n",
			json_string_value(json_object_get(runbook, "domain")), j->what.name);
	json_array_foreach(runbooks, i, runbook)
	{
		printf("\n");
		runbook_print(runbook);
	}
	printf("\n");
}

static bool
compromise(const struct opts *o, struct job *j, struct err *e)
{
	JSON_AUTO runbooks = json_array();

	if (!open_job(o, j, e))
		return false;
	if (j->what.key && j->what.key->state == STATE_COMPROMISED)
		return gone_already(&j->what, "compromised", e);
	/* What to do is made of what is known before the pin is gone. */
	if (!runbook_all(&j->store, &j->what, true, runbooks, e) || !record(j, runbooks, e))
		return false;
	if (!cmd_json(o))
		print_runbooks(j, runbooks);
	j->runbooks = runbooks;
	return print_end(o, j, e);
}

static bool
run_retire(const struct opts *o, struct err *e)
{
	struct job j = { 0 };
	bool ok = retire(o, &j, e);

	job_free(&j);
	return ok;
}

static bool
run_compromise(const struct opts *o, struct err *e)
{
	struct job j = { 0 };
	bool ok = compromise(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_retire = {
	.name = "retire",
	.operands = "KEY|PIN",
	.min = 1,
	.max = 1,
	.summary = "take a key or pin out of all further manifests",
	.detail = "For a key that another one has taken over from, or a pin recorded by "
		  "`add-pin`. The last usable backup and the last pin that is served are refused.",
	.options = retire_options,
	.run = run_retire,
};

const struct command cmd_compromise = {
	.name = "compromise",
	.operands = "KEY|PIN",
	.min = 1,
	.max = 1,
	.summary = "take a compromised key or pin out, and print what to do now",
	.detail = "Any recorded pin, the live certificate's too; always, and for good. No "
		  "passphrase and no share is needed.",
	.run = run_compromise,
};
