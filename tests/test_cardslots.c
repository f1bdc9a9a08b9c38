/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/cardslots.h"

#include <stdlib.h>

/* A card in memory: what its slots hold, and after how many writes it fails, half-way. */
static struct {
	struct secret slots[4];
	int writes_left;
} memory;

static bool
memory_load(struct card *c, unsigned slot, struct secret *out, struct err *e)
{
	(void)c;
	return secret_copy(out, memory.slots[slot].data, memory.slots[slot].len, e);
}

static bool
memory_store(struct card *c, unsigned slot, const struct secret *bytes, struct err *e)
{
	bool fails = memory.writes_left-- == 0;

	secret_free(&memory.slots[slot]);
	assert_ok(secret_copy(
			  &memory.slots[slot], bytes->data, fails ? bytes->len / 2 : bytes->len, e),
		e);
	c->in_use[slot] = bytes->len > 0;
	return !fails || err_set(e, ERR_DEVICE, "torn");
}

static const struct card_driver in_memory = {
	.title = "card in memory", .load = memory_load, .store = memory_store
};

static struct card
fresh_card(unsigned slots, size_t room)
{
	for (size_t i = 0; i < 4; i++)
		secret_free(&memory.slots[i]);
	memory.writes_left = 1000;
	return (struct card){ .driver = &in_memory, .slots = slots, .room = room };
}

static void
add(struct cardslots *s, const char *bytes)
{
	SECRET_AUTO record = SECRET_NONE;
	struct err e;

	assert_ok(secret_copy(&record, bytes, strlen(bytes), &e), &e);
	assert_ok(cardslots_add(s, CARDSTORE_SHARE, &record, &e), &e);
}

static bool
does_not_fit(struct cardslots *s, size_t len, struct err *e)
{
	SECRET_AUTO record = SECRET_NONE;

	assert_ok(secret_new(&record, len, e), e);
	return cardslots_add(s, CARDSTORE_SHARE, &record, e);
}

static void
load(struct card *c, struct cardslots *s)
{
	struct err e;

	assert_ok(cardslots_load(c, s, &e), &e);
}

static void
put(unsigned slot, struct card *c, const void *bytes, size_t len)
{
	struct err e;

	assert_ok(secret_copy(&memory.slots[slot], bytes, len, &e), &e);
	c->in_use[slot] = true;
}

static void
done(void)
{
	(void)fresh_card(0, 0);
}

static void
each_record_stands_by_itself_while_there_are_slots(void **state)
{
	struct card c = fresh_card(3, 100);
	CARDSLOTS_AUTO s = { 0 };
	CARDSLOTS_AUTO again = { 0 };
	struct err e;
	bool agree = false;

	(void)state;
	load(&c, &s);
	for (int i = 0; i < 4; i++)
		add(&s, "0123456789");
	assert_int_equal(s.count, 3);
	assert_int_equal(s.slots[0].store.count, 2);
	assert_int_equal(s.slots[2].store.count, 1);
	assert_ok(cardslots_write(&c, &s, &e), &e);
	load(&c, &again);
	assert_ok(cardslots_agree(&s, &again, true, &agree, &e), &e);
	assert_true(agree);
	assert_ok(cardslots_agree(&s, &again, false, &agree, &e), &e);
	assert_false(agree);
	done();
}

static void
what_does_not_fit_is_refused_with_the_room_there_is(void **state)
{
	struct card c = fresh_card(1, 100);
	CARDSLOTS_AUTO s = { 0 };
	struct err e;

	(void)state;
	load(&c, &s);
	add(&s, "0123456789");
	assert_fails(does_not_fit(&s, 70, &e), &e, ERR_REFUSED,
		"70 bytes do not fit on the card: it has room for 69");
	assert_ok(does_not_fit(&s, 69, &e), &e);
	assert_fails(does_not_fit(&s, 1, &e), &e, ERR_REFUSED, "room for 0");
	assert_ok(cardslots_undo(&s, &e), &e);
	assert_int_equal(s.slots[0].store.count, 0);
	done();
}

