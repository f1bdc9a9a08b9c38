/* SPDX-License-Identifier: ISC */
#include "base/digest.h"
#include "base/file.h"
#include "base/term.h"
#include "pins/trust.h"
#include "vault/anchor.h"
#include "vault/cmd.h"
#include "vault/guard.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANIFEST_FILE "pins.json"
#define SIGNATURE_END ".minisig"

static const struct opt_spec options[] = {
	{ "secret-key", OPT_ONE, "FILE", "your own minisign secret key" },
	ANCHOR_OPTION,
	{ "input-passphrase-fd", OPT_ONE, "N", "read that key's passphrase from here" },
	{ "yes", OPT_FLAG, NULL, "sign without asking" },
	{ "rehearsal", OPT_FLAG, NULL, "take a rehearsal's manifest, too" },
	{ 0 },
};

struct job {
	char *manifest; /* its path */
	struct trust trust;
	struct signer signer;
	char *signature; /* the path of what is written */
};

static void
job_free(struct job *j)
{
	free(j->manifest);
	free(j->signature);
	trust_free(&j->trust);
	signer_free(&j->signer);
}

/* What is signed ---------------------------------------------------------------------------- */

/* With neither vault nor --key a person vouches for the key that the manifest names. */
static bool
vault_key(const struct opts *o, const char *path, struct minisign_pub *out, struct err *e)
{
	MANIFEST_AUTO m = { 0 };
	ANCHOR_AUTO anchor = { 0 };

	if (!anchor_open(o, &anchor, e))
		return false;
	*out = anchor.key;
	if (anchor.known)
		return true;
	if (!manifest_read(path, &m, NULL, e) ||
		!anchor_confirm_named("The manifest names", "A forged one", &m.vault_key, e))
		return false;
	*out = m.vault_key;
	return true;
}

static bool
load_manifest(const struct opts *o, struct job *j, struct err *e)
{
	const char *given = o->operands[0];
	struct minisign_pub key;

	return file_path(&j->manifest, e, "%s%s", given,
		       file_is_dir(given) ? "/" MANIFEST_FILE : "") &&
	       vault_key(o, j->manifest, &key, e) &&
	       trust_load_by(&key, opt_flag(o, "rehearsal"), j->manifest, &j->trust, e) &&
	       trust_current(&j->trust.manifest, clock_now(), e);
}

static size_t
count_role(const struct manifest_domain *d, enum manifest_role role)
{
	size_t n = 0;

	for (size_t i = 0; i < d->pin_count; i++)
		n += d->pins[i].role == role;
	return n;
}

/* All that a cosigner puts a name to. */
static bool
describe(const struct job *j, struct buf *out, struct err *e)
{
	const struct manifest *m = &j->trust.manifest;
	char hash[PIN_HEX], created[CLOCK_TEXT];

	clock_format(m->created, created);
	buf_addf(out, "manifest %lld of the vault %s%s, created %s\n", (long long)m->serial,
		m->vault_name, m->rehearsal ? " (a rehearsal)" : "", created);
	buf_addf(out, "  offline: %s\n", m->offline ? "yes" : "no: some keys were online");
	for (size_t i = 0; i < m->domain_count; i++)
		buf_addf(out, "  %s: %zu pins (%zu active, %zu backup, %zu ca)\n",
			m->domains[i].domain, m->domains[i].pin_count,
			count_role(&m->domains[i], ROLE_ACTIVE),
			count_role(&m->domains[i], ROLE_BACKUP),
			count_role(&m->domains[i], ROLE_CA));
	manifest_hash(j->trust.bytes.data, j->trust.bytes.len, hash);
	buf_addf(out, "  SHA-256 of %s:\n", j->manifest);
	return digest_text(hash, "    ", out, e);
}

static bool
confirm(const struct opts *o, const struct job *j, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	if (!describe(j, &text, e))
		return false;
	if (!opt_flag(o, "yes"))
		buf_adds(&text, "Compare it with what the others see. Do you sign it?");
	if (!buf_ok(&text, e))
		return false;
	if (!opt_flag(o, "yes"))
		return term_confirm(text.data, "yes", e) ||
		       err_hint(e, "nothing was signed; --yes signs without asking");
	if (!cmd_json(o))
		(void)fputs(text.data, stdout);
	return true;
}

/* Who signs --------------------------------------------------------------------------------- */

/* Most are under a passphrase; `minisign -G -W` makes one that is not. */
static bool
load_signer(const struct opts *o, struct job *j, struct err *e)
{
	const char *path = opt_get(o, "secret-key");
	SECRET_AUTO file = SECRET_NONE;
	SECRET_AUTO passphrase = SECRET_NONE;
	bool encrypted;

	if (!file_read_secret(path, FILE_LIMIT, &file, e))
		return false;
	if (!signer_is_encrypted(&file, &encrypted, e) ||
		(encrypted && !cmd_input_passphrase((void *)(uintptr_t)o, &passphrase, e)) ||
		!signer_decode(&file, encrypted ? &passphrase : NULL, &j->signer, e))
		return err_wrap(e, "%s", path);
	return true;
}

