/* SPDX-License-Identifier: ISC */
#include "hsm/readererr.h"

#include <pcsclite.h>
#include <stddef.h>

#define HINT_PCSCD "install pcscd, or start it: `systemctl start pcscd.socket`"
#define HINT_CARD "put the card back and run the same command again"

/* What PC/SC's errors mean to who runs the command. */
static const struct meaning {
	long code;
	enum err_code as;
	const char *text;
	const char *hint;
} meanings[] = {
	{ SCARD_E_NO_SERVICE, ERR_DEVICE, "pcscd does not run", HINT_PCSCD },
	{ SCARD_E_SERVICE_STOPPED, ERR_DEVICE, "pcscd was stopped", HINT_PCSCD },
	{ SCARD_E_NO_READERS_AVAILABLE, ERR_DEVICE, "there is no reader", "plug it in" },
	{ SCARD_E_UNKNOWN_READER, ERR_DEVICE, "the reader is gone", "plug it in again" },
	{ SCARD_E_READER_UNAVAILABLE, ERR_DEVICE, "the reader is gone", "plug it in again" },
	{ SCARD_E_NO_SMARTCARD, ERR_DEVICE, "there is no card in the reader", "insert the card" },
	{ SCARD_W_REMOVED_CARD, ERR_DEVICE, "the card was pulled", HINT_CARD },
	{ SCARD_W_RESET_CARD, ERR_DEVICE, "another program reset the card",
		"close what uses the card, and run the same command again" },
	{ SCARD_W_UNRESPONSIVE_CARD, ERR_DEVICE, "the card does not answer",
		"insert it the right way round" },
	{ SCARD_W_UNPOWERED_CARD, ERR_DEVICE, "the card has no power", HINT_CARD },
	{ SCARD_E_PROTO_MISMATCH, ERR_DEVICE, "the card speaks another protocol", "" },
	{ SCARD_E_NOT_TRANSACTED, ERR_DEVICE, "the reader or the card failed", HINT_CARD },
	{ SCARD_F_COMM_ERROR, ERR_DEVICE, "pcscd was stopped, or the reader failed", HINT_PCSCD },
	{ SCARD_E_INVALID_HANDLE, ERR_DEVICE, "pcscd was started anew",
		"run the same command again" },
	{ SCARD_E_SHARING_VIOLATION, ERR_DEVICE, "another program holds the card",
		"if it is GnuPG's scdaemon: gpg-connect-agent 'scd killscd' /bye" },
	{ SCARD_W_SECURITY_VIOLATION, ERR_AUTH, "pcscd lets us in neither to cards nor readers",
		"its polkit rules must allow org.debian.pcsc-lite.access_pcsc and access_card" },
	{ SCARD_E_TIMEOUT, ERR_DEVICE, "no card was inserted in time", "insert the card" },
};

bool
readererr_set(long code, const char *reader, struct err *e)
{
	for (size_t i = 0; i < sizeof(meanings) / sizeof(meanings[0]); i++) {
		const struct meaning *m = &meanings[i];
		if (m->code != code)
			continue;
		err_set(e, m->as, "%s%s%s", reader ? reader : "", reader ? ": " : "", m->text);
		return err_hint(e, "%s", m->hint);
	}
	return err_set(e, ERR_DEVICE, "%s: PC/SC error %08lX", reader ? reader : "the card",
		(unsigned long)code & 0xffffffff);
}
