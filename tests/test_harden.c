/* SPDX-License-Identifier: ISC */
#include "vault/harden.h"

#include "base/secret.h"
#include "tests/support.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Hardening is for good, so every test runs in a child; `wanted` is checked in it. */
static int
hardened(const void *wanted)
{
	struct err e = { 0 };
	bool (*const *is_so)(void) = wanted;

	if (!harden_process(true, &e)) {
		fprintf(stderr, "%s\n", e.message);
		return 1;
	}
	return (*is_so)() ? 0 : 2;
}

static void
check(bool (*is_so)(void))
{
	support_passes(support_fork(hardened, &is_so));
}

static bool
dumps_nothing(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 &&
	       prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0;
}

static void
harden_forbids_core_dumps(void **state)
{
	(void)state;
	check(dumps_nothing);
}

static bool
gains_nothing(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
}

static void
harden_forgoes_new_privileges(void **state)
{
	(void)state;
	check(gains_nothing);
}

static bool
creates_for_the_owner_alone(void)
{
	return umask(0) == 077;
}

static void
harden_sets_the_umask(void **state)
{
	(void)state;
	check(creates_for_the_owner_alone);
}

static bool
lock_limit_is_its_hard_limit(void)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == limit.rlim_max;
}

static int
hardened_from_a_low_limit(const void *wanted)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return 3;
	limit.rlim_cur = 0;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return 4;
	return hardened(wanted);
}

static void
harden_raises_the_limit_of_lockable_memory(void **state)
{
	bool (*is_so)(void) = lock_limit_is_its_hard_limit;

	(void)state;
	support_passes(support_fork(hardened_from_a_low_limit, &is_so));
}

static bool
writing_beyond_the_limit_is_an_error(void)
{
	const struct rlimit small = { 1, 1 };
	FILE *f = tmpfile();

	if (!f || setrlimit(RLIMIT_FSIZE, &small) != 0)
		return false;
	return pwrite(fileno(f), "x", 1, 1) == -1 && errno == EFBIG;
}

static void
harden_makes_a_full_quota_an_error(void **state)
{
	(void)state;
	check(writing_beyond_the_limit_is_an_error);
}

static int inherited; /* a descriptor that stays open on exec */

static int
hardened_with_inherited(const void *wanted)
{
	inherited = open("/dev/null", O_RDONLY);
	return hardened(wanted);
}

static bool
inherited_closes_on_exec(void)
{
	return inherited > 2 && fcntl(inherited, F_GETFD) == FD_CLOEXEC;
}

static void
harden_closes_inherited_descriptors_on_exec(void **state)
{
	bool (*is_so)(void) = inherited_closes_on_exec;

	(void)state;
	support_passes(support_fork(hardened_with_inherited, &is_so));
}

static bool
openssl_has_its_secure_heap(void)
{
	void *p = OPENSSL_secure_zalloc(64);
	bool secure = p && CRYPTO_secure_allocated(p);

	OPENSSL_secure_free(p);
	return secure;
}

static bool
openssl_still_hashes(void)
{
	EVP_MD *md = EVP_MD_fetch(NULL, "SHA256", NULL);

	EVP_MD_free(md);
	return md != NULL;
}

static int
hardened_with_configuration(const void *path)
{
	bool (*is_so)(void) = openssl_still_hashes;

	setenv("OPENSSL_CONF", path, 1);
	return hardened(&is_so);
}

static void
harden_starts_openssl_with_its_secure_heap(void **state)
{
	(void)state;
	check(openssl_has_its_secure_heap);
}

/* This configuration leaves OpenSSL without a single algorithm. */
static void
harden_keeps_openssl_from_its_configuration(void **state)
{
	const char *path = support_path(state, "openssl.cnf");
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs("openssl_conf = start\n[start]\nalg_section = algorithms\n"
	      "[algorithms]\ndefault_properties = none=such\n",
		f);
	assert_int_equal(fclose(f), 0);
	support_passes(support_fork(hardened_with_configuration, path));
}

/* Swap and the memory lock -------------------------------------------------------------------- */

/* A file in place of /proc/swaps, for this process. */
static bool
pretend_swaps(const char *path)
{
	if (unshare(CLONE_NEWNS) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0)
		return false;
	return mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(path, "/proc/swaps", NULL, MS_BIND, NULL) == 0;
}

static const char *
swaps_file(void **state, const char *text)
{
	const char *path = support_path(state, "swaps");
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	fputs(text, f);
	assert_int_equal(fclose(f), 0);
	return path;
}

