/* SPDX-License-Identifier: ISC */
#include "vault/guard.h"

#include "tests/support.h"
#include "vault/sandbox.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/route.h>
#include <sched.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <unistd.h>

#define BRIDGE "br-test"

/* What is done to a fresh network namespace, and what the guard then says. */
struct scene {
	bool (*steps[6])(void); /* NULL ends */
	const char *refusal;    /* a part of the message; NULL: it lets pass */
	bool allow_online;
	bool sandboxed;
};

static bool
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	bool ok = fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text);

	close(fd);
	return ok;
}

static bool
interface(unsigned long request, struct ifreq *r)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool ok = fd >= 0 && ioctl(fd, request, r) == 0;

	close(fd);
	return ok;
}

static bool
set_flags(const char *name, short flags)
{
	struct ifreq r = { .ifr_flags = flags };

	snprintf(r.ifr_name, sizeof(r.ifr_name), "%s", name);
	return interface(SIOCSIFFLAGS, &r);
}

static void
set_ipv4(struct sockaddr *to, const char *address)
{
	struct sockaddr_in in = { .sin_family = AF_INET };

	inet_pton(AF_INET, address, &in.sin_addr);
	memcpy(to, &in, sizeof(in));
}

static bool
add_bridge(void)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	bool ok = fd >= 0 && ioctl(fd, SIOCBRADDBR, BRIDGE) == 0;

	close(fd);
	return ok;
}

static bool
no_ipv6(void)
{
	return write_file("/proc/sys/net/ipv6/conf/" BRIDGE "/disable_ipv6", "1");
}

/* What is left then is the route for multicast. */
static bool
no_link_local(void)
{
	return write_file("/proc/sys/net/ipv6/conf/" BRIDGE "/addr_gen_mode", "1");
}

static bool
bridge_up(void)
{
	return set_flags(BRIDGE, IFF_UP);
}

static bool
bridge_down(void)
{
	return set_flags(BRIDGE, 0);
}

static bool
bridge_address(void)
{
	struct ifreq r = { .ifr_name = BRIDGE };

	set_ipv4(&r.ifr_addr, "192.0.2.1");
	return interface(SIOCSIFADDR, &r);
}

/* Under a label that could pass for another interface. */
static bool
bridge_alias(void)
{
	struct ifreq r = { .ifr_name = BRIDGE ":1" };

	set_ipv4(&r.ifr_addr, "198.51.100.1");
	return interface(SIOCSIFADDR, &r);
}

static bool
bridge_route(void)
{
	struct rtentry r = { .rt_flags = RTF_UP, .rt_dev = (char[]){ BRIDGE } };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	set_ipv4(&r.rt_dst, "203.0.113.0");
	set_ipv4(&r.rt_genmask, "255.255.255.0");
	bool ok = fd >= 0 && ioctl(fd, SIOCADDRT, &r) == 0;
	close(fd);
	return ok;
}

static bool
reject_route(void)
{
	struct rtentry r = { .rt_flags = RTF_UP | RTF_REJECT };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	set_ipv4(&r.rt_dst, "203.0.113.0");
	set_ipv4(&r.rt_genmask, "255.255.255.0");
	bool ok = fd >= 0 && ioctl(fd, SIOCADDRT, &r) == 0;
	close(fd);
	return ok;
}

static bool
loopback_up(void)
{
	return set_flags("lo", IFF_UP);
}

static bool
loopback_renamed(void)
{
	struct ifreq r = { .ifr_name = "lo", .ifr_newname = "eth7" };

	return interface(SIOCSIFNAME, &r) && set_flags("eth7", IFF_UP);
}

static bool
bridge_named_lo(void)
{
	struct ifreq lo = { .ifr_name = "lo", .ifr_newname = "eth7" };
	struct ifreq bridge = { .ifr_name = BRIDGE, .ifr_newname = "lo" };
	struct ifreq r = { .ifr_name = "lo" };

	set_ipv4(&r.ifr_addr, "192.0.2.1");
	return interface(SIOCSIFNAME, &lo) && interface(SIOCSIFNAME, &bridge) &&
	       set_flags("lo", IFF_UP) && interface(SIOCSIFADDR, &r);
}

static bool
no_proc(void)
{
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount("none", "/proc", "tmpfs", 0, NULL) == 0;
}

