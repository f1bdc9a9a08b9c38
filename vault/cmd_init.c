/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/admit.h"
#include "vault/cmd.h"
#include "vault/media.h"
#include "vault/privkey.h"

#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec options[] = {
	{ "name", OPT_ONE, "NAME", "the vault's name: 1 to 32 of letters, digits, blank . _ -" },
	{ "threshold", OPT_ONE, "K", "how many custodians bring a key back, at least 2" },
	{ "custodian", OPT_MANY, "NAME=MEDIUM", "who gets a share, and where, as dir:PATH" },
	{ "max-age", OPT_ONE, "T", "how long clients keep a policy; default 60d" },
	{ "kdf", OPT_ONE, "COST",
		"passphrase cost: sensitive (1 GiB, default), interactive (16 MiB)" },
	{ 0 },
};

/* What was asked for, checked. */
struct plan {
	const char *dir;
	const char *name;
	long threshold;
	int64_t max_age;
	const struct signer_kdf *kdf;
	struct cmd_custodian *custodians;
	size_t custodian_count;
	bool online;
};

static bool
read_plan(const struct opts *o, struct plan *p, struct err *e)
{
	const char *kdf = opt_get(o, "kdf");

	p->online = cmd_online(o);
	p->name = opt_get(o, "name");
	p->max_age = MANIFEST_MAX_AGE_DEFAULT;
	if (!p->name || !opt_get(o, "threshold") || !opt_get(o, "custodian"))
		return err_set(e, ERR_USAGE, "--name, --threshold and --custodian are needed") ||
		       err_hint(e, "see `coldspare init --help`");
	return cmd_vault_path(o, &p->dir, e) && share_name_check("--name", p->name, e) &&
	       opt_int(o, "threshold", 0, 1000000, &p->threshold, e) &&
	       opt_duration(o, "max-age", &p->max_age, e) &&
	       signer_kdf_find(kdf ? kdf : "sensitive", &p->kdf, e) &&
	       cmd_custodians(o, &p->custodians, &p->custodian_count, e) &&
	       share_counts_check(p->threshold, (long)p->custodian_count, e);
}

static bool
open_holders(
	const struct medium_host *host, const struct plan *p, struct holders *out, struct err *e)
{
	const char *names[SHARE_COUNT_MAX], *specs[SHARE_COUNT_MAX];

	for (size_t i = 0; i < p->custodian_count; i++) {
		names[i] = p->custodians[i].name;
		specs[i] = p->custodians[i].medium;
	}
	return holders_open(host, p->dir, names, specs, p->custodian_count, out, e);
}

static bool
identity_json(const struct plan *p, const struct signer *signer, struct buf *out, struct err *e)
{
	char key[MINISIGN_PUB_TEXT], created[CLOCK_TEXT];
	JSON_AUTO j = NULL;

	minisign_pub_encode(&signer->pub, key);
	clock_format(clock_now(), created);
	j = json_pack("{s:s, s:s, s:s, s:s}", "format", STORE_FORMAT, "name", p->name, "key", key,
		"created", created);
	if (!j)
		return err_set(e, ERR_MEMORY, "out of memory");
	return json_write(j, true, out, e);
}

static bool
append_create(const struct plan *p, struct store *s, const struct signer *signer, json_t *files,
	struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	json_t *custodians = json_array();
	json_t *body;

	minisign_pub_encode(&signer->pub, key);
	for (size_t i = 0; i < p->custodian_count; i++)
		json_array_append_new(
			custodians, json_pack("{s:s, s:s}", "name", p->custodians[i].name, "medium",
					    p->custodians[i].medium));
	body = json_pack("{s:s, s:s, s:i, s:o, s:I, s:s, s:O}", "name", p->name, "key", key,
		"threshold", (int)p->threshold, "custodians", custodians, "max_age",
		(json_int_t)p->max_age, "kdf", p->kdf->name, "files", files);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(s, "create", body, e);
}

/* The three identity files and line 1 of the journal. */
static bool
found(const struct plan *p, struct store *s, const struct signer *signer,
	const struct secret *secret_file, struct filebatch *files, struct err *e)
{
	JSON_AUTO hashes = json_object();
	BUF_AUTO identity = BUF_NONE;
	BUF_AUTO public_file = BUF_NONE;

	minisign_pub_file(&signer->pub, &public_file);
	return buf_ok(&public_file, e) && identity_json(p, signer, &identity, e) &&
	       store_add_file(
		       s, files, hashes, "vault.json", 0644, identity.data, identity.len, e) &&
	       store_add_file(
		       s, files, hashes, "vault.pub", 0644, public_file.data, public_file.len, e) &&
	       store_add_file(s, files, hashes, "vault-1.sec", 0600, secret_file->data,
		       secret_file->len, e) &&
	       filebatch_sync(files, e) && append_create(p, s, signer, hashes, e);
}

