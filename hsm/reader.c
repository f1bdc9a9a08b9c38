/* SPDX-License-Identifier: ISC */
#include "hsm/reader.h"

#include "base/encode.h"
#include "hsm/readererr.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <winscard.h>

#define LIBRARY "libpcsclite.so.1"
#define RECONNECTS 5

/* What is called of the library. */
#define CALLS(X)                                                                                   \
	X(SCardEstablishContext)                                                                   \
	X(SCardReleaseContext)                                                                     \
	X(SCardListReaders)                                                                        \
	X(SCardFreeMemory)                                                                         \
	X(SCardGetStatusChange)                                                                    \
	X(SCardConnect)                                                                            \
	X(SCardReconnect)                                                                          \
	X(SCardDisconnect)                                                                         \
	X(SCardBeginTransaction)                                                                   \
	X(SCardEndTransaction)                                                                     \
	X(SCardStatus)                                                                             \
	X(SCardTransmit)                                                                           \
	X(SCardControl)

/* Filled once, by load. */
static struct {
	bool loaded;
#define CALL_MEMBER(name) __typeof__(&(name)) name;
	CALLS(CALL_MEMBER)
#undef CALL_MEMBER
} pcsc;

struct reader {
	SCARDCONTEXT context;
	SCARDHANDLE card;
	bool connected;
	bool pulled; /* within this transaction: there is nothing left to reset */
	DWORD protocol;
	DWORD events; /* the count that reader_wait saw last */
	char name[];
};

static void
load(void)
{
	void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);

	if (!library)
		return;
	bool all = true;
#define CALL_FIND(name)                                                                            \
	pcsc.name = (__typeof__(&(name)))(uintptr_t)dlsym(library, #name);                         \
	all &= pcsc.name != NULL;
	CALLS(CALL_FIND)
#undef CALL_FIND
	pcsc.loaded = all;
}

static bool
library_needed(struct err *e)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, load);
	if (pcsc.loaded)
		return true;
	err_set(e, ERR_DEVICE, "smartcards need %s, which is not here", LIBRARY);
	return err_hint(e, "install the package libpcsclite1, and pcscd");
}

/* Readers ---------------------------------------------------------------------------------- */

static bool
establish(SCARDCONTEXT *out, struct err *e)
{
	if (!library_needed(e))
		return false;
	LONG rv = pcsc.SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, out);
	return rv == SCARD_S_SUCCESS || readererr_set(rv, NULL, e);
}

static bool
list(SCARDCONTEXT context, struct readernames *out, struct err *e)
{
	DWORD len = SCARD_AUTOALLOCATE;
	char *multi = NULL;
	LONG rv = pcsc.SCardListReaders(context, NULL, (LPSTR)&multi, &len);

	if (rv == SCARD_E_NO_READERS_AVAILABLE)
		return readernames_split("", out, e);
	if (rv != SCARD_S_SUCCESS)
		return readererr_set(rv, NULL, e);
	bool ok = readernames_split(multi, out, e);
	(void)pcsc.SCardFreeMemory(context, multi);
	return ok;
}

bool
reader_list(struct readernames *out, struct err *e)
{
	SCARDCONTEXT context;

	if (!establish(&context, e))
		return false;
	bool ok = list(context, out, e);
	(void)pcsc.SCardReleaseContext(context);
	return ok;
}

bool
reader_open(const char *wanted, struct reader **out, struct err *e)
{
	READERNAMES_AUTO names = { 0 };
	READER_AUTO *r = NULL;
	SCARDCONTEXT context;
	const char *name = NULL;

	if (!establish(&context, e))
		return false;
	if (list(context, &names, e) && readernames_find(&names, wanted, &name, e)) {
		r = calloc(1, sizeof(*r) + strlen(name) + 1);
		if (!r)
			err_set(e, ERR_MEMORY, "out of memory");
	}
	if (!r) {
		(void)pcsc.SCardReleaseContext(context);
		return false;
	}
	r->context = context;
	strcpy(r->name, name);
	*out = r;
	r = NULL;
	return true;
}

