/* SPDX-License-Identifier: ISC */
#include "hsm/p11err.h"

#include "hsm/cryptoki.h"

struct meaning {
	unsigned long rv;
	enum err_code code;
	const char *text;
	const char *hint; /* NULL: nothing to advise */
};

#define PUT_BACK "put it back and run the same command again"
#define UNBLOCK "unblock it with the token's own tools and its SO-PIN or PUK; its shares stay"

static const struct meaning meanings[] = {
	{ CKR_HOST_MEMORY, ERR_MEMORY, "the module is out of memory", NULL },
	{ CKR_DEVICE_REMOVED, ERR_DEVICE, "the token was pulled", PUT_BACK },
	{ CKR_TOKEN_NOT_PRESENT, ERR_DEVICE, "the token is gone", PUT_BACK },
	{ CKR_SLOT_ID_INVALID, ERR_DEVICE, "the token's reader is gone", PUT_BACK },
	{ CKR_SESSION_HANDLE_INVALID, ERR_DEVICE, "the token was pulled or reset", PUT_BACK },
	{ CKR_SESSION_CLOSED, ERR_DEVICE, "the token was pulled or reset", PUT_BACK },
	{ CKR_USER_NOT_LOGGED_IN, ERR_DEVICE, "another program logged out of the token",
		"run the same command again" },
	{ CKR_TOKEN_NOT_RECOGNIZED, ERR_DEVICE, "the module does not know this kind of token",
		"use the module of the token's maker, or another token" },
	{ CKR_DEVICE_ERROR, ERR_DEVICE, "the token failed", NULL },
	{ CKR_DEVICE_MEMORY, ERR_REFUSED, "the token is full",
		"use a token with more room, or remove what it need not keep" },
	{ CKR_TOKEN_WRITE_PROTECTED, ERR_DEVICE, "the token cannot be written to", NULL },
	{ CKR_SESSION_READ_ONLY, ERR_DEVICE, "the token cannot be written to", NULL },
	{ CKR_PIN_INCORRECT, ERR_AUTH, "wrong PIN", NULL },
	{ CKR_PIN_INVALID, ERR_AUTH, "wrong PIN: it has characters that this token does not take",
		NULL },
	{ CKR_PIN_LEN_RANGE, ERR_AUTH, "wrong PIN: too short or too long", NULL },
	{ CKR_PIN_EXPIRED, ERR_AUTH, "the PIN has expired",
		"set a new one with the token's own tools; its shares stay" },
	{ CKR_PIN_LOCKED, ERR_AUTH, "the PIN is blocked", UNBLOCK },
	{ CKR_FUNCTION_CANCELED, ERR_AUTH, "no PIN was typed", NULL },
	{ CKR_USER_PIN_NOT_INITIALIZED, ERR_DEVICE, "the token has no user PIN",
		"its own tools set one: pkcs11-tool --login --login-type so --init-pin" },
	{ CKR_FUNCTION_NOT_SUPPORTED, ERR_DEVICE, "the module cannot do that", NULL },
	{ CKR_TEMPLATE_INCONSISTENT, ERR_DEVICE, "the token keeps no private data objects", NULL },
	{ CKR_ATTRIBUTE_VALUE_INVALID, ERR_DEVICE, "the token keeps no private data objects",
		NULL },
	{ CKR_USER_ANOTHER_ALREADY_LOGGED_IN, ERR_DEVICE, "somebody else is logged in", NULL },
	{ CKR_SESSION_COUNT, ERR_DEVICE, "the token has too many sessions open",
		"end the other programs that use it" },
};

bool
p11err_set(unsigned long rv, const char *doing, struct err *e)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];

		if (m->rv != rv)
			continue;
		err_set(e, m->code, "%s: %s", doing, m->text);
		return m->hint ? err_hint(e, "%s", m->hint) : false;
	}
	return err_set(e, ERR_DEVICE, "%s: the module says error 0x%lx", doing, rv);
}
