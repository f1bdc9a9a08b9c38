/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "pins/cmd.h"
#include "pins/trust.h"

#include <stdio.h>

static const struct opt_spec options[] = {
	TRUST_OPTIONS,
	{ "newer-than", OPT_ONE, "OLD", "refuse a serial not above that of the manifest OLD" },
	{ "require-offline", OPT_FLAG, NULL, "refuse pins that were made or handled online" },
	{ 0 },
};

FALLIBLE static bool
check_newer(const struct trust *t, const char *old_path, struct err *e)
{
	MANIFEST_AUTO old = { 0 };
	BUF_AUTO bytes = BUF_NONE;
	return manifest_read(old_path, &old, &bytes, e) &&
	       trust_follows(t, &old, &bytes, old_path, e);
}

FALLIBLE static bool
check(const struct opts *o, const struct trust *t, struct err *e)
{
	const char *old = opt_get(o, "newer-than");
	if (!trust_current(&t->manifest, clock_now(), e) || (old && !check_newer(t, old, e)))
		return false;
	if (opt_flag(o, "require-offline") && !t->manifest.offline) {
		err_set(e, ERR_REFUSED, "serial %lld has pins of keys that were online",
			(long long)t->manifest.serial);
		return err_hint(e, "leave --require-offline away to take them");
	}
	return true;
}

static size_t
count_pins(const struct manifest *m)
{
	size_t count = 0;
	for (size_t i = 0; i < m->domain_count; i++)
		count += m->domains[i].pin_count;
	return count;
}

FALLIBLE static bool
print_json(const struct trust *t, struct err *e)
{
	const struct manifest *m = &t->manifest;
	char key[MINISIGN_PUB_TEXT], given[MINISIGN_PUB_TEXT], hash[PIN_HEX];
	minisign_pub_encode(&m->vault_key, key);
	minisign_pub_encode(&t->given, given);
	manifest_hash(t->bytes.data, t->bytes.len, hash);
	JSON_AUTO j = json_pack("{s:{s:s, s:s}, s:I, s:o, s:o, s:b, s:b, s:s?, s:s, s:I, s:I, s:I,"
				"s:I, s:s?}",
		"vault", "name", m->vault_name, "key", key, "serial", (json_int_t)m->serial,
		"created", json_time(m->created), "valid_until", json_time(m->valid_until),
		"offline", m->offline, "rehearsal", m->rehearsal, "previous", m->previous, "hash",
		hash, "signatures", (json_int_t)t->signatures, "keys", (json_int_t)t->keys,
		"domains", (json_int_t)m->domain_count, "pins", (json_int_t)count_pins(m),
		"succeeds", t->succeeded ? given : NULL);
	return json_print(j, e);
}

static void
print_text(const struct trust *t, const char *path)
{
	const struct manifest *m = &t->manifest;
	char created[CLOCK_TEXT], until[CLOCK_TEXT];

	clock_format(m->created, created);
	clock_format(m->valid_until, until);
	printf("%s: authentic, signed by %zu of %zu given keys\n", path, t->signatures, t->keys);
	if (t->succeeded) {
		char given[MINISIGN_PUB_TEXT], key[MINISIGN_PUB_TEXT];
		minisign_pub_encode(&t->given, given);
		minisign_pub_encode(&m->vault_key, key);
		printf("  signed by the successor %s,\n  which %s signed for\n", key, given);
	}
	printf("  vault        %s%s\n", m->vault_name, m->rehearsal ? " (a rehearsal)" : "");
	printf("  serial       %lld, created %s\n", (long long)m->serial, created);
	printf("  valid until  %s\n", m->valid_until == CLOCK_NONE ? "no end" : until);
	printf("  offline      %s\n", m->offline ? "yes" : "no: some keys were online");
	printf("  holds        %zu domains, %zu pins\n", m->domain_count, count_pins(m));
}

static bool
run(const struct opts *o, struct err *e)
{
	TRUST_AUTO t = { 0 };
	const char *path = o->operands[0];

	if (!trust_load(o, path, &t, e) || !check(o, &t, e))
		return false;
	if (opt_flag(o, "json"))
		return print_json(&t, e);
	print_text(&t, path);
	return true;
}

const struct command cmd_verify = {
	.name = "verify",
	.operands = "pins.json",
	.min = 1,
	.max = 1,
	.summary = "check a manifest's signature, serial and validity",
	.detail = "The signature of a key is looked for in pins.json.minisig and in\n"
		  "pins.json.<key id>.minisig. All given keys must have signed, or --need of\n"
		  "them; the vault's own must be among them.",
	.options = options,
	.run = run,
};
