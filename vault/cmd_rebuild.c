/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/place.h"
#include "vault/anchor.h"
#include "vault/attaching.h"
#include "vault/cmd.h"
#include "vault/found.h"
#include "vault/guard.h"
#include "vault/media.h"
#include "vault/rebuild.h"

#include <stdio.h>
#include <string.h>

static const struct opt_spec options[] = {
	GATHER_OPTION,
	{ "export", OPT_ONE, "DIR", "the last export folder" },
	ANCHOR_OPTION,
	{ "partial", OPT_FLAG, NULL, "go on although keys cannot be brought back" },
	{ "kdf", OPT_ONE, "COST",
		"passphrase cost: sensitive (1 GiB, default), interactive (16 MiB)" },
	{ 0 },
};

struct job {
	const char *dir; /* of the new vault */
	const struct signer_kdf *kdf;
	struct rebuild r;
	struct media media;
	struct gather sources;
};

static void
job_free(struct job *j)
{
	gather_close(&j->sources);
	media_free(&j->media);
	rebuild_free(&j->r);
}

static bool
check_target(const struct job *j, struct err *e)
{
	bool inside;

	if (file_exists(j->dir) && !file_check_empty(j->dir, e))
		return err_hint(e, "a vault is rebuilt in a new folder, or an empty one: where the "
				   "old one is there, `audit` says what of it is");
	if (!place_inside(j->dir, j->r.folder, &inside, e))
		return false;
	return !inside || err_set(e, ERR_REFUSED, "%s lies in the export folder", j->dir);
}

static bool
read_job(const struct opts *o, struct job *j, struct err *e)
{
	const char *key = opt_get(o, "key"), *kdf = opt_get(o, "kdf");

	j->r.folder = opt_get(o, "export");
	j->r.partial = opt_flag(o, "partial");
	j->r.sources = &j->sources;
	if (!j->r.folder)
		return err_set(e, ERR_USAGE, "--export is missing") ||
		       err_hint(e, "the folder of the last export: what production has serves");
	if (!key) {
		err_set(e, ERR_USAGE, "whose shares count? --key is missing");
		return err_hint(e, "the vault's public key, from a source other than the shares "
				   "and the export: the paper log has it");
	}
	if (!minisign_pub_load(key, &j->r.key, e))
		return err_wrap(e, "--key");
	return cmd_vault_path(o, &j->dir, e) &&
	       signer_kdf_find(kdf ? kdf : "sensitive", &j->kdf, e) && check_target(j, e) &&
	       media_init(o, &j->media, e) && gather_open(&j->media.host, o, &j->sources, e);
}

static bool
secret_file(const struct opts *o, const struct job *j, struct secret *out, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;

	return cmd_passphrase(o, true, &passphrase, e) &&
	       signer_encode(&j->r.signer, &passphrase, j->kdf, out, e);
}

static bool
begin(const struct opts *o, const struct job *j, const struct secret *file,
	struct filebatch **files, struct store *s, struct err *e)
{
	const struct manifest *m = &j->r.from.manifest;
	const char *names[SHARE_COUNT_MAX], *media[SHARE_COUNT_MAX], *name;
	JSON_AUTO base = json_pack("{s:I, s:I, s:s}", "serial", (json_int_t)m->serial, "entries",
		(json_int_t)m->journal_entries, "head", m->journal_head);
	struct found f = {
		.dir = j->dir,
		.name = m->vault_name,
		.threshold = j->r.threshold,
		.max_age = MANIFEST_MAX_AGE_DEFAULT,
		.kdf = j->kdf,
		.custodians = names,
		.media = media,
		.online = cmd_online(o),
		.rehearsal = m->rehearsal,
		.rebuilt = base,
	};
	json_t *spec;

	if (!base)
		return err_set(e, ERR_MEMORY, "out of memory");
	json_object_foreach(j->r.custodians, name, spec)
	{
		names[f.custodian_count] = name;
		media[f.custodian_count++] = json_string_value(spec);
	}
	return found_begin(&f, &j->r.signer, file, files, s, e);
}

/* The line that makes it a vault. */
static bool
fill(const struct opts *o, const struct job *j, struct filebatch *files, struct store *s,
	struct err *e)
{
	JSON_AUTO hashes = json_object();
	json_t *body;

	for (size_t i = 0; i < j->r.file_count; i++) {
		const struct rebuild_file *f = &j->r.files[i];

		if (!store_add_file(
			    s, files, hashes, f->path, f->mode, f->bytes.data, f->bytes.len, e))
			return false;
	}
	return filebatch_sync(files, e) && guard_offline(cmd_online(o), e) &&
	       rebuild_line(&j->r, hashes, &body, e) && store_append(s, "rebuild", body, e);
}

