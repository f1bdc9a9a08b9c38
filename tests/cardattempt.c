/* SPDX-License-Identifier: ISC */
#include "tests/cardattempt.h"

#include "hsm/locker_card.h"
#include "hsm/medium_card.h"
#include "tests/shareset.h"
#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

#define READER "Fake"
#define SPEC "card:" READER
#define SHARES 3

const struct cardattempt_sort cardattempt_sorts[CARDATTEMPT_SORTS] = {
	{ "openpgp", { .applet = "openpgp", .size = 4096 }, "123456", false },
	{ "piv", { .applet = "piv" }, "123456", false },
	{ "piv that tells nothing",
		{ .applet = "piv", .size = 600, .old = true, .algorithm = "aes256" }, "123456",
		false },
	{ "piv that writes in pieces", { .applet = "piv", .pieces = true }, "123456", false },
	{ "sc-hsm", { .applet = "sc-hsm" }, "648219", true },
};

/* Of one test. */
static struct {
	const struct cardattempt_sort *sort;
	struct shareset set, other;
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

/* What a lock's secret is made of here: the same in each run. */
static bool
give_random(const struct medium_host *h, uint8_t *out, size_t len, struct err *e)
{
	(void)h;
	(void)e;
	memset(out, 0x5a, len);
	return true;
}

static const struct medium_kind *const kinds[] = { &medium_card, NULL };

static struct medium_host
host(void)
{
	return (struct medium_host){
		.kinds = kinds, .secret = give_pin, .random = give_random, .patience = t.patience
	};
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

bool
cardattempt_read(unsigned *found, unsigned *bad, struct err *e)
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

	if (!cardattempt_read(&found, &bad, e))
		return false;
	return found == CARDATTEMPT_FIRST ||
	       (bad > 0 && err_set(e, ERR_DEVICE, "shown as unreadable")) ||
	       (t.sort->lists && err_set(e, ERR_DEVICE, "not in the list"));
}

/* Locking and unlocking -------------------------------------------------------------------- */

/* As if the share had been locked by the card that is there. */
static bool
unlocks(const struct locker *l, struct share *s, const char *head, struct secret *key,
	struct err *e)
{
	assert_true(asprintf(&s->locked, "%s 00112233445566778899aabb AA==", head) > 0);
	bool ok = locker_card.key(l, s, key, e);
	free(s->locked);
	s->locked = NULL;
	return ok;
}

/* Makes a secret where the card has none of this share's vault. */
static bool
lock_with(struct share *s, struct err *e)
{
	const struct medium_host h = host();
	struct locker l = {
		.kind = &locker_card, .host = &h, .holder = "anna", .spec = "dir:/+" SPEC
	};
	char head[LOCKED_TEXT_MAX];
	SECRET_AUTO key = SECRET_NONE;
	SECRET_AUTO again = SECRET_NONE;
	bool ok = locker_card.open(&l, READER, NULL, e) &&
		  locker_card.fresh(&l, s, head, &key, e) && locker_card.sync(&l, e) &&
		  unlocks(&l, s, head, &again, e);

	if (ok) {
		assert_int_equal(again.len, key.len);
		assert_memory_equal(again.data, key.data, key.len);
		assert_int_equal(key.data[0], 0x5a);
		locker_card.keep(&l);
	}
	locker_card.close(&l);
	free(l.identity);
	return ok;
}

/* A secret for another vault. */
static bool
lock_anew(struct err *e)
{
	return lock_with(&t.other.shares[0], e);
}

/* The one that is there from the start. */
static bool
unlock(struct err *e)
{
	return lock_with(&t.set.shares[0], e);
}

const struct cardattempt cardattempts[CARDATTEMPTS] = {
	{ "writing shares", write_more, CARDATTEMPT_ALL },
	{ "reading shares", read_first, CARDATTEMPT_FIRST },
	{ "locking", lock_anew, CARDATTEMPT_FIRST },
	[CARDATTEMPT_UNLOCK] = { "unlocking", unlock, CARDATTEMPT_FIRST },
};

/* From begin to end ------------------------------------------------------------------------ */

void
cardattempt_begin(const struct cardattempt_sort *sort)
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
	shareset_make(&t.other, "Another Vault", "example.org", "0011223344556677", 2, 2);
	strcpy(t.other.shares[0].custodian, "anna");
	assert_ok(unlock(&e), &e);
	pcscfake_save();
}

void
cardattempt_end(void)
{
	for (unsigned i = 0; i < SHARES; i++) {
		buf_free(&t.texts[i]);
		free(t.names[i]);
		t.names[i] = NULL;
	}
	shareset_free(&t.set);
	shareset_free(&t.other);
	pcscfake_free();
}

void
cardattempt_patience(unsigned ms)
{
	t.patience = ms;
}
