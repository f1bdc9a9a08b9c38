/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/filenew.h"
#include "base/term.h"
#include "vault/anchor.h"
#include "vault/cmd.h"
#include "vault/gather.h"
#include "vault/guard.h"
#include "vault/media.h"
#include "vault/privkey.h"
#include "vault/privout.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const struct opt_spec options[] = {
	GATHER_OPTION,
	GATHER_SET,
	{ "to", OPT_ONE, "FILE", "where the private key is written; must not exist" },
	ANCHOR_OPTION,
	{ "format", OPT_ONE, "FORMAT", "pkcs8 (default), pkcs12, bundle, or minisign" },
	{ "transport-passphrase-fd", OPT_ONE, "N", "read the output's passphrase from here" },
	{ "plaintext", OPT_FLAG, NULL, "write the private key unencrypted" },
	{ 0 },
};

struct job {
	const char *wanted; /* key id, prefix or pin */
	const char *to;
	const struct privout_format *format;
	bool plaintext;
	bool have_store;
	struct store store;
	bool anchored;
	struct minisign_pub anchor;
	char vault_id[SEALED_KEY_ID_MAX + 1]; /* as the vault has it; empty without one */
	char vault_pin[PIN_TEXT];
	struct buf chain; /* PEM: the certificates attached to the key */
};

/* Before anybody brings a share: a form that wants certificates needs a vault that has them. */
static bool
load_chain(struct job *j, const struct state_key *k, struct err *e)
{
	const struct state_certificate *c = k ? state_certificate(k) : NULL;
	const struct privout_format *f = j->format;

	if (c && f->chain != PRIVOUT_NO_CHAIN)
		return store_read_file(&j->store, c->path, FILE_LIMIT, &j->chain, e);
	if (f->chain != PRIVOUT_CHAIN)
		return true;
	err_set(e, ERR_MISSING, "no certificate is attached to %s", k ? k->id : j->wanted);
	return err_hint(e, k ? "`attach` it first, or recover the key as pkcs8 and put the two "
			       "together yourself"
			     : "the vault folder has the certificates: name it with --vault, or "
			       "recover the key as pkcs8");
}

static bool
read_job(const struct opts *o, struct job *j, struct err *e)
{
	const char *format = opt_get(o, "format");

	j->wanted = o->operands[0];
	j->to = opt_get(o, "to");
	j->plaintext = opt_flag(o, "plaintext");
	if (!j->to)
		return err_set(e, ERR_USAGE, "--to is missing");
	if (j->plaintext && opt_get(o, "transport-passphrase-fd"))
		return err_set(e, ERR_USAGE, "--plaintext needs no --transport-passphrase-fd");
	if (!privout_find(format ? format : "pkcs8", &j->format, e))
		return false;
	if (file_exists(j->to)) {
		err_set(e, ERR_EXISTS, "%s exists already", j->to);
		return err_hint(e, "nothing is overwritten: give --to another name");
	}
	return true;
}

/* With a vault folder its record counts too: which key is meant, and what its pin is. */
static bool
open_vault(const struct opts *o, struct job *j, struct err *e)
{
	struct state_key *key = NULL;

	if (!cmd_vault_path_opt(o))
		return anchor_resolve(o, NULL, &j->anchored, &j->anchor, e) &&
		       load_chain(j, NULL, e);
	if (!cmd_store_open(o, STORE_WRITE, &j->store, e))
		return err_hint(e,
			"k shares suffice without the folder: leave --vault out and give "
			"--key vault.pub");
	j->have_store = true;
	if (!cmd_outside(j->to, j->store.dir, e) ||
		!anchor_resolve(o, &j->store, &j->anchored, &j->anchor, e) ||
		!state_find_key(&j->store.state, j->wanted, &key, e))
		return false;
	(void)snprintf(j->vault_id, sizeof j->vault_id, "%s", key->id);
	pin_encode(&key->pin, j->vault_pin);
	j->wanted = j->vault_id;
	return load_chain(j, key, e);
}

static bool
rebuild(const struct opts *o, struct job *j, struct quorum *q, EVP_PKEY **out, struct err *e)
{
	MEDIA_AUTO media = { 0 };
	GATHER_AUTO sources = { 0 };
	SECRET_AUTO kek = SECRET_NONE;
	struct quorum_want want = {
		.key = j->wanted,
		.anchor = j->anchored ? &j->anchor : NULL,
		.vault_pin = j->have_store ? j->vault_pin : NULL,
		.set = opt_get(o, "set"),
		.accept = j->have_store ? gather_accept : NULL,
		.context = &j->store.state,
		.before = j->store.state.keys_before,
		.before_count = j->store.state.keys_before_count,
	};
	bool settled;

	if (!media_init(o, &media, e) || !gather_open(&media.host, o, &sources, e))
		return false;
	settled = gather_shares(&sources, &want, q, e);
	gather_warn(q);
	if (settled && q->shares[0].rehearsal)
		(void)fprintf(stderr, "coldspare: warning: these shares are a rehearsal's: nothing "
				      "real was ever protected by this key\n");
	return settled && (j->anchored || anchor_confirm(&q->shares[0].vault_key, e)) &&
	       gather_unseal(q, j->have_store ? &j->store : NULL, &kek, out, e);
}

