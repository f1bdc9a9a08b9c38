/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/cmd.h"
#include "vault/csr.h"
#include "vault/guard.h"
#include "vault/harden.h"
#include "vault/intake.h"
#include "vault/intakenames.h"
#include "vault/media.h"
#include "vault/privkey.h"
#include "vault/regather.h"

#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	{ "to", OPT_ONE, "FILE", "write it there; default: standard output" },
	GATHER_OPTION,
	INTAKE_SAN,
	INTAKE_SUBJECT,
	{ 0 },
};

struct job {
	struct store store;
	struct state_key *key;
	char path[STATE_PATH]; /* of the request, below the vault */
	struct buf pem;
	struct state_domain names; /* of a new request */
	json_t *line;              /* of the journal */
};

static void
job_free(struct job *j)
{
	json_decref(j->line);
	intakenames_free(&j->names);
	buf_free(&j->pem);
	store_close(&j->store);
}

/* Before custodians come: may the file be written there at all? */
static bool
check_target(const char *to, struct err *e)
{
	AUTO_STR folder = NULL;

	if (!to)
		return true;
	if (file_exists(to)) {
		err_set(e, ERR_EXISTS, "%s exists already", to);
		return err_hint(e, "nothing is overwritten: give --to another name");
	}
	return file_parent(to, &folder, e) &&
	       (file_is_dir(folder) ||
		       err_set(e, ERR_MISSING, "%s: there is no folder %s", to, folder));
}

static bool
open_job(const struct opts *o, bool makes, struct job *j, struct err *e)
{
	const char *to = opt_get(o, "to");

	if (!makes && (opt_count(o, "san") > 0 || opt_get(o, "subject"))) {
		err_set(e, ERR_USAGE, "--san and --subject make a new request");
		return err_hint(e, "the key has to sign it: give --from for k custodians");
	}
	if (!check_target(to, e) ||
		!cmd_store_open(o, makes ? STORE_WRITE : STORE_READ, &j->store, e) ||
		(to && !cmd_outside(to, j->store.dir, e)) ||
		!state_find_key(&j->store.state, o->operands[0], &j->key, e))
		return false;
	if (!j->key->domain)
		return err_set(e, ERR_USAGE, "%s has no request", j->key->id);
	return j->key->state != STATE_VOID || err_set(e, ERR_REFUSED, "%s is void", j->key->id);
}

static bool
write_out(const struct opts *o, const struct job *j, struct err *e)
{
	const char *to = opt_get(o, "to");

	return !to || file_write_new(to, 0644, j->pem.data, j->pem.len, e);
}

/* The request that is there ---------------------------------------------------------------- */

static bool
show(const struct opts *o, struct job *j, struct err *e)
{
	JSON_AUTO doc = NULL;

	state_request_path(j->key, j->key->request_number, j->path);
	if (!store_read_file(&j->store, j->path, FILE_LIMIT, &j->pem, e) || !write_out(o, j, e))
		return false;
	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:s}", "key", j->key->id, "request", j->pem.data);
		return doc ? json_print(doc, e) : err_set(e, ERR_MEMORY, "out of memory");
	}
	if (opt_get(o, "to"))
		printf("the request of %s is in %s\n", j->key->id, opt_get(o, "to"));
	else
		(void)fwrite(j->pem.data, 1, j->pem.len, stdout);
	return true;
}

/* A new one -------------------------------------------------------------------------------- */

static bool
check_state(const struct state_key *k, struct err *e)
{
	if (k->state != STATE_RETIRED && k->state != STATE_COMPROMISED)
		return true;
	err_set(e, ERR_REFUSED, "%s is %s", k->id, manifest_state_name(k->state));
	return err_hint(e, "no certificate for it is of any use");
}

/* The --san names, or those that the domain has now; what the certificate would lack is said. */
static bool
settle_names(const struct opts *o, struct job *j, struct csr_request *r, struct err *e)
{
	const struct state_domain *d = state_find_domain(&j->store.state, j->key->domain);

	r->subject = opt_get(o, "subject");
	r->names = d->names;
	r->name_count = d->name_count;
	if (r->subject && !csr_subject_check(r->subject, e))
		return false;
	if (opt_count(o, "san") == 0)
		return true;
	if (!intakenames_given(o, d->name, &j->names, e))
		return false;
	r->names = j->names.names;
	r->name_count = j->names.name_count;
	for (size_t i = 0; i < d->name_count; i++)
		if (!state_has_name(&j->names, d->names[i]))
			fprintf(stderr,
				"coldspare: warning: `attach` wants a certificate for %s too: "
				"`policy --domain %s --san` sets the names of a domain\n",
				d->names[i], d->name);
	return true;
}

