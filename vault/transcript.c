/* SPDX-License-Identifier: ISC */
#include "vault/transcript.h"

#include "vault/anchor.h"

#include <stdio.h>
#include <string.h>

/* The lists that grow from line to line. */
struct maker {
	json_t *doc;
	json_t *runs, *steps, *batches, *pins;
	char time[CLOCK_TEXT]; /* of the line at hand */
};

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

static bool
no_memory(struct err *e)
{
	return err_set(e, ERR_MEMORY, "out of memory");
}

/* `value` is consumed. */
static bool
put(json_t *o, const char *name, json_t *value, struct err *e)
{
	return json_object_set_new(o, name, value) == 0 || no_memory(e);
}

static bool
add(json_t *list, json_t *value, struct err *e)
{
	return json_array_append_new(list, value) == 0 || no_memory(e);
}

/* A run of the program: what it is, and what it found. */
static bool
take_ceremony(struct maker *m, const json_t *line, struct err *e)
{
	const json_t *step;
	size_t i;

	if (strcmp(text_of(line, "step"), "start") == 0 &&
		!add(m->runs,
			json_pack("{s:s, s:s, s:s, s:O}", "started", m->time, "version",
				text_of(line, "version"), "program", text_of(line, "program"),
				"machine", json_object_get(line, "machine")),
			e))
		return false;
	json_array_foreach(json_object_get(line, "steps"), i, step)
	{
		if (!add(m->steps, json_incref((json_t *)step), e))
			return false;
	}
	return true;
}

/* One key of a batch; its shares are filled in by the commit. */
static bool
begin_key(json_t *keys, const json_t *item, struct err *e)
{
	static const char *const members[] = { "key", "pin", "algorithm", "domain", "set",
		"origin" };
	json_t *key = json_object();

	if (!add(keys, key, e))
		return false;
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (json_object_set(key, members[i], json_object_get(item, members[i])) != 0)
			return no_memory(e);
	return put(key, "shares", json_array(), e);
}

static bool
take_begin(struct maker *m, const json_t *line, struct err *e)
{
	json_t *keys = json_array();
	const json_t *item;
	size_t i;

	if (!add(m->batches,
		    json_pack("{s:s, s:s, s:n, s:n, s:n, s:O, s:o}", "batch",
			    text_of(line, "batch"), "begun", m->time, "committed", "entropy",
			    "subsets", "holders", json_object_get(line, "holders"), "keys", keys),
		    e))
		return false;
	json_array_foreach(json_object_get(line, "keys"), i, item)
	{
		if (!begin_key(keys, item, e))
			return false;
	}
	return true;
}

static json_t *
find_batch(const struct maker *m, const char *id)
{
	json_t *batch;
	size_t i;

	json_array_foreach(m->batches, i, batch)
	{
		if (strcmp(text_of(batch, "batch"), id) == 0)
			return batch;
	}
	return NULL;
}

static bool
commit_key(const json_t *batch, const json_t *line, size_t at, const json_t *item, struct err *e)
{
	const json_t *key = json_array_get(json_object_get(batch, "keys"), at);
	const json_t *commitment;
	size_t i;

	json_array_foreach(json_object_get(item, "commitments"), i, commitment)
	{
		const json_t *holder = json_array_get(json_object_get(batch, "holders"), i);
		const char *name = text_of(holder, "name");
		const char *asked = text_of(json_object_get(line, "media"), name);

		if (!add(json_object_get(key, "shares"),
			    json_pack("{s:i, s:s, s:s, s:O}", "number", (int)i + 1, "custodian",
				    name, "medium", *asked ? asked : text_of(holder, "medium"),
				    "commitment", commitment),
			    e))
			return false;
	}
	return true;
}

static bool
take_commit(struct maker *m, const json_t *line, struct err *e)
{
	json_t *batch = find_batch(m, text_of(line, "batch"));
	const json_t *item;
	size_t i;

	if (!batch)
		return err_set(e, ERR_FORMAT, "a commit without its begin");
	json_array_foreach(json_object_get(line, "keys"), i, item)
	{
		if (!commit_key(batch, line, i, item, e))
			return false;
	}
	return put(batch, "committed", json_string(m->time), e) &&
	       put(batch, "entropy", json_incref(json_object_get(line, "entropy")), e) &&
	       put(batch, "subsets", json_incref(json_object_get(line, "subsets")), e);
}

