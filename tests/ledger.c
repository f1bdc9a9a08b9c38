/* SPDX-License-Identifier: ISC */
#include "tests/ledger.h"

#include "tests/support.h"

int64_t
ledger_time(int64_t n)
{
	return 1000000000 + n * 60;
}

bool
ledger_try(struct state *s, int64_t n, const char *event, bool online, const char *members,
	struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	JSON_AUTO body = NULL;

	buf_addf(&text, "{%s}", members);
	for (size_t i = 0; i < text.len; i++)
		if (text.data[i] == '\'')
			text.data[i] = '"';
	assert_ok(json_parse(text.data, text.len, &body, e), e);
	struct journal_line line = { n, ledger_time(n), event, online, body };
	return state_apply(s, &line, e);
}

void
ledger_apply(struct state *s, int64_t n, const char *event, const char *members)
{
	struct err e = { 0 };

	assert_ok(ledger_try(s, n, event, false, members, &e), &e);
}

void
ledger_refused(struct state *s, int64_t n, const char *event, const char *members, const char *part)
{
	struct err e = { 0 };

	assert_fails(ledger_try(s, n, event, false, members, &e), &e, ERR_FORMAT, part);
}

void
ledger_fill(struct state *s)
{
	struct err e = { 0 };

	assert_ok(state_init(s, &e), &e);
	ledger_apply(s, 1, "create", CREATE);
	ledger_apply(s, 2, "begin", BEGIN_OF(BATCH, KEY_A, PIN_A, SET_A, "offline"));
	ledger_apply(s, 3, "commit", COMMIT_OF(BATCH, KEY_A, SET_A));
	ledger_apply(s, 4, "begin", BEGIN_OF(BATCH_2, KEY_B, PIN_B, SET_B, "offline"));
	ledger_apply(s, 5, "commit", COMMIT_OF(BATCH_2, KEY_B, SET_B));
}
