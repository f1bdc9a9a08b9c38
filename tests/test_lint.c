/* SPDX-License-Identifier: ISC */
#include "pins/lint.h"

#include "tests/support.h"
#include "tests/support_manifest.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY ((int64_t)86400)

/* What a row of the table may change besides the manifest. */
struct given {
	json_t *m;
	json_t *previous; /* none unless a row makes one */
	struct lint_context ctx;
	const char *dir;
};

static json_t *
domain(struct given *g)
{
	return support_domain(g->m, 0);
}

static json_t *
pin(struct given *g, size_t i)
{
	return support_pin(g->m, 0, i);
}

static json_t *
pins(struct given *g)
{
	return json_object_get(domain(g), "pins");
}

static void
set(json_t *object, const char *name, const char *json)
{
	support_set(object, name, json_loads(json, JSON_DECODE_ANY, NULL));
}

static void
add(struct given *g, unsigned number, const char *role, const char *ca)
{
	json_t *added = support_pin_new(number, role);
	support_set(added, "ca", ca ? json_string(ca) : json_null());
	assert_int_equal(json_array_append_new(pins(g), added), 0);
}

static void
rehearsed(struct given *g)
{
	support_set(g->m, "rehearsal", json_true());
}

static void
without_active(struct given *g)
{
	json_array_remove(pins(g), 0);
}

static void
without_backup(struct given *g)
{
	json_array_remove(pins(g), 2);
	json_array_remove(pins(g), 1);
	add(g, 7, "active", NULL);
}

/* The trap: two pins, one above the other in one chain. */
static void
leaf_and_its_ca(struct given *g)
{
	json_array_remove(pins(g), 2);
	json_array_remove(pins(g), 1);
	add(g, 7, "ca", "root");
	add(g, 8, "ca", "root");
}

/* Two entries and one pin: told apart after decoding only. */
static void
backup_is_the_active_pin(struct given *g)
{
	json_array_remove(pins(g), 2);
	set(pin(g, 1), "pin", "\"a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=\"");
}

static void
with_one_backup(struct given *g)
{
	json_array_remove(pins(g), 2);
}

static void
with_a_backup_twice(struct given *g)
{
	add(g, 3, "backup", NULL);
}

static void
with_zeros(struct given *g)
{
	set(pin(g, 2), "pin", "\"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\"");
}

static void
with_filler(struct given *g)
{
	set(pin(g, 2), "pin", "\"BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=\"");
}

static void
with_the_rfc_sample(struct given *g)
{
	set(pin(g, 2), "pin", "\"LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=\"");
}

static void
with_one_pin(struct given *g)
{
	json_array_remove(pins(g), 2);
	json_array_remove(pins(g), 1);
}

static void
with_a_released_backup(struct given *g)
{
	support_set(pin(g, 1), "released", json_true());
}

static void
with_cas(struct given *g)
{
	add(g, 7, "ca", "root");
	add(g, 8, "ca", "root");
}

static void
with_cas_instead_of_a_leaf(struct given *g)
{
	without_active(g);
	with_cas(g);
}

static void
with_an_intermediate(struct given *g)
{
	add(g, 7, "ca", "root");
	add(g, 8, "ca", "intermediate");
}

static void
with_one_ca(struct given *g)
{
	add(g, 7, "ca", "root");
}

static void
with_a_ca_as_backup(struct given *g)
{
	support_set(pin(g, 2), "ca", json_string("root"));
}

static void
with_a_long_max_age(struct given *g)
{
	support_set(domain(g), "max_age", json_integer(60 * DAY + 1));
}

static void
with_max_age_zero(struct given *g)
{
	support_set(domain(g), "max_age", json_integer(0));
}

static void
reporting_nowhere(struct given *g)
{
	support_set(domain(g), "report_only", json_true());
}

static void
reporting_to_itself(struct given *g)
{
	set(domain(g), "report_uri", "\"https://www.Example.org:8443/pins?x\"");
}

static void
with_70_pins(struct given *g)
{
	for (unsigned i = 4; i <= 70; i++)
		add(g, i, "backup", NULL);
}

static void
with_150_pins(struct given *g)
{
	for (unsigned i = 4; i <= 150; i++)
		add(g, i, "backup", NULL);
}

static void
served_unquoted(struct given *g)
{
	g->ctx.header = "pin-sha256=a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=; max-age=60";
}

static void
served_with_two_ages(struct given *g)
{
	g->ctx.header = "max-age=60; pin-sha256=\"a;max-age=1\"; Max-Age = 60";
}

static void
served_without_age(struct given *g)
{
	g->ctx.header = "pin-sha256=\"a4ayc/80/OGda4BO/1o/V0etpOqiLx1JwB5S3beHW0s=\"";
}

static void
served_with_an_age_in_days(struct given *g)
{
	g->ctx.header = "max-age=60d";
}

