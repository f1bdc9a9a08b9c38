/* SPDX-License-Identifier: ISC */
/*
 * ceremonyrehearse: the folders of a rehearsal, and that they go.
 *
 * A second process waits for the end of this one, whatever end that is (an interrupt, a kill), and
 * then deletes the folder. It holds no secret: it is forked before there is one.
 */
#ifndef VAULT_CEREMONYREHEARSE_H
#define VAULT_CEREMONYREHEARSE_H

#include "vault/plan.h"

#include <sys/types.h>

struct ceremonyrehearse {
	char *dir; /* all of it */
	char *vault;
	char *export_dir;
	char *media[SHARE_COUNT_MAX]; /* specs, one for each custodian */
	size_t count;
	const struct signer_kdf *kdf; /* "interactive": it need not stand against anybody */
	pid_t sweeper;
	int alive; /* closed by our end */
};
#define CEREMONYREHEARSE_NONE ((struct ceremonyrehearse){ .sweeper = -1, .alive = -1 })
#define CEREMONYREHEARSE_AUTO                                                                      \
	__attribute__((cleanup(ceremonyrehearse_free))) struct ceremonyrehearse

/* Makes a folder in `scratch`, or in /dev/shm where that is memory. ERR_MISSING, with what to do.
 */
bool ceremonyrehearse_begin(struct ceremonyrehearse *r, const struct plan *p, const char *scratch,
	struct err *e) FALLIBLE;
/* Deletes it now. ERR_IO when something stays. */
bool ceremonyrehearse_end(struct ceremonyrehearse *r, struct err *e) FALLIBLE;
/* Deletes it, says so when it cannot, and waits until that is done. */
void ceremonyrehearse_free(struct ceremonyrehearse *r);

#endif