/*
 * The id under which the recovered signing key is known. Its shares name the key that signed them,
 * which is another one where the key was reshared after a successor was made: the public half says
 * which. NULL where nobody here knows it.
 */
static const uint8_t *
minisign_id(const struct job *j, const struct share *share, EVP_PKEY *key)
{
	const struct state *s = &j->store.state;

	if (signer_is_of(&share->vault_key, key))
		return share->vault_key.id;
	if (j->have_store && signer_is_of(&s->key, key))
		return s->key.id;
	for (size_t i = 0; j->have_store && i < s->keys_before_count; i++)
		if (signer_is_of(&s->keys_before[i], key))
			return s->keys_before[i].id;
	return NULL;
}

static bool
encode_key(const struct opts *o, const struct job *j, const struct share *share, EVP_PKEY *key,
	struct secret *file, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;
	struct privout out = {
		.key = key,
		.name = share->key,
		.chain = j->chain.data,
		.chain_len = j->chain.len,
		.minisign_id = minisign_id(j, share, key),
	};
	int fd = -1;

	if (!j->plaintext) {
		if (!cmd_fd(o, "transport-passphrase-fd", &fd, e) ||
			!term_secret(fd, "New passphrase for the recovered key", true,
				"--transport-passphrase-fd", &passphrase, e))
			return false;
		out.passphrase = &passphrase;
	}
	return j->format->write(&out, file, e);
}

static bool
journal_recovery(struct job *j, const struct quorum *q, struct err *e)
{
	json_t *names = json_array();
	json_t *body;

	for (size_t i = 0; i < q->shares[0].threshold; i++)
		json_array_append_new(names, json_string(q->shares[i].custodian));
	body = json_pack("{s:s, s:s, s:o}", "key", q->shares[0].key, "set", q->shares[0].set,
		"custodians", names);
	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&j->store, "recover", body, e);
}

/* On disk without its name, then in the journal, then named: no key is ever out of the vault
 * without a line that says so. */
static bool
release_key(
	const struct opts *o, struct job *j, const struct quorum *q, EVP_PKEY *key, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;
	FILENEW_AUTO file = FILENEW_NONE;
	AUTO_STR folder = NULL;

	if (!encode_key(o, j, &q->shares[0], key, &bytes, e) || !guard_offline(cmd_online(o), e) ||
		!file_parent(j->to, &folder, e) ||
		!filenew_write(&file, j->to, 0600, bytes.data, bytes.len, e))
		return false;
	if (fsync(file.fd) != 0)
		return err_errno(e, "syncing %s", j->to);
	if (j->have_store && !journal_recovery(j, q, e)) {
		err_wrap(e, "%s was not written", j->to);
		return err_hint(e, "where the vault cannot be written to: leave --vault out, give "
				   "--key vault.pub, and note the recovery on paper");
	}
	if (filenew_name(&file, e) && file_sync_dir(folder, e) && filenew_keep(&file, NULL, e))
		return true;
	return j->have_store ? err_wrap(e, "the journal has the key as recovered") : false;
}

static bool
print_result(const struct opts *o, struct job *j, const struct quorum *q, struct err *e)
{
	const struct share *s = &q->shares[0];
	JSON_AUTO doc = NULL;

	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:s, s:s, s:s, s:b, s:b}", "key", s->key, "pin", s->pin,
			"file", j->to, "format", j->format->name, "encrypted", !j->plaintext,
			"anchored", j->anchored);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return (!j->have_store || cmd_journal_line(o, &j->store, doc, e)) &&
		       json_print(doc, e);
	}
	printf("recovered %s from %u shares:\n", s->key, s->threshold);
	for (size_t i = 0; i < s->threshold; i++)
		printf("  share %u of %s\n", q->shares[i].number, q->shares[i].custodian);
	printf("  pin-sha256 %s: recomputed from the key, the same as in the signed shares\n",
		s->pin);
	printf("written to %s (%s, %s)\n", j->to, j->format->name,
		j->plaintext ? "NOT encrypted" : "encrypted with the passphrase you gave");
	return !j->have_store || cmd_journal_line(o, &j->store, NULL, e);
}

static bool
recover(const struct opts *o, struct job *j, struct err *e)
{
	QUORUM_AUTO q = { 0 };
	AUTO_EVP_PKEY key = NULL;

	if (!read_job(o, j, e) || !open_vault(o, j, e) || !rebuild(o, j, &q, &key, e) ||
		!release_key(o, j, &q, key, e))
		return false;
	return print_result(o, j, &q, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	struct job j = { 0 };
	bool ok = recover(o, &j, e);

	buf_free(&j.chain);
	store_close(&j.store);
	return ok;
}

const struct command cmd_recover = {
	.name = "recover",
	.heading = "Shares and recovery",
	.operands = "KEY --from MEDIUM ... --to FILE",
	.min = 1,
	.max = 1,
	.summary = "bring a private key back from any k shares",
	.detail = "Works from the shares alone. With --vault, or with --key vault.pub, their "
		  "signatures are checked against the vault's key; with neither, you are shown "
		  "the key they name and asked. The key is written only when its recomputed pin "
		  "is the signed one.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
