/* SPDX-License-Identifier: ISC */
/*
 * Whatever can go wrong between a card and who reads or writes it, at each APDU and at each call of
 * the PC/SC library in turn: nothing that the card held is lost in silence, nothing half-written is
 * taken, no try of the PIN is spent, no card is left unlocked.
 */
#include "tests/support.h"

#include "tests/cardattempt.h"

#include <winscard.h>

#define WRITES 12 /* more than any attempt makes */

/* Of one test. */
static const struct cardattempt_sort *sort;
static const struct cardattempt *attempt;
static const struct cardattempt *const unlock = &cardattempts[CARDATTEMPT_UNLOCK];

/* What must hold afterwards ---------------------------------------------------------------- */

/* The fault, for messages. */
static void
show(const char *kind, long n, const struct err *e, const char *what)
{
	fail_msg("%s, %s, %s %ld: %s (%s)", sort->name, attempt->name, kind, n, what, e->message);
}

static void
check_failure(const char *kind, long n, const struct err *e)
{
	/* A card that is full, or seems torn, is refused whatever else happens to it. */
	if (e->code != ERR_DEVICE && e->code != ERR_AUTH &&
		!(e->code == ERR_REFUSED && (strstr(e->message, "more than the card takes") ||
						    strstr(e->message, "was torn"))))
		show(kind, n, e, err_name(e->code));
	if (!e->message[0])
		show(kind, n, e, "no message");
	if (pcscfake_unlocked())
		show(kind, n, e, "the card is left unlocked");
	if (pcscfake_tries() != 3)
		show(kind, n, e, "tries were spent");
}

/* The card was there to be put back as it was, or it is told that this was not possible. */
static void
check_card(const char *kind, long n, bool could_restore, const struct err *e)
{
	unsigned found, bad;
	struct err why = { 0 };
	bool told = strstr(e->message, "may be lost") != NULL;

	if (could_restore && !pcscfake_is_as_saved())
		show(kind, n, e, "it was not put back");
	if (could_restore && told)
		show(kind, n, e, "nothing is lost");
	pcscfake_arm(NULL);
	if (!cardattempt_read(&found, &bad, &why))
		show(kind, n, &why, "it cannot be read any more");
	if (!(found & CARDATTEMPT_FIRST) && (!told || bad == 0))
		show(kind, n, e, "a share was lost in silence");
	if (bad > 0 && found != 0 && !sort->lists && !told)
		show(kind, n, e, "a torn write was not told");
	/* Who unlocks makes a secret where there is none. */
	if (!told && (!unlock->run(&why) || pcscfake_writes() > 0))
		show(kind, n, &why, "the lock's secret is lost");
}

/* One run with this fault. False when the run did not get that far. */
static bool
provoke(const char *kind, long n, const struct pcscfake_fault *f)
{
	struct err e = { 0 };
	unsigned found, bad;

	pcscfake_restore();
	pcscfake_arm(f);
	if (attempt->run(&e)) {
		if (pcscfake_apdus() < n && pcscfake_calls() < n)
			return false;
		if (pcscfake_unlocked())
			show(kind, n, &e, "the card is left unlocked");
		pcscfake_arm(NULL);
		assert_ok(cardattempt_read(&found, &bad, &e), &e);
		if (found != attempt->leaves || bad > 0)
			show(kind, n, &e, "it succeeded, and something is missing");
		return true;
	}
	check_failure(kind, n, &e);
	check_card(kind, n, !pcscfake_gone() && (!f->lie || strcmp(f->lie, "endless") != 0), &e);
	return true;
}

/* Each in turn, until the run ends before its turn comes. */
static long
sweep(const char *kind, struct pcscfake_fault *f, long *at)
{
	for (*at = 1;; ++*at) {
		assert_in_range(*at, 1, 2000);
		if (!provoke(kind, *at, f))
			return *at - 1;
	}
}

/* The tests -------------------------------------------------------------------------------- */

/* With every sort of card, and everything that is done with them. */
static void
each(unsigned patience, void (*faults)(void))
{
	for (size_t i = 0; i < CARDATTEMPT_SORTS; i++) {
		sort = &cardattempt_sorts[i];
		cardattempt_begin(sort);
		cardattempt_patience(patience);
		for (size_t j = 0; j < CARDATTEMPTS; j++) {
			attempt = &cardattempts[j];
			faults();
		}
		cardattempt_end();
	}
}

static void
pulls(void)
{
	struct pcscfake_fault f = { 0 };

	assert_true(sweep("pulled before APDU", &f, &f.die_at) > 4);
	f = (struct pcscfake_fault){ 0 };
	assert_true(sweep("pulled after APDU", &f, &f.die_after) > 4);
}

static void
a_card_pulled_at_any_apdu_loses_nothing(void **state)
{
	(void)state;
	each(0, pulls);
}

static void
pulls_and_returns(void)
{
	struct pcscfake_fault f = { .comes_back = true };

	sweep("pulled before and put back, APDU", &f, &f.die_at);
	f = (struct pcscfake_fault){ .comes_back = true };
	sweep("pulled after and put back, APDU", &f, &f.die_after);
	f = (struct pcscfake_fault){ .comes_back = true };
	for (f.tear = 1; f.tear <= WRITES; f.tear++)
		provoke("torn and put back, write", f.tear, &f);
}

static void
a_card_that_is_put_back_is_as_it_was(void **state)
{
	(void)state;
	each(1000, pulls_and_returns);
}

static void
tears(void)
{
	struct pcscfake_fault f = { 0 };

	for (f.tear = 1; f.tear <= WRITES; f.tear++)
		provoke("torn, write", f.tear, &f);
}

static void
a_torn_write_is_told(void **state)
{
	(void)state;
	each(0, tears);
}

static void
lies(void)
{
	static const char *const all[] = { "long", "short", "status", "tiny", "endless" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct pcscfake_fault f = { .lie = all[i] };
		assert_true(sweep(all[i], &f, &f.lie_at) > 4);
	}
}

static void
a_reply_that_lies_at_any_apdu_is_not_believed(void **state)
{
	(void)state;
	each(0, lies);
}

static void
errors(void)
{
	static const struct {
		const char *name;
		long code;
	} all[] = {
		{ "pcscd killed", SCARD_E_NO_SERVICE },
		{ "another client's reset", SCARD_W_RESET_CARD },
		{ "held by another program", SCARD_E_SHARING_VIOLATION },
		{ "context gone", SCARD_E_INVALID_HANDLE },
		{ "pulled", SCARD_W_REMOVED_CARD },
		{ "line to pcscd cut", SCARD_F_COMM_ERROR },
		{ "no power", SCARD_W_UNPOWERED_CARD },
		{ "unresponsive", SCARD_W_UNRESPONSIVE_CARD },
		{ "not transacted", SCARD_E_NOT_TRANSACTED },
		{ "unheard of", (long)0x80100fff },
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct pcscfake_fault f = { .code = all[i].code };
		assert_true(sweep(all[i].name, &f, &f.call) > 8);
	}
}

static void
an_error_of_pcsc_at_any_call_loses_nothing(void **state)
{
	(void)state;
	each(0, errors);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_card_pulled_at_any_apdu_loses_nothing),
		unit(a_card_that_is_put_back_is_as_it_was),
		unit(a_torn_write_is_told),
		unit(a_reply_that_lies_at_any_apdu_is_not_believed),
		unit(an_error_of_pcsc_at_any_call_loses_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
