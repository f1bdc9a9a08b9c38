/* SPDX-License-Identifier: ISC */
#include "tests/p11/fake.h"

#include <p11-kit/pkcs11.h>
#include <string.h>

struct fake fake;

#define SESSIONS 8

static struct {
	bool open;
	unsigned token;
	unsigned next; /* object to be found */
} sessions[SESSIONS];
static bool logged_in[FAKE_TOKENS];

/* Every call begins with this. */
static CK_RV
begin(void)
{
	fake.calls++;
	if (fake.fail_at == 0 || fake.calls < fake.fail_at ||
		(fake.calls > fake.fail_at && !fake.fail_for_good))
		return CKR_OK;
	return fake.fail_with;
}
#define BEGIN                                                                                      \
	do {                                                                                       \
		CK_RV rv_ = begin();                                                               \
		if (rv_ != CKR_OK)                                                                 \
			return rv_;                                                                \
	} while (0)

static CK_RV
initialize(void *arguments)
{
	(void)arguments;
	BEGIN;
	fake.running++;
	return CKR_OK;
}

static CK_RV
finalize(void *reserved)
{
	(void)reserved;
	fake.running--;
	memset(sessions, 0, sizeof(sessions));
	memset(logged_in, 0, sizeof(logged_in));
	fake.sessions = 0;
	return CKR_OK;
}

static void
pad(unsigned char *out, size_t size, const char *text)
{
	size_t len = strlen(text);

	memset(out, ' ', size);
	memcpy(out, text, len < size ? len : size);
}

static CK_RV
get_info(CK_INFO_PTR info)
{
	BEGIN;
	memset(info, 0, sizeof(*info));
	pad(info->manufacturerID, sizeof(info->manufacturerID), "tests");
	pad(info->libraryDescription, sizeof(info->libraryDescription), "fake");
	return CKR_OK;
}

static CK_RV
get_slots(CK_BBOOL present, CK_SLOT_ID_PTR list, CK_ULONG_PTR count)
{
	(void)present;
	BEGIN;
	fake.slot_lists++;
	if (fake.look)
		fake.look();
	if (list)
		for (CK_ULONG i = 0; i < fake.tokens && i < *count; i++)
			list[i] = i;
	*count = fake.tokens;
	if (!list && fake.slots_said)
		*count = fake.slots_said;
	if (list && fake.slots_given)
		*count = fake.slots_given;
	return CKR_OK;
}

static size_t
used(void)
{
	size_t sum = 0;

	for (unsigned i = 0; i < FAKE_OBJECTS; i++)
		sum += fake.objects[i].there ? fake.objects[i].len : 0;
	return sum;
}

static CK_FLAGS
tries_flags(void)
{
	if (fake.tries == 0)
		return CKF_USER_PIN_LOCKED;
	return fake.tries == 1 ? CKF_USER_PIN_FINAL_TRY : 0;
}

static CK_RV
get_token(CK_SLOT_ID slot, CK_TOKEN_INFO_PTR info)
{
	BEGIN;
	if (fake.token_info != CKR_OK)
		return fake.token_info;
	memset(info, 0, sizeof(*info));
	pad(info->label, sizeof(info->label), "fake");
	pad(info->manufacturerID, sizeof(info->manufacturerID), "tests");
	pad(info->model, sizeof(info->model), "fake");
	pad(info->serialNumber, sizeof(info->serialNumber), fake.serial[slot]);
	info->flags = CKF_TOKEN_INITIALIZED | CKF_USER_PIN_INITIALIZED | CKF_LOGIN_REQUIRED |
		      tries_flags() | fake.flags;
	info->flags &= ~fake.clear;
	info->ulMinPinLen = 4;
	info->ulMaxPinLen = 8;
	info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
	if (fake.tell_room) {
		info->ulTotalPrivateMemory = fake.room;
		info->ulFreePrivateMemory = fake.room - used();
	}
	return CKR_OK;
}

static CK_RV
open_session(CK_SLOT_ID slot, CK_FLAGS flags, void *application, CK_NOTIFY notify,
	CK_SESSION_HANDLE_PTR out)
{
	(void)flags;
	(void)application;
	(void)notify;
	BEGIN;
	for (unsigned i = 0; i < SESSIONS; i++)
		if (!sessions[i].open) {
			sessions[i].open = true;
			sessions[i].token = (unsigned)slot;
			*out = i;
			fake.sessions++;
			return CKR_OK;
		}
	return CKR_SESSION_COUNT;
}

static CK_RV
close_session(CK_SESSION_HANDLE s)
{
	CK_RV rv = begin();

	sessions[s].open = false;
	fake.sessions--;
	return rv;
}

static CK_RV
login(CK_SESSION_HANDLE s, CK_USER_TYPE user, CK_UTF8CHAR_PTR pin, CK_ULONG len)
{
	unsigned token = sessions[s].token;
	const char *right = fake.pin[token];

	(void)user;
	BEGIN;
	fake.logins++;
	if (fake.tries == 0)
		return CKR_PIN_LOCKED;
	fake.null_pins += !pin;
	if (pin && (len != strlen(right) || memcmp(pin, right, len) != 0)) {
		fake.wrong_pins++;
		return --fake.tries == 0 ? CKR_PIN_LOCKED : CKR_PIN_INCORRECT;
	}
	logged_in[token] = true;
	return CKR_OK;
}

