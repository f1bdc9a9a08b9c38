/* SPDX-License-Identifier: ISC */
/*
 * audit: a full check of a vault folder: every line, file, hash, signature and pin.
 *
 * Errors are what must not be: something was altered, removed or added. Notes explain what a killed
 * or failed command left; warnings are for the operator to judge. The vault is only read.
 */
#ifndef VAULT_AUDIT_H
#define VAULT_AUDIT_H

#include "vault/store.h"

enum audit_severity { AUDIT_ERROR, AUDIT_WARNING, AUDIT_NOTE };
const char *audit_severity_name(enum audit_severity s); /* "error", "warning", "note" */

struct audit_finding {
	enum audit_severity severity;
	enum err_code code; /* of an error: ERR_AUTH, ERR_FORMAT, ...; else ERR_NONE */
	char *where;        /* path below the vault, or the journal's line; "" for the whole */
	char *what;         /* one sentence, printable */
};

struct audit {
	struct audit_finding *items; /* in the order found */
	size_t count;
	size_t errors;
	size_t files, keys, manifests; /* how many were checked */
	struct store store;            /* as far as the journal could be read */
};
#define AUDIT_AUTO __attribute__((cleanup(audit_free))) struct audit
void audit_free(struct audit *a);

/* Fails only when there is nothing to check (ERR_MISSING), or the vault is in use (ERR_BUSY); what
 * is wrong with the vault is in the findings. */
bool audit_run(const char *dir, struct audit *out, struct err *e) FALLIBLE;

#endif
