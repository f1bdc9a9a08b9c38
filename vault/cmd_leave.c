/* SPDX-License-Identifier: ISC */
/* retire and compromise: the two ways out of the manifests. */
#include "vault/cmd.h"
#include "vault/leave.h"
#include "vault/successor.h"

#include <stdio.h>

static const struct opt_spec retire_options[] = {
	{ "force", OPT_FLAG, NULL, "though it is the last backup, or the last pin that is served" },
	{ 0 },
};

struct job {
	struct store store;
	struct leave what;
	json_t *domains; /* what is said of each */
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

/* One line for each domain that has it. */
static bool
append(struct job *j, const char *event, const char *domain, const char *member, json_t *value,
	struct err *e)
{
	json_t *body = json_pack("{s:s, s:s?, s:s, s:o?}", "pin", j->what.text, "key",
		j->what.key ? j->what.key->id : NULL, "domain", domain, member, value);

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
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
}

/* retire ----------------------------------------------------------------------------------- */

static bool
check_left(const struct leave *l, const struct state_domain *d, struct err *e)
{
	if (l->key && state_is_backup(l->key) && leave_backups_left(l, d) == 0) {
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
check_retire(const struct opts *o, const struct job *j, struct err *e)
{
	const struct state *s = &j->store.state;
	const struct state_key *k = j->what.key;

	if (k && !state_is_pinned(k) && k->state != STATE_STANDBY && k->state != STATE_PRESIGNED)
		return err_set(
			e, ERR_REFUSED, "%s is %s already", k->id, manifest_state_name(k->state));
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

/* Must servers change to a backup? Not when what leaves was not in use, or another CA or live
 * certificate is left. */
static bool
needs_backup(const struct leave *l, const struct state_domain *d)
{
	return leave_is_served(l, d, false) ||
	       (leave_is_served(l, d, true) && leave_served_left(l, d) == 0);
}

static void
print_use(const struct successor *c, const struct buf *how)
{
	const char *id = c->key->id;

	printf("use %s: %s\n", id, how->data);
	if (c->certificate) {
		printf("  coldspare recover %s --from MEDIUM ... --format bundle --to FILE\n", id);
	} else {
		printf("  coldspare csr %s --to FILE      (for the CA)\n", id);
		printf("  coldspare attach %s CERTFILE    (what the CA answers)\n", id);
		printf("  coldspare recover %s --from MEDIUM ... --format bundle --to FILE\n", id);
	}
	printf("  coldspare promote %s%s\n", id, c->ready ? "" : " --force");
	printf("  coldspare export --to DIR\n");
}

static void
print_compromise(const struct leave *l, const struct state_domain *d, bool needed,
	const struct successor *c, const struct buf *how)
{
	printf("%s: %s is compromised: its pin leaves with the next export\n", d->name, l->name);
	if (!needed)
		printf("it was not what servers use: export, and make another backup\n");
	else if (c->key)
		print_use(c, how);
	else
		printf("no backup of %s is left: make one with `coldspare generate --domain %s`\n",
			d->name, d->name);
}

static bool
compromise_in(
	const struct opts *o, struct job *j, const struct ready_history *h, size_t i, struct err *e)
{
	const struct state_domain *d = &j->store.state.domains[i];
	bool needed = needs_backup(&j->what, d);
	struct successor c = { 0 };
	BUF_AUTO how = BUF_NONE;

	if (needed &&
		successor_choose(&j->store, h, d, leave_algorithm(&j->what, d), clock_now(), &c))
		successor_describe(&c, &how);
	if (!buf_ok(&how, e) || !append(j, "compromise", d->name, "use",
					c.key ? json_string(c.key->id) : json_null(), e))
		return false;
	if (!cmd_json(o))
		print_compromise(&j->what, d, needed, &c, &how);
	return true;
}

static bool
compromise(const struct opts *o, struct job *j, struct err *e)
{
	READY_HISTORY_AUTO h = { 0 };

	if (!open_job(o, j, e) || !ready_load(&j->store, &h, e))
		return false;
	if (j->what.key && j->what.key->state == STATE_COMPROMISED)
		return err_set(e, ERR_REFUSED, "%s is compromised already", j->what.name);
	for (size_t i = 0; i < j->store.state.domain_count; i++)
		if (leave_is_of(&j->what, &j->store.state.domains[i]) &&
			!compromise_in(o, j, &h, i, e))
			return false;
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
	.summary = "take a compromised key or pin out, and say which backup to use",
	.detail = "Any recorded pin, the live certificate's too; always, and for good. No "
		  "passphrase and no share is needed.",
	.run = run_compromise,
};
