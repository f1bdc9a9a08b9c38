/* SPDX-License-Identifier: ISC */
/*
 * replay: for tests: a card that knows one conversation by heart.
 */
#ifndef TESTS_REPLAY_H
#define TESTS_REPLAY_H

#include "hsm/apdu.h"

/* One command that must come, and the reply to it; both in hex, where blanks do not count. A NULL
 * reply is a card that was pulled. A NULL command ends the transcript. */
struct replay_line {
	const char *command;
	const char *reply;
};

struct replay {
	const struct replay_line *next;
	unsigned begun, ended; /* transactions */
};

/* A link to it. Any other command than the next one fails the test. */
struct apdu_link replay_link(struct replay *r, const struct replay_line *lines);

/* Nothing of the transcript is left, and every transaction was ended. */
void replay_assert_done(const struct replay *r);

#endif
