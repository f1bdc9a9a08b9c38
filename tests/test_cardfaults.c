/* SPDX-License-Identifier: ISC */
/*
 * Whatever can go wrong between a card and the medium on it, at each APDU and at each call of the
 * PC/SC library in turn, while shares are read and while they are written: nothing that the card
 * held is lost in silence, nothing half-written is taken, no try of the PIN is spent, no card is
 * left unlocked.
 */
#include "tests/support.h"

#include "hsm/medium_card.h"
#include "tests/pcscfake.h"
#include "tests/shareset.h"

#include <stdlib.h>
#include <winscard.h>

#define SPEC "card:Fake"
#define SHARES 3
#define FIRST 1u /* bits: a share that the card holds from the start, and all */
#define ALL 7u

static const struct sort {
	const char *name;
	struct pcscfake_sort card;
	const char *pin;
	bool lists; /* its files, each record in one of its own: writing one touches no other */
} sorts[] = {
	{ "openpgp", { .applet = "openpgp", .size = 4096 }, "123456", false },
	{ "piv", { .applet = "piv" }, "123456", false },
	{ "piv that tells nothing",
		{ .applet = "piv", .size = 600, .old = true, .algorithm = "aes256" }, "123456",
		false },
	{ "piv that writes in pieces", { .applet = "piv", .pieces = true }, "123456", false },
	{ "sc-hsm", { .applet = "sc-hsm" }, "648219", true },
};
#define SORTS (sizeof(sorts) / sizeof(sorts[0]))

/* Of one test. */
static struct {
	const struct sort *sort;
	struct shareset set;
	struct buf texts[SHARES];
	char *names[SHARES];
	unsigned patience;
} t;

static bool
give_pin(const struct medium_host *h, const struct medium_ask *ask, struct secret *out,
	struct err *e)
{
	const char *answer = ask->line ? "factory" : t.sort->pin;

	(void)h;
	return secret_copy(out, answer, strlen(answer), e);
}

static const struct medium_kind *const kinds[] = { &medium_card, NULL };

static struct medium_host
host(void)
{
	return (struct medium_host){ .kinds = kinds, .secret = give_pin, .patience = t.patience };
}

/* Reading and writing ---------------------------------------------------------------------- */

/* Share i, with its sealed key or without those last two lines. */
static bool
is_share(unsigned i, const struct secret *text)
{
	const char *sealed = strstr(t.texts[i].data, "\nsealed-nonce: ");
	size_t detached = (size_t)(sealed + 1 - t.texts[i].data);

	return (text->len == t.texts[i].len || text->len == detached) &&
	       memcmp(text->data, t.texts[i].data, text->len) == 0;
}

static unsigned
number_of(const struct medium_record *r)
{
	for (unsigned i = 0; i < SHARES; i++)
		if (is_share(i, &r->text))
			return i;
	fail_msg("a share that nobody wrote: %s", r->label);
	return 0;
}

/* Bits for the shares that are there; *bad counts what is shown as unreadable. */
static bool
read_all(unsigned *found, unsigned *bad, struct err *e)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	const struct medium_host h = host();
	MEDIUM_AUTO m = { 0 };

	if (!medium_open(&h, "anna", SPEC, &m, e) || !medium_read(&m, NULL, &records, e))
		return false;
	*found = *bad = 0;
	for (size_t i = 0; i < records.count; i++)
		if (records.items[i].err.code == ERR_NONE)
			*found |= 1u << number_of(&records.items[i]);
		else
			++*bad;
	return true;
}

/* Shares from..to - 1, as a ceremony does it. */
static bool
write_range(unsigned from, unsigned to, struct err *e)
{
	const struct medium_host h = host();
	MEDIUM_AUTO m = { 0 };

	if (!medium_open(&h, "anna", SPEC, &m, e))
		return false;
	for (unsigned i = from; i < to; i++) {
		const struct secret text = { (uint8_t *)t.texts[i].data, t.texts[i].len };
		if (!medium_write(&m, t.names[i], &text, e))
			return false;
	}
	if (!medium_sync(&m, e))
		return false;
	for (unsigned i = from; i < to; i++) {
		SECRET_AUTO again = SECRET_NONE;
		if (!medium_reread(&m, t.names[i], &again, e))
			return false;
		assert_true(is_share(i, &again));
	}
	medium_keep(&m);
	return true;
}

static bool
write_more(struct err *e)
{
	return write_range(1, SHARES, e);
}

/* What cannot be read is told, or shown as such. A list of files that is cut short is a shorter
 * list: nobody can tell, and whoever writes reads it once more before. */
static bool
read_first(struct err *e)
{
	unsigned found, bad;

	if (!read_all(&found, &bad, e))
		return false;
	return found == FIRST || (bad > 0 && err_set(e, ERR_DEVICE, "shown as unreadable")) ||
	       (t.sort->lists && err_set(e, ERR_DEVICE, "not in the list"));
}

/* A card of this sort that holds the first share. */
static void
set_up(const struct sort *sort)
{
	struct err e;

	t.sort = sort;
	t.patience = 0;
	shareset_make(&t.set, "Card Vault", "example.org", "0011223344556677", 2, SHARES);
	for (unsigned i = 0; i < SHARES; i++) {
		struct share *s = &t.set.shares[i];
		strcpy(s->custodian, "anna");
		shareset_sign(&t.set, s);
		shareset_text(s, &t.texts[i]);
		assert_ok(share_file_name(s, &t.names[i], &e), &e);
	}
	pcscfake_card(&sort->card);
	assert_ok(write_range(0, 1, &e), &e);
	pcscfake_save();
}

