/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include "base/clock.h"
#include "tests/support.h"
#include "vault/harden.h"

#include <sched.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* One look at one subject, in a process and a mount namespace of its own. */
struct visit {
	const char *id;
	struct doctor_subject subject;
	const char *file, *shows; /* this file shows this text instead, or NULL */
	bool (*prepare)(void);    /* or NULL */
	enum doctor_verdict verdict;
	const char *part;    /* of the message */
	const char *scratch; /* a folder */
};

static bool
show_file(const struct visit *v)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/shown", v->scratch);
	FILE *f = fopen(path, "w");
	if (!f || fputs(v->shows, f) < 0 || fclose(f) != 0)
		return false;
	return mount(path, v->file, NULL, MS_BIND, NULL) == 0;
}

static int
look(const void *context)
{
	const struct visit *v = context;
	struct doctor_finding f = { 0 };

	if (unshare(CLONE_NEWNS | CLONE_NEWNET) != 0 &&
		unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET) != 0)
		return SUPPORT_SKIP;
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
		return SUPPORT_SKIP;
	if ((v->file && !show_file(v)) || (v->prepare && !v->prepare()))
		return SUPPORT_SKIP;
	for (const struct doctor_check *c = doctor_checks; c->id; c++) {
		if (strcmp(c->id, v->id) == 0)
			c->look(&v->subject, &f);
	}
	if (f.verdict == v->verdict && f.message[0] && strstr(f.message, v->part))
		return 0;
	fprintf(stderr, "%s: %s: %s\n", v->id, doctor_word(f.verdict), f.message);
	return 1;
}

/* VISIT("swap", DOCTOR_OK, "none", ...): the verdict and a part of what is told. */
#define VISIT(id_, verdict_, part_, ...)                                                           \
	support_passes(support_fork(                                                               \
		look, &(const struct visit){                                                       \
			      .id = (id_), .verdict = (verdict_), .part = (part_), __VA_ARGS__ }))

#define SWAPS "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
#define SWAP_ACTIVE SWAPS "/swapfile file\t\t999420\t\t0\t\t-2\n"

