/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include "base/file.h"
#include "vault/guard.h"
#include "vault/harden.h"
#include "vault/health.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>

#define LOCKABLE ((size_t)2 << 20) /* OpenSSL's secure heap, and as much for our own */

void
doctor_network(const struct doctor_subject *s, struct doctor_finding *out)
{
	struct err e;

	if (guard_offline(false, &e))
		doctor_tell(out, DOCTOR_OK,
			"no interface but loopback is up with an address or a route");
	else
		doctor_tell_err(out, s->allow_online, &e);
}

void
doctor_swap(const struct doctor_subject *s, struct doctor_finding *out)
{
	struct err e;

	if (harden_no_swap(&e))
		doctor_tell(out, DOCTOR_OK, "none is active");
	else
		doctor_tell_err(out, s->allow_swap, &e);
}

/* Of this process, which was hardened like any other of ours. */
void
doctor_core_dumps(const struct doctor_subject *s, struct doctor_finding *out)
{
	struct rlimit limit;

	(void)s;
	if (getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_max == 0 &&
		prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0)
		doctor_tell(out, DOCTOR_OK, "off: the limit is 0 and the process is not dumpable");
	else
		doctor_tell(out, DOCTOR_FAIL, "they cannot be switched off");
}

void
doctor_memory_lock(const struct doctor_subject *s, struct doctor_finding *out)
{
	void *p = mmap(NULL, LOCKABLE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	struct err e;

	if (p != MAP_FAILED && mlock(p, LOCKABLE) == 0) {
		doctor_tell(out, DOCTOR_OK, "%zu MiB can be locked", LOCKABLE >> 20);
	} else {
		err_errno(&e, "cannot lock %zu MiB", LOCKABLE >> 20);
		err_hint(&e, "raise the limit of lockable memory (ulimit -l)");
		doctor_tell_err(out, s->allow_swap, &e);
	}
	if (p != MAP_FAILED)
		munmap(p, LOCKABLE);
}

/* The kernel's estimate, for what it is worth; 256 is all there is since Linux 5.18. */
static int
entropy_bits(void)
{
	BUF_AUTO text = BUF_NONE;
	struct err e;

	if (!file_read("/proc/sys/kernel/random/entropy_avail", FILE_LIMIT, &text, &e))
		return 0;
	return text.len > 0 ? atoi(text.data) : 0;
}

void
doctor_rng(const struct doctor_subject *s, struct doctor_finding *out)
{
	uint8_t samples[4 * HEALTH_STARTUP];
	struct health health;
	struct err e;

	(void)s;
	ssize_t got = getrandom(samples, sizeof(samples), GRND_NONBLOCK);
	if (got < 0 && errno == EAGAIN) {
		doctor_tell(out, DOCTOR_FAIL, "the kernel has not seeded its generator yet; wait");
		return;
	}
	if (got != sizeof(samples)) {
		doctor_tell(out, DOCTOR_FAIL, "getrandom fails: %s",
			got < 0 ? strerror(errno) : "too few bytes");
		return;
	}
	health_init(&health);
	if (health_feed(&health, samples, sizeof(samples), &e))
		doctor_tell(out, DOCTOR_OK,
			"the kernel's is seeded (%d bits) and %zu bytes of it pass the tests of "
			"SP 800-90B",
			entropy_bits(), sizeof(samples));
	else
		doctor_tell_err(out, false, &e);
}
