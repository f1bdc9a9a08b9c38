/* SPDX-License-Identifier: ISC */
#include "tests/faketoken.h"

#include "base/file.h"
#include "tests/support.h"

#include <dlfcn.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define SET "8f3c9a0d11223344"
#define FOREIGN "somebody else's"

const struct medium_kind *const faketoken_kinds[] = { &medium_pkcs11, NULL };
struct fake *faketoken;
static char module[PATH_MAX];

char faketoken_said[1024];
const char *faketoken_pin;
int faketoken_tries;
unsigned faketoken_patience;

static bool
answer(const struct medium_host *h, const struct medium_ask *ask, struct secret *out, struct err *e)
{
	(void)h;
	faketoken_tries = ask->tries;
	if (ask->pinpad)
		return faketoken_pin[0] || err_set(e, ERR_REFUSED, "nobody said yes");
	return secret_copy(out, faketoken_pin, strlen(faketoken_pin), e);
}

static void
say(const struct medium_host *h, const char *line)
{
	(void)h;
	snprintf(faketoken_said + strlen(faketoken_said),
		sizeof(faketoken_said) - strlen(faketoken_said), "%s\n", line);
}

static struct medium_host host = { .kinds = faketoken_kinds, .secret = answer, .say = say };

static void
find_module(void)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	assert_true(len > 0);
	self[len] = '\0';
	snprintf(module, sizeof(module), "%s/p11/fake.so", dirname(self));
	void *library = dlopen(module, RTLD_NOW);
	assert_non_null(library);
	faketoken = dlsym(library, "fake");
	assert_non_null(faketoken);
}

void
faketoken_reset(void)
{
	if (!faketoken)
		find_module();
	*faketoken = (struct fake){
		.tokens = 1,
		.serial = { "0001", "0002" },
		.pin = { "4711", "4712" },
		.tries = 3,
		.objects[5] = { .there = true,
			.application = FOREIGN,
			.label = "theirs",
			.len = 3 },
	};
	faketoken_said[0] = '\0';
	faketoken_pin = "4711";
	faketoken_tries = -2;
	faketoken_patience = 0;
}

bool
faketoken_open(const char *serial, struct medium *out, struct err *e)
{
	AUTO_STR spec = NULL;

	assert_ok(file_path(&spec, e, "pkcs11:%s%s", module, serial), e);
	host.patience = faketoken_patience;
	return medium_open(&host, NULL, spec, out, e);
}

bool
faketoken_write(struct medium *m, const struct share *share, struct err *e)
{
	SECRET_AUTO text = SECRET_NONE;
	AUTO_STR name = NULL;

	assert_ok(share_file_name(share, &name, e) && share_encode(share, false, &text, e), e);
	return medium_write(m, name, &text, e);
}

bool
faketoken_put(const struct share *shares, size_t count, struct err *e)
{
	MEDIUM_AUTO m = { 0 };

	if (!faketoken_open("", &m, e))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!faketoken_write(&m, &shares[i], e))
			return false;
	if (!medium_sync(&m, e))
		return false;
	for (size_t i = 0; i < count; i++) {
		SECRET_AUTO back = SECRET_NONE;
		AUTO_STR name = NULL;

		assert_ok(share_file_name(&shares[i], &name, e), e);
		assert_ok(medium_reread(&m, name, &back, e), e);
	}
	medium_keep(&m);
	return true;
}

unsigned
faketoken_objects(void)
{
	unsigned n = 0;

	for (unsigned i = 0; i < FAKE_OBJECTS; i++)
		n += faketoken->objects[i].there &&
		     strcmp(faketoken->objects[i].application, FOREIGN) != 0;
	assert_true(faketoken->objects[5].there);
	return n;
}

size_t
faketoken_shares(const struct minisign_pub *vault)
{
	MEDIUM_RECORDS_AUTO records = { 0 };
	MEDIUM_AUTO m = { 0 };
	struct err e;

	assert_ok(faketoken_open("", &m, &e), &e);
	assert_ok(medium_read(&m, NULL, &records, &e), &e);
	for (size_t i = 0; i < records.count; i++) {
		SHARE_AUTO share = { 0 };

		assert_int_equal(records.items[i].err.code, ERR_NONE);
		assert_ok(share_parse(records.items[i].text.data, records.items[i].text.len, &share,
				  &e) &&
				  share_verify(&share, vault, &e),
			&e);
	}
	return records.count;
}

void
faketoken_pair_free(struct faketoken_pair *p)
{
	shareset_free(&p->sets[0]);
	shareset_free(&p->sets[1]);
}

void
faketoken_pair_make(struct faketoken_pair *p)
{
	shareset_make(&p->sets[0], "v", "example.org", SET, 2, 3);
	shareset_make(&p->sets[1], "v", "example.net", "8f3c9a0d11223355", 2, 3);
}