static void
tear_down(void)
{
	for (unsigned i = 0; i < SHARES; i++) {
		buf_free(&t.texts[i]);
		free(t.names[i]);
		t.names[i] = NULL;
	}
	shareset_free(&t.set);
	pcscfake_free();
}

/* What must hold afterwards ---------------------------------------------------------------- */

/* The fault, for messages. */
static void
show(const char *kind, long n, const struct err *e, const char *what)
{
	fail_msg("%s, %s %ld: %s (%s)", t.sort->name, kind, n, what, e->message);
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
	struct err why;
	bool told = strstr(e->message, "may be lost") != NULL;

	if (could_restore && !pcscfake_is_as_saved())
		show(kind, n, e, "it was not put back");
	if (could_restore && told)
		show(kind, n, e, "nothing is lost");
	pcscfake_arm(NULL);
	if (!read_all(&found, &bad, &why))
		show(kind, n, &why, "it cannot be read any more");
	if (!(found & FIRST) && (!told || bad == 0))
		show(kind, n, e, "a share was lost in silence");
	if (bad > 0 && found != 0 && !t.sort->lists && !told)
		show(kind, n, e, "a torn write was not told");
}

typedef bool (*attempt)(struct err *e);

/* One run with this fault. False when the run did not get that far. */
static bool
provoke(attempt run, const char *kind, long n, const struct pcscfake_fault *f)
{
	struct err e = { 0 };
	unsigned found, bad;

	pcscfake_restore();
	pcscfake_arm(f);
	if (run(&e)) {
		if (pcscfake_apdus() < n && pcscfake_calls() < n)
			return false;
		if (pcscfake_unlocked())
			show(kind, n, &e, "the card is left unlocked");
		pcscfake_arm(NULL);
		assert_ok(read_all(&found, &bad, &e), &e);
		if (found != (run == write_more ? ALL : FIRST) || bad > 0)
			show(kind, n, &e, "it succeeded, and something is missing");
		return true;
	}
	check_failure(kind, n, &e);
	check_card(kind, n, !pcscfake_gone() && (!f->lie || strcmp(f->lie, "endless") != 0), &e);
	return true;
}

/* Each in turn, until the run ends before its turn comes. */
static long
sweep(attempt run, const char *kind, struct pcscfake_fault *f, long *at)
{
	for (*at = 1;; ++*at) {
		assert_in_range(*at, 1, 2000);
		if (!provoke(run, kind, *at, f))
			return *at - 1;
	}
}

static const attempt attempts[] = { write_more, read_first };

/* The tests -------------------------------------------------------------------------------- */

static void
a_card_pulled_at_any_apdu_loses_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		set_up(&sorts[i]);
		for (size_t j = 0; j < 2; j++) {
			struct pcscfake_fault f = { 0 };
			assert_true(sweep(attempts[j], "pulled before APDU", &f, &f.die_at) > 4);
			f = (struct pcscfake_fault){ 0 };
			assert_true(sweep(attempts[j], "pulled after APDU", &f, &f.die_after) > 4);
		}
		tear_down();
	}
}

static void
a_card_that_is_put_back_is_as_it_was(void **state)
{
	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		set_up(&sorts[i]);
		t.patience = 1000;
		for (size_t j = 0; j < 2; j++) {
			struct pcscfake_fault f = { .comes_back = true };
			sweep(attempts[j], "pulled before and put back, APDU", &f, &f.die_at);
			f = (struct pcscfake_fault){ .comes_back = true };
			sweep(attempts[j], "pulled after and put back, APDU", &f, &f.die_after);
			f = (struct pcscfake_fault){ .comes_back = true };
			for (f.tear = 1; f.tear <= 12; f.tear++)
				provoke(attempts[j], "torn and put back, write", f.tear, &f);
		}
		tear_down();
	}
}

static void
a_torn_write_is_told(void **state)
{
	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		struct pcscfake_fault f = { 0 };
		set_up(&sorts[i]);
		for (f.tear = 1; f.tear <= 12; f.tear++)
			provoke(write_more, "torn, write", f.tear, &f);
		tear_down();
	}
}

static void
a_reply_that_lies_at_any_apdu_is_not_believed(void **state)
{
	static const char *const lies[] = { "long", "short", "status", "tiny", "endless" };

	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		set_up(&sorts[i]);
		for (size_t j = 0; j < 2; j++)
			for (size_t k = 0; k < sizeof(lies) / sizeof(lies[0]); k++) {
				struct pcscfake_fault f = { .lie = lies[k] };
				assert_true(sweep(attempts[j], lies[k], &f, &f.lie_at) > 4);
			}
		tear_down();
	}
}

static void
an_error_of_pcsc_at_any_call_loses_nothing(void **state)
{
	static const struct {
		const char *name;
		long code;
	} rows[] = {
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

	(void)state;
	for (size_t i = 0; i < SORTS; i++) {
		set_up(&sorts[i]);
		for (size_t j = 0; j < 2; j++)
			for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
				struct pcscfake_fault f = { .code = rows[k].code };
				assert_true(sweep(attempts[j], rows[k].name, &f, &f.call) > 8);
			}
		tear_down();
	}
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
