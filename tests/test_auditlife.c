/* SPDX-License-Identifier: ISC */
/* What an audit says of keys along their life. */
#include "vault/audit.h"

#include "tests/audited.h"
#include "tests/support.h"

#include <stdio.h>

#define PATH_SIZE 300

/* Journals the destruction of the second key's set, whose file stays; tells the file's path. */
static void
destroy_one(struct fixture *f, char path[static PATH_SIZE])
{
	struct err e = { 0 };

	fixture_reopen(f, STORE_WRITE);
	const struct state_key *k = f->store.state.keys[1];
	snprintf(path, PATH_SIZE, "keys/%s/sealed-%s.txt", k->id, k->sets[0].id);
	assert_ok(store_append(&f->store, "destroy",
			  json_pack("{s:s, s:[s], s:[s]}", "key", k->id, "sets", k->sets[0].id,
				  "files", path),
			  &e),
		&e);
	store_close(&f->store);
}

static void
a_destroyed_record_is_named_while_it_is_there(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	char path[PATH_SIZE];

	audited_make(support_path(state, "vault"), &f);
	destroy_one(&f, path);
	audited_run(&f, &a);
	audited_found(&a, AUDIT_WARNING, path, "finish it with `coldspare destroy example.org-");
	assert_int_equal(a.errors, 0);
}

static void
a_destroyed_record_may_be_gone(void **state)
{
	FIXTURE_AUTO f = { 0 };
	AUDIT_AUTO a = { 0 };
	char path[PATH_SIZE];

	audited_make(support_path(state, "vault"), &f);
	destroy_one(&f, path);
	audited_remove(&f, path);
	audited_run(&f, &a);
	assert_int_equal(a.count, 0);
	assert_int_equal(a.keys, 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_destroyed_record_is_named_while_it_is_there),
		unit_in_dir(a_destroyed_record_may_be_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