static CK_RV
logout(CK_SESSION_HANDLE s)
{
	CK_RV rv = begin();

	logged_in[sessions[s].token] = false;
	return rv;
}

/* Objects ---------------------------------------------------------------------------------- */

static bool
visible(CK_SESSION_HANDLE s, unsigned i)
{
	const struct fake_object *o = &fake.objects[i];

	return o->there && o->token == sessions[s].token &&
	       (!o->private || logged_in[o->token] || fake.ignores_private);
}

static CK_RV
find_init(CK_SESSION_HANDLE s, CK_ATTRIBUTE_PTR wanted, CK_ULONG count)
{
	(void)wanted;
	(void)count;
	BEGIN;
	sessions[s].next = 0;
	return CKR_OK;
}

static CK_RV
find(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE_PTR out, CK_ULONG max, CK_ULONG_PTR count)
{
	BEGIN;
	*count = 0;
	for (; sessions[s].next < FAKE_OBJECTS && *count < max; sessions[s].next++)
		if (visible(s, sessions[s].next))
			out[(*count)++] = sessions[s].next;
	if (fake.endless)
		sessions[s].next = 0;
	if (fake.greedy)
		*count = max + 1;
	return CKR_OK;
}

static CK_RV
find_final(CK_SESSION_HANDLE s)
{
	(void)s;
	return begin();
}

static CK_RV
give(CK_ATTRIBUTE_PTR a, const void *data, size_t len)
{
	if (!a->pValue) {
		a->ulValueLen = len;
		if (a->type == CKA_VALUE && fake.lengths)
			a->ulValueLen = fake.lengths;
		return CKR_OK;
	}
	if (a->ulValueLen < len) {
		a->ulValueLen = CK_UNAVAILABLE_INFORMATION;
		return CKR_BUFFER_TOO_SMALL;
	}
	memcpy(a->pValue, data, len);
	a->ulValueLen = len + (a->type == CKA_VALUE ? fake.longer : 0);
	return CKR_OK;
}

static CK_RV
get_attributes(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object, CK_ATTRIBUTE_PTR a, CK_ULONG count)
{
	const struct fake_object *o = &fake.objects[object];

	BEGIN;
	if (count != 1 || !visible(s, (unsigned)object))
		return CKR_OBJECT_HANDLE_INVALID;
	if (a->type == CKA_APPLICATION)
		return give(a, o->application, strlen(o->application));
	if (a->type == CKA_LABEL)
		return give(a, o->label, strlen(o->label));
	if (a->type == CKA_VALUE)
		return give(a, o->value, o->len);
	return CKR_ATTRIBUTE_TYPE_INVALID;
}

static void
take(struct fake_object *o, const CK_ATTRIBUTE *a)
{
	if (a->type == CKA_PRIVATE)
		o->private = *(const CK_BYTE *)a->pValue;
	if (a->type == CKA_APPLICATION && !fake.drops_application)
		memcpy(o->application, a->pValue, a->ulValueLen);
	if (a->type == CKA_LABEL)
		memcpy(o->label, a->pValue, a->ulValueLen);
	if (a->type == CKA_VALUE) {
		memcpy(o->value, a->pValue, a->ulValueLen);
		o->len = fake.tear && fake.tear < a->ulValueLen ? fake.tear : a->ulValueLen;
	}
}

static CK_RV
create(CK_SESSION_HANDLE s, CK_ATTRIBUTE_PTR a, CK_ULONG count, CK_OBJECT_HANDLE_PTR out)
{
	struct fake_object o = { .there = true, .token = sessions[s].token };

	BEGIN;
	if (!logged_in[o.token])
		return CKR_USER_NOT_LOGGED_IN;
	for (CK_ULONG i = 0; i < count; i++)
		take(&o, &a[i]);
	if (fake.room && used() + o.len > fake.room)
		return CKR_DEVICE_MEMORY;
	for (unsigned i = 0; i < FAKE_OBJECTS; i++)
		if (!fake.objects[i].there) {
			fake.objects[i] = o;
			*out = i;
			return CKR_OK;
		}
	return CKR_DEVICE_MEMORY;
}

static CK_RV
destroy(CK_SESSION_HANDLE s, CK_OBJECT_HANDLE object)
{
	BEGIN;
	if (!visible(s, (unsigned)object))
		return CKR_OBJECT_HANDLE_INVALID;
	fake.objects[object].there = false;
	return CKR_OK;
}

static CK_FUNCTION_LIST calls = {
	.version = { 2, 40 },
	.C_Initialize = initialize,
	.C_Finalize = finalize,
	.C_GetInfo = get_info,
	.C_GetSlotList = get_slots,
	.C_GetTokenInfo = get_token,
	.C_OpenSession = open_session,
	.C_CloseSession = close_session,
	.C_Login = login,
	.C_Logout = logout,
	.C_FindObjectsInit = find_init,
	.C_FindObjects = find,
	.C_FindObjectsFinal = find_final,
	.C_GetAttributeValue = get_attributes,
	.C_CreateObject = create,
	.C_DestroyObject = destroy,
};

CK_RV
C_GetFunctionList(CK_FUNCTION_LIST_PTR_PTR out)
{
	*out = &calls;
	return CKR_OK;
}
