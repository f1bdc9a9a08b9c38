/* SPDX-License-Identifier: ISC */
#include "tests/trips.h"

#include "tests/support.h"

#include <stdio.h>
#include <stdlib.h>

#define DAY ((int64_t)86400)

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

void
trips_without_active(struct given *g)
{
	json_array_remove(pins(g), 0);
}

static void
with_one_pin(struct given *g)
{
	json_array_remove(pins(g), 2);
	json_array_remove(pins(g), 1);
}

static void
without_backup(struct given *g)
{
	with_one_pin(g);
	add(g, 7, "active", NULL);
}

/* The trap: two pins, one above the other in one chain. */
static void
leaf_and_its_ca(struct given *g)
{
	with_one_pin(g);
	add(g, 7, "ca", "root");
	add(g, 8, "ca", "root");
}

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
with_a_released_backup(struct given *g)
{
	support_set(pin(g, 1), "released", json_true());
}

void
trips_with_cas(struct given *g)
{
	add(g, 7, "ca", "root");
	add(g, 8, "ca", "root");
}

static void
with_cas_instead_of_a_leaf(struct given *g)
{
	trips_without_active(g);
	trips_with_cas(g);
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

const struct trip trips[] = {
	{ "rehearsal", rehearsed, "" },
	{ "no-active", trips_without_active, "" },
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
	{ "ca-left-out", trips_with_cas, "ios-both" },
	{ "ca-only", with_cas_instead_of_a_leaf, "ios-both" },
	{ "ios-both", trips_with_cas, "ca-left-out" },
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
const size_t trip_count = sizeof trips / sizeof *trips;
