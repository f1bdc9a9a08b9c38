/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "tests/ledger.h"
#include "tests/support.h"
#include "vault/nextthing.h"

#include <string.h>

#define NOW 1700000000

/* A domain that lacks nothing. */
static struct outlook
calm(const struct state_domain *d)
{
	return (struct outlook){
		.domain = d,
		.policy = { .backups = 2 },
		.ramp = { .now = 5184000, .next = CLOCK_NONE },
		.slots = { {
			.algorithm = "ec:p256",
			.active = 1,
			.presigned = 1,
			.standby = 1,
			.usable = 2,
			.next_ready = CLOCK_NONE,
			.last_ready = CLOCK_NONE,
		} },
		.slot_count = 1,
		.served = 1,
		.serial = 3,
		.deployed = true,
		.max_age = 5184000,
	};
}

static void
expect(const struct outlook *o, const char *id, const char *sentence)
{
	BUF_AUTO text = BUF_NONE;

	assert_string_equal(nextthing_find(o, NOW, &text), id);
	assert_string_equal(text.data, sentence);
}

static void
a_calm_domain_needs_nothing(void **state)
{
	struct state_domain d = { .name = (char[]){ "example.org" } };
	struct outlook o = calm(&d);

	(void)state;
	expect(&o, "wait", "nothing to do");
	o.slots[0].usable = 1;
	o.slots[0].last_ready = NOW + 86400;
	expect(&o, "wait",
		"nothing to do: 1 of 2 backups can be used now, the rest from 2023-11-15 on");
}

static void
a_compromised_pin_comes_before_everything(void **state)
{
	struct state_domain d = { .name = (char[]){ "example.org" } };
	struct outlook o = calm(&d);

	(void)state;
	o.served = 0;
	o.slots[0].presigned = o.slots[0].standby = 0;
	o.compromised_live = true;
	expect(&o, "compromised",
		"a compromised pin is still in production: deploy manifest 3 now, then say "
		"`deployed 3`");
	o.compromised_in = true;
	expect(&o, "compromised",
		"a compromised pin is in the newest manifest: export one without it, and deploy it "
		"now");
}

static void
each_algorithm_wants_its_own_backups(void **state)
{
	struct state_domain d = { .name = (char[]){ "example.org" } };
	struct outlook o = calm(&d);

	(void)state;
	o.slots[1] = (struct outlook_slot){ .algorithm = "rsa:3072", .standby = 1 };
	o.slot_count = 2;
	expect(&o, "generate",
		"1 rsa:3072 backup left of 2: generate another; it will be usable 60 days after it "
		"is exported");
	o.slots[1].standby = 0;
	expect(&o, "generate",
		"no rsa:3072 backup left: generate 2; they will be usable 60 days after they are "
		"exported");
	o.slots[0].presigned = 0;
	expect(&o, "generate",
		"no rsa:3072 backup left: generate 2; they will be usable 60 days after they are "
		"exported");
}

static void
an_old_certificate_and_a_displaced_key_are_said(void **state)
{
	struct state_domain d = { .name = (char[]){ "example.org" } };
	struct state_key k = { .id = (char[]){ KEY_A }, .state = STATE_ACTIVE };
	struct outlook o = calm(&d);

	(void)state;
	strcpy(o.displaced, KEY_B);
	expect(&o, "retire",
		"another key is active now: once no server uses the old one, `retire " KEY_B
		"`, and export");
	o.expiring = &k;
	o.expires = NOW + NEXTTHING_EXPIRY + 1;
	expect(&o, "retire",
		"another key is active now: once no server uses the old one, `retire " KEY_B
		"`, and export");
	o.expires = NOW + NEXTTHING_EXPIRY;
	expect(&o, "expiry",
		"the certificate of " KEY_A " expires on 2023-12-14: renew it with `attach " KEY_A
		" CERTIFICATE`, or promote a backup");
	o.expires = NOW;
	k.state = STATE_PRESIGNED;
	expect(&o, "expiry",
		"the certificate of " KEY_A " expired on 2023-11-14: renew it with `attach " KEY_A
		" CERTIFICATE`");
}

static void
what_is_published_and_should_not_be_is_said(void **state)
{
	struct state_domain d = { .name = (char[]){ "example.org" } };
	struct outlook o = calm(&d);

	(void)state;
	o.leftover = 2;
	expect(&o, "export",
		"2 pins are in the newest manifest that should leave: export, and deploy what "
		"comes "
		"out");
	o.unpublished = 2;
	expect(&o, "export",
		"2 pins are not in the newest manifest, or not in this role: export, and deploy "
		"what "
		"comes out");
	o = calm(&d);
	o.max_age = 300;
	expect(&o, "max-age",
		"the policy is another one than published: export to make max-age 60 days");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_calm_domain_needs_nothing),
		unit(a_compromised_pin_comes_before_everything),
		unit(each_algorithm_wants_its_own_backups),
		unit(an_old_certificate_and_a_displaced_key_are_said),
		unit(what_is_published_and_should_not_be_is_said),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
