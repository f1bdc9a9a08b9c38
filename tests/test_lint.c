/* SPDX-License-Identifier: ISC */
#include "pins/lint.h"

#include "pins/render.h"
#include "tests/support.h"
#include "tests/support_manifest.h"
#include "tests/trips.h"

#include <stdio.h>

static void
run(struct given *g, struct manifest *m, struct manifest *previous, struct lint_findings *out)
{
	struct err e = { 0 };

	support_manifest_parse(g->m, m);
	if (g->previous) {
		support_manifest_parse(g->previous, previous);
		g->ctx.previous = previous;
	}
	assert_ok(lint_run(m, &g->ctx, out, &e), &e);
}

static void
a_safe_manifest_breaks_no_rule(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };

	(void)state;
	run(&g, &m, NULL, &f);
	for (size_t i = 0; i < f.count; i++)
		print_message("%s: %s\n", f.list[i].rule->id, f.list[i].what);
	assert_int_equal(f.count, 0);
}

/* What was displaced is pinned until it is retired, and held in reserve by nobody. */
static void
a_retired_pin_is_no_backup(void **state)
{
	JSON_AUTO sample = support_manifest();
	json_t *pins = json_object_get(support_domain(sample, 0), "pins");
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	MANIFEST_AUTO less = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	LINT_FINDINGS_AUTO none = { 0 };

	(void)state;
	json_t *left = support_pin_new(4, "backup");
	support_set(left, "state", json_string("retired"));
	support_set(left, "released", json_true());
	support_set(left, "ready", json_null());
	assert_int_equal(json_array_append_new(pins, left), 0);
	run(&g, &m, NULL, &f);
	assert_int_equal(f.count, 0);

	for (size_t i = 1; i <= 2; i++)
		support_set(support_pin(sample, 0, i), "state", json_string("retired"));
	run(&g, &less, NULL, &none);
	assert_int_equal(none.count, 1);
	assert_string_equal(none.list[0].rule->id, "no-backup");
}

static bool
is_among(const char *id, const char *list)
{
	const char *p = strstr(list, id);
	return p && (p == list || p[-1] == ' ') && (p[strlen(id)] == ' ' || p[strlen(id)] == '\0');
}

static size_t
count_of(const struct lint_findings *f, const char *id)
{
	size_t count = 0;
	for (size_t i = 0; i < f->count; i++)
		count += strcmp(f->list[i].rule->id, id) == 0;
	return count;
}

static void
check_trip(const struct trip *t, const char *dir)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW }, .dir = dir };
	MANIFEST_AUTO m = { 0 };
	MANIFEST_AUTO previous = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };

	t->change(&g);
	JSON_AUTO older = g.previous;
	run(&g, &m, &previous, &f);
	if (count_of(&f, t->rule) == 0)
		fail_msg("nothing trips %s", t->rule);
	for (size_t i = 0; i < f.count; i++) {
		const char *id = f.list[i].rule->id;
		if (strcmp(id, t->rule) != 0 && !is_among(id, t->implied))
			fail_msg("%s trips %s, too: %s", t->rule, id, f.list[i].what);
	}
}

static void
each_manifest_trips_its_rule_and_what_that_implies(void **state)
{
	for (size_t i = 0; i < trip_count; i++)
		check_trip(&trips[i], *state);
}

static void
every_rule_has_a_manifest_that_trips_it(void **state)
{
	(void)state;
	for (size_t r = 0; r < lint_rule_count; r++) {
		size_t i = 0;
		while (i < trip_count && strcmp(trips[i].rule, lint_rules[r].id) != 0)
			i++;
		if (i == trip_count)
			fail_msg("no manifest trips %s", lint_rules[r].id);
	}
}

static void
rules_have_distinct_ids_a_source_and_one_check(void **state)
{
	(void)state;
	for (size_t r = 0; r < lint_rule_count; r++) {
		const struct lint_rule *rule = &lint_rules[r];
		assert_true(rule->sentence[0] && rule->source[0]);
		assert_true(!rule->domain != !rule->whole);
		for (size_t s = r + 1; s < lint_rule_count; s++)
			assert_string_not_equal(rule->id, lint_rules[s].id);
	}
}

/* What was published long enough, or was active before, is nothing to report. */
static void
a_rotation_after_the_max_age_is_fine(void **state)
{
	static const char *const roles[] = { "backup", "active" };
	static const char *const created[] = { "2026-09-29T10:00:00Z", "2026-11-28T09:00:00Z" };

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		JSON_AUTO sample = support_manifest();
		JSON_AUTO older = support_manifest();
		struct given g = { .m = sample, .previous = older, .ctx = { .now = SUPPORT_NOW } };
		MANIFEST_AUTO m = { 0 };
		MANIFEST_AUTO previous = { 0 };
		LINT_FINDINGS_AUTO f = { 0 };

		support_set(support_pin(sample, 0, 0), "ready", json_null());
		support_set(older, "created", json_string(created[i]));
		support_set(support_pin(older, 0, 0), "role", json_string(roles[i]));
		run(&g, &m, &previous, &f);
		assert_int_equal(f.count, 0);
	}
}

