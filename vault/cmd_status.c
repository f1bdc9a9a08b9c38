/* SPDX-License-Identifier: ISC */
#include "base/term.h"
#include "vault/caution.h"
#include "vault/cmd.h"
#include "vault/keyview.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 80
#define DATE_TEXT 11 /* the date of a time, with NUL */

/* JSON ------------------------------------------------------------------------------------- */

static bool
append(json_t *array, json_t *item, struct err *e)
{
	if (json_array_append_new(array, item) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

/* keyview's members, and who holds it. */
static bool
key_json(const struct store *s, const struct ready_history *h, const struct state_key *k,
	json_t **out, struct err *e)
{
	const struct state_set *set = state_current_set(k);
	JSON_AUTO view = NULL;

	if (!keyview_json(s, h, k, &view, e))
		return false;
	if (set && (json_object_set_new(view, "threshold", json_integer(set->threshold)) != 0 ||
			   json_object_set_new(view, "shares",
				   json_integer((json_int_t)set->share_count)) != 0))
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = json_incref(view);
	return true;
}

static bool
keys_json(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	json_t *out, struct err *e)
{
	for (size_t i = 0; i < d->key_count; i++) {
		json_t *view = NULL;
		if (!key_json(s, h, d->keys[i], &view, e) || !append(out, view, e))
			return false;
	}
	return true;
}

static bool
pins_json(const struct state_domain *d, json_t *out, struct err *e)
{
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct state_pin *p = &d->pins[i];
		char pin[PIN_TEXT];
		pin_encode(&p->pin, pin);
		if (!p->removed &&
			!append(out,
				json_pack("{s:s, s:s, s:s?, s:s, s:s, s:s?}", "pin", pin, "role",
					manifest_role_name(p->role), "ca", manifest_ca_name(p->ca),
					"algorithm", p->algorithm, "label", p->label, "group",
					p->group),
				e))
			return false;
	}
	return true;
}

static bool
domains_json(const struct store *s, const struct ready_history *h, json_t *out, struct err *e)
{
	for (size_t i = 0; i < s->state.domain_count; i++) {
		const struct state_domain *d = &s->state.domains[i];
		json_t *keys = json_array(), *pins = json_array();
		json_t *item =
			json_pack("{s:s, s:o, s:o}", "domain", d->name, "keys", keys, "pins", pins);
		if (!append(out, item, e) || !keys_json(s, h, d, keys, e) || !pins_json(d, pins, e))
			return false;
	}
	return true;
}

static bool
void_json(const struct store *s, json_t *out, struct err *e)
{
	static const char *const members[] = { "batch", "time", "kind", "threshold", "holders",
		"keys" };
	const char *id;
	json_t *begun;

	json_object_foreach(s->state.open, id, begun)
	{
		json_t *item = json_object();
		if (!append(out, item, e))
			return false;
		for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++)
			if (json_object_set(item, members[i], json_object_get(begun, members[i])) !=
				0)
				return err_set(e, ERR_MEMORY, "out of memory");
	}
	return true;
}

static bool
warnings_json(const struct store *s, json_t *out, struct err *e)
{
	for (const struct caution_rule *r = caution_rules; r->id; r++) {
		BUF_AUTO text = BUF_NONE;
		r->look(s, &text);
		if (!buf_ok(&text, e) ||
			(text.len > 0 &&
				!append(out,
					json_pack("{s:s, s:s}", "id", r->id, "message", text.data),
					e)))
			return false;
	}
	return true;
}

static bool
print_json(
	const struct opts *o, const struct store *s, const struct ready_history *h, struct err *e)
{
	const struct state_key *signing = state_key_by_id(&s->state, SHARE_SIGNING_KEY);
	JSON_AUTO doc = NULL;
	JSON_AUTO view = json_null();
	char key[MINISIGN_PUB_TEXT];

	minisign_pub_encode(&s->state.key, key);
	if (signing && !key_json(s, h, signing, &view, e))
		return false;
	doc = json_pack("{s:{s:s, s:s, s:b}, s:O, s:[], s:[], s:[]}", "vault", "name",
		s->state.name, "key", key, "offline", s->state.offline, "signing_key", view,
		"domains", "void", "warnings");
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return domains_json(s, h, json_object_get(doc, "domains"), e) &&
	       void_json(s, json_object_get(doc, "void"), e) &&
	       warnings_json(s, json_object_get(doc, "warnings"), e) &&
	       cmd_journal_line(o, s, doc, e) && json_print(doc, e);
}

/* Text: at most 80 columns ----------------------------------------------------------------- */

static const char *
date(int64_t t, char out[static CLOCK_TEXT])
{
	if (t == CLOCK_NONE)
		return "-";
	clock_format(t, out);
	out[DATE_TEXT - 1] = '\0';
	return out;
}

