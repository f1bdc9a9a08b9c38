/* SPDX-License-Identifier: ISC */
#include "pins/diff.h"

#include "tests/support.h"
#include "tests/support_manifest.h"

/* The differences of the sample before and after a change. */
static void
diff_after(void (*change)(json_t *m), struct manifest *from, struct manifest *to, struct diff *out)
{
	JSON_AUTO old = support_manifest();
	JSON_AUTO new = support_manifest();
	struct err e = { 0 };

	change(new);
	support_manifest_parse(old, from);
	support_manifest_parse(new, to);
	assert_ok(diff_manifests(from, to, out, &e), &e);
}

#define DIFF_AFTER(change)                                                                         \
	MANIFEST_AUTO from = { 0 };                                                                \
	MANIFEST_AUTO to = { 0 };                                                                  \
	DIFF_AUTO d = { 0 };                                                                       \
	diff_after(change, &from, &to, &d)

static void
nothing(json_t *m)
{
	(void)m;
}

static void
manifests_alike_have_no_difference(void **state)
{
	(void)state;
	DIFF_AFTER(nothing);
	assert_int_equal(d.count, 0);
}

static void
rotated(json_t *m)
{
	json_t *pins = json_object_get(support_domain(m, 0), "pins");
	json_array_remove(pins, 0);
	support_set(json_array_get(pins, 0), "role", json_string("active"));
	support_set(json_array_get(pins, 0), "state", json_string("active"));
	json_array_append_new(pins, support_pin_new(4, "backup"));
}

static void
a_rotation_is_one_change_one_addition_one_removal(void **state)
{
	(void)state;
	DIFF_AFTER(rotated);
	assert_int_equal(d.count, 3);
	assert_int_equal(d.list[0].kind, DIFF_CHANGED);
	assert_ptr_equal(d.list[0].pin, &to.domains[0].pins[0]);
	assert_int_equal(d.list[0].field_count, 2);
	assert_string_equal(d.list[0].fields[0].name, "role");
	assert_string_equal(d.list[0].fields[0].from, "backup");
	assert_string_equal(d.list[0].fields[0].to, "active");
	assert_string_equal(d.list[0].fields[1].name, "state");
	assert_int_equal(d.list[1].kind, DIFF_ADDED);
	assert_ptr_equal(d.list[1].pin, &to.domains[0].pins[2]);
	assert_int_equal(d.list[2].kind, DIFF_REMOVED);
	assert_ptr_equal(d.list[2].pin, &from.domains[0].pins[0]);
}

static void
reordered(json_t *m)
{
	json_t *pins = json_object_get(support_domain(m, 0), "pins");
	json_array_append(pins, json_array_get(pins, 0));
	json_array_remove(pins, 0);
}

static void
the_order_of_pins_is_no_difference(void **state)
{
	(void)state;
	DIFF_AFTER(reordered);
	assert_int_equal(d.count, 0);
}

static void
renamed(json_t *m)
{
	support_set(support_domain(m, 0), "domain", json_string("example.net"));
	support_set(support_domain(m, 0), "names", json_pack("[s]", "example.net"));
}

static void
a_domain_that_comes_or_goes_brings_its_pins(void **state)
{
	(void)state;
	DIFF_AFTER(renamed);
	assert_int_equal(d.count, 8);
	for (size_t i = 0; i < 8; i++) {
		assert_int_equal(d.list[i].kind, i < 4 ? DIFF_ADDED : DIFF_REMOVED);
		assert_string_equal(d.list[i].domain, i < 4 ? "example.net" : "example.org");
		assert_int_equal(d.list[i].pin == NULL, i % 4 == 0);
	}
}

/* Every member that a manifest has, but for what only identifies it. */
static const struct member {
	int level; /* 0 manifest, 1 domain, 2 pin */
	const char *name, *json, *from, *to;
} members[] = {
	{ 0, "serial", "4", "3", "4" },
	{ 0, "created", "\"2026-11-23T10:00:00Z\"", SUPPORT_CREATED, "2026-11-23T10:00:00Z" },
	{ 0, "valid_until", "null", "2027-11-22T10:00:00Z", "none" },
	{ 0, "offline", "false", "true", "false" },
	{ 0, "rehearsal", "true", "false", "true" },
	{ 1, "names", "[\"example.org\"]", "example.org www.example.org", "example.org" },
	{ 1, "include_subdomains", "true", "false", "true" },
	{ 1, "max_age", "60", "60d", "1m" },
	{ 1, "report_only", "true", "false", "true" },
	{ 1, "report_uri", "\"https://r.example/\"", "none", "https://r.example/" },
	{ 2, "role", "\"backup\"", "active", "backup" },
	{ 2, "state", "\"retired\"", "active", "retired" },
	{ 2, "origin", "\"online\"", "offline", "online" },
	{ 2, "ca", "\"root\"", "none", "root" },
	{ 2, "algorithm", "\"rsa:2048\"", "ec:p256", "rsa:2048" },
	{ 2, "key", "\"k\"", "none", "k" },
	{ 2, "released", "true", "false", "true" },
	{ 2, "deployed", "null", "2026-09-01T00:00:00Z", "none" },
	{ 2, "ready", "null", "2026-10-31T00:00:00Z", "none" },
};
static const struct member *member;

static void
with_one_member_changed(json_t *m)
{
	json_t *at = member->level == 0   ? m
		     : member->level == 1 ? support_domain(m, 0)
					  : support_pin(m, 0, 0);
	support_set(at, member->name, json_loads(member->json, JSON_DECODE_ANY, NULL));
}

static void
each_member_that_changed_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
		member = &members[i];
		DIFF_AFTER(with_one_member_changed);
		assert_int_equal(d.count, 1);
		assert_int_equal(d.list[0].kind, DIFF_CHANGED);
		assert_int_equal(d.list[0].field_count, 1);
		assert_string_equal(d.list[0].fields[0].name, member->name);
		assert_string_equal(d.list[0].fields[0].from, member->from);
		assert_string_equal(d.list[0].fields[0].to, member->to);
		assert_int_equal(d.list[0].domain != NULL, member->level > 0);
		assert_int_equal(d.list[0].pin != NULL, member->level > 1);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(manifests_alike_have_no_difference),
		unit(a_rotation_is_one_change_one_addition_one_removal),
		unit(the_order_of_pins_is_no_difference),
		unit(a_domain_that_comes_or_goes_brings_its_pins),
		unit(each_member_that_changed_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
