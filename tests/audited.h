/* SPDX-License-Identifier: ISC */
/*
 * audited: a vault to damage, and what the audit says of it. Failures end the test.
 */
#ifndef TESTS_AUDITED_H
#define TESTS_AUDITED_H

#include "tests/fixture.h"
#include "vault/audit.h"

/* A vault with a signing key, two keys and two manifests, closed. */
void audited_make(const char *dir, struct fixture *f);
/* *out is freed first; it holds the vault's lock until it is freed again. */
void audited_run(const struct fixture *f, struct audit *out);
/* There is a finding of this severity about `where`, with `part` in its sentence. */
void audited_found(
	const struct audit *a, enum audit_severity severity, const char *where, const char *part);

void audited_read(const struct fixture *f, const char *relative, struct buf *out);
void audited_remove(const struct fixture *f, const char *relative);
/* What only who can rewrite the whole journal does: the file gets these bytes (NULL: it is
 * removed), and every hash is made to fit. */
void audited_forge(const struct fixture *f, const char *relative, const struct buf *bytes);

#endif
