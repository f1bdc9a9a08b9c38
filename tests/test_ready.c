/* SPDX-License-Identifier: ISC */
#include "vault/ready.h"

#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY 86400
#define MAX_AGE (60 * DAY)

static const struct pin pins[3] = { { { 1 } }, { { 2 } }, { { 3 } } };

/* A deployed manifest: which of the three pins it held for example.org, as bits. */
static struct ready_item
manifest(int64_t deployed, unsigned held)
{
	struct ready_item m = { .deployed = deployed, .index = json_object() };

	json_object_set_new(m.index, "example.org", json_integer(MAX_AGE));
	for (unsigned i = 0; i < 3; i++) {
		char text[PIN_TEXT], key[80];

		pin_encode(&pins[i], text);
		(void)snprintf(key, sizeof key, "example.org %s", text);
		if (held & (1u << i))
			json_object_set_new(m.index, key, json_true());
	}
	return m;
}

/* When pin `i` is ready after these deployments. */
static int64_t
ready_of(struct ready_item *items, size_t count, unsigned i, int64_t prior, int64_t *deployed)
{
	struct ready_history h = { .items = calloc(count, sizeof *items), .count = count };
	int64_t ready;

	memcpy(h.items, items, count * sizeof *items);
	ready_when(&h, "example.org", &pins[i], prior, deployed, &ready);
	ready_free(&h);
	return ready;
}

static void
a_pin_that_no_manifest_lacked_is_ready_at_once(void **state)
{
	int64_t deployed;
	struct ready_item one[] = { manifest(100, 1) };

	(void)state;
	assert_int_equal(ready_of(one, 1, 0, CLOCK_NONE, &deployed), 100);
	assert_int_equal(deployed, 100);
}

static void
a_later_pin_waits_for_the_last_policy_without_it(void **state)
{
	int64_t deployed;
	struct ready_item three[] = { manifest(100, 1), manifest(200, 1), manifest(300, 3) };

	(void)state;
	assert_int_equal(ready_of(three, 3, 1, CLOCK_NONE, &deployed), 300 + MAX_AGE);
	assert_int_equal(deployed, 300);
}

static void
each_policy_counts_with_its_own_max_age(void **state)
{
	int64_t deployed;
	struct ready_item three[] = { manifest(100, 1), manifest(200, 1), manifest(300, 3) };

	(void)state;
	json_object_set_new(three[0].index, "example.org", json_integer(400 * DAY));
	assert_int_equal(ready_of(three, 3, 1, CLOCK_NONE, &deployed), 200 + 400 * DAY);
}

static void
an_undeployed_pin_is_not_ready(void **state)
{
	int64_t deployed;
	struct ready_item one[] = { manifest(100, 1) };

	(void)state;
	assert_true(ready_of(one, 1, 2, CLOCK_NONE, &deployed) == CLOCK_NONE);
	assert_true(deployed == CLOCK_NONE);
}

static void
a_pin_that_the_live_manifest_lacks_is_not_ready(void **state)
{
	int64_t deployed;
	struct ready_item two[] = { manifest(100, 3), manifest(200, 1) };

	(void)state;
	assert_true(ready_of(two, 2, 1, CLOCK_NONE, &deployed) == CLOCK_NONE);
	assert_int_equal(deployed, 100);
}

static void
a_pin_that_comes_back_waits_again(void **state)
{
	int64_t deployed;
	struct ready_item three[] = { manifest(100, 3), manifest(200, 1), manifest(300, 3) };

	(void)state;
	assert_int_equal(ready_of(three, 3, 1, CLOCK_NONE, &deployed), 300 + MAX_AGE);
}

static void
a_policy_from_before_the_vault_counts(void **state)
{
	int64_t deployed;
	struct ready_item two[] = { manifest(100, 1), manifest(200, 1) };

	(void)state;
	assert_int_equal(ready_of(two, 2, 0, 10 * DAY, &deployed), 100 + 10 * DAY);
}

static void
manifests_without_the_domain_do_not_count(void **state)
{
	int64_t deployed;
	struct ready_item two[] = { manifest(100, 0), manifest(200, 1) };

	(void)state;
	json_object_clear(two[0].index);
	assert_int_equal(ready_of(two, 2, 0, CLOCK_NONE, &deployed), 200);
}

/* What a rebuilt vault goes on from: pin 0 says when it was deployed and ready, pin 1 does not. */
static struct ready_item
base(int64_t deployed, bool assumed)
{
	struct ready_item m = manifest(deployed, 2);
	char text[PIN_TEXT], key[80];

	m.base = true;
	m.assumed = assumed;
	pin_encode(&pins[0], text);
	(void)snprintf(key, sizeof key, "example.org %s", text);
	json_object_set_new(m.index, key, json_pack("{s:i, s:i}", "deployed", 10, "ready", 50));
	pin_encode(&pins[1], text);
	(void)snprintf(key, sizeof key, "example.org %s", text);
	json_object_set_new(m.index, key, json_object());
	return m;
}

static void
a_rebuilt_vault_believes_the_manifest_it_was_rebuilt_from(void **state)
{
	int64_t deployed;
	struct ready_item one[] = { base(100, true) };

	(void)state;
	assert_int_equal(ready_of(one, 1, 0, CLOCK_NONE, &deployed), 50);
	assert_int_equal(deployed, 10);
	struct ready_item unknown[] = { base(100, true) };
	assert_true(ready_of(unknown, 1, 1, CLOCK_NONE, &deployed) == CLOCK_NONE);
	assert_true(deployed == CLOCK_NONE);
	struct ready_item told[] = { base(100, false) };
	assert_int_equal(ready_of(told, 1, 1, CLOCK_NONE, &deployed), 100 + MAX_AGE);
	assert_int_equal(deployed, 100);
}

static void
what_a_rebuilt_vault_adds_waits_for_the_manifest_before(void **state)
{
	int64_t deployed;
	struct ready_item two[] = { base(100, true), manifest(300, 7) };

	(void)state;
	assert_int_equal(ready_of(two, 2, 2, CLOCK_NONE, &deployed), 300 + MAX_AGE);
	struct ready_item again[] = { base(100, true), manifest(300, 7) };
	/* New in the base, which went live at some time before 300. */
	assert_int_equal(ready_of(again, 2, 1, CLOCK_NONE, &deployed), 300 + MAX_AGE);
	assert_int_equal(deployed, 300);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_rebuilt_vault_believes_the_manifest_it_was_rebuilt_from),
		unit(what_a_rebuilt_vault_adds_waits_for_the_manifest_before),
		unit(a_pin_that_no_manifest_lacked_is_ready_at_once),
		unit(a_later_pin_waits_for_the_last_policy_without_it),
		unit(each_policy_counts_with_its_own_max_age),
		unit(an_undeployed_pin_is_not_ready),
		unit(a_pin_that_the_live_manifest_lacks_is_not_ready),
		unit(a_pin_that_comes_back_waits_again),
		unit(a_policy_from_before_the_vault_counts),
		unit(manifests_without_the_domain_do_not_count),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
