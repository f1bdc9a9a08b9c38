/* SPDX-License-Identifier: ISC */
#include "vault/cmd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

static const struct opt_spec options[] = {
	{ "at", OPT_ONE, "TIME", "when it went live, as 2026-11-22T10:00:00Z; default: now" },
	{ 0 },
};

static bool
read_serial(const char *text, int64_t *out, struct err *e)
{
	char *end;
	long long n;

	errno = 0;
	n = strtoll(text, &end, 10);
	if (errno != 0 || *end != '\0' || *text < '1' || *text > '9')
		return err_set(e, ERR_USAGE, "%s is no serial", text);
	*out = n;
	return true;
}

static bool
check_manifest(const struct state *s, int64_t serial, int64_t at, struct err *e)
{
	const struct state_manifest *m = state_manifest(s, serial);
	char created[CLOCK_TEXT];

	if (!m) {
		err_set(e, ERR_MISSING, "no manifest has the serial %lld", (long long)serial);
		return err_hint(e, "the newest is %lld", (long long)state_next_serial(s) - 1);
	}
	if (m->deployed != CLOCK_NONE)
		return err_set(e, ERR_REFUSED, "manifest %lld is recorded as deployed already",
			(long long)serial);
	clock_format(m->created, created);
	if (at < m->created)
		return err_set(e, ERR_REFUSED, "manifest %lld was made at %s, after that time",
			(long long)serial, created);
	if (at <= clock_now())
		return true;
	err_set(e, ERR_REFUSED, "that time is yet to come");
	return err_hint(e, "times are UTC: it is what `date -u` shows, not the clock on the wall");
}

static bool
run(const struct opts *o, struct err *e)
{
	STORE_AUTO s = { 0 };
	const char *given = opt_get(o, "at");
	int64_t serial = 0, at = clock_now();
	char text[CLOCK_TEXT];
	JSON_AUTO doc = NULL;

	if (!read_serial(o->operands[0], &serial, e) || (given && !clock_parse(given, &at, e)) ||
		!cmd_store_open(o, STORE_WRITE, &s, e) || !check_manifest(&s.state, serial, at, e))
		return false;
	clock_format(at, text);
	doc = json_pack("{s:I, s:s}", "serial", (json_int_t)serial, "at", text);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!store_append(&s, "deployed", json_deep_copy(doc), e))
		return false;
	if (cmd_json(o))
		return cmd_journal_line(o, &s, doc, e) && json_print(doc, e);
	printf("manifest %lld went live at %s\n", (long long)serial, text);
	return cmd_journal_line(o, &s, NULL, e);
}

const struct command cmd_deployed = {
	.name = "deployed",
	.operands = "SERIAL",
	.min = 1,
	.max = 1,
	.summary = "record when a manifest went live in production",
	.detail = "Export is not deployment: when a pin is ready to be used is reckoned from "
		  "this.",
	.options = options,
	.run = run,
};