void
reader_close(struct reader **r)
{
	if (!*r)
		return;
	if ((*r)->connected)
		(void)pcsc.SCardDisconnect((*r)->card, SCARD_RESET_CARD);
	(void)pcsc.SCardReleaseContext((*r)->context);
	free(*r);
	*r = NULL;
}

const char *
reader_name(const struct reader *r)
{
	return r->name;
}

/* Waiting ---------------------------------------------------------------------------------- */

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A context dies with the pcscd it was made by, and cannot tell. */
static bool
is_dead(LONG rv)
{
	return rv == SCARD_E_NO_SERVICE || rv == SCARD_E_INVALID_HANDLE || rv == SCARD_F_COMM_ERROR;
}

static LONG
status_change(struct reader *r, DWORD ms, SCARD_READERSTATE *state)
{
	LONG rv = pcsc.SCardGetStatusChange(r->context, ms, state, 1);
	SCARDCONTEXT fresh;

	if (!is_dead(rv))
		return rv;
	if (pcsc.SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &fresh) != SCARD_S_SUCCESS)
		return rv;
	(void)pcsc.SCardReleaseContext(r->context);
	r->context = fresh;
	state->dwCurrentState = SCARD_STATE_UNAWARE;
	return pcsc.SCardGetStatusChange(r->context, ms, state, 1);
}

static DWORD
event_count(const SCARD_READERSTATE *state)
{
	return state->dwEventState >> 16;
}

/* The reader's state now. */
static bool
look(struct reader *r, SCARD_READERSTATE *state, struct err *e)
{
	*state = (SCARD_READERSTATE){ .szReader = r->name };
	LONG rv = status_change(r, 0, state);
	if (rv != SCARD_S_SUCCESS)
		return readererr_set(rv, r->name, e);
	if (state->dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
		return readererr_set(SCARD_E_READER_UNAVAILABLE, r->name, e);
	return true;
}

bool
reader_has_card(struct reader *r, bool *has, struct err *e)
{
	SCARD_READERSTATE state;

	if (!look(r, &state, e))
		return false;
	*has = state.dwEventState & SCARD_STATE_PRESENT;
	return true;
}

void
reader_revive(struct reader *r, unsigned ms)
{
	const struct timespec pause = { .tv_nsec = 50 * 1000000 };
	int64_t deadline = now_ms() + ms;
	SCARD_READERSTATE state;
	struct err ignored;

	if (look(r, &state, &ignored))
		return;
	while ((!look(r, &state, &ignored) || !(state.dwEventState & SCARD_STATE_PRESENT)) &&
		now_ms() < deadline)
		nanosleep(&pause, NULL);
}

bool
reader_wait(struct reader *r, bool other, unsigned ms, struct err *e)
{
	int64_t deadline = now_ms() + ms;
	SCARD_READERSTATE state;

	if (!look(r, &state, e))
		return false;
	while (!(state.dwEventState & SCARD_STATE_PRESENT) ||
		(other && event_count(&state) == r->events)) {
		int64_t left = deadline - now_ms();
		if (left <= 0)
			return readererr_set(
				ms ? SCARD_E_TIMEOUT : SCARD_E_NO_SMARTCARD, r->name, e);
		state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
		LONG rv = status_change(r, (DWORD)left, &state);
		if (rv != SCARD_S_SUCCESS && rv != SCARD_E_TIMEOUT)
			return readererr_set(rv, r->name, e);
		if (state.dwEventState & (SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE))
			return readererr_set(SCARD_E_READER_UNAVAILABLE, r->name, e);
	}
	r->events = event_count(&state);
	return true;
}

/* Transactions ----------------------------------------------------------------------------- */

static LONG
connect_card(struct reader *r)
{
	LONG rv = SCARD_E_NO_SERVICE;

	for (int i = 0; i < 2; i++) {
		SCARDCONTEXT fresh;

		rv = pcsc.SCardConnect(r->context, r->name, SCARD_SHARE_SHARED,
			SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &r->card, &r->protocol);
		if (!is_dead(rv))
			break;
		if (pcsc.SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &fresh) !=
			SCARD_S_SUCCESS)
			break;
		(void)pcsc.SCardReleaseContext(r->context);
		r->context = fresh;
	}
	r->connected = rv == SCARD_S_SUCCESS;
	return rv;
}

