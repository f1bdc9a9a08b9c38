/* SPDX-License-Identifier: ISC */
#include "vault/intake.h"

#include "vault/csr.h"
#include "vault/intakenames.h"
#include "vault/keyview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void
intake_close(struct intake *in)
{
	holders_free(&in->holders);
	media_free(&in->media);
	signer_free(&in->signer);
	entropy_free(&in->entropy);
	intakenames_free(&in->domain);
	store_close(&in->store);
}

/* The medium for this run: --custodian NAME=MEDIUM, or the vault's own for that custodian. */
static const char *
medium_for(const struct state_custodian *c, const struct cmd_custodian *given, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(given[i].name, c->name) == 0)
			return given[i].medium;
	return c->medium;
}

static bool
check_known(const struct state *s, const struct cmd_custodian *given, size_t count, struct err *e)
{
	for (size_t i = 0; i < count; i++) {
		if (state_find_custodian(s, given[i].name))
			continue;
		err_set(e, ERR_USAGE, "the vault has no custodian %s", given[i].name);
		return err_hint(e, "`policy` lists them, and changes them");
	}
	return true;
}

bool
intake_holders(const struct opts *o, struct intake *in, struct err *e)
{
	const struct state *s = &in->store.state;
	const char *names[SHARE_COUNT_MAX], *specs[SHARE_COUNT_MAX];
	struct cmd_custodian *given = NULL;
	size_t count = 0;
	bool ok;

	if (s->custodian_count > SHARE_COUNT_MAX)
		return err_set(e, ERR_USAGE, "more than %d custodians", SHARE_COUNT_MAX);
	if (!cmd_custodians(o, &given, &count, e))
		return false;
	ok = check_known(s, given, count, e);
	for (size_t i = 0; ok && i < s->custodian_count; i++) {
		names[i] = s->custodians[i].name;
		specs[i] = medium_for(&s->custodians[i], given, count);
	}
	ok = ok && media_init(o, &in->media, e) &&
	     holders_open(&in->media.host, in->store.dir, names, specs, s->custodian_count,
		     &in->holders, e);
	cmd_custodians_free(given, count);
	return ok;
}

bool
intake_open(const struct opts *o, struct intake *in, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;

	in->subject = opt_get(o, "subject");
	in->online = cmd_online(o);
	in->detached = opt_flag(o, "detached");
	return (!in->subject || csr_subject_check(in->subject, e)) &&
	       cmd_store_open(o, STORE_WRITE, &in->store, e) &&
	       intakenames_read(o, &in->store.state, &in->domain, e) && intake_holders(o, in, e) &&
	       entropy_new(&in->entropy, e) && cmd_passphrase(o, false, &passphrase, e) &&
	       store_signer(&in->store, &passphrase, &in->signer, e);
}

struct spare_recipe
intake_recipe(const struct intake *in, const struct alg *alg, enum manifest_origin origin)
{
	return (struct spare_recipe){
		.domain = in->domain.name,
		.subject = in->subject,
		.names = in->domain.names,
		.name_count = in->domain.name_count,
		.alg = alg,
		.threshold = in->store.state.threshold,
		.shares = (unsigned)in->holders.count,
		.origin = origin,
	};
}

static bool
print_text(const struct intake *in, const struct admit *a, struct err *e)
{
	const struct state *s = &in->store.state;

	for (size_t i = 0; i < a->count; i++) {
		const struct state_key *key = state_key_by_pin(s, &a->spares[i].pin);

		if (!key)
			return err_set(e, ERR_INTERNAL, "a committed key is not in the vault");
		printf("key: %s\n  pin-sha256 %s\n  csr keys/%s/request.csr\n", key->id,
			a->spares[i].sealed.pin, key->id);
	}
	printf("%zu key%s for %s, %u of %zu shares each; every share was read back and "
	       "%llu combination%s rebuilt each key\n",
		a->count, a->count == 1 ? "" : "s", in->domain.name, a->deal.threshold,
		in->holders.count, (unsigned long long)a->subsets, a->subsets == 1 ? "" : "s");
	admit_print_shares(a);
	return true;
}

static bool
print_json(const struct opts *o, const struct intake *in, const struct admit *a, struct err *e)
{
	JSON_AUTO doc = json_object();
	json_t *keys = json_array();
	READY_HISTORY_AUTO history = { 0 };

	if (json_object_set_new(doc, "keys", keys) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!ready_load(&in->store, &history, e))
		return false;
	for (size_t i = 0; i < a->count; i++) {
		const struct state_key *key = state_key_by_pin(&in->store.state, &a->spares[i].pin);
		json_t *view = NULL;

		if (!key)
			return err_set(e, ERR_INTERNAL, "a committed key is not in the vault");
		if (!keyview_json(&in->store, &history, key, &view, e))
			return false;
		json_array_append_new(keys, view);
	}
	return cmd_journal_line(o, &in->store, doc, e) && json_print(doc, e);
}

bool
intake_finish(const struct opts *o, struct intake *in, const char *kind, struct spare *spares,
	size_t count, struct err *e)
{
	struct admit a = {
		.store = &in->store,
		.entropy = in->entropy,
		.kind = kind,
		.deal = {
			.state = &in->store.state,
			.signer = &in->signer,
			.holders = &in->holders,
			.threshold = in->store.state.threshold,
			.detached = in->detached,
			.created = clock_now(),
		},
		.allow_online = in->online,
		.spares = spares,
		.count = count,
		.domains = &in->domain,
		.domain_count = 1,
	};

	if (!admit_run(&a, e))
		return false;
	if (cmd_json(o))
		return print_json(o, in, &a, e);
	return print_text(in, &a, e) && cmd_journal_line(o, &in->store, NULL, e);
}
