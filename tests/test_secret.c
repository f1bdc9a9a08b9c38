/* SPDX-License-Identifier: ISC */
#include "base/secret.h"
#include "tests/support.h"

#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* Under ASan mlock(2) does nothing and says that it did. */
#ifdef __has_feature
#define HAS_ASAN __has_feature(address_sanitizer)
#elif defined(__SANITIZE_ADDRESS__)
#define HAS_ASAN 1
#else
#define HAS_ASAN 0
#endif

static void
new_is_zero_and_writable_to_its_last_byte(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(secret_new(&s, 5000, &e), &e);
	assert_int_equal(s.len, 5000);
	for (size_t i = 0; i < s.len; i++)
		assert_int_equal(s.data[i], 0);
	memset(s.data, 0xff, s.len);
}

static void
an_empty_secret_is_one_too(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(secret_init(false, &e), &e);
	assert_ok(secret_copy(&s, NULL, 0, &e), &e);
	assert_non_null(s.data);
	assert_int_equal(s.len, 0);
	assert_int_equal(secret_live(), 1);
}

static void
copy_holds_the_bytes(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(secret_copy(&s, "passphrase", 10, &e), &e);
	assert_int_equal(s.len, 10);
	assert_memory_equal(s.data, "passphrase", 10);
}

static void
free_empties_and_may_be_repeated(void **state)
{
	struct err e = { 0 };
	struct secret s = SECRET_NONE;

	(void)state;
	assert_ok(secret_new(&s, 1, &e), &e);
	assert_int_equal(secret_live(), 1);
	secret_free(&s);
	secret_free(&s);
	assert_null(s.data);
	assert_int_equal(s.len, 0);
	assert_int_equal(secret_live(), 0);
}

static void
move_frees_the_target_and_empties_the_source(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO to = SECRET_NONE;
	SECRET_AUTO from = SECRET_NONE;

	(void)state;
	assert_ok(secret_copy(&to, "old", 3, &e), &e);
	assert_ok(secret_copy(&from, "new!", 4, &e), &e);
	secret_move(&to, &from);
	assert_null(from.data);
	assert_int_equal(to.len, 4);
	assert_memory_equal(to.data, "new!", 4);
	assert_int_equal(secret_live(), 1);
	secret_move(&to, &to);
	assert_memory_equal(to.data, "new!", 4);
}

static void
shorten_wipes_what_it_cuts_off(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	assert_ok(secret_copy(&s, "0123456789", 10, &e), &e);
	uint8_t *data = s.data;
	secret_shorten(&s, 4);
	assert_int_equal(s.len, 4);
	assert_memory_equal(data, "0123\0\0\0\0\0\0", 10);
	secret_shorten(&s, 4);
	assert_int_equal(s.len, 4);
}

static void
writing_beyond_the_end_kills_the_process(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;
	int status = 0;

	(void)state;
	assert_ok(secret_new(&s, 32, &e), &e);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct rlimit no_core = { 0 };
		setrlimit(RLIMIT_CORE, &no_core);
		signal(SIGSEGV, SIG_DFL);
		((volatile uint8_t *)s.data)[s.len] = 1;
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
}

/* Whether the mapping that holds `at` has a flag of proc(5): lo is locked, dd not dumped. */
static bool
mapping_has_flag(const void *at, const char *flag)
{
	char line[1024];
	bool inside = false;
	bool found = false;
	FILE *f = fopen("/proc/self/smaps", "r");

	assert_non_null(f);
	while (fgets(line, sizeof(line), f)) {
		unsigned long from, to;
		if (sscanf(line, "%lx-%lx ", &from, &to) == 2)
			inside = (uintptr_t)at >= from && (uintptr_t)at < to;
		else if (inside && strncmp(line, "VmFlags:", 8) == 0)
			found = strstr(line, flag) != NULL;
	}
	fclose(f);
	return found;
}

static void
pages_are_locked_and_stay_out_of_core_dumps(void **state)
{
	struct err e = { 0 };
	SECRET_AUTO s = SECRET_NONE;

	(void)state;
	if (HAS_ASAN)
		skip();
	assert_ok(secret_init(false, &e), &e);
	assert_ok(secret_new(&s, 20000, &e), &e);
	assert_true(mapping_has_flag(s.data, " lo"));
	assert_true(mapping_has_flag(s.data + s.len - 1, " lo"));
	assert_true(mapping_has_flag(s.data, " dd"));
}

/* In a child that cannot lock a single page: 0 when secret_new behaves. */
static int
without_lockable_memory(bool allow)
{
	struct err e = { 0 };
	struct secret s = SECRET_NONE;
	struct rlimit none = { 0 };

	/* Root may lock whatever the limit says. */
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && seteuid(65534) != 0))
		return 10;
	if (!secret_init(allow, &e))
		return 11;
	if (secret_new(&s, 32, &e) != allow)
		return 12;
	if (secret_live() != (allow ? 1 : 0) || (s.data != NULL) != allow)
		return 13;
	if (!allow && (e.code != ERR_MEMORY || !strstr(e.message, "32 bytes") ||
			      !strstr(e.hint, "ulimit -l") || !strstr(e.hint, "--allow-swap")))
		return 14;
	secret_free(&s);
	return 0;
}

static void
assert_child(bool allow)
{
	int status = -1;
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		_exit(without_lockable_memory(allow));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static void
a_lock_that_fails_is_an_error(void **state)
{
	(void)state;
	if (HAS_ASAN)
		skip();
	assert_child(false);
}

static void
a_lock_that_fails_can_be_allowed(void **state)
{
	(void)state;
	assert_child(true);
}

static void
a_size_beyond_all_memory_is_an_error(void **state)
{
	struct err e = { 0 };
	struct secret s = SECRET_NONE;

	(void)state;
	assert_fails(secret_new(&s, SIZE_MAX - 100, &e), &e, ERR_MEMORY, "no memory");
	assert_null(s.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(new_is_zero_and_writable_to_its_last_byte),
		unit(an_empty_secret_is_one_too),
		unit(copy_holds_the_bytes),
		unit(free_empties_and_may_be_repeated),
		unit(move_frees_the_target_and_empties_the_source),
		unit(shorten_wipes_what_it_cuts_off),
		unit(writing_beyond_the_end_kills_the_process),
		unit(pages_are_locked_and_stay_out_of_core_dumps),
		unit(a_lock_that_fails_is_an_error),
		unit(a_lock_that_fails_can_be_allowed),
		unit(a_size_beyond_all_memory_is_an_error),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
