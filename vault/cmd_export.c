/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"
#include "vault/publish.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	{ "to", OPT_ONE, "DIR", "the export folder; made when it is not there" },
	{ "valid-for", OPT_ONE, "T", "the manifest expires after this; default: the policy's" },
	{ "force", OPT_FLAG, NULL, "publish a pin set that is not safe" },
	{ 0 },
};

static bool
print_result(const struct opts *o, const struct publish *p, struct err *e)
{
	const struct manifest *m = &p->manifest;
	size_t pins = 0;
	JSON_AUTO doc = NULL;

	for (size_t i = 0; i < m->domain_count; i++)
		pins += m->domains[i].pin_count;
	if (cmd_json(o)) {
		doc = json_pack("{s:I, s:s, s:b, s:i, s:i}", "serial", (json_int_t)m->serial, "to",
			p->to, "offline", m->offline, "domains", (int)m->domain_count, "pins",
			(int)pins);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		return cmd_journal_line(o, p->store, doc, e) && json_print(doc, e);
	}
	printf("manifest %lld: %zu pin%s of %zu domain%s, in %s\n", (long long)m->serial, pins,
		pins == 1 ? "" : "s", m->domain_count, m->domain_count == 1 ? "" : "s", p->to);
	printf("  offline: %s\n", m->offline ? "yes" : "no, for good");
	printf("  verify:  minisign -Vm %s/pins.json -p %s/vault.pub\n", p->to, p->to);
	printf("  once it is live in production: coldspare deployed %lld\n", (long long)m->serial);
	return cmd_journal_line(o, p->store, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { .lock_fd = -1 };
	PUBLISH_AUTO p = PUBLISH_NONE;
	SIGNER_AUTO signer = { 0 };
	SECRET_AUTO passphrase = SECRET_NONE;

	p.store = &s;
	p.to = opt_get(o, "to");
	p.force = opt_flag(o, "force");
	p.online = cmd_online(o);
	if (!p.to)
		return err_set(e, ERR_USAGE, "--to is missing");
	if (!opt_duration(o, "valid-for", &p.valid_for, e) ||
		!cmd_store_open(o, STORE_WRITE, &s, e) || !publish_prepare(&p, e) ||
		!cmd_passphrase(o, false, &passphrase, e) ||
		!store_signer(&s, &passphrase, &signer, e) || !publish_run(&p, &signer, e))
		return false;
	if (p.warnings.len > 0)
		(void)fputs(p.warnings.data, stderr);
	return print_result(o, &p, e);
}

const struct command cmd_export = {
	.name = "export",
	.heading = "Publishing",
	.operands = "--to DIR",
	.summary = "sign the next manifest and write the export folder",
	.detail = "pins.json with its signature, vault.pub and the CSRs: nothing secret, ever. A "
		  "set that could lock clients out is refused. An export that fails uses up no "
		  "serial.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
