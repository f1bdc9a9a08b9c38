/* SPDX-License-Identifier: ISC */
/*
 * auditwork: what the parts of an audit share. Private to audit*.c.
 */
#ifndef VAULT_AUDITWORK_H
#define VAULT_AUDITWORK_H

#include "vault/audit.h"

struct auditwork {
	struct audit *audit;
	const struct store *store;      /* of *audit */
	char (*heads)[ENCODE_HASH_HEX]; /* heads[n]: the hash of line n; [0] is the zeros */
	bool partial;                   /* the journal could not be read to its end */
	json_t *leftovers; /* path or folder -> id of the void batch that may have left it */
	bool failed;       /* a finding was lost for want of memory */
};

/* `code` is ERR_NONE unless the severity is AUDIT_ERROR. */
void auditwork_add(struct auditwork *w, enum audit_severity severity, enum err_code code,
	const char *where, const char *fmt, ...) __attribute__((format(printf, 5, 6)));
/* An error, as a failed call told it. */
void auditwork_err(struct auditwork *w, const char *where, const struct err *e);

#endif
