/* SPDX-License-Identifier: ISC */
#include "base/json.h"
#include "pins/cmd.h"
#include "pins/connect.h"
#include "pins/trust.h"
#include "pins/verdict.h"

#include <stdio.h>
#include <string.h>

#define TIMEOUT 10 /* seconds */

static const struct opt_spec options[] = {
	TRUST_OPTIONS,
	{ "domain", OPT_ONE, "D", "whose pins: a domain of the manifest, or one of its names" },
	{ "chain", OPT_ONE, "FILE", "the certificates that are to be served, the leaf first" },
	{ "connect", OPT_ONE, "HOST:PORT", "fetch them in a TLS handshake" },
	{ "roots", OPT_ONE, "FILE", "more certificates that clients may know" },
	{ "name", OPT_ONE, "NAME", "the server's name (SNI), if it is not HOST" },
	{ "starttls", OPT_ONE, "smtp", "start TLS as a mail server does" },
	{ "verify", OPT_FLAG, NULL, "verify the chain and the name, too" },
	{ "timeout", OPT_ONE, "T", "for connecting and for each answer (default: 10s)" },
	{ 0 },
};

FALLIBLE static bool
find_domain(const struct manifest *m, const char *name, const struct manifest_domain **out,
	struct err *e)
{
	if (!name)
		return err_set(e, ERR_USAGE, "whose pins? --domain is missing");
	*out = manifest_find(m, name);
	for (size_t i = 0; i < m->domain_count && !*out; i++) {
		for (size_t j = 0; j < m->domains[i].name_count; j++) {
			if (strcmp(m->domains[i].names[j], name) == 0)
				*out = &m->domains[i];
		}
	}
	return *out || err_set(e, ERR_USAGE, "the manifest has no domain %s", name);
}

FALLIBLE static bool
read_chain(const struct opts *o, struct pubfile *out, struct err *e)
{
	const char *file = opt_get(o, "chain"), *starttls = opt_get(o, "starttls");
	struct connect_wish w = {
		.address = opt_get(o, "connect"),
		.name = opt_get(o, "name"),
		.starttls = starttls,
		.verify = opt_flag(o, "verify"),
		.roots = opt_get(o, "roots"),
		.timeout = TIMEOUT,
	};
	if (!file == !w.address)
		return err_set(e, ERR_USAGE, "either --chain or --connect is needed");
	if (file && (w.name || starttls || w.verify || opt_get(o, "timeout")))
		return err_set(e, ERR_USAGE,
			"--name, --starttls, --verify and --timeout belong to --connect");
	if (starttls && strcmp(starttls, "smtp") != 0)
		return err_set(e, ERR_USAGE, "--starttls knows smtp, not %s", starttls);
	if (file)
		return pubfile_load(file, out, e);
	return opt_duration(o, "timeout", &w.timeout, e) && connect_chain(&w, out, e);
}

static void
print_certificate(const struct verdict *v, const struct pubfile_item *item)
{
	const struct manifest_pin *pin = verdict_pin(v, item);
	char text[PIN_TEXT], end[CLOCK_TEXT];
	int64_t not_after = verdict_not_after(item);
	pin_encode(&item->pin, text);
	clock_format(not_after, end);
	printf("  %s\n", item->subject[0] ? item->subject : "(no subject)");
	printf("    pin    %s  %s%s\n", text, pin ? manifest_role_name(pin->role) : "not pinned",
		pin && pin->state == STATE_RETIRED ? ", RETIRED: about to leave" : "");
	if (pin && pin->key)
		printf("    key    %s\n", pin->key);
	printf("    until  %s\n", not_after == CLOCK_NONE ? "no end" : end);
}

static void
print_expiry(const struct verdict *v, const struct manifest *m)
{
	char text[CLOCK_TEXT];
	bool manifest_first = m->valid_until != CLOCK_NONE &&
			      (!v->expires_first || m->valid_until < v->expires_at);
	int64_t at = manifest_first ? m->valid_until : v->expires_at;
	if (!manifest_first && !v->expires_first)
		return;
	clock_format(at, text);
	printf("%s: %s, %s\n", at <= clock_now() ? "EXPIRED" : "expires next", text,
		manifest_first ? "the manifest" : v->expires_first->subject);
}

