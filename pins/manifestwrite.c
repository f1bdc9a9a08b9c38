/* SPDX-License-Identifier: ISC */
#include "pins/manifest.h"

#include "base/json.h"

/*
 * Every value is written by jansson; what is added here are line ends: one line for the head, one
 * for each domain and one for each pin, so that a pin that comes or goes is one line of a diff.
 */

static json_t *
text_value(const char *text)
{
	return text ? json_string(text) : json_null();
}

/* Packs return NULL when out of memory; "o" takes the reference over. */
FALLIBLE static bool
add_value(struct buf *out, json_t *owned, struct err *e)
{
	JSON_AUTO value = owned;
	if (!value)
		return err_set(e, ERR_MEMORY, "out of memory");
	return json_write(value, false, out, e);
}

/* The object without its closing brace: what follows is one more member of it. */
FALLIBLE static bool
open_object(struct buf *out, json_t *owned, const char *member, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	if (!add_value(&text, owned, e) || !buf_ok(&text, e))
		return false;
	buf_add(out, text.data, text.len - 1);
	buf_addf(out, ",\"%s\":[", member);
	return true;
}

static json_t *
pin_value(const struct manifest_pin *p)
{
	char pin[PIN_TEXT];
	pin_encode(&p->pin, pin);
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:s, s:o, s:b, s:o, s:o}", "pin", pin, "role",
		manifest_role_name(p->role), "state", text_value(manifest_state_name(p->state)),
		"origin", manifest_origin_name(p->origin), "ca",
		text_value(manifest_ca_name(p->ca)), "algorithm", p->algorithm, "key",
		text_value(p->key), "released", p->released, "deployed", json_time(p->deployed),
		"ready", json_time(p->ready));
}

static json_t *
names_value(const struct manifest_domain *d)
{
	json_t *names = json_array();
	for (size_t i = 0; names && i < d->name_count; i++) {
		if (json_array_append_new(names, json_string(d->names[i])) != 0) {
			json_decref(names);
			return NULL;
		}
	}
	return names;
}

FALLIBLE static bool
write_domain(const struct manifest_domain *d, struct buf *out, struct err *e)
{
	json_t *head = json_pack("{s:s, s:o, s:b, s:I, s:b, s:o}", "domain", d->domain, "names",
		names_value(d), "include_subdomains", d->include_subdomains, "max_age",
		(json_int_t)d->max_age, "report_only", d->report_only, "report_uri",
		text_value(d->report_uri));
	if (!open_object(out, head, "pins", e))
		return false;
	for (size_t i = 0; i < d->pin_count; i++) {
		buf_adds(out, i ? ",\n" : "\n");
		if (!add_value(out, pin_value(&d->pins[i]), e))
			return false;
	}
	buf_adds(out, "]}");
	return true;
}

static json_t *
head_value(const struct manifest *m)
{
	char key[MINISIGN_PUB_TEXT];
	minisign_pub_encode(&m->vault_key, key);
	json_t *head = json_pack("{s:s, s:{s:s, s:s}, s:I, s:o, s:o, s:b}", "format",
		MANIFEST_FORMAT, "vault", "name", m->vault_name, "key", key, "serial",
		(json_int_t)m->serial, "created", json_time(m->created), "valid_until",
		json_time(m->valid_until), "offline", m->offline);
	if (!head)
		return NULL;
	if ((m->rehearsal && json_object_set_new(head, "rehearsal", json_true()) != 0) ||
		json_object_set_new(head, "previous", text_value(m->previous)) != 0 ||
		json_object_set_new(head, "journal",
			json_pack("{s:I, s:s}", "entries", (json_int_t)m->journal_entries, "head",
				m->journal_head)) != 0) {
		json_decref(head);
		return NULL;
	}
	return head;
}

bool
manifest_encode(const struct manifest *m, struct buf *out, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	if (!open_object(&text, head_value(m), "domains", e))
		return false;
	for (size_t i = 0; i < m->domain_count; i++) {
		buf_adds(&text, i ? ",\n" : "\n");
		if (!write_domain(&m->domains[i], &text, e))
			return false;
	}
	buf_adds(&text, "]}\n");
	if (!buf_ok(&text, e))
		return false;
	buf_move(out, &text);
	return true;
}
