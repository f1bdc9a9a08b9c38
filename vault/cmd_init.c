/* SPDX-License-Identifier: ISC */
#include "vault/admit.h"
#include "vault/cmd.h"
#include "vault/found.h"
#include "vault/media.h"

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
	const char *names[SHARE_COUNT_MAX], *media[SHARE_COUNT_MAX]; /* of the custodians */
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
open_holders(const struct medium_host *host, struct plan *p, struct holders *out, struct err *e)
{
	for (size_t i = 0; i < p->custodian_count; i++) {
		p->names[i] = p->custodians[i].name;
		p->media[i] = p->custodians[i].medium;
	}
	return holders_open(host, p->dir, p->names, p->media, p->custodian_count, out, e);
}

static struct admit
signing_admit(const struct plan *p, struct store *s, const struct signer *signer, struct entropy *x,
	struct holders *holders, struct spare *spare)
{
	return (struct admit){
		.store = s,
		.entropy = x,
		.kind = "init",
		.deal = {
			.state = &s->state,
			.signer = signer,
			.holders = holders,
			.threshold = (unsigned)p->threshold,
			.created = clock_now(),
		},
		.allow_online = p->online,
		.spares = spare,
		.count = 1,
	};
}

/* The signing key is split to the custodians like any other key. */
static bool
admit_signing_key(struct admit *a, struct entropy *x, struct err *e)
{
	SECRET_AUTO payloads = SECRET_NONE;
	const struct deal *d = &a->deal;

	return secret_new(&payloads, d->holders->count * SHARE_DATA_LEN, e) &&
	       found_spare(d->signer, d->threshold, (unsigned)d->holders->count,
		       a->allow_online ? ORIGIN_ONLINE : ORIGIN_OFFLINE, x, payloads.data,
		       a->spares, e) &&
	       admit_run(a, e);
}

static bool
print_result(const struct opts *o, const struct plan *p, const struct admit *a, struct err *e)
{
	const struct store *s = a->store;
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
	admit_print_shares(a);
	return cmd_journal_line(o, s, NULL, e);
}

/* From the folder on: a failure takes everything back, for there was nothing before. */
static bool
build(const struct opts *o, const struct plan *p, const struct signer *signer,
	const struct secret *secret_file, struct entropy *x, struct holders *holders, struct err *e)
{
	STORE_AUTO s = { .lock_fd = -1 };
	FILEBATCH_AUTO files = NULL;
	struct found f = {
		.dir = p->dir,
		.name = p->name,
		.threshold = (unsigned)p->threshold,
		.max_age = p->max_age,
		.kdf = p->kdf,
		.custodians = p->names,
		.media = p->media,
		.custodian_count = p->custodian_count,
		.online = p->online,
	};
	struct spare spare = { 0 };
	struct admit a = signing_admit(p, &s, signer, x, holders, &spare);
	bool ok;

	if (!found_begin(&f, signer, secret_file, &files, &s, e))
		return false;
	if (!admit_signing_key(&a, x, e)) {
		spare_free(&spare);
		filebatch_free(&files);
		store_discard(&s);
		return false;
	}
	filebatch_keep(files);
	ok = print_result(o, p, &a, e);
	spare_free(&spare);
	return ok;
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
