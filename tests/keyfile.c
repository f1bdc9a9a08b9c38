/* SPDX-License-Identifier: ISC */
#include "tests/keyfile.h"

#include "tests/support.h"

#include "base/file.h"

void
keyfile_read(void **state, const char *name, struct secret *out)
{
	struct err e;

	assert_ok(file_read_secret(support_path(state, name), FILE_LIMIT, out, &e), &e);
}

void
keyfile_write(void **state, const char *name, const void *data, size_t len)
{
	struct err e;

	assert_ok(file_write_new(support_path(state, name), 0600, data, len, &e), &e);
}

bool
keyfile_ask(void *context, struct secret *out, struct err *e)
{
	struct keyfile_answer *a = context;

	a->asked++;
	if (!a->passphrase)
		return err_set(e, ERR_REFUSED, "no terminal");
	return secret_copy(out, a->passphrase, strlen(a->passphrase), e);
}

bool
keyfile_parse(
	void **state, const char *name, struct keyfile_answer *a, EVP_PKEY **out, struct err *e)
{
	SECRET_AUTO file = SECRET_NONE;

	keyfile_read(state, name, &file);
	return privkey_parse(&file, a ? keyfile_ask : NULL, a, out, e);
}
