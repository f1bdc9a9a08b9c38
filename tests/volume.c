/* SPDX-License-Identifier: ISC */
#include "tests/volume.h"

#include "tests/support.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <unistd.h>

static bool
impossible(const char *what)
{
	fprintf(stderr, "# skipped: %s: %s\n", what, strerror(errno));
	return false;
}

/* Once for the program: later mounts are nobody else's business. */
static bool
enter_namespace(void)
{
	static bool entered;

	if (!entered && unshare(CLONE_NEWNS) == 0)
		entered = mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) == 0;
	return entered || impossible("a mount namespace needs root");
}

bool
volume_tmpfs(const char *dir, const char *options)
{
	return enter_namespace() &&
	       (mount("tmpfs", dir, "tmpfs", 0, options) == 0 || impossible("mounting a tmpfs"));
}

bool
volume_read_only(const char *dir)
{
	return enter_namespace() &&
	       ((mount(dir, dir, "none", MS_BIND, NULL) == 0 &&
			mount("none", dir, "none", MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) == 0) ||
		       impossible("mounting read-only"));
}

static bool
shell(const char *command, const char *dir)
{
	char line[1024];

	setenv("DIR", dir, 1);
	snprintf(
		line, sizeof(line), "{ PATH=$PATH:/usr/sbin:/sbin; %s; } >/dev/null 2>&1", command);
	return system(line) == 0; /* NOLINT: a test's own constant commands */
}

/* Detached right after the mount, a loop device goes away with it. */
bool
volume_fat(const char *dir)
{
	if (!enter_namespace())
		return false;
	if (shell("truncate -s 2M $DIR.image && mkfs.vfat $DIR.image && "
		  "mount -t vfat -o loop $DIR.image $DIR",
		    dir))
		return true;
	if (shell("truncate -s 8M $DIR.image && mkfs.exfat $DIR.image && "
		  "L=$(losetup -f --show $DIR.image) && "
		  "{ mount.exfat-fuse $L $DIR; S=$?; losetup -d $L; [ $S = 0 ]; }",
		    dir))
		return true;
	errno = ENODEV;
	return impossible("mounting FAT");
}

void
volume_unmount(const char *dir)
{
	if (umount2(dir, MNT_DETACH) != 0)
		fail_msg("unmounting %s: %s", dir, strerror(errno));
}
