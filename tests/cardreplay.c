/* SPDX-License-Identifier: ISC */
#include "tests/cardreplay.h"

#include "tests/support.h"

bool
cardreplay_begin(struct cardreplay *r, const struct card_driver *driver,
	const struct replay_line *lines, struct err *e)
{
	r->link = replay_link(&r->replay, lines);
	assert_ok(r->link.begin(r->link.context, e), e);
	return card_select(driver, &r->link, &r->card, e);
}

void
cardreplay_finish(const struct cardreplay *r)
{
	struct err e;

	assert_ok(r->link.end(r->link.context, &e), &e);
	replay_assert_done(&r->replay);
}

const struct secret *
cardreplay_text(struct secret *s, const char *chars)
{
	struct err e;

	secret_free(s);
	assert_ok(secret_copy(s, chars, strlen(chars), &e), &e);
	return s;
}

void
cardreplay_refused(
	const struct card_driver *driver, const struct replay_line *lines, const char *reason)
{
	struct cardreplay r;
	struct err e;

	assert_fails(cardreplay_begin(&r, driver, lines, &e), &e, ERR_DEVICE, reason);
	cardreplay_finish(&r);
}
