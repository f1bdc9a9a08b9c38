/* SPDX-License-Identifier: ISC */
#include "vault/anchor.h"

#include "base/term.h"
#include "base/words.h"
#include "vault/cmd.h"

bool
anchor_resolve(const struct opts *o, const struct store *store, bool *known,
	struct minisign_pub *out, struct err *e)
{
	const char *given = opt_get(o, "key");
	struct minisign_pub key;

	if (given && !minisign_pub_load(given, &key, e))
		return err_wrap(e, "--key");
	if (given && store && !minisign_pub_equal(&key, &store->state.key)) {
		err_set(e, ERR_AUTH, "--key is not the key of the vault in %s", store->dir);
		return err_hint(e, "leave one of --key and --vault out");
	}
	if (store)
		key = store->state.key;
	*known = given || store;
	if (*known)
		*out = key;
	return true;
}

bool
anchor_open(const struct opts *o, bool *known, struct minisign_pub *out, struct err *e)
{
	STORE_AUTO store = { 0 };
	bool have_store = cmd_vault_path_opt(o) != NULL;

	if (have_store && !cmd_store_open(o, STORE_READ, &store, e))
		return false;
	return anchor_resolve(o, have_store ? &store : NULL, known, out, e);
}

void
anchor_digest(const struct minisign_pub *key, char out[static ENCODE_HASH_HEX])
{
	char text[MINISIGN_PUB_TEXT];

	minisign_pub_encode(key, text);
	encode_hash_hex(out, text, sizeof text - 1);
}

void
anchor_describe(const struct minisign_pub *key, struct buf *out)
{
	char text[MINISIGN_PUB_TEXT];
	uint8_t fingerprint[ENCODE_HASH_LEN];

	minisign_pub_encode(key, text);
	encode_hash(fingerprint, text, sizeof text - 1);
	buf_addf(out, "%s\n  (", text);
	words_encode(fingerprint, ANCHOR_WORDS, out);
	buf_adds(out, ")");
}

bool
anchor_confirm(const struct minisign_pub *key, struct err *e)
{
	return anchor_confirm_named("The shares name", "Forged shares", key, e);
}

bool
anchor_confirm_named(
	const char *who, const char *forged, const struct minisign_pub *key, struct err *e)
{
	BUF_AUTO question = BUF_NONE;

	buf_addf(&question, "%s this vault key, and it was checked against nothing:\n  ", who);
	anchor_describe(key, &question);
	buf_addf(&question,
		"\n%s would name a key of the forger. Compare it with the vault's paper\n"
		"log. Is it the vault's key?",
		forged);
	if (!buf_ok(&question, e))
		return false;
	if (!term_confirm(question.data, "yes", e))
		return err_hint(
			e, "give the vault's key with --key vault.pub, or the folder with --vault");
	return true;
}