static void
rename_domain(struct given *g, const char *name)
{
	support_set(domain(g), "domain", json_string(name));
	support_set(domain(g), "names", json_pack("[s]", name));
}

static void
for_an_address(struct given *g)
{
	rename_domain(g, "192.0.2.1");
}

static void
with_an_address_among_names(struct given *g)
{
	set(domain(g), "names", "[\"example.org\", \"IP:2001:db8::1\"]");
}

static void
in_upper_case(struct given *g)
{
	rename_domain(g, "Example.org");
}

static void
in_unicode(struct given *g)
{
	rename_domain(g, "b\xc3\xbc"
			 "cher.example");
}

static void
with_an_odd_wildcard(struct given *g)
{
	set(domain(g), "names", "[\"example.org\", \"w*.example.org\"]");
}

static void
for_a_public_suffix(struct given *g)
{
	rename_domain(g, "co.uk");
	support_set(domain(g), "include_subdomains", json_true());
}

static void
with_subdomains(struct given *g)
{
	support_set(domain(g), "include_subdomains", json_true());
}

static void
with_the_domain_twice(struct given *g)
{
	json_t *domains = json_object_get(g->m, "domains");
	json_t *copy = json_deep_copy(domain(g));
	set(copy, "names", "[\"example.org\"]");
	assert_int_equal(json_array_append_new(domains, copy), 0);
}

static void
with_a_name_in_two_domains(struct given *g)
{
	json_t *domains = json_object_get(g->m, "domains");
	json_t *copy = json_deep_copy(domain(g));
	set(copy, "domain", "\"example.net\"");
	set(copy, "names", "[\"example.net\", \"www.example.org\"]");
	assert_int_equal(json_array_append_new(domains, copy), 0);
}

static void
with_a_wildcard(struct given *g)
{
	set(domain(g), "names", "[\"example.org\", \"*.example.org\"]");
}

static void
past_its_time(struct given *g)
{
	set(g->m, "valid_until", "\"2026-11-28T10:00:00Z\"");
}

static void
without_expiry(struct given *g)
{
	set(g->m, "valid_until", "null");
}

static void
with_a_backup_never_deployed(struct given *g)
{
	set(pin(g, 1), "ready", "null");
}

static void
with_a_backup_ready_later(struct given *g)
{
	set(pin(g, 1), "ready", "\"2026-11-28T10:00:01Z\"");
}

static void
active_before_it_is_ready(struct given *g)
{
	set(pin(g, 0), "ready", "\"2026-11-28T10:00:01Z\"");
}

static void
active_and_unknown_before(struct given *g)
{
	set(pin(g, 0), "ready", "null");
	g->previous = support_manifest();
	json_array_remove(json_object_get(support_domain(g->previous, 0), "pins"), 0);
	json_array_append_new(json_object_get(support_domain(g->previous, 0), "pins"),
		support_pin_new(9, "active"));
}

/* 2026-10-01 to 2026-11-28 is less than 60 days. */
static void
active_and_published_too_late(struct given *g)
{
	set(pin(g, 0), "ready", "null");
	g->previous = support_manifest();
	set(g->previous, "created", "\"2026-10-01T00:00:00Z\"");
	support_set(support_pin(g->previous, 0, 0), "role", json_string("backup"));
}

static void
with_a_fresh_tlsa_record(struct given *g)
{
	set(pin(g, 0), "deployed", "\"2026-11-28T08:00:01Z\"");
	g->ctx.ttl = 3600;
}

/* root.pem and leaf.pem under it, in the test's folder; the leaf's pin goes to pin 0. */
static void
make_chain(struct given *g)
{
	static struct pubfile file;
	char line[2048], text[PIN_TEXT], path[512];
	struct err e = { 0 };

	snprintf(line, sizeof line,
		"cd '%s' && { openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"
		" -keyout root.key -subj /CN=Root -out root.pem;"
		" openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf.key"
		" -subj /CN=example.org -out leaf.csr; openssl x509 -req -in leaf.csr -CA root.pem"
		" -CAkey root.key -CAcreateserial -out leaf.pem; cat leaf.pem root.pem >chain.pem; "
		"}"
		" >out 2>&1",
		g->dir);
	assert_int_equal(system(line), 0);
	snprintf(path, sizeof path, "%s/chain.pem", g->dir);
	pubfile_free(&file);
	assert_ok(pubfile_load(path, &file, &e), &e);
	assert_int_equal(file.count, 2);
	pin_encode(&file.items[0].pin, text);
	support_set(pin(g, 0), "pin", json_string(text));
	g->ctx.certificates = &file;
}

static void
with_a_certificates_hash(struct given *g)
{
	struct pin hash;
	char text[PIN_TEXT];

	make_chain(g);
	assert_int_equal(X509_digest(g->ctx.certificates->items[1].certificate, EVP_sha256(),
				 hash.hash, NULL),
		1);
	pin_encode(&hash, text);
	support_set(pin(g, 1), "pin", json_string(text));
}

