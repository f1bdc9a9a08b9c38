/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include "base/help.h"

#include <stdarg.h>
#include <stdio.h>

#define INDENT 20 /* where the sentences start */

const struct doctor_check doctor_checks[] = {
	{ "network", doctor_network },
	{ "swap", doctor_swap },
	{ "core-dumps", doctor_core_dumps },
	{ "memory-lock", doctor_memory_lock },
	{ "rng", doctor_rng },
	{ "clock", doctor_clock },
	{ "disk", doctor_disk },
	{ "memory", doctor_memory },
	{ "card-readers", doctor_readers },
	{ "hypervisor", doctor_hypervisor },
	{ "libraries", doctor_libraries },
	{ "system", doctor_system },
	{ 0 },
};

const char *
doctor_word(enum doctor_verdict v)
{
	static const char *const words[] = {
#define DOCTOR_WORD(code, word) [code] = (word),
		DOCTOR_VERDICTS(DOCTOR_WORD)
#undef DOCTOR_WORD
	};

	return words[v];
}

void
doctor_tell(struct doctor_finding *out, enum doctor_verdict verdict, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(out->message, sizeof(out->message), fmt, args);
	va_end(args);
	err_clean(out->message);
	out->verdict = verdict;
}

void
doctor_tell_err(struct doctor_finding *out, bool allowed, const struct err *cause)
{
	doctor_tell(out, allowed ? DOCTOR_WARN : DOCTOR_FAIL, "%s%s%s", cause->message,
		cause->hint[0] ? "; " : "", cause->hint);
}

bool
doctor_look_all(const struct doctor_subject *s, json_t **rows, struct buf *failed, struct err *e)
{
	JSON_AUTO list = json_array();

	for (const struct doctor_check *c = doctor_checks; c->id; c++) {
		struct doctor_finding f = { 0 };

		c->look(s, &f);
		if (f.verdict == DOCTOR_FAIL)
			buf_addf(failed, "%s%s", failed->len > 0 ? ", " : "", c->id);
		if (json_array_append_new(
			    list, json_pack("{s:s, s:s, s:s}", "id", c->id, "verdict",
					  doctor_word(f.verdict), "message", f.message)) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	if (!buf_ok(failed, e))
		return false;
	*rows = list;
	list = NULL;
	return true;
}

static const char *
text_of(const json_t *row, const char *name)
{
	const char *text = json_string_value(json_object_get(row, name));

	return text ? text : "";
}

void
doctor_print(const json_t *rows, FILE *to)
{
	const json_t *row;
	size_t i;

	json_array_foreach(rows, i, row)
	{
		BUF_AUTO text = BUF_NONE;
		size_t at;

		buf_addf(&text, "%-13s %-5s ", text_of(row, "id"), text_of(row, "verdict"));
		at = text.len;
		help_wrapped(&text, text_of(row, "message"), at, INDENT);
		if (!text.failed)
			fputs(text.data, to);
	}
}
