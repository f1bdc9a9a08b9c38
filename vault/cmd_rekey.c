/* SPDX-License-Identifier: ISC */
#include "base/term.h"
#include "vault/anchor.h"
#include "vault/cmd.h"
#include "vault/intake.h"
#include "vault/rekey.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	INTAKE_CUSTODIAN,
	{ "yes", OPT_FLAG, NULL, "go on without asking" },
	{ 0 },
};

static bool
confirm(const struct opts *o, const struct store *s, struct err *e)
{
	BUF_AUTO question = BUF_NONE;

	if (opt_flag(o, "yes"))
		return true;
	buf_addf(&question, "The vault %s gets another signing key. The one of now,\n  ",
		s->state.name);
	anchor_describe(&s->state.key, &question);
	buf_adds(&question,
		"\nsigns for it and then signs no more: its file is removed. Is that meant?");
	if (!buf_ok(&question, e))
		return false;
	return term_confirm(question.data, "yes", e) ||
	       err_hint(e, "nothing was changed; --yes goes on without asking");
}

static bool
print_result(const struct opts *o, const struct intake *in, const struct rekey *r, struct err *e)
{
	const struct state *s = &in->store.state;
	BUF_AUTO text = BUF_NONE;
	JSON_AUTO doc = NULL;
	char key[MINISIGN_PUB_TEXT], before[MINISIGN_PUB_TEXT];

	minisign_pub_encode(&s->key, key);
	minisign_pub_encode(&r->old->pub, before);
	if (cmd_json(o)) {
		doc = json_pack("{s:s, s:s, s:s}", "key", key, "before", before, "id", r->id);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, &in->store, doc, e) && json_print(doc, e);
	}
	anchor_describe(&s->key, &text);
	if (!buf_ok(&text, e))
		return false;
	printf("the vault's key is now %s\n  signed for by %s, in rekeyed-%zu.pub\n", text.data,
		before, s->keys_before_count);
	printf("  %s: %u of %zu shares, %llu combinations rebuilt it\n", r->id, s->threshold,
		in->holders.count, (unsigned long long)r->subsets);
	printf("  put it into the paper log, and export: production takes it by the key it has\n");
	if (r->left)
		printf("  vault-%u.sec could not be removed: remove it\n", s->sec_number - 1);
	return cmd_journal_line(o, &in->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	INTAKE_AUTO in = { 0 };
	SECRET_AUTO passphrase = SECRET_NONE;
	__attribute__((cleanup(rekey_free))) struct rekey r = {
		.store = &in.store,
		.old = &in.signer,
		.passphrase = &passphrase,
		.holders = &in.holders,
		.allow_online = cmd_online(o),
	};

	if (!cmd_store_open(o, STORE_WRITE, &in.store, e) || !intake_holders(o, &in, e) ||
		!confirm(o, &in.store, e) || !entropy_new(&in.entropy, e) ||
		!cmd_passphrase(o, false, &passphrase, e) ||
		!store_signer(&in.store, &passphrase, &in.signer, e))
		return false;
	r.entropy = in.entropy;
	return rekey_run(&r, e) && print_result(o, &in, &r, e);
}

const struct command cmd_rekey = {
	.name = "rekey",
	.operands = "",
	.summary = "give the vault another signing key, signed for by the one of now",
	.detail = "The new key is split to the custodians, under the operator's passphrase of "
		  "now. Shares of other keys stay as they are and count as before. `export` hands "
		  "the statement out by which production accepts the new key.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