static void
disconnect(struct reader *r, DWORD disposition)
{
	if (r->connected)
		(void)pcsc.SCardDisconnect(r->card, disposition);
	r->connected = false;
}

/* Others may reset the card between connecting and the transaction, not after. */
static bool
begin(void *context, struct err *e)
{
	struct reader *r = context;
	LONG rv = connect_card(r);

	if (rv != SCARD_S_SUCCESS)
		return readererr_set(rv, NULL, e);
	rv = pcsc.SCardBeginTransaction(r->card);
	for (int i = 0; rv == SCARD_W_RESET_CARD && i < RECONNECTS; i++) {
		rv = pcsc.SCardReconnect(r->card, SCARD_SHARE_SHARED,
			SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, SCARD_LEAVE_CARD, &r->protocol);
		if (rv == SCARD_S_SUCCESS)
			rv = pcsc.SCardBeginTransaction(r->card);
	}
	if (rv == SCARD_S_SUCCESS)
		return true;
	disconnect(r, SCARD_LEAVE_CARD);
	return readererr_set(rv, NULL, e);
}

/* pcscd does not see the next card in a reader where it had to reset one that was gone. */
static bool
end(void *context, struct err *e)
{
	struct reader *r = context;
	DWORD disposition = r->pulled ? SCARD_LEAVE_CARD : SCARD_RESET_CARD;
	LONG rv = pcsc.SCardEndTransaction(r->card, disposition);

	/* Disconnecting resets as well, should that have failed. */
	disconnect(r, rv == SCARD_S_SUCCESS ? SCARD_LEAVE_CARD : disposition);
	r->pulled = false;
	return rv == SCARD_S_SUCCESS || readererr_set(rv, NULL, e);
}

static bool
transmit(void *context, const uint8_t *command, size_t len, uint8_t *reply, size_t size,
	size_t *reply_len, struct err *e)
{
	struct reader *r = context;
	const SCARD_IO_REQUEST pci = { .dwProtocol = r->protocol, .cbPciLength = sizeof(pci) };
	DWORD got = (DWORD)size;
	LONG rv = pcsc.SCardTransmit(r->card, &pci, command, (DWORD)len, NULL, reply, &got);

	if (rv == SCARD_E_INSUFFICIENT_BUFFER)
		return err_set(e, ERR_DEVICE, "a reply longer than a card may give");
	/* Some drivers answer for a card that is gone, with nothing. */
	if (rv == SCARD_S_SUCCESS && got == 0)
		rv = SCARD_W_REMOVED_CARD;
	r->pulled |= rv == SCARD_W_REMOVED_CARD;
	if (rv != SCARD_S_SUCCESS)
		return readererr_set(rv, NULL, e);
	*reply_len = got;
	return true;
}

static bool
control(void *context, uint32_t code, const uint8_t *in, size_t len, uint8_t *out, size_t size,
	size_t *out_len, struct err *e)
{
	struct reader *r = context;
	DWORD got = 0;
	LONG rv = pcsc.SCardControl(r->card, code, in, (DWORD)len, out, (DWORD)size, &got);

	r->pulled |= rv == SCARD_W_REMOVED_CARD;
	if (rv != SCARD_S_SUCCESS)
		return readererr_set(rv, NULL, e);
	*out_len = got;
	return true;
}

struct apdu_link
reader_link(struct reader *r)
{
	return (struct apdu_link){
		.context = r,
		.transmit = transmit,
		.begin = begin,
		.end = end,
		.control = control,
	};
}

void
reader_atr(const struct reader *r, char out[static READER_ATR_TEXT])
{
	uint8_t atr[MAX_ATR_SIZE];
	DWORD len = sizeof(atr);

	out[0] = '\0';
	if (r->connected &&
		pcsc.SCardStatus(r->card, NULL, NULL, NULL, NULL, atr, &len) == SCARD_S_SUCCESS)
		encode_hex(out, atr, len);
}