/* The signing key is split to the custodians like any other key. */
static bool
admit_signing_key(const struct plan *p, struct store *s, const struct signer *signer,
	struct entropy *x, struct holders *holders, struct err *e)
{
	AUTO_EVP_PKEY key = NULL;
	SECRET_AUTO payloads = SECRET_NONE;
	struct spare spare = { 0 };
	struct spare_recipe recipe = {
		.id = SHARE_SIGNING_KEY,
		.threshold = (unsigned)p->threshold,
		.shares = (unsigned)holders->count,
	};
	struct admit a = {
		.store = s,
		.entropy = x,
		.kind = "init",
		.deal = {
			.state = &s->state,
			.signer = signer,
			.holders = holders,
			.threshold = (unsigned)p->threshold,
			.origin = p->online ? ORIGIN_ONLINE : ORIGIN_OFFLINE,
			.created = clock_now(),
		},
		.allow_online = p->online,
		.spares = &spare,
		.count = 1,
	};
	bool ok;

	if (!signer_to_key(signer, &key, e) ||
		!secret_new(&payloads, holders->count * SHARE_DATA_LEN, e) ||
		!spare_from_key(&recipe, key, x, payloads.data, &spare, e))
		return false;
	ok = admit_run(&a, e);
	spare_free(&spare);
	return ok;
}

static bool
print_result(const struct opts *o, const struct plan *p, const struct store *s, struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	JSON_AUTO doc = NULL;

	minisign_pub_encode(&s->state.key, key);
	if (cmd_json(o)) {
		doc = json_pack("{s:{s:s, s:s}}", "vault", "name", s->state.name, "key", key);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, s, doc, e) && json_print(doc, e);
	}
	printf("vault %s: %s\n  public key %s (in vault.pub)\n", s->state.name, s->dir, key);
	printf("  signing key split: any %ld of %zu custodians bring it back\n", p->threshold,
		p->custodian_count);
	for (size_t i = 0; i < p->custodian_count; i++)
		printf("  share %zu: %s, %s\n", i + 1, p->custodians[i].name,
			p->custodians[i].medium);
	return cmd_journal_line(o, s, NULL, e);
}

/* From the folder on: a failure takes everything back, for there was nothing before. */
static bool
build(const struct opts *o, const struct plan *p, const struct signer *signer,
	const struct secret *secret_file, struct entropy *x, struct holders *holders, struct err *e)
{
	STORE_AUTO s = { 0 };
	FILEBATCH_AUTO files = NULL;

	if (!store_create(p->dir, p->online, &s, e))
		return false;
	if (!filebatch_new(&files, e) || !found(p, &s, signer, secret_file, files, e) ||
		!admit_signing_key(p, &s, signer, x, holders, e)) {
		filebatch_free(&files);
		store_discard(&s);
		return false;
	}
	filebatch_keep(files);
	return print_result(o, p, &s, e);
}

static bool
init(const struct opts *o, struct plan *p, struct err *e)
{
	MEDIA_AUTO media = { 0 };
	HOLDERS_AUTO holders = { 0 };
	ENTROPY_AUTO *x = NULL;
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO passphrase = SECRET_NONE;
	SECRET_AUTO secret_file = SECRET_NONE;

	return read_plan(o, p, e) && media_init(o, &media, e) &&
	       open_holders(&media.host, p, &holders, e) && entropy_new(&x, e) &&
	       cmd_passphrase(o, true, &passphrase, e) && signer_new(x, &signer, e) &&
	       signer_encode(&signer, &passphrase, p->kdf, &secret_file, e) &&
	       build(o, p, &signer, &secret_file, x, &holders, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct plan p = { 0 };
	bool ok = init(o, &p, e);

	cmd_custodians_free(p.custodians, p.custodian_count);
	return ok;
}

const struct command cmd_init = {
	.name = "init",
	.heading = "The vault",
	.operands = "--name NAME --threshold K --custodian NAME=MEDIUM ...",
	.summary = "create a vault and split its signing key to the custodians",
	.detail = "The vault's folder is made (--vault), with a signing key under a new "
		  "passphrase of yours. Each custodian's medium must be there: a missing mount "
		  "point is never made.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
