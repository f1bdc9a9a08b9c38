/* SPDX-License-Identifier: ISC */
#include "tests/support.h"

#include "hsm/readererr.h"

#include <pcsclite.h>

static void
each_error_of_pcsc_says_what_happened_and_what_to_do(void **state)
{
	static const struct {
		long code;
		enum err_code as;
		const char *message, *hint;
	} rows[] = {
		{ SCARD_E_NO_SERVICE, ERR_DEVICE, "Reader 0: pcscd does not run", "start it" },
		{ SCARD_E_SERVICE_STOPPED, ERR_DEVICE, "pcscd was stopped", "start it" },
		{ SCARD_F_COMM_ERROR, ERR_DEVICE, "pcscd was stopped", "start it" },
		{ SCARD_E_INVALID_HANDLE, ERR_DEVICE, "pcscd was started anew", "again" },
		{ SCARD_E_NO_READERS_AVAILABLE, ERR_DEVICE, "there is no reader", "plug it in" },
		{ SCARD_E_READER_UNAVAILABLE, ERR_DEVICE, "the reader is gone",
			"plug it in again" },
		{ SCARD_E_NO_SMARTCARD, ERR_DEVICE, "no card in the reader", "insert" },
		{ SCARD_W_REMOVED_CARD, ERR_DEVICE, "the card was pulled", "put the card back" },
		{ SCARD_W_RESET_CARD, ERR_DEVICE, "another program reset the card", "close what" },
		{ SCARD_W_UNRESPONSIVE_CARD, ERR_DEVICE, "does not answer", "the right way round" },
		{ SCARD_E_SHARING_VIOLATION, ERR_DEVICE, "another program holds the card",
			"gpg-connect-agent 'scd killscd' /bye" },
		{ SCARD_W_SECURITY_VIOLATION, ERR_AUTH, "lets us in neither to cards nor readers",
			"org.debian.pcsc-lite.access_pcsc and access_card" },
		{ SCARD_E_TIMEOUT, ERR_DEVICE, "no card was inserted in time", "insert" },
		{ (long)0x80100fff, ERR_DEVICE, "PC/SC error 80100FFF", "" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_fails(readererr_set(rows[i].code, "Reader 0", &e), &e, rows[i].as,
			rows[i].message);
		assert_non_null(strstr(e.hint, rows[i].hint));
	}
}

/* What the exit statuses tell: there is no card or reader, or it does not let us in. */
static void
they_end_with_the_status_of_a_device_or_of_what_is_not_authentic(void **state)
{
	struct err e;

	(void)state;
	assert_false(readererr_set(SCARD_E_NO_SERVICE, NULL, &e));
	assert_int_equal(err_status(e.code), 69);
	assert_false(readererr_set(SCARD_W_SECURITY_VIOLATION, NULL, &e));
	assert_int_equal(err_status(e.code), 77);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit(each_error_of_pcsc_says_what_happened_and_what_to_do),
		unit(they_end_with_the_status_of_a_device_or_of_what_is_not_authentic),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
