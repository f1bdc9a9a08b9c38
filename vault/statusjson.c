/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "vault/caution.h"
#include "vault/drills.h"
#include "vault/keyview.h"
#include "vault/nextthing.h"
#include "vault/oldshares.h"
#include "vault/statusview.h"

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
			   json_object_set_new(view, "shares", json_integer(state_set_held(set))) !=
				   0))
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
				json_pack("{s:s, s:s, s:b, s:s?, s:s, s:s, s:s?}", "pin", pin,
					"role", manifest_role_name(p->role), "displaced",
					p->displaced, "ca", manifest_ca_name(p->ca), "algorithm",
					p->algorithm, "label", p->label, "group", p->group),
				e))
			return false;
	}
	return true;
}

static json_t *
slots_json(const struct outlook *o)
{
	json_t *list = json_array();

	for (size_t i = 0; i < o->slot_count; i++) {
		const struct outlook_slot *slot = &o->slots[i];

		json_array_append_new(list,
			json_pack("{s:s, s:I, s:I, s:I, s:i, s:I, s:o, s:o}", "algorithm",
				slot->algorithm, "active", (json_int_t)slot->active, "presigned",
				(json_int_t)slot->presigned, "standby", (json_int_t)slot->standby,
				"wanted", o->policy.backups, "usable", (json_int_t)slot->usable,
				"next_ready", json_time(slot->next_ready), "all_ready",
				json_time(slot->last_ready)));
	}
	return list;
}

static json_t *
ramp_json(const struct ramp *r)
{
	if (r->steps == 0)
		return json_null();
	return json_pack("{s:i, s:i, s:I, s:o}", "step", (int)r->step, "steps", (int)r->steps,
		"max_age", (json_int_t)r->now, "next", json_seconds(r->next));
}

/* Slots, ramp, and the next thing to do. */
static bool
outlook_json(const struct statusview *v, const struct state_domain *d, json_t *item, struct err *e)
{
	struct outlook o;
	BUF_AUTO text = BUF_NONE;
	const char *id;
	json_t *next;

	outlook_make(&v->store->state, v->history, v->newest, d, v->now, &o);
	id = nextthing_find(&o, v->now, &text);
	if (!buf_ok(&text, e))
		return false;
	next = json_pack("{s:s, s:s}", "id", id, "message", text.data);
	if (json_object_set_new(item, "slots", slots_json(&o)) != 0 ||
		json_object_set_new(item, "ramp", ramp_json(&o.ramp)) != 0 ||
		json_object_set_new(item, "next", next) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

static bool
domains_json(const struct statusview *v, json_t *out, struct err *e)
{
	const struct store *s = v->store;

	for (size_t i = 0; i < s->state.domain_count; i++) {
		const struct state_domain *d = &s->state.domains[i];
		json_t *keys = json_array(), *pins = json_array();
		json_t *item =
			json_pack("{s:s, s:o, s:o}", "domain", d->name, "keys", keys, "pins", pins);
		if (!append(out, item, e) || !outlook_json(v, d, item, e) ||
			!keys_json(s, v->history, d, keys, e) || !pins_json(d, pins, e))
			return false;
	}
	return true;
}

static bool
drills_json(const struct statusview *v, json_t *out, struct err *e)
{
	DRILLS_AUTO drills = { 0 };

	if (!drills_make(&v->store->state, v->now, &drills, e))
		return false;
	for (size_t i = 0; i < drills.count; i++) {
		const struct drills_item *d = &drills.items[i];

		if (!append(out,
			    json_pack("{s:s, s:I, s:o, s:s, s:o, s:b}", "custodian", d->custodian,
				    "shares", (json_int_t)d->shares, "seen", json_time(d->seen),
				    "key", d->key, "due", json_time(d->due), "overdue", d->overdue),
			    e))
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
superseded_json(const struct store *s, json_t *out, struct err *e)
{
	for (size_t i = 0; i < s->state.key_count; i++)
		if (!oldshares_list(&s->state, s->state.keys[i], out, e))
			return false;
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

bool
statusview_json(const struct statusview *v, json_t **out, struct err *e)
{
	const struct store *s = v->store;
	const struct state_key *signing = state_signing_key(&s->state);
	JSON_AUTO doc = NULL;
	JSON_AUTO view = json_null();
	char key[MINISIGN_PUB_TEXT];

	minisign_pub_encode(&s->state.key, key);
	if (signing && !key_json(s, v->history, signing, &view, e))
		return false;
	doc = json_pack("{s:{s:s, s:s, s:b}, s:O, s:[], s:[], s:[], s:[], s:[]}", "vault", "name",
		s->state.name, "key", key, "offline", s->state.offline, "signing_key", view,
		"domains", "drills", "void", "superseded", "warnings");
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!domains_json(v, json_object_get(doc, "domains"), e) ||
		!drills_json(v, json_object_get(doc, "drills"), e) ||
		!void_json(s, json_object_get(doc, "void"), e) ||
		!superseded_json(s, json_object_get(doc, "superseded"), e) ||
		!warnings_json(s, json_object_get(doc, "warnings"), e))
		return false;
	*out = json_incref(doc);
	return true;
}
