/* SPDX-License-Identifier: ISC */
#include "vault/attaching.h"
#include "vault/cmd.h"

#include <stdio.h>
#include <stdlib.h>

struct job {
	struct store store;
	const struct state_key *key;
	const struct state_domain *domain;
	struct issued issued;
	char *path; /* below the vault */
};

static void
job_free(struct job *j)
{
	free(j->path);
	issued_free(&j->issued);
	store_close(&j->store);
}

static bool
find_key(const char *wanted, struct job *j, struct err *e)
{
	struct state_key *k = NULL;

	if (!state_find_key(&j->store.state, wanted, &k, e))
		return false;
	if (!k->domain)
		return err_set(e, ERR_USAGE, "%s gets no certificate", k->id);
	if (k->state == STATE_VOID || k->state == STATE_RETIRED || k->state == STATE_COMPROMISED) {
		err_set(e, ERR_REFUSED, "%s is %s", k->id, manifest_state_name(k->state));
		return err_hint(e, "a certificate is of use to standby, presigned and active keys");
	}
	j->key = k;
	j->domain = state_find_domain(&j->store.state, k->domain);
	return true;
}

static bool
print_result(const struct opts *o, const struct job *j, json_t *doc, struct err *e)
{
	const struct pubfile_item *leaf = j->issued.chain[0];
	char not_before[CLOCK_TEXT], not_after[CLOCK_TEXT];

	if (cmd_json(o)) {
		json_object_set_new(doc, "state", json_string(manifest_state_name(j->key->state)));
		return cmd_journal_line(o, &j->store, doc, e) && json_print(doc, e);
	}
	clock_format(j->issued.not_before, not_before);
	clock_format(j->issued.not_after, not_after);
	printf("%s is %s\n", j->key->id, manifest_state_name(j->key->state));
	printf("  issuer   %s\n  serial   %s\n  subject  %s\n", leaf->issuer, j->issued.serial,
		leaf->subject[0] ? leaf->subject : "(none)");
	printf("  valid    %s to %s\n", not_before, not_after);
	printf("  chain    %zu certificate%s, in %s\n", j->issued.count,
		j->issued.count == 1 ? "" : "s", j->path);
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
attach(const struct opts *o, struct job *j, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (!cmd_store_open(o, STORE_WRITE, &j->store, e) || !find_key(o->operands[0], j, e) ||
		!issued_load(o->operands[1], j->key, j->domain, clock_now(), &j->issued, e) ||
		!attaching_run(&j->store, j->key, j->domain, &j->issued, &j->path, &doc, e))
		return false;
	if (j->issued.warnings.len > 0)
		(void)fputs(j->issued.warnings.data, stderr);
	return print_result(o, j, doc, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { 0 };
	bool ok = attach(o, &j, e);

	job_free(&j);
	return ok;
}

const struct command cmd_attach = {
	.name = "attach",
	.heading = "The life of a key",
	.operands = "KEY CERTFILE",
	.min = 2,
	.max = 2,
	.summary = "keep the certificate that a CA issued for a backup key",
	.detail = "CERTFILE is a certificate or chain, PEM or DER, in any order. It must be of "
		  "this key, cover every name of its domain, and link up. Again for a renewal: "
		  "the latest counts.",
	.run = run,
};