static void
foreign_and_torn_slots_are_left_alone(void **state)
{
	struct card c = fresh_card(3, 100);
	CARDSLOTS_AUTO s = { 0 };
	struct err e;
	size_t removed;

	(void)state;
	put(0, &c, "foreign", 7);
	put(1, &c, "\x43\xff\x53\x31\x00", 5);
	load(&c, &s);
	add(&s, "ours");
	add(&s, "too");
	assert_ok(cardslots_write(&c, &s, &e), &e);
	assert_memory_equal(memory.slots[0].data, "foreign", 7);
	assert_int_equal(memory.slots[1].len, 5);
	assert_int_equal(s.slots[2].store.count, 2);
	cardslots_free(&s);
	load(&c, &s);
	cardslots_clear(&s, &removed);
	assert_int_equal(removed, 3);
	assert_ok(cardslots_write(&c, &s, &e), &e);
	assert_memory_equal(memory.slots[0].data, "foreign", 7);
	assert_int_equal(memory.slots[1].len + memory.slots[2].len, 0);
	done();
}

static void
a_small_card_that_holds_something_else_says_what(void **state)
{
	struct card c = fresh_card(1, 100);
	CARDSLOTS_AUTO s = { 0 };
	struct err e;

	(void)state;
	put(0, &c, "foreign", 7);
	load(&c, &s);
	assert_fails(does_not_fit(&s, 1, &e), &e, ERR_REFUSED, "not Coldspare's");
	cardslots_free(&s);
	secret_free(&memory.slots[0]);
	put(0, &c, "\x43\xff\x53\x31\x00", 5);
	load(&c, &s);
	assert_fails(does_not_fit(&s, 1, &e), &e, ERR_REFUSED, "torn");
	done();
}

/* At each of the writes in turn. */
static void
what_stood_there_before_a_torn_write_is_put_back(void **state)
{
	struct err e;

	(void)state;
	for (int torn = 0; torn < 2; torn++) {
		struct card c = fresh_card(2, 100);
		CARDSLOTS_AUTO before = { 0 };
		CARDSLOTS_AUTO s = { 0 };
		CARDSLOTS_AUTO after = { 0 };
		bool agree = false;

		load(&c, &before);
		add(&before, "one");
		assert_ok(cardslots_write(&c, &before, &e), &e);
		load(&c, &s);
		add(&s, "two");
		add(&s, "three");
		memory.writes_left = torn;
		assert_fails(cardslots_write(&c, &s, &e), &e, ERR_DEVICE, "torn");
		assert_ok(cardslots_restore(&c, &s, &e), &e);
		load(&c, &after);
		assert_ok(cardslots_agree(&s, &after, false, &agree, &e), &e);
		assert_true(agree);
		assert_int_equal(memory.slots[1].len, 0);
	}
	done();
}

static void
a_slot_that_another_program_added_is_noticed(void **state)
{
	struct card c = fresh_card(3, 100);
	CARDSLOTS_AUTO s = { 0 };
	CARDSLOTS_AUTO now = { 0 };
	struct err e;
	bool agree = true;

	(void)state;
	put(0, &c, "foreign", 7);
	load(&c, &s);
	put(2, &c, "new", 3);
	load(&c, &now);
	assert_ok(cardslots_agree(&s, &now, false, &agree, &e), &e);
	assert_false(agree);
	done();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(each_record_stands_by_itself_while_there_are_slots),
		unit(what_does_not_fit_is_refused_with_the_room_there_is),
		unit(foreign_and_torn_slots_are_left_alone),
		unit(a_small_card_that_holds_something_else_says_what),
		unit(what_stood_there_before_a_torn_write_is_put_back),
		unit(a_slot_that_another_program_added_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
