/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"
#include "vault/ready.h"

#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	{ "force", OPT_FLAG, NULL, "though it is not ready or not proven; journalled" },
	{ 0 },
};

struct job {
	struct store store;
	struct state_key *key;
	struct buf why;    /* what stands in the way, "; " between */
	json_t *displaced; /* whom it takes over from: key ids, and pins from outside */
};

static void
job_free(struct job *j)
{
	buf_free(&j->why);
	json_decref(j->displaced);
	store_close(&j->store);
}

static bool
is_active(const struct state_key *k, struct err *e)
{
	err_set(e, ERR_REFUSED, "%s is active already", k->id);
	return err_hint(e, "nothing is left to do: `coldspare export` publishes it as such");
}

static bool
find_key(const char *wanted, struct job *j, struct err *e)
{
	if (!state_find_key(&j->store.state, wanted, &j->key, e))
		return false;
	const struct state_key *k = j->key;
	if (!k->domain)
		return err_set(e, ERR_USAGE, "%s is no backup key", k->id);
	if (state_is_pinned(k) || k->state == STATE_STANDBY || k->state == STATE_PRESIGNED)
		return k->state != STATE_ACTIVE || is_active(k, e);
	err_set(e, ERR_REFUSED, "%s is %s for good", k->id, manifest_state_name(k->state));
	return err_hint(e, "`coldspare status` shows which keys may yet be used");
}

/* Its pin must be known to every client before a server uses it. */
static bool
look_at_readiness(struct job *j, struct err *e)
{
	READY_HISTORY_AUTO h = { 0 };
	const struct state *s = &j->store.state;
	int64_t deployed, ready, prior;
	char text[CLOCK_TEXT];

	if (!ready_load(&j->store, &h, e))
		return false;
	prior = state_policy_of(s, state_find_domain(s, j->key->domain)).prior_max_age;
	ready_when(&h, j->key->domain, &j->key->pin, prior, &deployed, &ready);
	clock_format(ready, text);
	if (ready == CLOCK_NONE)
		buf_adds(&j->why, "not known to be deployed, so not ready");
	else if (ready > clock_now())
		buf_addf(&j->why, "ready only from %s on", text);
	if (!state_is_proven(j->key))
		buf_addf(&j->why, "%snot proven", j->why.len > 0 ? "; " : "");
	return buf_ok(&j->why, e);
}

static bool
check(const struct opts *o, const struct job *j, struct err *e)
{
	if (j->why.len == 0 || opt_flag(o, "force"))
		return true;
	err_set(e, ERR_REFUSED, "%s is %s", j->key->id, j->why.data);
	return err_hint(e,
		"clients that do not know its pin yet would be locked out; --force promotes it "
		"all the same, and the journal says so");
}

static void
list_displaced(struct job *j)
{
	const struct state_domain *d = state_find_domain(&j->store.state, j->key->domain);
	char pin[PIN_TEXT];

	j->displaced = json_array();
	for (size_t i = 0; i < d->key_count; i++)
		if (d->keys[i]->state == STATE_ACTIVE &&
			strcmp(d->keys[i]->algorithm, j->key->algorithm) == 0)
			json_array_append_new(j->displaced, json_string(d->keys[i]->id));
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct state_pin *p = &d->pins[i];
		if (p->removed || p->displaced || p->role != ROLE_ACTIVE ||
			strcmp(p->algorithm, j->key->algorithm) != 0)
			continue;
		pin_encode(&p->pin, pin);
		json_array_append_new(j->displaced, json_string(pin));
	}
}

static bool
append(struct job *j, struct err *e)
{
	json_t *body =
		json_pack("{s:s, s:s, s:b, s:s?}", "key", j->key->id, "domain", j->key->domain,
			"force", j->why.len > 0, "why", j->why.len > 0 ? j->why.data : NULL);

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&j->store, "promote", body, e);
}

static bool
print_json(const struct opts *o, const struct job *j, struct err *e)
{
	JSON_AUTO doc = json_pack("{s:s, s:s, s:s, s:s?, s:O}", "key", j->key->id, "domain",
		j->key->domain, "state", manifest_state_name(j->key->state), "forced",
		j->why.len > 0 ? j->why.data : NULL, "displaced", j->displaced);

	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
}

static bool
print_text(const struct opts *o, const struct job *j, struct err *e)
{
	const struct state_key *k = j->key;
	json_t *old;
	size_t i;

	printf("%s is active for %s\n", k->id, k->domain);
	if (k->certificate_count == 0)
		printf("  no certificate is attached: `coldspare csr %s` writes its request\n",
			k->id);
	printf("next:\n  coldspare export --to DIR\n"
	       "  once it is live in production: coldspare deployed SERIAL\n");
	json_array_foreach(j->displaced, i, old) printf(
		"  once no server uses the old one: coldspare retire %s\n", json_string_value(old));
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
promote(const struct opts *o, struct job *j, struct err *e)
{
	if (!cmd_store_open(o, STORE_WRITE, &j->store, e) || !find_key(o->operands[0], j, e) ||
		!look_at_readiness(j, e) || !check(o, j, e))
		return false;
	list_displaced(j);
	if (!append(j, e))
		return false;
	if (j->why.len > 0)
		fprintf(stderr, "coldspare: warning: %s was promoted by force: %s\n", j->key->id,
			j->why.data);
	return cmd_json(o) ? print_json(o, j, e) : print_text(o, j, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { 0 };
	bool ok = promote(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_promote = {
	.name = "promote",
	.operands = "KEY",
	.min = 1,
	.max = 1,
	.summary = "record that a backup key is the one in production now",
	.detail = "What was active under the same algorithm stays pinned until `retire`. A key "
		  "that is not ready or not proven is refused.",
	.options = options,
	.run = run,
};
