/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/cardsession.h"

/* A card of one PIN, and a person who gives this one. */
static struct {
	const char *pin, *given;
	unsigned tried, asked, refused;
} world;

static bool
toy_verify(struct card *c, const struct secret *pin, struct err *e)
{
	world.tried++;
	if (pin->len == strlen(world.pin) && memcmp(pin->data, world.pin, pin->len) == 0)
		return true;
	c->tries--;
	return err_set(e, ERR_AUTH, "wrong PIN");
}

static bool
answer(const struct medium_host *h, const struct medium_ask *ask, struct secret *out, struct err *e)
{
	(void)h;
	(void)ask;
	world.asked++;
	return secret_copy(out, world.given, strlen(world.given), e);
}

static void
refused(const struct medium_host *h, const struct medium_ask *ask, const struct secret *pin)
{
	(void)h;
	assert_string_equal(ask->serial, "1");
	assert_null(ask->line);
	assert_int_equal(pin->len, 6);
	world.refused++;
}

static const struct card_driver toy = {
	.title = "toy", .factory_pin = "000000", .pin_min = 6, .pin_max = 8, .verify = toy_verify
};
static const struct apdu_link no_reader = { 0 };
static const struct medium_host host = { .secret = answer, .refused = refused };

static struct cardsession
session(const char *pin, const char *given)
{
	memset(&world, 0, sizeof(world));
	world.pin = pin;
	world.given = given;
	return (struct cardsession){
		.host = &host,
		.spec = "card:0",
		.place = "Toy 00",
		.card = { .link = &no_reader, .driver = &toy, .serial = "1", .tries = 3 },
	};
}

static void
a_pin_is_asked_for_once_while_the_card_takes_it(void **state)
{
	struct cardsession s = session("123456", "123456");
	struct err e;

	(void)state;
	for (int i = 0; i < 3; i++)
		assert_ok(cardsession_unlock(&s, &e), &e);
	assert_int_equal(world.asked, 1);
	assert_int_equal(world.tried, 3);
	assert_int_equal(world.refused, 0);
	cardsession_free(&s);
}

static void
what_the_card_takes_no_more_is_forgotten_and_told(void **state)
{
	struct cardsession s = session("123456", "123456");
	struct err e;

	(void)state;
	assert_ok(cardsession_unlock(&s, &e), &e);
	world.pin = "654321";
	assert_fails(cardsession_unlock(&s, &e), &e, ERR_AUTH, "wrong PIN");
	assert_int_equal(world.refused, 1);
	assert_null(s.pin.data);
	world.given = "654321";
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_int_equal(world.asked, 2);
	cardsession_free(&s);
}

static void
the_last_try_is_asked_for_whatever_was_right_before(void **state)
{
	struct cardsession s = session("123456", "123456");
	struct err e;

	(void)state;
	assert_ok(cardsession_unlock(&s, &e), &e);
	s.card.tries = 1;
	assert_ok(cardsession_unlock(&s, &e), &e);
	assert_int_equal(world.asked, 2);
	cardsession_free(&s);
}

static void
what_was_never_tried_was_not_refused(void **state)
{
	struct cardsession s = session("123456", "12");
	struct err e;

	(void)state;
	assert_fails(cardsession_unlock(&s, &e), &e, ERR_AUTH, "no try was spent");
	s.card.tries = 0;
	assert_fails(cardsession_unlock(&s, &e), &e, ERR_AUTH, "blocked");
	assert_int_equal(world.tried, 0);
	assert_int_equal(world.refused, 0);
	cardsession_free(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_pin_is_asked_for_once_while_the_card_takes_it),
		unit(what_the_card_takes_no_more_is_forgotten_and_told),
		unit(the_last_try_is_asked_for_whatever_was_right_before),
		unit(what_was_never_tried_was_not_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
