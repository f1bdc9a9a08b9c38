/* SPDX-License-Identifier: ISC */
#include "vault/harden.h"

#include "base/file.h"
#include "base/secret.h"
#include "vault/wipeheap.h"

#include <linux/close_range.h>
#include <openssl/crypto.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* OpenSSL's secure heap: an RSA-4096 key takes some 10 KiB of it. */
#define HEAP_SIZE ((size_t)1 << 20)
#define HEAP_MIN 32

static bool
close_others_on_exec(struct err *e)
{
	return close_range(3, ~0U, CLOSE_RANGE_CLOEXEC) == 0 ||
	       err_errno(e, "marking descriptors close-on-exec");
}

/* A full quota is to be reported, not to kill. */
static bool
survive_quotas(struct err *e)
{
	return signal(SIGXFSZ, SIG_IGN) != SIG_ERR || err_errno(e, "ignoring SIGXFSZ");
}

/* Each of the two alone leaves a way: a core_pattern that pipes does not heed the limit. */
static bool
forbid_dumps(struct err *e)
{
	const struct rlimit none = { 0, 0 };

	if (setrlimit(RLIMIT_CORE, &none) != 0)
		return err_errno(e, "switching core dumps off");
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
		return err_errno(e, "making the process not dumpable");
	return true;
}

static bool
forbid_privileges(struct err *e)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 ||
	       err_errno(e, "forgoing new privileges");
}

static bool
raise_lock_limit(struct err *e)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return err_errno(e, "reading the limit of lockable memory");
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_MEMLOCK, &limit) != 0)
		return err_errno(e, "raising the limit of lockable memory");
	return true;
}

static bool heap_locked;

static bool
heap_is_locked(struct err *e)
{
	if (heap_locked)
		return true;
	err_set(e, ERR_MEMORY, "cannot lock %zu KiB in memory for OpenSSL's keys", HEAP_SIZE >> 10);
	return err_hint(e,
		"raise the limit of lockable memory (ulimit -l), or accept that secrets may reach "
		"the swap with --allow-swap");
}

static bool
start_openssl(bool allow_unlocked, struct err *e)
{
	if (!wipeheap_install(e))
		return false;
	/* An openssl.cnf could load engines and choose other random generators. */
	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) != 1)
		return err_set(e, ERR_INTERNAL, "OpenSSL does not start");

	/* 2: made, but not locked. */
	int made = CRYPTO_secure_malloc_init(HEAP_SIZE, HEAP_MIN);
	heap_locked = made == 1;
	return (made == 2 && allow_unlocked) || heap_is_locked(e);
}

bool
harden_no_swap(struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	char *save;

	if (!file_read("/proc/swaps", FILE_LIMIT, &text, e)) {
		e->code = ERR_MEMORY;
		err_wrap(e, "cannot tell whether swap is active");
		return err_hint(e, "mount /proc, or accept that with --allow-swap");
	}
	/* Line 1 holds titles. */
	char *line = text.len > 0 ? strtok_r(text.data, "\n", &save) : NULL;
	if (line)
		line = strtok_r(NULL, "\n", &save);
	if (!line)
		return true;
	err_set(e, ERR_MEMORY, "swap is active: %.*s", (int)strcspn(line, " \t"), line);
	return err_hint(e,
		"turn it off (swapoff -a), or accept that secrets may reach it with --allow-swap");
}

bool
harden_process(bool allow_swap, struct err *e)
{
	umask(077);
	return close_others_on_exec(e) && survive_quotas(e) && forbid_dumps(e) &&
	       forbid_privileges(e) && raise_lock_limit(e) && secret_init(allow_swap, e) &&
	       start_openssl(allow_swap, e) && (allow_swap || harden_no_swap(e));
}

bool
harden_for_secret(bool allow_swap, struct err *e)
{
	return allow_swap || (heap_is_locked(e) && secret_init(false, e) && harden_no_swap(e));
}
