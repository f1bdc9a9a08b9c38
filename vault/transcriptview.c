/* SPDX-License-Identifier: ISC */
#include "vault/transcriptview.h"

#include "vault/ceremonysteps.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void
transcriptview_free(struct transcriptview *v)
{
	json_decref(v->sections);
	json_decref(v->names);
	*v = (struct transcriptview){ 0 };
}

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "";
}

/* Texts, ended by NULL. */
static json_t *
texts(va_list args)
{
	json_t *list = json_array();
	const char *text;

	while ((text = va_arg(args, const char *)) != NULL)
		json_array_append_new(list, json_string(text));
	return list;
}

static json_t *
section(struct transcriptview *v, const char *title, ...)
{
	json_t *rows = json_array();
	json_t *columns;
	va_list args;

	va_start(args, title);
	columns = texts(args);
	va_end(args);
	json_array_append_new(v->sections,
		json_pack("{s:s, s:o, s:o}", "title", title, "columns", columns, "rows", rows));
	return rows;
}

static void
row(json_t *rows, ...)
{
	va_list args;

	va_start(args, rows);
	json_array_append_new(rows, texts(args));
	va_end(args);
}

static void
row_number(json_t *rows, const char *label, const json_t *number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "%lld", (long long)json_integer_value(number));
	row(rows, label, text, NULL);
}

static void
add_head(struct transcriptview *v, const json_t *t)
{
	const json_t *manifest = json_object_get(t, "manifest");
	json_t *rows = section(v, "What was made", "", "", NULL);

	row(rows, "vault", text_of(json_object_get(t, "vault"), "name"), NULL);
	row(rows, "vault key", text_of(json_object_get(t, "vault"), "key"), NULL);
	row_number(rows, "threshold", json_object_get(t, "threshold"));
	row(rows, "offline", json_is_true(json_object_get(t, "offline")) ? "yes" : "no, for good",
		NULL);
	if (json_is_object(manifest)) {
		row_number(rows, "manifest", json_object_get(manifest, "serial"));
		row(rows, "signed", text_of(manifest, "created"), NULL);
		row(rows, "exported to", text_of(manifest, "to"), NULL);
	}
	row_number(
		rows, "journal lines", json_object_get(json_object_get(t, "journal"), "entries"));
	row(rows, "written", text_of(t, "created"), NULL);
}

static const char *
step_title(const char *name)
{
	for (size_t i = 0; i < CEREMONY_STEPS; i++)
		if (strcmp(ceremonysteps[i].name, name) == 0)
			return ceremonysteps[i].title;
	return name;
}

static void
add_steps(struct transcriptview *v, const json_t *t)
{
	json_t *rows = section(v, "Steps", "step", "done", "custodian", NULL);
	const json_t *step;
	size_t i;

	json_array_foreach(json_object_get(t, "steps"), i, step)
		row(rows, step_title(text_of(step, "step")), text_of(step, "at"),
			text_of(step, "custodian"), NULL);
}

static void
add_runs(struct transcriptview *v, const json_t *t)
{
	const json_t *run, *fact;
	size_t i, f;

	json_array_foreach(json_object_get(t, "runs"), i, run)
	{
		char title[80];
		json_t *rows;

		(void)snprintf(title, sizeof(title), "Run %zu: the program and the machine", i + 1);
		rows = section(v, title, "", "", NULL);
		row(rows, "started", text_of(run, "started"), NULL);
		row(rows, "version", text_of(run, "version"), NULL);
		row(rows, "program", text_of(run, "program"), NULL);
		json_array_foreach(json_object_get(run, "machine"), f, fact)
		{
			char text[1200];

			(void)snprintf(text, sizeof(text), "%s: %s", text_of(fact, "verdict"),
				text_of(fact, "message"));
			row(rows, text_of(fact, "id"), text, NULL);
		}
	}
}

static void
add_custodians(struct transcriptview *v, const json_t *t)
{
	json_t *rows = section(v, "Custodians", "custodian", "medium", "contact", "location", NULL);
	const json_t *c;
	size_t i;

	json_array_foreach(json_object_get(t, "custodians"), i, c) row(rows, text_of(c, "name"),
		text_of(c, "medium"), text_of(c, "contact"), text_of(c, "location"), NULL);
}

static void
add_keys(struct transcriptview *v, const json_t *t)
{
	json_t *rows = section(v, "Keys", "key", "domain", "algorithm", "pin (SHA-256)",
		"random numbers from", "state", NULL);
	const json_t *batch, *key;
	size_t i, k;

	json_array_foreach(json_object_get(t, "batches"), i, batch)
	{
		bool counts = json_is_string(json_object_get(batch, "committed"));

		json_array_foreach(json_object_get(batch, "keys"), k, key) row(rows,
			text_of(key, "key"), text_of(key, "domain"), text_of(key, "algorithm"),
			text_of(key, "pin"), text_of(batch, "entropy"),
			counts ? "proven" : "void: interrupted before it counted", NULL);
	}
}

static void
add_shares(struct transcriptview *v, const json_t *t)
{
	json_t *rows =
		section(v, "Shares", "key and number", "custodian", "medium", "digest", NULL);
	const json_t *batch, *key, *share;
	size_t i, k, s;

	json_array_foreach(json_object_get(t, "batches"), i, batch)
		json_array_foreach(json_object_get(batch, "keys"), k, key)
			json_array_foreach(json_object_get(key, "shares"), s, share)
	{
		char name[300];

		(void)snprintf(name, sizeof(name), "%s, share %lld", text_of(key, "key"),
			(long long)json_integer_value(json_object_get(share, "number")));
		row(rows, name, text_of(share, "custodian"), text_of(share, "medium"),
			text_of(share, "commitment"), NULL);
	}
}

static void
add_pins(struct transcriptview *v, const json_t *t)
{
	const json_t *pins = json_object_get(t, "pins"), *pin;
	json_t *rows;
	size_t i;

	if (json_array_size(pins) == 0)
		return;
	rows = section(v, "Pins of what is live, and of CAs", "pin (SHA-256)", "domain", "role",
		"algorithm", "subject", NULL);
	json_array_foreach(pins, i, pin) row(rows, text_of(pin, "pin"), text_of(pin, "domain"),
		text_of(pin, "role"), text_of(pin, "algorithm"), text_of(pin, "label"), NULL);
}

static void
add_names(struct transcriptview *v, const json_t *t)
{
	static const char *const roles[] = { "operator", "witness", "witness" };
	const json_t *c;
	size_t i;

	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++)
		json_array_append_new(v->names, json_string(roles[i]));
	json_array_foreach(json_object_get(t, "custodians"), i, c)
	{
		char name[80];

		(void)snprintf(name, sizeof(name), "custodian %s", text_of(c, "name"));
		json_array_append_new(v->names, json_string(name));
	}
}

bool
transcriptview_make(const json_t *t, struct transcriptview *out, struct err *e)
{
	struct transcriptview v = { .sections = json_array(), .names = json_array() };

	if (!v.sections || !v.names) {
		transcriptview_free(&v);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	(void)snprintf(v.title, sizeof(v.title), "%sTranscript of the key ceremony of %s",
		json_is_true(json_object_get(t, "rehearsal")) ? "REHEARSAL. " : "",
		text_of(json_object_get(t, "vault"), "name"));
	add_head(&v, t);
	add_steps(&v, t);
	add_runs(&v, t);
	add_custodians(&v, t);
	add_keys(&v, t);
	add_shares(&v, t);
	add_pins(&v, t);
	add_names(&v, t);
	*out = v;
	return true;
}
