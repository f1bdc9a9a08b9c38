/* SPDX-License-Identifier: ISC */
#include "tests/pcscfake.h"

#include "tests/cards/iso.h"
#include "tests/cards/mishap.h"
#include "tests/support.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <winscard.h>

/* There is one of each. */
static struct {
	struct card card;
	struct store saved;
	struct pcscfake_fault fault;
	long apdus, calls;
	bool present, was_reset; /* was_reset: by somebody else, and nobody reconnected yet */
	bool stopped;            /* the service; a new context starts it */
	DWORD events;
} fake;

static const struct applet *const applets[] = { &app_openpgp, &app_piv, &app_schsm };

/* The card --------------------------------------------------------------------------------- */

static void
store_copy(struct store *to, const struct store *from)
{
	for (size_t i = 0; i < to->count; i++)
		free(to->values[i].data);
	free(to->values);
	*to = (struct store){ 0 };
	for (size_t i = 0; i < from->count; i++)
		assert_true(store_put(
			to, from->values[i].id, from->values[i].data, from->values[i].len));
}

void
pcscfake_free(void)
{
	static const struct store none;

	store_copy(&fake.card.store, &none);
	store_copy(&fake.saved, &none);
	buf_free(&fake.card.chain);
	buf_free(&fake.card.rest);
}

void
pcscfake_card(const struct pcscfake_sort *sort)
{
	struct settings *s = &fake.card.settings;

	pcscfake_free();
	for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++)
		if (strcmp(applets[i]->name, sort->applet) == 0)
			fake.card = (struct card){ .applet = applets[i],
				.settings = applets[i]->defaults };
	assert_non_null(fake.card.applet);
	s->old = sort->old;
	s->pieces = sort->pieces;
	if (sort->size > 0)
		s->size = sort->size;
	if (sort->algorithm)
		s->algorithm = sort->algorithm;
	fake.card.applet->factory(&fake.card);
	pcscfake_arm(NULL);
}

void
pcscfake_save(void)
{
	store_copy(&fake.saved, &fake.card.store);
}

void
pcscfake_restore(void)
{
	store_copy(&fake.card.store, &fake.saved);
}

bool
pcscfake_is_as_saved(void)
{
	bool same = fake.saved.count == fake.card.store.count;

	for (size_t i = 0; same && i < fake.saved.count; i++) {
		const struct store_value *a = &fake.saved.values[i],
					 *b = &fake.card.store.values[i];
		same = a->id == b->id && a->len == b->len && memcmp(a->data, b->data, a->len) == 0;
	}
	return same;
}

void
pcscfake_arm(const struct pcscfake_fault *f)
{
	static const struct pcscfake_fault none;

	fake.fault = f ? *f : none;
	fake.apdus = fake.calls = 0;
	fake.present = true;
	fake.was_reset = fake.stopped = false;
	fake.events++;
	fake.card.writes = 0;
	fake.card.dying = false;
	fake.card.settings.tear = fake.fault.tear;
	iso_reset(&fake.card);
}

long
pcscfake_apdus(void)
{
	return fake.apdus;
}

long
pcscfake_writes(void)
{
	return fake.card.writes;
}

long
pcscfake_calls(void)
{
	return fake.calls;
}

bool
pcscfake_gone(void)
{
	return !fake.present;
}

unsigned
pcscfake_tries(void)
{
	static const uint8_t references[] = { 0x81, 0x80, 0x81 };

	for (size_t i = 0; i < sizeof(applets) / sizeof(applets[0]); i++)
		if (fake.card.applet == applets[i])
			return iso_pin_tries(&fake.card, references[i]);
	return 0;
}

bool
pcscfake_unlocked(void)
{
	return fake.present && fake.card.session.verified != 0;
}

static LONG
pull(void)
{
	iso_reset(&fake.card);
	fake.card.dying = false;
	fake.present = false;
	fake.events++;
	return SCARD_W_REMOVED_CARD;
}

