/* SPDX-License-Identifier: ISC */
#include "vault/guard.h"

#include "base/file.h"

#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#define ADDRESSES 512 /* with more IPv4 addresses than this, nothing is offline */

/* Where the kernel lists which interface has what. A name holds no blank. */
static const struct source {
	const char *path;
	bool name_last; /* the interface's name is the last word of a line; else the first */
	bool titled;    /* line 1 holds titles */
	bool optional;  /* absent where the kernel does without IPv6 */
	const char *what;
} sources[] = {
	{ "/proc/net/route", false, true, false, "an IPv4 route" },
	{ "/proc/net/if_inet6", true, false, true, "an IPv6 address" },
	{ "/proc/net/ipv6_route", true, false, true, "an IPv6 route" },
};

static bool
refuse_online(const char *name, const char *what, struct err *e)
{
	err_set(e, ERR_REFUSED, "this machine is online: %s is up with %s", name, what);
	return err_hint(e,
		"take it down (ip link set %s down), or accept with --allow-online that the "
		"journal and every manifest say so for good",
		name);
}

static bool
refuse_unknown(struct err *e)
{
	e->code = ERR_REFUSED;
	err_wrap(e, "cannot tell whether this machine is online");
	return err_hint(e,
		"mount /proc, or accept with --allow-online that the journal and every manifest "
		"say so for good");
}

/* A name that the kernel will say nothing about passes for an interface that is up. */
static bool
is_up(int fd, const char *name)
{
	struct ifreq r = { 0 };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	if (ioctl(fd, SIOCGIFFLAGS, &r) != 0)
		return true;
	return (r.ifr_flags & IFF_UP) && !(r.ifr_flags & IFF_LOOPBACK);
}

static bool
check_ipv4_addresses(int fd, struct err *e)
{
	struct ifreq list[ADDRESSES];
	struct ifconf conf = { .ifc_len = sizeof(list), .ifc_req = list };

	if (ioctl(fd, SIOCGIFCONF, &conf) != 0) {
		err_errno(e, "listing the interfaces");
		return refuse_unknown(e);
	}
	if ((size_t)conf.ifc_len >= sizeof(list)) {
		err_set(e, ERR_REFUSED, "there are %d addresses or more", ADDRESSES);
		return refuse_unknown(e);
	}
	for (size_t i = 0; i < (size_t)conf.ifc_len / sizeof(list[0]); i++) {
		if (is_up(fd, list[i].ifr_name))
			return refuse_online(list[i].ifr_name, "an IPv4 address", e);
	}
	return true;
}

/* "*" stands for no interface: a route that refuses. */
static bool
check_line(int fd, const struct source *s, char *line, struct err *e)
{
	char *save, *name = strtok_r(line, " \t", &save);

	for (char *word = name; word && s->name_last; word = strtok_r(NULL, " \t", &save))
		name = word;
	if (!name || strcmp(name, "*") == 0 || !is_up(fd, name))
		return true;
	return refuse_online(name, s->what, e);
}

static bool
check_source(int fd, const struct source *s, struct err *e)
{
	BUF_AUTO text = BUF_NONE;
	struct err cause;
	char *save;

	if (!file_read(s->path, FILE_LIMIT, &text, &cause)) {
		if (s->optional && cause.code == ERR_MISSING)
			return true;
		*e = cause;
		return refuse_unknown(e);
	}
	if (text.len == 0)
		return true;
	char *line = strtok_r(text.data, "\n", &save);
	if (s->titled)
		line = strtok_r(NULL, "\n", &save);
	for (; line; line = strtok_r(NULL, "\n", &save)) {
		if (!check_line(fd, s, line, e))
			return false;
	}
	return true;
}

bool
guard_offline(bool allow_online, struct err *e)
{
	if (allow_online)
		return true;

	AUTO_FD fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		err_errno(e, "opening a socket");
		return refuse_unknown(e);
	}
	if (!check_ipv4_addresses(fd, e))
		return false;
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		if (!check_source(fd, &sources[i], e))
			return false;
	}
	return true;
}