/* After the line: without one the vault is whole, and the certificate can be attached by hand. */
static bool
attach_one(const struct job *j, struct store *s, const struct state_key *k, struct err *e)
{
	ISSUED_AUTO issued = { 0 };
	AUTO_STR path = NULL;
	const struct state_domain *d = k->domain ? state_find_domain(&s->state, k->domain) : NULL;
	struct err why;

	if (!file_path(&path, e, "%s/certificates/%s.pem", j->r.folder, k->id))
		return false;
	if (!d || !file_exists(path))
		return true;
	if (issued_load(path, k, d, clock_now(), &issued, &why))
		return attaching_run(s, k, d, &issued, NULL, NULL, e);
	(void)fprintf(stderr, "coldspare: warning: not attached: %s\n", why.message);
	return true;
}

static bool
attach_all(const struct job *j, struct store *s, struct err *e)
{
	for (size_t i = 0; i < s->state.key_count; i++)
		if (s->state.keys[i]->state != STATE_RETIRED &&
			!attach_one(j, s, s->state.keys[i], e))
			return err_wrap(e, "the vault is rebuilt; a certificate is to be attached");
	return true;
}

/* What the keys are now that their certificates are there. */
static void
note_states(const struct job *j, const struct state *s)
{
	json_t *item;
	size_t i;

	json_array_foreach(j->r.keys, i, item)
	{
		const struct state_key *k =
			state_key_by_id(s, json_string_value(json_object_get(item, "key")));
		if (k)
			json_object_set_new(
				item, "state", json_string(manifest_state_name(k->state)));
	}
}

static void
print_keys(const struct job *j)
{
	json_t *item;
	size_t i;

	json_array_foreach(j->r.keys, i, item) printf(
		"key: %s, %s; %lld of its shares were there; combinations that rebuilt it: %lld\n",
		json_string_value(json_object_get(item, "key")),
		json_string_value(json_object_get(item, "state")),
		(long long)json_array_size(json_object_get(item, "seen")),
		(long long)json_integer_value(json_object_get(item, "subsets")));
	json_array_foreach(j->r.lost, i, item) printf("NOT BROUGHT BACK: %s (%s)\n  %s\n",
		json_string_value(json_object_get(item, "key")),
		json_is_true(json_object_get(item, "kept")) ? "its pin stays, as one from outside"
							    : "its pin leaves the next manifest",
		json_string_value(json_object_get(item, "error")));
}

static void
print_text(const struct job *j, const struct store *s)
{
	const struct manifest *m = &j->r.from.manifest;
	char created[CLOCK_TEXT];
	const char *name, *between = "";
	json_t *spec;

	clock_format(m->created, created);
	printf("vault %s rebuilt: %s\n", s->state.name, j->dir);
	print_keys(j);
	printf("from manifest %lld of %s. Nothing here tells whether there was a later\n"
	       "one: compare with what production has, and do not go on where its serial is\n"
	       "higher\n",
		(long long)m->serial, created);
	printf("custodians known:");
	json_object_foreach(j->r.custodians, name, spec)
	{
		printf("%s %s (%s)", between, name, json_string_value(spec));
		between = ",";
	}
	printf("\n  name all of them with `policy --threshold K --custodian NAME=MEDIUM ...`\n");
	printf("what no export tells is gone: contacts, issuers, drills, which pins were\n"
	       "compromised, keys made after that export\n");
	printf("when manifest %lld went live: `deployed %lld --at TIME`\n", (long long)m->serial,
		(long long)m->serial);
}

static bool
print_result(const struct opts *o, const struct job *j, const struct store *s, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (!cmd_json(o)) {
		print_text(j, s);
		return cmd_journal_line(o, s, NULL, e);
	}
	doc = json_pack("{s:s, s:I, s:O, s:O, s:O}", "vault", s->state.name, "serial",
		(json_int_t)j->r.from.manifest.serial, "keys", j->r.keys, "lost", j->r.lost,
		"custodians", j->r.custodians);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(o, s, doc, e) && json_print(doc, e);
}

/* From the folder on: a failure takes everything back, for there was nothing before. */
static bool
build(const struct opts *o, const struct job *j, const struct secret *file, struct err *e)
{
	STORE_AUTO s = { 0 };
	FILEBATCH_AUTO files = NULL;

	if (!begin(o, j, file, &files, &s, e))
		return false;
	if (!fill(o, j, files, &s, e)) {
		filebatch_free(&files);
		store_discard(&s);
		return false;
	}
	filebatch_keep(files);
	if (!attach_all(j, &s, e))
		return false;
	note_states(j, &s.state);
	return print_result(o, j, &s, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	__attribute__((cleanup(job_free))) struct job j = { 0 };
	SECRET_AUTO file = SECRET_NONE;

	return read_job(o, &j, e) && rebuild_collect(&j.r, e) && secret_file(o, &j, &file, e) &&
	       build(o, &j, &file, e);
}

const struct command cmd_rebuild = {
	.name = "rebuild",
	.operands = "--from MEDIUM ... --export DIR --key PUB",
	.summary = "make a vault again from k custodians' shares and the last export",
	.detail = "For when the folder and its backups are gone. The new vault's folder (--vault) "
		  "gets the signing key under a new passphrase, and every key of the manifest that "
		  "the shares given bring back; manifests go on from that serial. No private key "
		  "is written.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
