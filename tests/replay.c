/* SPDX-License-Identifier: ISC */
#include "tests/replay.h"

#include "tests/support.h"

#include <sodium.h>

/* What is said in hex, into `out`; returns how many bytes. */
static size_t
unhex(const char *hex, uint8_t *out, size_t size)
{
	size_t len = 0;

	if (sodium_hex2bin(out, size, hex, strlen(hex), " ", &len, NULL) != 0)
		fail_msg("not hex, or too much of it: %s", hex);
	return len;
}

static bool
transmit(void *context, const uint8_t *command, size_t len, uint8_t *reply, size_t size,
	size_t *reply_len, struct err *e)
{
	struct replay *r = context;
	uint8_t want[512];
	char got[1024];

	sodium_bin2hex(got, sizeof(got), command, len);
	if (r->begun == r->ended)
		fail_msg("outside of a transaction: %s", got);
	if (!r->next->command)
		fail_msg("after the transcript's end: %s", got);
	size_t want_len = unhex(r->next->command, want, sizeof(want));
	if (want_len != len || memcmp(want, command, len) != 0)
		fail_msg("expected %s, got %s", r->next->command, got);
	const char *answer = r->next++->reply;
	if (!answer)
		return err_set(e, ERR_DEVICE, "the card was pulled");
	*reply_len = unhex(answer, reply, size);
	return true;
}

static bool
begin(void *context, struct err *e)
{
	struct replay *r = context;

	(void)e;
	assert_int_equal(r->begun, r->ended);
	r->begun++;
	return true;
}

static bool
end(void *context, struct err *e)
{
	struct replay *r = context;

	(void)e;
	r->ended++;
	return true;
}

struct apdu_link
replay_link(struct replay *r, const struct replay_line *lines)
{
	*r = (struct replay){ .next = lines };
	return (struct apdu_link){ .context = r, .transmit = transmit, .begin = begin, .end = end };
}

void
replay_assert_done(const struct replay *r)
{
	if (r->next->command)
		fail_msg("never sent: %s", r->next->command);
	assert_int_equal(r->begun, r->ended);
}
