/* SPDX-License-Identifier: ISC */
/*
 * fuzz_plan: whatever bytes a plan holds, reading it ends well, and what is read is within its
 * bounds and says the same when it is read again.
 */
#include "base/secret.h"
#include "tests/fuzz.h"
#include "vault/ceremonysteps.h"
#include "vault/planconf.h"

#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static void
check(const struct plan *p)
{
	BUF_AUTO text = BUF_NONE;
	struct err e;

	require(share_counts_check((long)p->threshold, (long)p->custodian_count, &e));
	require(share_name_check("vault", p->name, &e));
	require(p->domain_count > 0 && p->algorithm_count > 0 && p->kdf);
	require(plan_keys(p) > 0 && plan_keys(p) <= PLAN_KEYS_MAX && p->max_age > 0);
	require(p->export_dir[0] == '/');
	for (enum ceremony_step_id i = 0; i < CEREMONY_STEPS; i++)
		ceremonysteps_fill(ceremonysteps[i].what, p, &p->custodians[0], &text);
	require(buf_ok(&text, &e) && err_is_clean(text.data));
}

static bool
load(const char *path, struct plan *out)
{
	struct err e = { .code = ERR_NONE };
	bool ok = plan_load(path, out, &e);

	require(ok || (e.code != ERR_NONE && e.message[0]));
	return ok;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	PLAN_AUTO p = { 0 };
	PLAN_AUTO again = { 0 };
	PLANSTRICT_AUTO strict = { 0 };
	char path[64];
	struct err e;
	int fd = memfd_create("plan", 0);

	require(secret_init(true, &e) && fd >= 0);
	require(write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	if (load(path, &p)) {
		check(&p);
		require(planstrict_scan(path, (const char *)data, size, &strict, &e));
		require(load(path, &again) && strcmp(p.hash, again.hash) == 0);
		require(p.custodian_count == again.custodian_count);
		require(p.domain_count == again.domain_count);
	}
	close(fd);
	return 0;
}