static bool
take_pins(struct maker *m, const json_t *line, struct err *e)
{
	const json_t *pin;
	size_t i;

	json_array_foreach(json_object_get(line, "pins"), i, pin)
	{
		if (!add(m->pins,
			    json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "domain",
				    text_of(line, "domain"), "role", text_of(line, "role"), "pin",
				    text_of(pin, "pin"), "algorithm", text_of(pin, "algorithm"),
				    "label", text_of(pin, "label"), "recorded", m->time),
			    e))
			return false;
	}
	return true;
}

static bool
take_export(struct maker *m, const json_t *line, struct err *e)
{
	return put(m->doc, "manifest",
		json_pack("{s:O, s:s, s:s, s:s}", "serial", json_object_get(line, "serial"), "hash",
			text_of(line, "hash"), "created", text_of(line, "created"), "to",
			text_of(line, "to")),
		e);
}

static const struct {
	const char *event;
	bool (*take)(struct maker *m, const json_t *line, struct err *e);
} rows[] = {
	{ "ceremony", take_ceremony },
	{ "begin", take_begin },
	{ "commit", take_commit },
	{ "add-pin", take_pins },
	{ "export", take_export },
};

static bool
visit(void *context, const struct journal_line *line, struct err *e)
{
	struct maker *m = context;

	clock_format(line->time, m->time);
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(rows[i].event, line->event) == 0)
			return rows[i].take(m, line->body, e);
	return true;
}

/* Who holds what, and the digests ----------------------------------------------------------- */

static bool
add_custodians(const struct state *s, json_t *doc, struct err *e)
{
	json_t *list = json_array();

	if (!put(doc, "custodians", list, e))
		return false;
	for (size_t i = 0; i < s->custodian_count; i++) {
		const struct state_custodian *c = &s->custodians[i];

		if (!add(list,
			    json_pack("{s:s, s:s, s:s?, s:s?}", "name", c->name, "medium",
				    c->medium, "contact", c->contact, "location", c->location),
			    e))
			return false;
	}
	return true;
}

static bool
add_digest(json_t *list, const char *of, const char *hex, struct err *e)
{
	return !*hex || add(list, json_pack("{s:s, s:s}", "of", of, "hex", hex), e);
}

static bool
add_digests(const struct store *s, const struct journal *j, json_t *doc, struct err *e)
{
	char key[ENCODE_HASH_HEX], journal[40];
	json_t *list = json_array();

	/* The transcript's own line makes one more. */
	(void)snprintf(journal, sizeof journal, "journal (%lld entries)", (long long)j->entries);
	anchor_digest(&s->state.key, key);
	return put(doc, "digests", list, e) && add_digest(list, "plan", s->state.plan, e) &&
	       add_digest(list, "vault key", key, e) &&
	       add_digest(list, "manifest (SHA-256)",
		       text_of(json_object_get(doc, "manifest"), "hash"), e) &&
	       add_digest(list, journal, j->head, e);
}

static bool
fill(const struct store *s, struct maker *m, struct err *e)
{
	JOURNAL_AUTO j = { 0 };
	json_t *doc = m->doc;

	return put(doc, "runs", m->runs, e) && put(doc, "steps", m->steps, e) &&
	       put(doc, "batches", m->batches, e) && put(doc, "pins", m->pins, e) &&
	       put(doc, "manifest", json_null(), e) && journal_read(s->dir, visit, m, &j, e) &&
	       put(doc, "journal",
		       json_pack("{s:I, s:s}", "entries", (json_int_t)j.entries, "head", j.head),
		       e) &&
	       add_custodians(&s->state, doc, e) && add_digests(s, &j, doc, e);
}

bool
transcript_make(const struct store *s, json_t **out, struct err *e)
{
	char key[MINISIGN_PUB_TEXT];
	struct maker m = { 0 };

	if (!s->state.plan)
		return err_set(e, ERR_INTERNAL, "%s was not made by a ceremony", s->dir);
	minisign_pub_encode(&s->state.key, key);
	m.doc = json_pack("{s:s, s:b, s:{s:s, s:s}, s:s, s:o, s:b, s:i}", "format",
		TRANSCRIPT_FORMAT, "rehearsal", s->state.rehearsal, "vault", "name", s->state.name,
		"key", key, "plan", s->state.plan, "created", json_time(clock_now()), "offline",
		s->state.offline, "threshold", (int)s->state.threshold);
	m.runs = json_array();
	m.steps = json_array();
	m.batches = json_array();
	m.pins = json_array();
	if (!m.doc)
		return no_memory(e);
	if (!fill(s, &m, e)) {
		json_decref(m.doc);
		return false;
	}
	*out = m.doc;
	return true;
}

const json_t *
transcript_digests(const json_t *transcript)
{
	return json_object_get(transcript, "digests");
}