/* 0: hardened; 10: refused with ERR_MEMORY, the message and hint as wanted. */
static int
outcome(bool allow_swap, const char *part)
{
	struct err e = { 0 };

	if (harden_process(allow_swap, &e))
		return 0;
	if (e.code == ERR_MEMORY && strstr(e.message, part) && strstr(e.hint, "--allow-swap"))
		return 10;
	fprintf(stderr, "%s\n", e.message);
	return 1;
}

/* The same for a process that was hardened leniently before it found that it handles a secret. */
static int
outcome_later(bool allow_swap, const char *part)
{
	struct err e = { 0 };

	if (!harden_process(true, &e))
		return 1;
	if (harden_for_secret(allow_swap, &e))
		return 0;
	return e.code == ERR_MEMORY && strstr(e.message, part) ? 10 : 1;
}

static int
with_swaps(const void *path)
{
	return pretend_swaps(path) ? outcome(false, "swap is active: /dev/sda2") : SUPPORT_SKIP;
}

static int
with_swaps_allowed(const void *path)
{
	return pretend_swaps(path) ? outcome(true, "") : SUPPORT_SKIP;
}

#define SWAPS_TITLE                                                                                \
	"Filename				Type		Size		Used		"                                                           \
	"Priority\n"
#define SWAPS_ACTIVE                                                                               \
	SWAPS_TITLE "/dev/sda2                               partition	999420		0	"                 \
		    "	-2\n"

static void
harden_refuses_active_swap_and_names_it(void **state)
{
	int status = support_fork(with_swaps, swaps_file(state, SWAPS_ACTIVE));
	if (status == SUPPORT_SKIP)
		skip();
	assert_int_equal(status, 10);
}

static void
harden_accepts_swap_when_allowed(void **state)
{
	support_passes(support_fork(with_swaps_allowed, swaps_file(state, SWAPS_ACTIVE)));
}

static void
harden_accepts_a_machine_without_swap(void **state)
{
	support_passes(support_fork(with_swaps, swaps_file(state, SWAPS_TITLE)));
}

static int
without_lockable_memory(const void *allow)
{
	const struct rlimit none = { 0, 0 };

	/* Root may lock whatever the limit says. */
	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
		return SUPPORT_SKIP;
	return outcome(*(const bool *)allow, "cannot lock");
}

static int
without_lockable_memory_later(const void *allow)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_MEMLOCK, &none) != 0 || (geteuid() == 0 && setuid(65534) != 0))
		return SUPPORT_SKIP;
	return outcome_later(*(const bool *)allow, "cannot lock");
}

static int
with_swaps_later(const void *path)
{
	return pretend_swaps(path) ? outcome_later(false, "swap is active: /dev/sda2")
				   : SUPPORT_SKIP;
}

static void
harden_demands_later_what_it_let_pass(void **state)
{
	const bool allow = true, refuse = false;

	int status = support_fork(without_lockable_memory_later, &refuse);
	if (status == SUPPORT_SKIP)
		skip();
	assert_int_equal(status, 10);
	support_passes(support_fork(without_lockable_memory_later, &allow));
	status = support_fork(with_swaps_later, swaps_file(state, SWAPS_ACTIVE));
	if (status == SUPPORT_SKIP)
		skip();
	assert_int_equal(status, 10);
}

static void
harden_refuses_memory_that_cannot_be_locked(void **state)
{
	bool allow = false;

	(void)state;
	int status = support_fork(without_lockable_memory, &allow);
	if (status == SUPPORT_SKIP)
		skip();
	assert_int_equal(status, 10);
}

static void
harden_accepts_unlocked_memory_when_allowed(void **state)
{
	bool allow = true;

	(void)state;
	support_passes(support_fork(without_lockable_memory, &allow));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(harden_forbids_core_dumps),
		unit(harden_forgoes_new_privileges),
		unit(harden_sets_the_umask),
		unit(harden_raises_the_limit_of_lockable_memory),
		unit(harden_makes_a_full_quota_an_error),
		unit(harden_closes_inherited_descriptors_on_exec),
		unit(harden_starts_openssl_with_its_secure_heap),
		unit_in_dir(harden_keeps_openssl_from_its_configuration),
		unit_in_dir(harden_refuses_active_swap_and_names_it),
		unit_in_dir(harden_accepts_swap_when_allowed),
		unit_in_dir(harden_accepts_a_machine_without_swap),
		unit(harden_refuses_memory_that_cannot_be_locked),
		unit(harden_accepts_unlocked_memory_when_allowed),
		unit_in_dir(harden_demands_later_what_it_let_pass),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