static LONG
answer(const uint8_t *command, size_t len, uint8_t *reply, DWORD *reply_len)
{
	const struct pcscfake_fault *f = &fake.fault;
	const struct mishap *lie = f->lie ? mishap_named(f->lie) : NULL;
	BUF_AUTO out = BUF_NONE;

	if (++fake.apdus == f->die_at)
		return pull();
	iso_exchange(&fake.card, command, len, &out);
	if (fake.card.dying || fake.apdus == f->die_after)
		return pull();
	if (lie && (fake.apdus == f->lie_at || (lie->lasting && fake.apdus > f->lie_at)))
		lie->spoil(&out);
	if (out.len > *reply_len)
		return SCARD_E_INSUFFICIENT_BUFFER;
	memcpy(reply, out.data, out.len);
	*reply_len = out.len;
	return SCARD_S_SUCCESS;
}

/* The library ------------------------------------------------------------------------------ */

/* What an error does beside being told. */
static LONG
go_wrong(LONG code)
{
	switch (code) {
	case SCARD_W_REMOVED_CARD:
		return pull();
	case SCARD_W_RESET_CARD:
		iso_reset(&fake.card);
		fake.was_reset = true;
		return code;
	case SCARD_E_NO_SERVICE:
		iso_reset(&fake.card);
		fake.stopped = true;
		return code;
	default:
		return code;
	}
}

/* Each call that can fail begins with this. */
static LONG
called(void)
{
	if (++fake.calls == fake.fault.call)
		return go_wrong(fake.fault.code);
	return fake.stopped ? SCARD_E_NO_SERVICE : SCARD_S_SUCCESS;
}

static LONG
called_for_card(void)
{
	LONG rv = called();

	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (!fake.present)
		return SCARD_W_REMOVED_CARD;
	return fake.was_reset ? SCARD_W_RESET_CARD : SCARD_S_SUCCESS;
}

static LONG
establish(DWORD scope, LPCVOID a, LPCVOID b, LPSCARDCONTEXT out)
{
	(void)scope;
	(void)a;
	(void)b;
	fake.stopped = false;
	*out = 1;
	return called();
}

static LONG
release(SCARDCONTEXT context)
{
	(void)context;
	return SCARD_S_SUCCESS;
}

static LONG
list_readers(SCARDCONTEXT context, LPCSTR groups, LPSTR out, LPDWORD len)
{
	LONG rv = called();
	char **allocated = (char **)(void *)out;

	(void)context;
	(void)groups;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	*len = sizeof(PCSCFAKE_READER) + 1;
	*allocated = calloc(1, *len);
	assert_non_null(*allocated);
	strcpy(*allocated, PCSCFAKE_READER);
	return SCARD_S_SUCCESS;
}

static LONG
free_memory(SCARDCONTEXT context, LPCVOID memory)
{
	(void)context;
	free((void *)(uintptr_t)memory);
	return SCARD_S_SUCCESS;
}

static LONG
status_change(SCARDCONTEXT context, DWORD ms, SCARD_READERSTATE *state, DWORD count)
{
	LONG rv = called();

	(void)context;
	(void)count;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (ms > 0 && !fake.present && fake.fault.comes_back) {
		fake.present = true;
		fake.events++;
	}
	state->dwEventState =
		fake.events << 16 | (fake.present ? SCARD_STATE_PRESENT : SCARD_STATE_EMPTY);
	return ms > 0 && state->dwCurrentState == state->dwEventState ? SCARD_E_TIMEOUT
								      : SCARD_S_SUCCESS;
}

static LONG
connect_card(SCARDCONTEXT context, LPCSTR reader, DWORD share, DWORD protocols, LPSCARDHANDLE out,
	LPDWORD protocol)
{
	LONG rv = called();

	(void)context;
	(void)share;
	(void)protocols;
	assert_string_equal(reader, PCSCFAKE_READER);
	if (rv != SCARD_S_SUCCESS)
		return rv;
	if (!fake.present)
		return SCARD_E_NO_SMARTCARD;
	fake.was_reset = false;
	*out = 2;
	*protocol = SCARD_PROTOCOL_T1;
	return SCARD_S_SUCCESS;
}

