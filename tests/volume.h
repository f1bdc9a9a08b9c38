/* SPDX-License-Identifier: ISC */
/*
 * volume: small file systems to write to, for who may mount them (root); others skip the test.
 *
 * They are mounted in a mount namespace of the test program's own. All return false when it is not
 * possible here, and say why on standard error.
 */
#ifndef TESTS_VOLUME_H
#define TESTS_VOLUME_H

#include <stdbool.h>

bool volume_tmpfs(const char *dir, const char *options); /* "size=64k" */

/* A FAT stick: the kernel's vfat where it has that, exFAT by FUSE elsewhere. `dir` gets the
 * neighbour `dir`.image. */
bool volume_fat(const char *dir);

bool volume_read_only(const char *dir); /* an existing folder, seen read-only */
void volume_unmount(const char *dir);

#endif