static void
a_header_as_it_should_be_is_fine(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };

	(void)state;
	g.ctx.header = "pin-sha256=\"d6qzRu9zOECb90Uez27xWltNsj0e1Md7GkYYkVoZWmM=\"; "
		       "PIN-SHA256 = \"E9CZ9INDbd+2eRQozYqqbQ2yXLVKB9+xcprMF+44U1g=\" ;"
		       "max-age=5184000;includeSubDomains; report-uri=\"https://r.example/;a=b\"";
	run(&g, &m, NULL, &f);
	assert_int_equal(f.count, 0);
}

/* The rule's own sum against what render writes between the quotes. */
static void
the_length_of_a_header_is_what_render_writes(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	BUF_AUTO text = BUF_NONE;
	const struct render_format *nginx = NULL;
	struct err e = { 0 };
	char said[64];

	(void)state;
	for (unsigned i = 4; i <= 80; i++)
		json_array_append_new(json_object_get(support_domain(sample, 0), "pins"),
			support_pin_new(i, "backup"));
	support_set(support_domain(sample, 0), "include_subdomains", json_true());
	support_set(support_domain(sample, 0), "report_uri", json_string("https://r.example/"));
	run(&g, &m, NULL, &f);
	assert_ok(render_find("nginx", &nginx, &e), &e);
	assert_ok(render(nginx, &m, &(struct render_options){ 0 }, &text, &e), &e);
	char *value = strstr(text.data, "pin-sha256");
	assert_non_null(value);
	snprintf(said, sizeof said, "a header value of %zu characters",
		(size_t)(strrchr(text.data, ' ') - value - 1));
	assert_int_equal(count_of(&f, "nginx-value"), 1);
	for (size_t i = 0; i < f.count; i++) {
		if (strcmp(f.list[i].rule->id, "nginx-value") == 0)
			assert_string_equal(f.list[i].what, said);
	}
}

static void
findings_block_the_targets_that_they_concern(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	struct err e = { 0 };

	(void)state;
	trips_with_cas(&g);
	run(&g, &m, NULL, &f);
	assert_ok(lint_pass(&f, "curl", NULL, &e), &e);
	assert_ok(lint_pass(&f, "io", NULL, &e), &e);
	assert_ok(lint_pass(&f, NULL, NULL, &e), &e);
	assert_ok(lint_pass(&f, "ios", "example.net", &e), &e);
	assert_fails(lint_pass(&f, "ios", "example.org", &e), &e, ERR_REFUSED, "[ios-both]");
	assert_non_null(strstr(e.hint, "--force ios-both"));
}

static void
errors_for_every_target_block_without_one(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	struct err e = { 0 };

	(void)state;
	trips_without_active(&g);
	run(&g, &m, NULL, &f);
	assert_fails(
		lint_pass(&f, NULL, NULL, &e), &e, ERR_REFUSED, "example.org: no pin is active");
	assert_fails(lint_pass(&f, "curl", NULL, &e), &e, ERR_REFUSED, "[no-active]");
}

static void
a_forced_rule_passes_and_is_still_told(void **state)
{
	static const char *const forced[] = { "no-active" };
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	struct err e = { 0 };

	(void)state;
	trips_without_active(&g);
	g.ctx.forced = forced;
	g.ctx.forced_count = 1;
	run(&g, &m, NULL, &f);
	assert_int_equal(f.count, 1);
	assert_true(f.list[0].forced);
	assert_ok(lint_pass(&f, "curl", NULL, &e), &e);
}

static void
forcing_an_unknown_rule_is_refused(void **state)
{
	static const char *const forced[] = { "no-activ" };
	JSON_AUTO sample = support_manifest();
	struct lint_context ctx = { .now = SUPPORT_NOW, .forced = forced, .forced_count = 1 };
	MANIFEST_AUTO m = { 0 };
	struct lint_findings f = { 0 };
	struct err e = { 0 };

	(void)state;
	support_manifest_parse(sample, &m);
	assert_fails(lint_run(&m, &ctx, &f, &e), &e, ERR_USAGE, "no-activ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(a_safe_manifest_breaks_no_rule),
		unit(a_retired_pin_is_no_backup),
		unit_in_dir(each_manifest_trips_its_rule_and_what_that_implies),
		unit(every_rule_has_a_manifest_that_trips_it),
		unit(rules_have_distinct_ids_a_source_and_one_check),
		unit(a_rotation_after_the_max_age_is_fine),
		unit(a_header_as_it_should_be_is_fine),
		unit(the_length_of_a_header_is_what_render_writes),
		unit(findings_block_the_targets_that_they_concern),
		unit(errors_for_every_target_block_without_one),
		unit(a_forced_rule_passes_and_is_still_told),
		unit(forcing_an_unknown_rule_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
