/* SPDX-License-Identifier: ISC */
/* How pins.json is read as a whole: layouts, decoys, damage, size. Its members: test_manifest.c. */
#include "pins/manifest.h"

#include "tests/support.h"
#include "tests/support_manifest.h"

#include <stdio.h>
#include <stdlib.h>

static bool
is_taken(const char *text, size_t len)
{
	MANIFEST_AUTO m = { 0 };
	struct err e;
	return manifest_parse(text, len, &m, &e);
}

/* A member of that name within another, before the real one: read as a whole, not by domain. */
#define DECOY "\"x\":{\"domains\":[]},"

static void
every_layout_is_read_alike(void **state)
{
	static const size_t layouts[] = { 0, JSON_COMPACT, JSON_INDENT(4), JSON_SORT_KEYS };

	(void)state;
	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		JSON_AUTO sample = support_manifest();
		MANIFEST_AUTO m = { 0 };
		struct err e = { 0 };
		json_array_append(json_object_get(sample, "domains"), support_domain(sample, 0));
		support_set(sample, "last", json_string("\"domains\":["));
		char *text = json_dumps(sample, layouts[i]);
		assert_ok(manifest_parse(text, strlen(text), &m, &e), &e);
		assert_int_equal(m.domain_count, 2);
		assert_int_equal(m.serial, 3);
		free(text);
	}
}

static void
no_other_member_passes_for_the_domains(void **state)
{
	static const struct {
		const char *before, *after; /* the other members */
	} texts[] = {
		{ "{\"x\":{\"domains\":[{}]},", ",\"domains\":7}" },
		{ "{\"x\":\"\\\"domains\\\":[{}]\",", ",\"domains\":7}" },
		{ "{", ",\"x\":{\"domains\":[{\"domain\":\"a.example\"}]}}" },
		{ "[{", ",\"domains\":[]}]" },
		{ "{", ",\"domains\":[],\"domains\":[]}" },
		{ "{", ",\"domains\":[]} x" },
		{ "{", ",\"domains\":[],\"serial\":4}" },
		{ "{", ",\"domains\":[}" },
		{ "{", ",\"domains\":[" },
		{ "{", ",\"domains\":" },
		{ "{", ",\"domains\"" },
	};
	JSON_AUTO sample = support_manifest();

	(void)state;
	json_object_del(sample, "domains");
	char *text = json_dumps(sample, 0), whole[2048];
	int members = (int)strlen(text) - 2;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		snprintf(whole, sizeof whole, "%s%.*s%s", texts[i].before, members, text + 1,
			texts[i].after);
		if (is_taken(whole, strlen(whole)))
			fail_msg("taken: %s", whole);
	}
	snprintf(whole, sizeof whole, "{%.*s,\"domains\":[]}", members, text + 1);
	assert_true(is_taken(whole, strlen(whole)));
	free(text);
}

static void
domains_within_another_member_are_none(void **state)
{
	JSON_AUTO sample = support_manifest();
	json_t *inner = json_object();

	(void)state;
	json_object_set(inner, "domains", json_object_get(sample, "domains"));
	json_object_del(sample, "domains");
	support_set(sample, "x", inner);
	char *text = json_dumps(sample, 0);
	assert_false(is_taken(text, strlen(text)));
	free(text);
}

static void
reading_by_domain_takes_what_reading_whole_takes(void **state)
{
	static const char replacements[] = "\"\\{}[],:x0 ";
	JSON_AUTO sample = support_manifest();
	char *text = json_dumps(sample, JSON_COMPACT);
	size_t len = strlen(text), shift = strlen(DECOY);
	char *decoyed = malloc(len + shift + 1);

	(void)state;
	assert_non_null(decoyed);
	sprintf(decoyed, "{" DECOY "%s", text + 1);
	for (size_t i = 1; i < len; i++) {
		char kept = text[i];
		for (const char *r = replacements; *r; r++) {
			text[i] = decoyed[i + shift] = *r;
			if (is_taken(text, len) != is_taken(decoyed, len + shift))
				fail_msg("byte %zu as '%c': %s", i, *r, text);
		}
		text[i] = decoyed[i + shift] = kept;
	}
	assert_true(is_taken(decoyed, len + shift));
	free(decoyed);
	free(text);
}

static void
parse_refuses_every_truncation(void **state)
{
	JSON_AUTO sample = support_manifest();
	char *text = json_dumps(sample, 0);
	struct manifest out = { 0 };
	struct err e = { 0 };

	(void)state;
	for (size_t len = 0; len < strlen(text); len++)
		assert_fails(manifest_parse(text, len, &out, &e), &e, ERR_FORMAT, "");
	free(text);
}

static void
parse_refuses_members_given_twice(void **state)
{
	static const char text[] = "{\"format\":\"coldspare-pins-1\",\"serial\":1,\"serial\":2}";
	struct manifest out = { 0 };
	struct err e = { 0 };

	(void)state;
	assert_fails(manifest_parse(text, strlen(text), &out, &e), &e, ERR_FORMAT, "duplicate");
}

/* What a fresh process needs is measured by `make bench`; here only that it is not quadratic. */
static void
ten_thousand_pins_of_one_domain_are_read(void **state)
{
	JSON_AUTO sample = support_manifest();
	MANIFEST_AUTO m = { 0 };
	json_t *pins = json_object_get(support_domain(sample, 0), "pins");

	(void)state;
	for (unsigned i = 4; i <= 10000; i++)
		assert_int_equal(json_array_append_new(pins, support_pin_new(i, "backup")), 0);
	support_manifest_parse(sample, &m);
	assert_int_equal(m.domains[0].pin_count, 10000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(every_layout_is_read_alike),
		unit(no_other_member_passes_for_the_domains),
		unit(domains_within_another_member_are_none),
		unit(reading_by_domain_takes_what_reading_whole_takes),
		unit(parse_refuses_every_truncation),
		unit(parse_refuses_members_given_twice),
		unit(ten_thousand_pins_of_one_domain_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
