/* SPDX-License-Identifier: ISC */
/*
 * keyfile: private-key files in a test's folder, and somebody who answers for their passphrase.
 */
#ifndef TESTS_KEYFILE_H
#define TESTS_KEYFILE_H

#include "vault/privkey.h"

void keyfile_read(void **state, const char *name, struct secret *out);
void keyfile_write(void **state, const char *name, const void *data, size_t len);

struct keyfile_answer {
	const char *passphrase; /* NULL: there is no terminal */
	size_t asked;
};
/* A privkey_passphrase; the context is a struct keyfile_answer. */
bool keyfile_ask(void *context, struct secret *out, struct err *e);

/* privkey_parse of a file; `a` may be NULL: nobody to ask. */
bool keyfile_parse(
	void **state, const char *name, struct keyfile_answer *a, EVP_PKEY **out, struct err *e);

#endif
