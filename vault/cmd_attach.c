/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/cmd.h"
#include "vault/issued.h"

#include <stdio.h>
#include <stdlib.h>

struct job {
	struct store store;
	const struct state_key *key;
	const struct state_domain *domain;
	struct issued issued;
	char *path; /* below the vault */
	json_t *files;
};

static void
job_free(struct job *j)
{
	free(j->path);
	json_decref(j->files);
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

/* On disk first: the line that names the file is what makes it part of the vault. */
static bool
write_chain(struct job *j, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	BUF_AUTO pem = BUF_NONE;

	if (!file_path(&j->path, e, "keys/%s/certificate-%s.pem", j->key->id, j->issued.serial))
		return false;
	if (json_object_get(j->store.state.files, j->path))
		return err_set(e, ERR_EXISTS, "the certificate %s is attached to %s already",
			j->issued.serial, j->key->id);
	j->files = json_object();
	if (!issued_encode(&j->issued, &pem, e) || !filebatch_new(&files, e) ||
		!store_add_file(&j->store, files, j->files, j->path, 0644, pem.data, pem.len, e) ||
		!filebatch_sync(files, e))
		return false;
	filebatch_keep(files);
	return true;
}

static bool
describe(const struct job *j, json_t **out, struct err *e)
{
	const struct issued *i = &j->issued;
	char not_before[CLOCK_TEXT], not_after[CLOCK_TEXT];
	json_t *names = json_array();

	clock_format(i->not_before, not_before);
	clock_format(i->not_after, not_after);
	for (size_t n = 0; n < j->domain->name_count; n++)
		json_array_append_new(names, json_string(j->domain->names[n]));
	*out = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:i, s:O}", "key", j->key->id,
		"serial", i->serial, "subject", i->chain[0]->subject, "issuer", i->chain[0]->issuer,
		"not_before", not_before, "not_after", not_after, "names", names, "chain",
		(int)i->count, "files", j->files);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
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
		!write_chain(j, e) || !describe(j, &doc, e) ||
		!store_append(&j->store, "attach", json_deep_copy(doc), e))
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