/* The key is in memory for one signature, and for no longer. */
static bool
sign(const struct opts *o, struct job *j, const struct csr_request *r, struct err *e)
{
	MEDIA_AUTO media = { 0 };
	GATHER_AUTO sources = { 0 };
	QUORUM_AUTO q = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	ENTROPY_AUTO *x = NULL;
	AUTO_EVP_PKEY key = NULL;
	JSON_AUTO record = json_array();

	if (!entropy_new(&x, e) || !media_init(o, &media, e) ||
		!gather_open(&media.host, o, &sources, e) ||
		!regather_key(&sources, &j->store, j->key, &q, &kek, &key, e) ||
		!csr_make(key, alg_of_key(key), r, x, &j->pem, e) ||
		!regather_record(&q, record, e))
		return false;
	j->line = json_deep_copy(json_array_get(record, 0));
	return j->line || err_set(e, ERR_MEMORY, "out of memory");
}

static bool
keep(const struct opts *o, struct job *j, const struct csr_request *r, struct err *e)
{
	FILEBATCH_AUTO files = NULL;
	JSON_AUTO hashes = json_object();
	json_t *names = json_array();

	state_request_path(j->key, j->key->request_number + 1, j->path);
	for (size_t i = 0; i < r->name_count; i++)
		json_array_append_new(names, json_string(r->names[i]));
	if (json_object_set_new(j->line, "names", names) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!filebatch_new(&files, e) ||
		!store_add_file(
			&j->store, files, hashes, j->path, 0644, j->pem.data, j->pem.len, e) ||
		!filebatch_sync(files, e) || !guard_offline(cmd_online(o), e))
		return false;
	if (json_object_set(j->line, "files", hashes) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	filebatch_keep(files);
	return store_append(&j->store, "csr", json_deep_copy(j->line), e);
}

static bool
print_new(const struct opts *o, const struct job *j, const struct csr_request *r, struct err *e)
{
	if (cmd_json(o)) {
		if (json_object_set_new(j->line, "request", json_string(j->pem.data)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &j->store, j->line, e) && json_print(j->line, e);
	}
	printf("a new request of %s, in %s\n", j->key->id, j->path);
	for (size_t i = 0; i < r->name_count; i++)
		printf("  %s %s\n", i == 0 ? "for" : "   ", r->names[i]);
	if (opt_get(o, "to"))
		printf("written to %s\n", opt_get(o, "to"));
	else
		printf("`coldspare csr %s --to FILE` writes it out\n", j->key->id);
	return cmd_journal_line(o, &j->store, NULL, e);
}

static bool
make(const struct opts *o, struct job *j, struct err *e)
{
	struct csr_request request = { 0 };

	return check_state(j->key, e) && settle_names(o, j, &request, e) &&
	       sign(o, j, &request, e) && keep(o, j, &request, e) && write_out(o, j, e) &&
	       print_new(o, j, &request, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { .store = { .lock_fd = -1 } };
	bool makes = opt_count(o, "from") > 0;

	/* Writing out what is public wants no machine without a network; bringing a key back does.
	 */
	if (makes && (!harden_for_secret(opt_flag(o, "allow-swap"), e) ||
			     !guard_offline(cmd_online(o), e)))
		return false;
	bool ok = open_job(o, makes, &j, e) && (makes ? make(o, &j, e) : show(o, &j, e));

	job_free(&j);
	return ok;
}

const struct command cmd_csr = {
	.name = "csr",
	.operands = "KEY [--from MEDIUM ...]",
	.min = 1,
	.max = 1,
	.summary = "write a key's request again, or make one with other names",
	.detail = "Without --from the latest request, from public data. With it a new one: any k "
		  "shares bring the key back in memory for one signature.",
	.options = options,
	.run = run,
};
