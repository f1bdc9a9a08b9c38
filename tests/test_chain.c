/* SPDX-License-Identifier: ISC */
#include "pins/chain.h"

#include "pins/verdict.h"
#include "tests/support.h"
#include "tests/support_manifest.h"

#include <stdio.h>
#include <stdlib.h>

static void
run(void **state, const char *command)
{
	char line[4096];

	assert_in_range(snprintf(line, sizeof line, "cd '%s' && { %s; } >out 2>&1",
				(const char *)*state, command),
		1, sizeof line - 1);
	if (system(line) != 0)
		fail_msg("%s", line);
}

/*
 * A root that an older one has cross-signed:
 *
 *	leaf <- ca <- root (self-signed)
 *	           <- root as old has signed it <- old (self-signed)
 *
 * and two CAs that signed each other, ring-a and ring-b, with the leaf ringed under ring-a.
 */
static int
pki_setup(void **state)
{
	support_dir_setup(state);
	run(state, "set -e; key() { openssl genpkey -algorithm EC -pkeyopt"
		   " ec_paramgen_curve:P-256 -out $1.key; openssl req -new -key $1.key -subj /CN=$1"
		   " -out $1.csr; };"
		   "printf 'basicConstraints=critical,CA:true\\n' >ca.ext;"
		   "self() { openssl x509 -req -in $1.csr -signkey $1.key -extfile ca.ext -days 90"
		   " -out $1.pem; };"
		   "sign() { openssl x509 -req -in $1.csr -CA $2.pem -CAkey $2.key -CAcreateserial"
		   " -days $4 -out $3.pem $5 $6; };"
		   "for n in old root ca leaf ring-a ring-b ringed; do key $n; done;"
		   "self old; self root; sign root old cross 60 -extfile ca.ext;"
		   "sign ca root ca 50 -extfile ca.ext; sign leaf ca leaf 40;"
		   "self ring-a; self ring-b; cp ring-a.pem a.pem;"
		   "sign ring-a ring-b ring-a2 30 -extfile ca.ext;"
		   "sign ring-b ring-a ring-b2 30 -extfile ca.ext; sign ringed ring-a ringed 30");
	return 0;
}

#define unit_pki(f) cmocka_unit_test_setup_teardown(f, pki_setup, support_dir_teardown)

/* The paths that the named files, in this order, allow: "leaf ca root" and so on. */
static void
load(void **state, const char *names, struct pubfile *out)
{
	struct err e = { 0 };
	char command[256];

	snprintf(command, sizeof command, "rm -f x.pem; for n in %s; do cat $n.pem >>x.pem; done",
		names);
	run(state, command);
	assert_ok(pubfile_load(support_path(state, "x.pem"), out, &e), &e);
}

static void
assert_path(const struct chain_path *path, bool complete, const char *subjects)
{
	char got[256] = "";

	for (size_t i = 0; i < path->count; i++)
		snprintf(got + strlen(got), sizeof got - strlen(got), "%s%s", i ? " " : "",
			path->certificates[i]->subject + strlen("CN="));
	assert_string_equal(got, subjects);
	assert_int_equal(path->complete, complete);
}

static void
every_path_of_a_cross_signed_root_is_found(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca cross root old", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	assert_int_equal(c.count, 2);
	assert_path(&c.paths[0], true, "leaf ca root old");
	assert_path(&c.paths[1], true, "leaf ca root");
}

static void
a_path_ends_where_no_issuer_is_given(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca cross", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	assert_int_equal(c.count, 1);
	assert_path(&c.paths[0], false, "leaf ca root");
}

static void
known_roots_complete_it(void **state)
{
	PUBFILE_AUTO given = { 0 };
	PUBFILE_AUTO known = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca", &given);
	load(state, "old root ring-a", &known);
	assert_ok(chain_find(&given, &known, &c, &e), &e);
	assert_int_equal(c.count, 1);
	assert_path(&c.paths[0], true, "leaf ca root");
}

static void
strangers_and_copies_make_no_path(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "leaf ring-a ca ca root leaf old", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	assert_int_equal(c.count, 1);
	assert_path(&c.paths[0], true, "leaf ca root");
}