static int
play(const void *context)
{
	const struct scene *s = context;
	struct err e = { 0 };

	if (unshare(CLONE_NEWNET) != 0 && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
		return SUPPORT_SKIP;
	for (size_t i = 0; s->steps[i]; i++) {
		if (!s->steps[i]()) {
			fprintf(stderr, "step %zu is not possible here\n", i);
			return SUPPORT_SKIP;
		}
	}
	if (s->sandboxed && !sandbox_enter(false, &e))
		return 1;
	if (guard_offline(s->allow_online, &e))
		return s->refusal ? 2 : 0;
	if (s->refusal && e.code == ERR_REFUSED && strstr(e.message, s->refusal) && e.hint[0])
		return 0;
	fprintf(stderr, "%s\n", e.message);
	return 3;
}

#define SCENE(...) support_passes(support_fork(play, &(const struct scene){ __VA_ARGS__ }))

static void
guard_lets_pass_where_there_is_no_interface_but_loopback(void **state)
{
	(void)state;
	SCENE(.steps = { NULL });
	SCENE(.steps = { loopback_up });
}

static void
guard_refuses_an_ipv4_address_and_names_the_interface(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up, bridge_address },
		.refusal = BRIDGE " is up with an IPv4 address");
}

static void
guard_refuses_an_address_under_a_label(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up, bridge_alias },
		.refusal = BRIDGE ":1 is up with an IPv4 address");
}

static void
guard_refuses_an_ipv6_address_alone(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, bridge_up }, .refusal = BRIDGE " is up with an IPv6 address");
}

static void
guard_refuses_an_ipv6_route_without_an_address(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, no_link_local, bridge_up },
		.refusal = BRIDGE " is up with an IPv6 route");
}

static void
guard_refuses_a_route_without_an_address(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up, bridge_route },
		.refusal = BRIDGE " is up with an IPv4 route");
}

static void
guard_lets_pass_an_interface_that_is_down(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, bridge_up, bridge_address, bridge_route, bridge_down });
}

static void
guard_lets_pass_an_interface_with_neither_address_nor_route(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up });
}

static void
guard_lets_pass_a_route_that_leads_nowhere(void **state)
{
	(void)state;
	SCENE(.steps = { reject_route });
}

static void
guard_knows_loopback_by_its_flag_not_its_name(void **state)
{
	(void)state;
	SCENE(.steps = { loopback_renamed });
	SCENE(.steps = { add_bridge, bridge_named_lo }, .refusal = "lo is up with an IPv4 address");
}

static void
guard_lets_pass_with_allow_online(void **state)
{
	(void)state;
	SCENE(.steps = { add_bridge, bridge_up, bridge_address }, .allow_online = true);
}

static void
guard_sees_the_same_from_inside_the_sandbox(void **state)
{
	(void)state;
	SCENE(.steps = { NULL }, .sandboxed = true);
	SCENE(.steps = { loopback_up }, .sandboxed = true);
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up, bridge_address }, .sandboxed = true,
		.refusal = BRIDGE " is up with an IPv4 address");
	SCENE(.steps = { add_bridge, bridge_up }, .sandboxed = true,
		.refusal = BRIDGE " is up with an IPv6 address");
	SCENE(.steps = { add_bridge, no_link_local, bridge_up }, .sandboxed = true,
		.refusal = BRIDGE " is up with an IPv6 route");
	SCENE(.steps = { add_bridge, no_ipv6, bridge_up, bridge_route }, .sandboxed = true,
		.refusal = BRIDGE " is up with an IPv4 route");
}

static void
guard_refuses_where_it_cannot_look(void **state)
{
	(void)state;
	SCENE(.steps = { no_proc }, .refusal = "cannot tell whether this machine is online");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(guard_lets_pass_where_there_is_no_interface_but_loopback),
		unit(guard_refuses_an_ipv4_address_and_names_the_interface),
		unit(guard_refuses_an_address_under_a_label),
		unit(guard_refuses_an_ipv6_address_alone),
		unit(guard_refuses_an_ipv6_route_without_an_address),
		unit(guard_refuses_a_route_without_an_address),
		unit(guard_lets_pass_an_interface_that_is_down),
		unit(guard_lets_pass_an_interface_with_neither_address_nor_route),
		unit(guard_lets_pass_a_route_that_leads_nowhere),
		unit(guard_knows_loopback_by_its_flag_not_its_name),
		unit(guard_lets_pass_with_allow_online),
		unit(guard_sees_the_same_from_inside_the_sandbox),
		unit(guard_refuses_where_it_cannot_look),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