static void
with_a_backup_above_the_leaf(struct given *g)
{
	char text[PIN_TEXT];

	make_chain(g);
	pin_encode(&g->ctx.certificates->items[1].pin, text);
	support_set(pin(g, 1), "pin", json_string(text));
}

/* Each row trips its rule, and nothing but that and what it implies. */
static const struct trip {
	const char *rule;
	void (*change)(struct given *g);
	const char *implied;
} trips[] = {
	{ "rehearsal", rehearsed, "" },
	{ "no-active", without_active, "" },
	{ "no-backup", without_backup, "" },
	{ "no-backup", leaf_and_its_ca, "ca-left-out ios-both" },
	{ "no-backup", backup_is_the_active_pin, "pin-twice two-pins" },
	{ "one-backup", with_one_backup, "" },
	{ "pin-twice", with_a_backup_twice, "" },
	{ "sample-pin", with_zeros, "" },
	{ "sample-pin", with_filler, "" },
	{ "sample-pin", with_the_rfc_sample, "" },
	{ "two-pins", with_one_pin, "no-backup" },
	{ "backup-released", with_a_released_backup, "" },
	{ "ca-left-out", with_cas, "ios-both" },
	{ "ca-only", with_cas_instead_of_a_leaf, "ios-both" },
	{ "ios-both", with_cas, "ca-left-out" },
	{ "ca-intermediate", with_an_intermediate, "ca-left-out ios-both" },
	{ "ca-single", with_one_ca, "ca-left-out ios-both" },
	{ "ca-as-backup", with_a_ca_as_backup, "ios-both" },
	{ "certificate-hash", with_a_certificates_hash, "" },
	{ "backup-in-chain", with_a_backup_above_the_leaf, "" },
	{ "max-age-long", with_a_long_max_age, "" },
	{ "max-age-zero", with_max_age_zero, "" },
	{ "report-nowhere", reporting_nowhere, "" },
	{ "report-to-self", reporting_to_itself, "" },
	{ "nginx-value", with_70_pins, "" },
	{ "header-size", with_150_pins, "nginx-value" },
	{ "header-unquoted", served_unquoted, "" },
	{ "header-max-age", served_with_two_ages, "" },
	{ "header-max-age", served_without_age, "" },
	{ "header-max-age", served_with_an_age_in_days, "" },
	{ "host-address", for_an_address, "" },
	{ "host-address-among", with_an_address_among_names, "" },
	{ "host-form", in_upper_case, "" },
	{ "host-form", in_unicode, "" },
	{ "host-form", with_an_odd_wildcard, "" },
	{ "host-twice", with_the_domain_twice, "" },
	{ "host-twice", with_a_name_in_two_domains, "" },
	{ "public-suffix", for_a_public_suffix, "okhttp-stars" },
	{ "wildcard-name", with_a_wildcard, "" },
	{ "okhttp-stars", with_subdomains, "" },
	{ "expired", past_its_time, "" },
	{ "no-expiry", without_expiry, "" },
	{ "backup-not-ready", with_a_backup_never_deployed, "" },
	{ "backup-not-ready", with_a_backup_ready_later, "" },
	{ "active-too-soon", active_before_it_is_ready, "" },
	{ "active-too-soon", active_and_unknown_before, "" },
	{ "active-too-soon", active_and_published_too_late, "" },
	{ "tlsa-too-soon", with_a_fresh_tlsa_record, "" },
};
#define TRIPS (sizeof trips / sizeof *trips)

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
	for (size_t i = 0; i < TRIPS; i++)
		check_trip(&trips[i], *state);
}

static void
every_rule_has_a_manifest_that_trips_it(void **state)
{
	(void)state;
	for (size_t r = 0; r < lint_rule_count; r++) {
		size_t i = 0;
		while (i < TRIPS && strcmp(trips[i].rule, lint_rules[r].id) != 0)
			i++;
		if (i == TRIPS)
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

		set(pin(&g, 0), "ready", "null");
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

static void
findings_block_the_targets_that_they_concern(void **state)
{
	JSON_AUTO sample = support_manifest();
	struct given g = { .m = sample, .ctx = { .now = SUPPORT_NOW } };
	MANIFEST_AUTO m = { 0 };
	LINT_FINDINGS_AUTO f = { 0 };
	struct err e = { 0 };

	(void)state;
	with_cas(&g);
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
	without_active(&g);
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
	without_active(&g);
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
		unit_in_dir(each_manifest_trips_its_rule_and_what_that_implies),
		unit(every_rule_has_a_manifest_that_trips_it),
		unit(rules_have_distinct_ids_a_source_and_one_check),
		unit(a_rotation_after_the_max_age_is_fine),
		unit(a_header_as_it_should_be_is_fine),
		unit(findings_block_the_targets_that_they_concern),
		unit(errors_for_every_target_block_without_one),
		unit(a_forced_rule_passes_and_is_still_told),
		unit(forcing_an_unknown_rule_is_refused),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
