/* SPDX-License-Identifier: ISC */
#include "shares/medium.h"

#include "base/file.h"
#include "tests/shareset.h"
#include "tests/support.h"

#include <stdio.h>
#include <sys/stat.h>

#define SET "8f3c9a0d11223344"

static const struct medium_kind *const kinds[] = { &medium_dir, &medium_prompt, NULL };

/* Somebody with answers. */
struct person {
	struct medium_host host; /* first: what media are opened with */
	const char *const *answers;
	size_t said; /* refusals that were heard */
	char heard[1024];
};

static bool
call(const struct medium_host *h, const struct medium_call *c, char **out, struct err *e)
{
	struct person *p = (struct person *)(uintptr_t)h;

	assert_string_equal(c->holder, "anna");
	if (!*p->answers)
		return err_set(e, ERR_REFUSED, "there was no answer");
	*out = strdup(*p->answers++);
	return true;
}

static void
say(const struct medium_host *h, const char *line)
{
	struct person *p = (struct person *)(uintptr_t)h;

	p->said++;
	(void)snprintf(p->heard, sizeof(p->heard), "%s", line);
}

static struct person
person(const char *const *answers)
{
	return (struct person){ .host = { .kinds = kinds, .call = call, .say = say },
		.answers = answers };
}

static void
text_of(const struct share *s, struct secret *out)
{
	BUF_AUTO text = BUF_NONE;
	struct err e;

	shareset_text(s, &text);
	assert_ok(secret_copy(out, text.data, text.len, &e), &e);
}

static void
queue(struct medium *m, const struct share *s)
{
	SECRET_AUTO text = SECRET_NONE;
	AUTO_STR name = NULL;
	struct err e;

	text_of(s, &text);
	assert_ok(share_file_name(s, &name, &e), &e);
	assert_ok(medium_write(m, name, &text, &e), &e);
}

static void
name_custodian(struct share *s, const char *name)
{
	strcpy(s->custodian, name);
}

/* Two folders, and in the second another custodian's share of the same vault. */
static void
prepare(void **state, struct shareset *d)
{
	MEDIUM_AUTO other = { 0 };
	struct person p = person(NULL);
	AUTO_STR spec = NULL;
	struct err e;

	shareset_make(d, "Vault", "example.org", SET, 2, 2);
	name_custodian(&d->shares[0], "anna");
	name_custodian(&d->shares[1], "ben");
	assert_int_equal(mkdir(support_path(state, "a"), 0700), 0);
	assert_int_equal(mkdir(support_path(state, "b"), 0700), 0);
	assert_ok(file_path(&spec, &e, "dir:%s", support_path(state, "b")), &e);
	assert_ok(medium_open(&p.host, "ben", spec, &other, &e), &e);
	queue(&other, &d->shares[1]);
	assert_ok(medium_sync(&other, &e), &e);
	medium_keep(&other);
}

static void
a_medium_is_asked_for_until_one_fits_and_once_more_to_be_read(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 };
	SECRET_AUTO text = SECRET_NONE, back = SECRET_NONE;
	AUTO_STR name = NULL;
	struct err e;

	prepare(state, &d);
	const char *const answers[] = { "", "nowhere", "dir:/nonexistent", "prompt:anna",
		support_path(state, "b"), support_path(state, "a"), support_path(state, "b"),
		support_path(state, "a"), NULL };
	struct person p = person(answers);
	assert_ok(medium_open(&p.host, "anna", "prompt:anna", &m, &e), &e);
	assert_true(medium_is_inserted(&m));
	queue(&m, &d.shares[0]);
	assert_ok(medium_insert(&m, false, NULL, NULL, &e), &e);
	assert_int_equal(p.said, 5);
	assert_non_null(strstr(p.heard, "holds a share of ben, not of anna"));
	assert_ok(medium_sync(&m, &e), &e);
	assert_ok(medium_insert(&m, true, NULL, NULL, &e), &e);
	assert_int_equal(p.said, 6);
	assert_non_null(strstr(p.heard, "not the medium that was written to"));
	assert_ok(share_file_name(&d.shares[0], &name, &e), &e);
	assert_ok(medium_reread(&m, name, &back, &e), &e);
	text_of(&d.shares[0], &text);
	assert_int_equal(back.len, text.len);
	assert_memory_equal(back.data, text.data, text.len);
	assert_non_null(strstr(m.spec, "dir:/"));
	medium_close(&m); /* never kept, and it stays: the medium may be gone */
	assert_true(file_exists(support_path(state, "a")));
	assert_fails(file_check_empty(support_path(state, "a"), &e), &e, ERR_EXISTS, "");
}

static void
what_is_read_back_comes_from_the_medium(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 };
	SECRET_AUTO back = SECRET_NONE;
	AUTO_STR name = NULL;
	AUTO_STR path = NULL;
	struct err e;

	prepare(state, &d);
	const char *const answers[] = { support_path(state, "a"), support_path(state, "a"), NULL };
	struct person p = person(answers);
	assert_ok(medium_open(&p.host, "anna", "prompt:anna", &m, &e), &e);
	queue(&m, &d.shares[0]);
	assert_ok(medium_insert(&m, false, NULL, NULL, &e), &e);
	assert_ok(medium_sync(&m, &e), &e);
	assert_ok(share_file_name(&d.shares[0], &name, &e), &e);
	assert_fails(medium_reread(&m, name, &back, &e), &e, ERR_INTERNAL, "not read back");
	assert_ok(file_path(&path, &e, "%s/%s", support_path(state, "a"), name), &e);
	assert_ok(file_remove(path, &e), &e);
	assert_ok(file_write_new(path, 0600, "altered", 7, &e), &e);
	assert_ok(medium_insert(&m, true, NULL, NULL, &e), &e);
	assert_ok(medium_reread(&m, name, &back, &e), &e);
	assert_int_equal(back.len, 7);
}

static bool
refuse_a(void *context, const struct medium *m, struct err *e)
{
	(void)context;
	return !strstr(m->path, "/a") || err_set(e, ERR_REFUSED, "not this one");
}

static void
who_cannot_be_asked_or_stops_answering_ends_it(void **state)
{
	SHARESET_AUTO d = { 0 };
	MEDIUM_AUTO m = { 0 }, deaf = { 0 };
	struct medium_host nobody = { .kinds = kinds };
	struct err e;

	prepare(state, &d);
	const char *const answers[] = { support_path(state, "a"), NULL };
	struct person p = person(answers);
	assert_ok(medium_open(&nobody, "anna", "prompt:anna", &deaf, &e), &e);
	assert_fails(medium_insert(&deaf, false, NULL, NULL, &e), &e, ERR_REFUSED, "anna");
	assert_ok(medium_open(&p.host, "anna", "prompt:anna", &m, &e), &e);
	queue(&m, &d.shares[0]);
	assert_fails(medium_insert(&m, false, refuse_a, NULL, &e), &e, ERR_REFUSED, "no answer");
	assert_int_equal(p.said, 1);
	assert_fails(medium_sync(&m, &e), &e, ERR_INTERNAL, "not inserted");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(a_medium_is_asked_for_until_one_fits_and_once_more_to_be_read),
		unit_in_dir(what_is_read_back_comes_from_the_medium),
		unit_in_dir(who_cannot_be_asked_or_stops_answering_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
