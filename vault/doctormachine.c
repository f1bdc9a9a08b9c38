/* SPDX-License-Identifier: ISC */
#include "vault/doctor.h"

#include "base/clock.h"
#include "base/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/utsname.h>

#define MIB ((uint64_t)1 << 20)
#define DISK_WANTED (64 * MIB)     /* thousands of keys */
#define DISK_NEEDED MIB            /* one batch of a few */
#define MEMORY_WANTED (1536 * MIB) /* scrypt's 1 GiB, and some for all the rest */
#define RTC_TOLERANCE 60           /* seconds */
#define PCSCD_SOCKET "/run/pcscd/pcscd.comm"

#define SIZE_TEXT 24

static const char *
size_text(uint64_t bytes, char out[static SIZE_TEXT])
{
	if (bytes >= 1024 * MIB)
		snprintf(out, SIZE_TEXT, "%.1f GiB", (double)bytes / (double)(1024 * MIB));
	else
		snprintf(out, SIZE_TEXT, "%llu MiB", (unsigned long long)(bytes / MIB));
	return out;
}

/* The first line of `path` that starts with `start`: what follows on it, in *text; NULL when there
 * is none. */
static const char *
find_line(const char *path, const char *start, struct buf *text)
{
	struct err e;
	char *save;

	if (!file_read(path, FILE_LIMIT, text, &e) || text->len == 0)
		return NULL;
	for (char *l = strtok_r(text->data, "\n", &save); l; l = strtok_r(NULL, "\n", &save)) {
		if (strncmp(l, start, strlen(start)) == 0)
			return l + strlen(start);
	}
	return NULL;
}

/* How far the hardware clock, where there is one, is ahead; it is taken to run on UTC. */
static int64_t
rtc_ahead(int64_t now)
{
	BUF_AUTO text = BUF_NONE;
	const char *seconds = find_line("/sys/class/rtc/rtc0/since_epoch", "", &text);

	return seconds ? strtoll(seconds, NULL, 10) - now : 0;
}

void
doctor_clock(const struct doctor_subject *s, struct doctor_finding *out)
{
	char now[CLOCK_TEXT], last[CLOCK_TEXT];
	int64_t released = 0, ahead = rtc_ahead(s->now);
	struct err e;

	clock_format(s->now, now);
	if (clock_parse(RELEASED, &released, &e) && s->now < released) {
		doctor_tell(out, DOCTOR_FAIL, "it is %s, before this program was released (%s)",
			now, RELEASED);
	} else if (s->last_line != CLOCK_NONE && s->now < s->last_line) {
		clock_format(s->last_line, last);
		doctor_tell(out, DOCTOR_FAIL, "it is %s, before the journal's last line (%s)", now,
			last);
	} else if (llabs(ahead) > RTC_TOLERANCE) {
		doctor_tell(out, DOCTOR_WARN, "it is %s, but the hardware clock is %lld s %s", now,
			llabs(ahead), ahead > 0 ? "ahead" : "behind");
	} else {
		doctor_tell(out, DOCTOR_OK, "it is %s; compare it with another clock", now);
	}
}

void
doctor_disk(const struct doctor_subject *s, struct doctor_finding *out)
{
	const char *path = s->vault ? s->vault : ".";
	char text[SIZE_TEXT];
	struct statvfs v;

	if (statvfs(path, &v) != 0) {
		doctor_tell(out, DOCTOR_FAIL, "%s: %s", path, strerror(errno));
		return;
	}
	uint64_t room = (uint64_t)v.f_bavail * v.f_frsize;
	size_text(room, text);
	if (v.f_flag & ST_RDONLY)
		doctor_tell(out, DOCTOR_FAIL, "%s can only be read", path);
	else if (room < DISK_WANTED || (v.f_files > 0 && v.f_favail == 0))
		doctor_tell(out, room < DISK_NEEDED || v.f_favail == 0 ? DOCTOR_FAIL : DOCTOR_WARN,
			"only %s and %llu files free in %s", text, (unsigned long long)v.f_favail,
			path);
	else
		doctor_tell(out, DOCTOR_OK, "%s free in %s", text, path);
}

void
doctor_memory(const struct doctor_subject *s, struct doctor_finding *out)
{
	BUF_AUTO text = BUF_NONE;
	char size[SIZE_TEXT];
	const char *kib = find_line("/proc/meminfo", "MemAvailable:", &text);

	(void)s;
	if (!kib) {
		doctor_tell(out, DOCTOR_WARN, "/proc/meminfo does not tell what is free");
		return;
	}
	uint64_t room = strtoull(kib, NULL, 10) * 1024;
	size_text(room, size);
	if (room < MEMORY_WANTED)
		doctor_tell(out, DOCTOR_WARN,
			"%s free: a signing key under --kdf sensitive wants 1.5 GiB to be unlocked",
			size);
	else
		doctor_tell(out, DOCTOR_OK, "%s free", size);
}

void
doctor_readers(const struct doctor_subject *s, struct doctor_finding *out)
{
	(void)s;
	if (file_exists(PCSCD_SOCKET))
		doctor_tell(out, DOCTOR_INFO, "pcscd is there");
	else
		doctor_tell(out, DOCTOR_INFO, "none: pcscd is not running");
}

/* x86 says it in a processor flag. A device tree or DMI would only tell of guests that want to be
 * known. */
void
doctor_hypervisor(const struct doctor_subject *s, struct doctor_finding *out)
{
	BUF_AUTO text = BUF_NONE;
	const char *flags = find_line("/proc/cpuinfo", "flags", &text);

	(void)s;
	if (!flags)
		doctor_tell(out, DOCTOR_INFO, "this processor does not tell");
	else if (strstr(flags, " hypervisor"))
		doctor_tell(out, DOCTOR_WARN,
			"this is a virtual machine: its host can read all of its memory");
	else
		doctor_tell(out, DOCTOR_OK, "the processor shows none");
}

void
doctor_system(const struct doctor_subject *s, struct doctor_finding *out)
{
	BUF_AUTO text = BUF_NONE;
	const char *name = find_line("/etc/os-release", "PRETTY_NAME=", &text);
	struct utsname u;

	(void)s;
	if (uname(&u) != 0)
		memset(&u, 0, sizeof(u));
	if (!name)
		name = "unknown distribution";
	name += strspn(name, "\"");
	doctor_tell(out, DOCTOR_INFO, "%.*s, %s %s %s", (int)strcspn(name, "\""), name, u.sysname,
		u.release, u.machine);
}
