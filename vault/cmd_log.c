/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "vault/cmd.h"
#include "vault/logtext.h"

#include <inttypes.h>
#include <stdio.h>

static bool
add_sentence(void *context, const struct journal_line *line, struct err *e)
{
	struct buf *out = context;
	char time[CLOCK_TEXT];

	clock_format(line->time, time);
	buf_addf(out, "%s  %" PRId64 "  ", time, line->n);
	logtext_sentence(line, out);
	buf_adds(out, "\n");
	return buf_ok(out, e);
}

static bool
add_json(void *context, const struct journal_line *line, struct err *e)
{
	if (json_array_append(context, line->body) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

static bool
print_json(const char *dir, struct journal *j, struct err *e)
{
	JSON_AUTO lines = json_array();

	return journal_read(dir, add_json, lines, j, e) && json_print(lines, e);
}

static bool
print_text(const char *dir, struct journal *j, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	BUF_AUTO head = BUF_NONE;

	if (!journal_read(dir, add_sentence, &text, j, e))
		return false;
	journal_head_text(j, &head);
	if (!buf_ok(&head, e))
		return false;
	printf("%s", text.data ? text.data : "");
	if (j->torn_bytes > 0)
		printf("(%" PRId64 " bytes of a torn line follow: it never happened)\n",
			j->torn_bytes);
	printf("journal: %s\n", head.data);
	return true;
}

/* The journal alone is looked at: it can be read where the rest of the vault is damaged. */
static bool
run(const struct opts *o, struct err *e)
{
	JOURNAL_AUTO j = { 0 };
	AUTO_FD lock = -1;
	const char *dir = NULL;

	return cmd_vault_path(o, &dir, e) && store_find(dir, e) &&
	       file_lock(dir, false, &lock, e) &&
	       (cmd_json(o) ? print_json : print_text)(dir, &j, e);
}

const struct command cmd_log = {
	.name = "log",
	.operands = "",
	.summary = "show the journal, one sentence a line",
	.detail = "Every line is checked against the one before it. Compare the count and the "
		  "head at the end with the last ones on paper. --json prints the lines as they "
		  "are.",
	.run = run,
};
