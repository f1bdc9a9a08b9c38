/* SPDX-License-Identifier: ISC */
#include "tests/support.h"
#include "vault/ceremonysteps.h"

#include <ctype.h>

static char usb1[] = "dir:/media/usb1", live_pem[] = "live.pem", org[] = "example.org",
	    net[] = "example.net", public[] = "/media/public";
static struct plan_custodian people[] = {
	{ .name = "custodian-1", .medium = usb1 },
	{ .name = "custodian-2" },
};
static char *live[] = { live_pem };
static struct plan_domain domains[] = {
	{ .name = org, .active = { live, 1 } },
	{ .name = net },
};

static const struct plan plan = {
	.name = "Example Ops",
	.threshold = 2,
	.backups = 3,
	.algorithms = { NULL },
	.algorithm_count = 1,
	.export_dir = public,
	.custodians = people,
	.custodian_count = 2,
	.domains = domains,
	.domain_count = 2,
};

static void
steps_are_numbered_without_those_that_the_plan_has_not(void **state)
{
	struct plan p = plan;
	unsigned before = ceremonysteps_count(&p);

	(void)state;
	assert_false(ceremonysteps_applies(&p, CEREMONY_DICE));
	assert_int_equal(ceremonysteps_number(&p, CEREMONY_OPEN), 1);
	assert_int_equal(ceremonysteps_number(&p, CEREMONY_KEYS), 6);
	assert_int_equal(before, CEREMONY_STEPS - 1);
	p.dice = true;
	assert_int_equal(ceremonysteps_number(&p, CEREMONY_KEYS), 7);
	assert_int_equal(ceremonysteps_count(&p), before + 1);
	domains[0].active.count = 0;
	assert_false(ceremonysteps_applies(&p, CEREMONY_PINS));
	domains[0].active.count = 1;
}

static void
fields_are_filled_in(void **state)
{
	static const struct {
		const char *text;
		const struct plan_custodian *custodian;
		const char *want;
	} rows[] = {
		{ "{vault}: {threshold} of {count}", NULL, "Example Ops: 2 of 2" },
		{ "{keys} for {domains}", NULL,
			"6 backup keys for example.org and 1 other domain" },
		{ "to {export}.", NULL, "to /media/public." },
		{ "{custodian} hands over {medium}", &people[0],
			"custodian-1 hands over dir:/media/usb1" },
		{ "{custodian} hands over {medium}", &people[1],
			"custodian-2 hands over their medium" },
		{ "{custodian} hands over {medium}", NULL,
			"Each custodian hands over their medium" },
		{ "{what} {", NULL, "{what} {" },
		{ "", NULL, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		BUF_AUTO out = BUF_NONE;

		buf_adds(&out, "");
		ceremonysteps_fill(rows[i].text, &plan, rows[i].custodian, &out);
		assert_string_equal(out.data, rows[i].want);
	}
}

static void
roles_are_named(void **state)
{
	BUF_AUTO out = BUF_NONE;

	(void)state;
	ceremonysteps_who(CEREMONY_OPERATOR | CEREMONY_CUSTODIAN, &out);
	buf_adds(&out, "; ");
	ceremonysteps_who(CEREMONY_EVERYONE, &out);
	assert_string_equal(out.data, "operator, custodians; everyone");
}

/* What the paper, the screen and the journal rely on. */
static void
every_step_is_whole(void **state)
{
	(void)state;
	for (unsigned i = 0; i < CEREMONY_STEPS; i++) {
		const struct ceremony_step *s = &ceremonysteps[i];
		const char *texts[] = { s->what, s->screen, s->final };

		assert_true(s->name && s->title && s->what && s->who);
		assert_true(!s->answer || s->screen);
		for (const char *c = s->name; *c; c++)
			assert_true(islower((unsigned char)*c));
		for (unsigned j = 0; j < i; j++)
			assert_string_not_equal(s->name, ceremonysteps[j].name);
		for (size_t t = 0; t < 3; t++) {
			BUF_AUTO out = BUF_NONE;

			ceremonysteps_fill(texts[t] ? texts[t] : ".", &plan, &people[0], &out);
			assert_null(strchr(out.data, '{'));
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(steps_are_numbered_without_those_that_the_plan_has_not),
		unit(fields_are_filled_in),
		unit(roles_are_named),
		unit(every_step_is_whole),
	};

	return cmocka_run_group_tests_name("ceremonysteps", tests, NULL, NULL);
}
