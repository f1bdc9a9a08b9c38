/* SPDX-License-Identifier: ISC */
#include "vault/ceremonysteps.h"
#include "vault/transcript.h"

#include <stdio.h>
#include <string.h>

static const char *
text_of(const json_t *o, const char *name)
{
	const char *text = json_string_value(json_object_get(o, name));

	return text ? text : "-";
}

static void
field_number(struct sheet *s, const char *label, const json_t *number)
{
	char text[32];

	(void)snprintf(text, sizeof text, "%lld", (long long)json_integer_value(number));
	sheet_field(s, label, text);
}

static bool
write_digests(struct sheet *s, const json_t *t, struct err *e)
{
	const json_t *d;
	size_t i;

	sheet_section(s, "Digests, compared aloud");
	json_array_foreach(transcript_digests(t), i, d)
	{
		char label[80];

		(void)snprintf(label, sizeof label, "Digest of the %s", text_of(d, "of"));
		if (!sheet_digest(s, label, text_of(d, "hex"), e))
			return false;
	}
	return true;
}

static void
write_made(struct sheet *s, const json_t *t)
{
	const json_t *vault = json_object_get(t, "vault");
	const json_t *manifest = json_object_get(t, "manifest");

	sheet_section(s, "What was made");
	sheet_field(s, "vault", text_of(vault, "name"));
	sheet_field(s, "vault key", text_of(vault, "key"));
	field_number(s, "threshold", json_object_get(t, "threshold"));
	sheet_field(
		s, "offline", json_is_true(json_object_get(t, "offline")) ? "yes" : "no, for good");
	if (json_is_object(manifest)) {
		field_number(s, "manifest", json_object_get(manifest, "serial"));
		sheet_field(s, "signed", text_of(manifest, "created"));
		sheet_field(s, "exported to", text_of(manifest, "to"));
	}
	field_number(
		s, "journal entries", json_object_get(json_object_get(t, "journal"), "entries"));
	sheet_field(s, "written", text_of(t, "created"));
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
write_steps(struct sheet *s, const json_t *t)
{
	static const struct sheet_column columns[] = { { "Step", 40, false }, { "Done", 21, false },
		{ "Custodian", 15, false } };
	const json_t *step;
	size_t i;

	sheet_section(s, "Steps");
	sheet_table(s, columns, sizeof(columns) / sizeof(*columns));
	json_array_foreach(json_object_get(t, "steps"), i, step)
	{
		const char *cells[] = { step_title(text_of(step, "step")), text_of(step, "at"),
			text_of(step, "custodian") };

		sheet_row(s, cells);
	}
	sheet_table_end(s);
}

static bool
write_runs(struct sheet *s, const json_t *t, struct err *e)
{
	const json_t *run, *fact;
	size_t i, f;

	sheet_section(s, "The program and the machine");
	json_array_foreach(json_object_get(t, "runs"), i, run)
	{
		char number[24];

		(void)snprintf(number, sizeof number, "%zu", i + 1);
		sheet_block(s, number, "Run", text_of(run, "started"));
		sheet_field(s, "version", text_of(run, "version"));
		if (!sheet_digest(s, "Digest of the program", text_of(run, "program"), e))
			return false;
		json_array_foreach(json_object_get(run, "machine"), f, fact)
		{
			char text[1200];

			(void)snprintf(text, sizeof text, "%s: %s", text_of(fact, "verdict"),
				text_of(fact, "message"));
			sheet_field(s, text_of(fact, "id"), text);
		}
		sheet_block_end(s);
	}
	return true;
}

static void
write_custodians(struct sheet *s, const json_t *t)
{
	static const struct sheet_column columns[] = { { "Custodian", 18, false },
		{ "Medium of keys to come", 24, true }, { "Contact", 17, false },
		{ "Location", 17, false } };
	const json_t *c;
	size_t i;

	sheet_section(s, "Custodians");
	sheet_table(s, columns, sizeof(columns) / sizeof(*columns));
	json_array_foreach(json_object_get(t, "custodians"), i, c)
	{
		const char *cells[] = { text_of(c, "name"), text_of(c, "medium"),
			text_of(c, "contact"), text_of(c, "location") };

		sheet_row(s, cells);
	}
	sheet_table_end(s);
}

static void
write_shares(struct sheet *s, const json_t *key)
{
	static const struct sheet_column columns[] = { { "No.", 5, false },
		{ "Custodian", 15, false }, { "Medium", 23, true },
		{ "Digest of the share", 33, true } };
	const json_t *share;
	size_t i;

	sheet_table(s, columns, sizeof(columns) / sizeof(*columns));
	json_array_foreach(json_object_get(key, "shares"), i, share)
	{
		char number[24];
		const char *cells[] = { number, text_of(share, "custodian"),
			text_of(share, "medium"), text_of(share, "commitment") };

		(void)snprintf(number, sizeof number, "%lld",
			(long long)json_integer_value(json_object_get(share, "number")));
		sheet_row(s, cells);
	}
	sheet_table_end(s);
}

static void
write_key(struct sheet *s, const json_t *batch, const json_t *key, size_t number)
{
	bool counts = json_is_string(json_object_get(batch, "committed"));
	char text[24];

	(void)snprintf(text, sizeof text, "%zu", number);
	sheet_block(s, text, text_of(key, "key"), counts ? "proven" : "void: interrupted");
	sheet_field(s, "pin (SHA-256)", text_of(key, "pin"));
	sheet_field(s, "algorithm", text_of(key, "algorithm"));
	sheet_field(s, "domain", text_of(key, "domain"));
	sheet_field(s, "random numbers", text_of(batch, "entropy"));
	if (counts)
		write_shares(s, key);
	sheet_block_end(s);
}

static void
write_keys(struct sheet *s, const json_t *t)
{
	const json_t *batch, *key;
	size_t i, k, number = 0;

	sheet_section(s, "Keys, and who holds their shares");
	json_array_foreach(json_object_get(t, "batches"), i, batch) json_array_foreach(
		json_object_get(batch, "keys"), k, key) write_key(s, batch, key, ++number);
}

static void
write_pins(struct sheet *s, const json_t *t)
{
	const json_t *pins = json_object_get(t, "pins"), *pin;
	size_t i;

	if (json_array_size(pins) == 0)
		return;
	sheet_section(s, "Pins of what is live, and of CAs");
	json_array_foreach(pins, i, pin)
	{
		char number[24];

		(void)snprintf(number, sizeof number, "%zu", i + 1);
		sheet_block(s, number, text_of(pin, "label"), text_of(pin, "role"));
		sheet_field(s, "pin (SHA-256)", text_of(pin, "pin"));
		sheet_field(s, "domain", text_of(pin, "domain"));
		sheet_field(s, "algorithm", text_of(pin, "algorithm"));
		sheet_block_end(s);
	}
}

static void
write_signatures(struct sheet *s, const json_t *t)
{
	static const struct sheet_column columns[] = { { "Role", 20, false }, { "Name", 24, false },
		{ "Signature", 22, false }, { "Date", 10, false } };
	static const char *const roles[] = { "operator", "witness", "witness" };
	const json_t *c;
	size_t i;

	sheet_section(s, "Signatures of those who were there");
	sheet_table(s, columns, sizeof(columns) / sizeof(*columns));
	for (i = 0; i < sizeof(roles) / sizeof(*roles); i++) {
		const char *cells[] = { roles[i], NULL, NULL, NULL };

		sheet_row(s, cells);
	}
	json_array_foreach(json_object_get(t, "custodians"), i, c)
	{
		const char *cells[] = { text_of(c, "name"), NULL, NULL, NULL };

		sheet_row(s, cells);
	}
	sheet_table_end(s);
}

bool
transcript_write(const json_t *t, const struct sheet_form *form, struct buf *out, struct err *e)
{
	struct sheet s;
	char title[160], footer[256];

	(void)snprintf(title, sizeof title, "%sTranscript of the key ceremony: %s",
		json_is_true(json_object_get(t, "rehearsal")) ? "REHEARSAL. " : "",
		text_of(json_object_get(t, "vault"), "name"));
	(void)snprintf(footer, sizeof footer, "Vault %s, plan %.4s %.4s ..., %s",
		text_of(json_object_get(t, "vault"), "name"), text_of(t, "plan"),
		text_of(t, "plan") + 4, text_of(t, "created"));
	sheet_begin(&s, form, out, title, footer);
	if (!write_digests(&s, t, e))
		return false;
	write_made(&s, t);
	write_steps(&s, t);
	if (!write_runs(&s, t, e))
		return false;
	write_custodians(&s, t);
	write_keys(&s, t);
	write_pins(&s, t);
	write_signatures(&s, t);
	sheet_end(&s);
	return buf_ok(out, e);
}