/* Same name, other key: only the signature tells. */
static void
an_issuer_by_name_alone_is_none(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	run(state, "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout"
		   " f.key -subj /CN=ca -addext subjectKeyIdentifier=none -out fake.pem");
	load(state, "leaf fake", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	assert_int_equal(c.count, 1);
	assert_path(&c.paths[0], false, "leaf");
}

static void
a_ring_of_cross_signatures_comes_to_an_end(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "ringed ring-a2 ring-b2", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	assert_int_equal(c.count, 1);
	assert_path(&c.paths[0], false, "ringed ring-a ring-b");
}

static void
more_paths_than_anybody_takes_are_refused(void **state)
{
	PUBFILE_AUTO given = { 0 };
	struct chain none = { 0 };
	struct err e = { 0 };

	run(state,
		"for i in $(seq 65); do openssl x509 -req -in ca.csr -CA root.pem -CAkey root.key"
		" -CAcreateserial -extfile ca.ext -out ca$i.pem; done; cat ca*.pem >many.pem");
	load(state, "leaf many root", &given);
	assert_fails(chain_find(&given, NULL, &none, &e), &e, ERR_FORMAT, "more than 64 paths");
}

static void
a_file_without_certificates_is_refused(void **state)
{
	PUBFILE_AUTO given = { 0 };
	struct chain none = { 0 };
	struct err e = { 0 };

	run(state, "openssl pkey -in leaf.key -pubout -out pub.pem");
	load(state, "pub", &given);
	assert_fails(chain_find(&given, NULL, &none, &e), &e, ERR_FORMAT, "no certificate");
}

/* A domain whose pins are of these items. */
static void
pinned(const struct pubfile_item *active, enum manifest_role role, struct manifest *out)
{
	JSON_AUTO sample = support_manifest();
	char text[PIN_TEXT];

	pin_encode(&active->pin, text);
	support_set(support_pin(sample, 0, 0), "pin", json_string(text));
	support_set(support_pin(sample, 0, 0), "role", json_string(manifest_role_name(role)));
	support_manifest_parse(sample, out);
}

static void
a_verdict_wants_a_match_on_each_path(void **state)
{
	/* leaf, ca, cross, root, old; the cross has the root's key */
	static const bool matches[] = { true, true, true, true, false };
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca cross root old", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	for (size_t i = 0; i < given.count; i++) {
		MANIFEST_AUTO m = { 0 };
		VERDICT_AUTO v = { 0 };
		pinned(&given.items[i], ROLE_CA, &m);
		assert_ok(verdict_make(&m.domains[0], &c, &v, &e), &e);
		assert_int_equal(v.match, matches[i]);
		assert_true(verdict_path_matches(&v, &c.paths[0]));
		assert_ptr_equal(verdict_pin(&v, &given.items[i]), &m.domains[0].pins[0]);
		assert_int_equal(v.backups_outside, 2);
	}
}

static void
a_backup_that_is_served_is_not_outside(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	MANIFEST_AUTO m = { 0 };
	VERDICT_AUTO v = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca root", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	pinned(&given.items[0], ROLE_BACKUP, &m);
	assert_ok(verdict_make(&m.domains[0], &c, &v, &e), &e);
	assert_true(v.match);
	assert_int_equal(v.backups_outside, 2);

	/* Nor is one that was displaced, wherever it is. */
	VERDICT_AUTO less = { 0 };
	m.domains[0].pins[1].state = STATE_RETIRED;
	assert_ok(verdict_make(&m.domains[0], &c, &less, &e), &e);
	assert_int_equal(less.backups_outside, 1);
}

static void
what_expires_first_is_named(void **state)
{
	PUBFILE_AUTO given = { 0 };
	CHAIN_AUTO c = { 0 };
	MANIFEST_AUTO m = { 0 };
	VERDICT_AUTO v = { 0 };
	struct err e = { 0 };

	load(state, "leaf ca root", &given);
	assert_ok(chain_find(&given, NULL, &c, &e), &e);
	pinned(&given.items[0], ROLE_ACTIVE, &m);
	assert_ok(verdict_make(&m.domains[0], &c, &v, &e), &e);
	assert_string_equal(v.expires_first->subject, "CN=leaf");
	assert_int_equal(v.expires_at, verdict_not_after(v.expires_first));
	assert_in_range(v.expires_at - clock_now(), 39 * 86400, 40 * 86400);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_pki(every_path_of_a_cross_signed_root_is_found),
		unit_pki(a_path_ends_where_no_issuer_is_given),
		unit_pki(known_roots_complete_it),
		unit_pki(strangers_and_copies_make_no_path),
		unit_pki(an_issuer_by_name_alone_is_none),
		unit_pki(a_ring_of_cross_signatures_comes_to_an_end),
		unit_pki(more_paths_than_anybody_takes_are_refused),
		unit_pki(a_file_without_certificates_is_refused),
		unit_pki(a_verdict_wants_a_match_on_each_path),
		unit_pki(a_backup_that_is_served_is_not_outside),
		unit_pki(what_expires_first_is_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