static void
print_row(const char *name, const char *algorithm, const char *state, const char *proven,
	const char *origin, const char *shares, int64_t deployed, int64_t ready)
{
	char deployed_text[CLOCK_TEXT], ready_text[CLOCK_TEXT];

	printf("  %s\n", name);
	printf("    %-9s %-11s %-6s %-8s %-10s %-10s %s\n", algorithm, state, proven, origin,
		shares, date(deployed, deployed_text), date(ready, ready_text));
}

static void
print_key(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);
	int64_t deployed = CLOCK_NONE, ready = CLOCK_NONE;
	char shares[32] = "-";

	if (set)
		snprintf(shares, sizeof(shares), "%u of %zu", set->threshold, set->share_count);
	if (d)
		ready_when(h, d->name, &k->pin, state_policy_of(&s->state, d).prior_max_age,
			&deployed, &ready);
	print_row(k->id, k->algorithm, manifest_state_name(k->state),
		state_is_proven(k) ? "yes" : "no", manifest_origin_name(k->origin), shares,
		deployed, ready);
}

static void
print_pin(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	const struct state_pin *p)
{
	int64_t deployed, ready;
	char pin[PIN_TEXT], label[256];

	pin_encode(&p->pin, pin);
	ready_when(h, d->name, &p->pin, state_policy_of(&s->state, d).prior_max_age, &deployed,
		&ready);
	print_row(pin, p->algorithm, manifest_role_name(p->role), "-", "external", "-", deployed,
		ready);
	/* Labels come from certificates and file names. */
	printf("    %s\n", term_safe(label, sizeof(label), p->label));
}

static void
print_domain(const struct store *s, const struct ready_history *h, const struct state_domain *d)
{
	char age[CLOCK_DURATION_TEXT];

	clock_duration_format(state_policy_of(&s->state, d).max_age, age);
	printf("\n%s: %zu key%s, max-age %s\n", d->name, d->key_count, d->key_count == 1 ? "" : "s",
		age);
	for (size_t i = 0; i < d->key_count; i++)
		print_key(s, h, d, d->keys[i]);
	for (size_t i = 0; i < d->pin_count; i++)
		if (!d->pins[i].removed)
			print_pin(s, h, d, &d->pins[i]);
}

static void
print_void(const struct store *s)
{
	const char *id;
	json_t *begun, *item;
	size_t i;

	json_object_foreach(s->state.open, id, begun)
	{
		printf("\nvoid: batch %s of %s, never committed\n", id,
			json_string_value(json_object_get(begun, "time")));
		json_array_foreach(json_object_get(begun, "keys"), i, item)
			printf("  %s\n", json_string_value(json_object_get(item, "key")));
		json_array_foreach(json_object_get(begun, "holders"), i, item)
			printf("    share %zu: %s, %s\n", i + 1,
				json_string_value(json_object_get(item, "name")),
				json_string_value(json_object_get(item, "medium")));
	}
}

static void
print_wrapped(const char *head, const char *text)
{
	int at = printf("%s", head), word;

	for (const char *p = text; *p; p += word) {
		p += strspn(p, " ");
		word = (int)strcspn(p, " ");
		if (at + 1 + word > WIDTH)
			at = printf("\n ") - 1;
		at += printf(" %.*s", word, p);
	}
	printf("\n");
}

static bool
print_warnings(const struct store *s, struct err *e)
{
	bool first = true;

	for (const struct caution_rule *r = caution_rules; r->id; r++) {
		BUF_AUTO text = BUF_NONE;
		r->look(s, &text);
		if (!buf_ok(&text, e))
			return false;
		if (text.len == 0)
			continue;
		printf("%s", first ? "\n" : "");
		print_wrapped("warning:", text.data);
		first = false;
	}
	return true;
}

static bool
print_text(
	const struct opts *o, const struct store *s, const struct ready_history *h, struct err *e)
{
	const struct state_key *signing = state_key_by_id(&s->state, SHARE_SIGNING_KEY);

	printf("vault %s: %s\n", s->state.name, s->dir);
	printf("    %-9s %-11s %-6s %-8s %-10s %-10s %s\n", "ALGORITHM", "STATE", "PROVEN",
		"ORIGIN", "SHARES", "DEPLOYED", "READY");
	if (signing)
		print_key(s, h, NULL, signing);
	for (size_t i = 0; i < s->state.domain_count; i++)
		print_domain(s, h, &s->state.domains[i]);
	print_void(s);
	if (!print_warnings(s, e))
		return false;
	printf("\n");
	return cmd_journal_line(o, s, NULL, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	READY_HISTORY_AUTO h = { 0 };

	return cmd_store_open(o, STORE_READ, &s, e) && ready_load(&s, &h, e) &&
	       (cmd_json(o) ? print_json : print_text)(o, &s, &h, e);
}

const struct command cmd_status = {
	.name = "status",
	.heading = "Looking",
	.operands = "",
	.summary = "show the keys and pins of every domain, and what to mind",
	.detail = "A pin is ready when no client can hold a policy any more that lacks it. \"-\" "
		  "under DEPLOYED: no manifest with it is known to be live.",
	.run = run,
};