/* Which interface is up is test_guard's business. */
static bool
hide_proc(void)
{
	return mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

static void
doctor_judges_the_network(void **state)
{
	(void)state;
	VISIT("network", DOCTOR_OK, "no interface");
	VISIT("network", DOCTOR_FAIL, "cannot tell whether", .prepare = hide_proc);
	VISIT("network", DOCTOR_WARN, "cannot tell whether", .prepare = hide_proc,
		.subject = { .allow_online = true });
}

static void
doctor_judges_swap(void **state)
{
	VISIT("swap", DOCTOR_OK, "none", .file = "/proc/swaps", .shows = SWAPS, .scratch = *state);
	VISIT("swap", DOCTOR_FAIL, "/swapfile", .file = "/proc/swaps", .shows = SWAP_ACTIVE,
		.scratch = *state);
	VISIT("swap", DOCTOR_WARN, "/swapfile", .file = "/proc/swaps", .shows = SWAP_ACTIVE,
		.scratch = *state, .subject = { .allow_swap = true });
}

static bool
harden(void)
{
	struct err e = { 0 };

	return harden_process(true, &e);
}

static bool
forbid_locking(void)
{
	const struct rlimit none = { 0, 0 };
	static char byte;

	/* Root may lock whatever the limit says. Under a sanitizer mlock does nothing at all. */
	return setrlimit(RLIMIT_MEMLOCK, &none) == 0 && (geteuid() != 0 || setuid(65534) == 0) &&
	       mlock(&byte, 1) != 0;
}

static void
doctor_judges_core_dumps(void **state)
{
	(void)state;
	VISIT("core-dumps", DOCTOR_FAIL, "cannot");
	VISIT("core-dumps", DOCTOR_OK, "off", .prepare = harden);
}

static void
doctor_judges_the_memory_lock(void **state)
{
	(void)state;
	VISIT("memory-lock", DOCTOR_OK, "can be locked");
	VISIT("memory-lock", DOCTOR_FAIL, "cannot lock", .prepare = forbid_locking);
	VISIT("memory-lock", DOCTOR_WARN, "cannot lock", .prepare = forbid_locking,
		.subject = { .allow_swap = true });
}

static void
doctor_looks_at_the_kernels_randomness(void **state)
{
	VISIT("rng", DOCTOR_OK, "seeded (77 bits) and 4096 bytes",
		.file = "/proc/sys/kernel/random/entropy_avail", .shows = "77\n",
		.scratch = *state);
}

static int64_t
release(void)
{
	struct err e = { 0 };
	int64_t t = 0;

	assert_ok(clock_parse(RELEASED, &t, &e), &e);
	return t;
}

static void
doctor_judges_the_clock(void **state)
{
	int64_t day = release();

	(void)state;
	VISIT("clock", DOCTOR_FAIL, "released", .subject = { .now = day - 1 });
	VISIT("clock", DOCTOR_OK, RELEASED, .subject = { .now = day, .last_line = CLOCK_NONE });
	VISIT("clock", DOCTOR_OK, "", .subject = { .now = day + 9, .last_line = day + 9 });
	VISIT("clock", DOCTOR_FAIL, "the journal's last line",
		.subject = { .now = day + 9, .last_line = day + 10 });
}

/* A hardware clock that shows the time of the release. */
static bool
make_rtc(void)
{
	if (mount("none", "/sys/class", "tmpfs", 0, NULL) != 0 ||
		mkdir("/sys/class/rtc", 0755) != 0 || mkdir("/sys/class/rtc/rtc0", 0755) != 0)
		return false;
	FILE *f = fopen("/sys/class/rtc/rtc0/since_epoch", "w");
	return f && fprintf(f, "%lld\n", (long long)release()) > 0 && fclose(f) == 0;
}

static void
doctor_compares_the_hardware_clock(void **state)
{
	int64_t day = release();

	(void)state;
	VISIT("clock", DOCTOR_OK, "", .prepare = make_rtc,
		.subject = { .now = day + 60, .last_line = CLOCK_NONE });
	VISIT("clock", DOCTOR_WARN, "61 s behind", .prepare = make_rtc,
		.subject = { .now = day + 61, .last_line = CLOCK_NONE });
}

#define TINY "/run/doctor"

static bool
small_disk(void)
{
	return mount("none", "/run", "tmpfs", 0, NULL) == 0 && mkdir(TINY, 0755) == 0 &&
	       mount("none", TINY, "tmpfs", 0, "size=32m") == 0;
}

static bool
tiny_disk(void)
{
	return small_disk() && mount("none", TINY, "tmpfs", 0, "size=512k") == 0;
}

static bool
disk_without_files(void)
{
	return small_disk() && mount("none", TINY, "tmpfs", 0, "size=100m,nr_inodes=1") == 0;
}

static bool
read_only_disk(void)
{
	return small_disk() && mount("none", TINY, "tmpfs", MS_RDONLY, "size=100m") == 0;
}

static bool
large_disk(void)
{
	return small_disk() && mount("none", TINY, "tmpfs", 0, "size=100m") == 0;
}

static void
doctor_judges_the_disk(void **state)
{
	const struct doctor_subject tiny = { .vault = TINY };

	(void)state;
	VISIT("disk", DOCTOR_OK, "100 MiB free in " TINY, .prepare = large_disk, .subject = tiny);
	VISIT("disk", DOCTOR_WARN, "only 32 MiB", .prepare = small_disk, .subject = tiny);
	VISIT("disk", DOCTOR_FAIL, "only 0 MiB", .prepare = tiny_disk, .subject = tiny);
	VISIT("disk", DOCTOR_FAIL, "0 files free", .prepare = disk_without_files, .subject = tiny);
	VISIT("disk", DOCTOR_FAIL, "can only be read", .prepare = read_only_disk, .subject = tiny);
	VISIT("disk", DOCTOR_FAIL, "No such file", .subject = { .vault = "/no/such/vault" });
}

static void
doctor_judges_free_memory(void **state)
{
	VISIT("memory", DOCTOR_OK, "1.5 GiB free", .file = "/proc/meminfo",
		.shows = "MemTotal: 9 kB\nMemAvailable:    1572864 kB\n", .scratch = *state);
	VISIT("memory", DOCTOR_WARN, "1.5 GiB", .file = "/proc/meminfo",
		.shows = "MemAvailable:    1572863 kB\n", .scratch = *state);
	VISIT("memory", DOCTOR_WARN, "does not tell", .file = "/proc/meminfo", .shows = "",
		.scratch = *state);
}

static bool
hide_run(void)
{
	return mount("none", "/run", "tmpfs", 0, NULL) == 0;
}

static bool
show_pcscd(void)
{
	FILE *f;

	return hide_run() && mkdir("/run/pcscd", 0755) == 0 &&
	       (f = fopen("/run/pcscd/pcscd.comm", "w")) && fclose(f) == 0;
}

static void
doctor_tells_whether_pcscd_is_there(void **state)
{
	(void)state;
	VISIT("card-readers", DOCTOR_INFO, "none: pcscd is not running", .prepare = hide_run);
	VISIT("card-readers", DOCTOR_INFO, "pcscd is there", .prepare = show_pcscd);
}

static void
doctor_warns_of_a_virtual_machine(void **state)
{
	VISIT("hypervisor", DOCTOR_WARN, "virtual machine", .file = "/proc/cpuinfo",
		.shows = "flags\t\t: fpu hypervisor lahf_lm\n", .scratch = *state);
	VISIT("hypervisor", DOCTOR_OK, "none", .file = "/proc/cpuinfo",
		.shows = "flags\t\t: fpu lahf_lm\n", .scratch = *state);
	VISIT("hypervisor", DOCTOR_INFO, "does not tell", .file = "/proc/cpuinfo",
		.shows = "Features\t: fp asimd\n", .scratch = *state);
}

static void
doctor_names_the_system_and_the_libraries(void **state)
{
	VISIT("system", DOCTOR_INFO, "Debian GNU/Linux 12 (bookworm), Linux ",
		.file = "/etc/os-release",
		.shows = "NAME=Debian\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		.scratch = *state);
	VISIT("libraries", DOCTOR_INFO, "OpenSSL 3.");
	VISIT("libraries", DOCTOR_INFO, "libsodium 1.");
	VISIT("libraries", DOCTOR_INFO, "jansson 2.");
	VISIT("libraries", DOCTOR_INFO, "libseccomp 2.");
}

static void
doctor_lets_no_file_drive_the_terminal(void **state)
{
	VISIT("system", DOCTOR_INFO, "?[31mRed", .file = "/etc/os-release",
		.shows = "PRETTY_NAME=\"\033[31mRed\"\n", .scratch = *state);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(doctor_judges_the_network),
		unit_in_dir(doctor_judges_swap),
		unit(doctor_judges_core_dumps),
		unit(doctor_judges_the_memory_lock),
		unit_in_dir(doctor_looks_at_the_kernels_randomness),
		unit(doctor_judges_the_clock),
		unit(doctor_compares_the_hardware_clock),
		unit(doctor_judges_the_disk),
		unit_in_dir(doctor_judges_free_memory),
		unit(doctor_tells_whether_pcscd_is_there),
		unit_in_dir(doctor_warns_of_a_virtual_machine),
		unit_in_dir(doctor_names_the_system_and_the_libraries),
		unit_in_dir(doctor_lets_no_file_drive_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