static LONG
reconnect(SCARDHANDLE card, DWORD share, DWORD protocols, DWORD disposition, LPDWORD protocol)
{
	LONG rv = called();

	(void)card;
	(void)share;
	(void)protocols;
	(void)disposition;
	if (rv != SCARD_S_SUCCESS)
		return rv;
	fake.was_reset = false;
	*protocol = SCARD_PROTOCOL_T1;
	return fake.present ? SCARD_S_SUCCESS : SCARD_W_REMOVED_CARD;
}

static LONG
disconnect(SCARDHANDLE card, DWORD disposition)
{
	(void)card;
	if (disposition == SCARD_RESET_CARD)
		iso_reset(&fake.card);
	return SCARD_S_SUCCESS;
}

static LONG
begin(SCARDHANDLE card)
{
	(void)card;
	return called_for_card();
}

static LONG
end(SCARDHANDLE card, DWORD disposition)
{
	LONG rv = called_for_card();

	(void)card;
	if (rv == SCARD_S_SUCCESS && disposition == SCARD_RESET_CARD)
		iso_reset(&fake.card);
	return rv;
}

static LONG
status(SCARDHANDLE card, LPSTR names, LPDWORD names_len, LPDWORD state, LPDWORD protocol,
	LPBYTE atr, LPDWORD atr_len)
{
	(void)card;
	(void)names;
	(void)names_len;
	(void)state;
	(void)protocol;
	(void)atr;
	*atr_len = 0;
	return SCARD_S_SUCCESS;
}

static LONG
transmit(SCARDHANDLE card, const SCARD_IO_REQUEST *send, LPCBYTE command, DWORD len,
	SCARD_IO_REQUEST *receive, LPBYTE reply, LPDWORD reply_len)
{
	LONG rv = called_for_card();

	(void)card;
	(void)send;
	(void)receive;
	return rv == SCARD_S_SUCCESS ? answer(command, len, reply, reply_len) : rv;
}

/* Of no feature: there is no keypad. */
static LONG
control(SCARDHANDLE card, DWORD code, LPCVOID in, DWORD in_len, LPVOID out, DWORD size, LPDWORD got)
{
	LONG rv = called_for_card();

	(void)card;
	(void)code;
	(void)in;
	(void)in_len;
	(void)out;
	(void)size;
	*got = 0;
	return rv;
}

static const struct {
	const char *name;
	void (*function)(void);
} functions[] = {
#define ROW(name, f)                                                                               \
	{                                                                                          \
		name, (void (*)(void))f                                                            \
	}
	ROW("SCardEstablishContext", establish),
	ROW("SCardReleaseContext", release),
	ROW("SCardListReaders", list_readers),
	ROW("SCardFreeMemory", free_memory),
	ROW("SCardGetStatusChange", status_change),
	ROW("SCardConnect", connect_card),
	ROW("SCardReconnect", reconnect),
	ROW("SCardDisconnect", disconnect),
	ROW("SCardBeginTransaction", begin),
	ROW("SCardEndTransaction", end),
	ROW("SCardStatus", status),
	ROW("SCardTransmit", transmit),
	ROW("SCardControl", control),
};

void *__wrap_dlopen(const char *name, int flags);
void *__real_dlopen(const char *name, int flags);
void *__wrap_dlsym(void *library, const char *name);
void *__real_dlsym(void *library, const char *name);

void *
__wrap_dlopen(const char *name, int flags)
{
	return strstr(name, "pcsclite") ? (void *)&fake : __real_dlopen(name, flags);
}

void *
__wrap_dlsym(void *library, const char *name)
{
	void *found = NULL;

	if (library != &fake)
		return __real_dlsym(library, name);
	for (size_t i = 0; i < sizeof(functions) / sizeof(functions[0]); i++)
		if (strcmp(functions[i].name, name) == 0)
			memcpy(&found, &functions[i].function, sizeof(found));
	return found;
}