static void
print_text(const struct verdict *v, const struct manifest *m)
{
	for (size_t i = 0; i < v->chain->count; i++) {
		const struct chain_path *path = &v->chain->paths[i];
		printf("path %zu of %zu%s: %s\n", i + 1, v->chain->count,
			path->complete ? "" : ", its root not given",
			verdict_path_matches(v, path) ? "match" : "NO PIN MATCHES");
		for (size_t j = 0; j < path->count; j++)
			print_certificate(v, path->certificates[j]);
	}
	printf("backups outside the chain: %zu%s\n", v->backups_outside,
		v->backups_outside ? "" : " (RFC 7469 section 2.5 wants one)");
	print_expiry(v, m);
}

static json_t *
certificate_value(const struct verdict *v, const struct pubfile_item *item)
{
	const struct manifest_pin *pin = verdict_pin(v, item);
	char text[PIN_TEXT];
	pin_encode(&item->pin, text);
	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o}", "subject", item->subject, "pin", text,
		"role", pin ? manifest_role_name(pin->role) : NULL, "state",
		pin ? manifest_state_name(pin->state) : NULL, "key", pin ? pin->key : NULL,
		"not_after", json_time(verdict_not_after(item)));
}

static json_t *
path_value(const struct verdict *v, const struct chain_path *path)
{
	json_t *list = json_array();
	for (size_t i = 0; i < path->count; i++)
		json_array_append_new(list, certificate_value(v, path->certificates[i]));
	return json_pack("{s:b, s:b, s:o}", "match", verdict_path_matches(v, path), "complete",
		path->complete, "certificates", list);
}

FALLIBLE static bool
print_json(const struct verdict *v, const struct manifest *m, struct err *e)
{
	json_t *paths = json_array();
	for (size_t i = 0; i < v->chain->count; i++)
		json_array_append_new(paths, path_value(v, &v->chain->paths[i]));
	JSON_AUTO j = json_pack("{s:s, s:b, s:o, s:I, s:o, s:o}", "domain", v->domain->domain,
		"match", v->match, "paths", paths, "backups_outside",
		(json_int_t)v->backups_outside, "certificates_until",
		json_time(v->expires_first ? v->expires_at : CLOCK_NONE), "manifest_until",
		json_time(m->valid_until));
	return json_print(j, e);
}

FALLIBLE static bool
refuse(const struct verdict *v, struct err *e)
{
	size_t failed = 0;
	for (size_t i = 0; i < v->chain->count; i++)
		failed += !verdict_path_matches(v, &v->chain->paths[i]);
	err_set(e, ERR_REFUSED, "%s: no pin matches on %zu of %zu paths", v->domain->domain, failed,
		v->chain->count);
	return err_hint(e, "clients that hold these pins and take such a path will not connect");
}

static bool
run(const struct opts *o, struct err *e)
{
	TRUST_AUTO t = { 0 };
	PUBFILE_AUTO served = { 0 };
	PUBFILE_AUTO roots = { 0 };
	CHAIN_AUTO chain = { 0 };
	VERDICT_AUTO v = { 0 };
	const struct manifest_domain *d = NULL;
	const char *more = opt_get(o, "roots");

	if (!trust_load(o, o->operands[0], &t, e) ||
		!find_domain(&t.manifest, opt_get(o, "domain"), &d, e) ||
		(more && !pubfile_load(more, &roots, e)) || !read_chain(o, &served, e) ||
		!chain_find(&served, more ? &roots : NULL, &chain, e) ||
		!verdict_make(d, &chain, &v, e))
		return false;
	if (!opt_flag(o, "json"))
		print_text(&v, &t.manifest);
	else if (!print_json(&v, &t.manifest, e))
		return false;
	return v.match || refuse(&v, e);
}

const struct command cmd_check = {
	.name = "check",
	.operands = "pins.json",
	.min = 1,
	.max = 1,
	.summary = "hold what is served against the pins",
	.detail = "Says which certificate matches which pin, on every path that the certificates\n"
		  "allow, whether a backup outside the chain remains, and what expires next. A\n"
		  "root that servers do not send is found when --roots gives it. Nothing but the\n"
		  "pins is verified unless --verify is given. Exits with 78 when a path has no\n"
		  "match.",
	.options = options,
	.run = run,
};
