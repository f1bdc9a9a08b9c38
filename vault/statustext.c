/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/help.h"
#include "base/term.h"
#include "vault/caution.h"
#include "vault/drills.h"
#include "vault/nextthing.h"
#include "vault/statusview.h"

#include <stdio.h>
#include <string.h>

#define ISSUER_SHOWN 45 /* of 80 columns */
#define DATE_TEXT 11    /* the date of a time, with NUL */

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
print_certificate(const struct state_key *k)
{
	const struct state_certificate *c = state_certificate(k);
	char until[CLOCK_TEXT], issuer[ISSUER_SHOWN];

	if (!c)
		return;
	clock_format(c->not_after, until);
	printf("    certificate until %.10s, %s\n", until,
		term_safe(issuer, sizeof(issuer), c->issuer));
}

static void
print_key(const struct store *s, const struct ready_history *h, const struct state_domain *d,
	const struct state_key *k)
{
	const struct state_set *set = state_current_set(k);
	int64_t deployed = CLOCK_NONE, ready = CLOCK_NONE;
	char shares[32] = "-";

	if (set)
		snprintf(shares, sizeof(shares), "%u of %u", set->threshold, state_set_held(set));
	if (d)
		ready_when(h, d->name, &k->pin, state_policy_of(&s->state, d).prior_max_age,
			&deployed, &ready);
	print_row(k->id, k->algorithm, manifest_state_name(k->state),
		state_is_proven(k) ? "yes" : "no", manifest_origin_name(k->origin), shares,
		deployed, ready);
	print_certificate(k);
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
	print_row(pin, p->algorithm, p->displaced ? "retired" : manifest_role_name(p->role), "-",
		"external", "-", deployed, ready);
	/* Labels come from certificates and file names. */
	printf("    %s\n", term_safe(label, sizeof(label), p->label));
}

static bool
print_wrapped(const char *head, const char *text, struct err *e)
{
	BUF_AUTO out = BUF_NONE;

	buf_adds(&out, head);
	help_wrapped(&out, text, strlen(head), 2);
	return buf_ok(&out, e) && fputs(out.data, stdout) >= 0;
}

/* "ec:p256: active filled, presigned empty, 2 in the vault; 1 usable now" */
static bool
print_slot(const struct outlook_slot *slot, struct err *e)
{
	BUF_AUTO line = BUF_NONE;
	char text[CLOCK_TEXT];

	buf_addf(&line, "%s: active %s, presigned %s, %zu in the vault; %zu usable now",
		slot->algorithm, slot->active ? "filled" : "empty",
		slot->presigned ? "filled" : "empty", slot->standby, slot->usable);
	if (slot->last_ready != CLOCK_NONE)
		buf_addf(&line, ", all from %s", date(slot->last_ready, text));
	return buf_ok(&line, e) && print_wrapped("  ", line.data, e);
}

static bool
print_outlook(const struct statusview *v, const struct outlook *o, struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	for (size_t i = 0; i < o->slot_count; i++)
		if (!print_slot(&o->slots[i], e))
			return false;
	(void)nextthing_find(o, v->now, &text);
	if (!buf_ok(&text, e))
		return false;
	return print_wrapped("  next: ", text.data, e);
}

static bool
print_domain(const struct statusview *v, const struct state_domain *d, struct err *e)
{
	const struct store *s = v->store;
	struct outlook o;
	char age[CLOCK_DURATION_TEXT];

	outlook_make(&s->state, v->history, v->newest, d, v->now, &o);
	clock_duration_format(o.ramp.now, age);
	printf("\n%s: %zu key%s, max-age %s", d->name, d->key_count, d->key_count == 1 ? "" : "s",
		age);
	if (o.ramp.steps > 0)
		printf(", step %u of %u of its ramp", o.ramp.step, o.ramp.steps);
	printf("\n");
	for (size_t i = 0; i < d->key_count; i++)
		print_key(s, v->history, d, d->keys[i]);
	for (size_t i = 0; i < d->pin_count; i++)
		if (!d->pins[i].removed)
			print_pin(s, v->history, d, &d->pins[i]);
	return print_outlook(v, &o, e);
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
		if (!print_wrapped("warning: ", text.data, e))
			return false;
		first = false;
	}
	return true;
}

bool
statusview_print(const struct statusview *v, struct err *e)
{
	const struct store *s = v->store;
	const struct state_key *signing = state_signing_key(&s->state);

	printf("vault %s: %s\n", s->state.name, s->dir);
	printf("    %-9s %-11s %-6s %-8s %-10s %-10s %s\n", "ALGORITHM", "STATE", "PROVEN",
		"ORIGIN", "SHARES", "DEPLOYED", "READY");
	if (signing)
		print_key(s, v->history, NULL, signing);
	for (size_t i = 0; i < s->state.domain_count; i++)
		if (!print_domain(v, &s->state.domains[i], e))
			return false;
	print_void(s);
	return print_warnings(s, e);
}