/* The id is not part of what a signature proves, so it is not what tells keys apart. */
static bool
check_unsigned(const struct job *j, const char *path, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	struct minisign_pub pub = j->signer.pub;
	struct minisign_sig sig;
	struct err no;

	if (!file_read(path, FILE_LIMIT, &text, e))
		return false;
	if (!text.data || !minisign_sig_parse(text.data, text.len, &sig, &no))
		return true;
	memcpy(pub.id, sig.id, sizeof pub.id);
	if (!minisign_verify(&pub, &sig, j->trust.bytes.data, j->trust.bytes.len, &no))
		return true;
	err_set(e, ERR_EXISTS, "this key has signed already: %s", path);
	return err_hint(e, "nothing is left to do: that signature is good");
}

static bool
is_signature(const char *name, const char *manifest)
{
	size_t len = strlen(name), start = strlen(manifest), end = strlen(SIGNATURE_END);

	return len >= start + end && strncmp(name, manifest, start) == 0 &&
	       strcmp(name + len - end, SIGNATURE_END) == 0;
}

/* Every signature that stands beside the manifest. */
static bool
check_all_unsigned(const struct job *j, const char *folder, struct err *e)
{
	const char *slash = strrchr(j->manifest, '/');
	const char *name = slash ? slash + 1 : j->manifest;
	struct file_list list;
	bool ok = true;

	if (!file_list(folder, &list, e))
		return false;
	for (size_t i = 0; ok && i < list.count; i++) {
		AUTO_STR path = NULL;

		if (is_signature(list.names[i], name))
			ok = file_path(&path, e, "%s/%s", folder, list.names[i]) &&
			     check_unsigned(j, path, e);
	}
	file_list_free(&list);
	return ok;
}

static bool
check_signer(struct job *j, struct err *e)
{
	const struct minisign_pub *vault = &j->trust.manifest.vault_key;
	AUTO_STR folder = NULL;
	char id[MINISIGN_ID_TEXT];
	bool own = memcmp(vault->key, j->signer.pub.key, sizeof vault->key) == 0, before = false;

	if (!succession_leads(&j->trust.succession, &j->signer.pub, vault, &before, e))
		return false;
	if (own || before) {
		err_set(e, ERR_REFUSED, "that is the vault's own key%s", own ? "" : " of before");
		return err_hint(e, "a cosignature is another person's, by a key of their own: "
				   "`minisign -G` makes one");
	}
	minisign_pub_id(&j->signer.pub, id);
	if (!file_parent(j->manifest, &folder, e) || !check_all_unsigned(j, folder, e) ||
		!file_path(&j->signature, e, "%s.%s" SIGNATURE_END, j->manifest, id))
		return false;
	return !file_exists(j->signature) ||
	       err_set(e, ERR_EXISTS, "%s exists already, and is not of this key", j->signature);
}

/* Signing ----------------------------------------------------------------------------------- */

static bool
sign(const struct opts *o, const struct job *j, struct err *e)
{
	const struct manifest *m = &j->trust.manifest;
	const struct buf *bytes = &j->trust.bytes;
	BUF_AUTO comment = BUF_NONE;
	BUF_AUTO text = BUF_NONE;
	char now[CLOCK_TEXT];

	clock_format(clock_now(), now);
	buf_addf(&comment, "%s serial %lld cosigned %s", m->vault_name, (long long)m->serial, now);
	return buf_ok(&comment, e) &&
	       signer_minisig(&j->signer, bytes->data, bytes->len, comment.data, &text, e) &&
	       guard_offline(cmd_online(o), e) &&
	       file_write_new(j->signature, 0644, text.data, text.len, e);
}

static bool
print_result(const struct opts *o, const struct job *j, struct err *e)
{
	char key[MINISIGN_PUB_TEXT], hash[PIN_HEX];

	minisign_pub_encode(&j->signer.pub, key);
	manifest_hash(j->trust.bytes.data, j->trust.bytes.len, hash);
	if (cmd_json(o)) {
		JSON_AUTO doc = json_pack("{s:s, s:s, s:I, s:s}", "file", j->signature, "key", key,
			"serial", (json_int_t)j->trust.manifest.serial, "hash", hash);
		return json_print(doc, e);
	}
	printf("signed by %s: %s\n", key, j->signature);
	printf("  verify: minisign -Vm %s -x %s -P %s\n", j->manifest, j->signature, key);
	printf("  both signatures: coldspare-pins verify --key VAULT.pub --key %s --need 2 %s\n",
		key, j->manifest);
	return true;
}

static bool
run(const struct opts *o, struct err *e)
{
	__attribute__((cleanup(job_free))) struct job j = { 0 };

	if (!opt_get(o, "secret-key")) {
		err_set(e, ERR_USAGE, "--secret-key is missing");
		return err_hint(e, "your own minisign secret key, as `minisign -G` made it");
	}
	return load_manifest(o, &j, e) && confirm(o, &j, e) && load_signer(o, &j, e) &&
	       check_signer(&j, e) && sign(o, &j, e) && print_result(o, &j, e);
}

const struct command cmd_cosign = {
	.name = "cosign",
	.operands = "EXPORTDIR|pins.json --secret-key FILE",
	.min = 1,
	.max = 1,
	.summary = "sign an exported manifest with another person's key, too",
	.detail = "The vault's signature is checked first, by --vault or --key; then you are "
		  "shown what the manifest holds, and asked. The signature is a new file, "
		  "pins.json.<key id>.minisig, which `minisign` and `coldspare-pins verify "
		  "--need 2` take.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
