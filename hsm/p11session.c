/* SPDX-License-Identifier: ISC */
/* Sessions with a token, and its objects: declared in p11.h. */
#include "hsm/cryptoki.h"
#include "hsm/p11err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OBJECTS_MAX 65536

bool
p11_open(struct p11 *m, const struct p11_token *t, bool write, struct p11_session **out,
	struct err *e)
{
	struct p11_session *s = calloc(1, sizeof(*s));

	if (!s)
		return err_set(e, ERR_MEMORY, "out of memory");
	*s = (struct p11_session){ .module = m, .slot = t->slot, .token = *t };
	ck_rv_t rv = m->calls->C_OpenSession(
		t->slot, CKF_SERIAL_SESSION | (write ? CKF_RW_SESSION : 0), NULL, NULL, &s->handle);
	if (rv == CKR_OK) {
		*out = s;
		return true;
	}
	free(s);
	return p11err_set(rv, "opening a session", e);
}

void
p11_close(struct p11_session **s)
{
	if (!*s)
		return;
	const struct ck_function_list *calls = (*s)->module->calls;
	if ((*s)->logged_in)
		(void)calls->C_Logout((*s)->handle);
	(void)calls->C_CloseSession((*s)->handle);
	free(*s);
	*s = NULL;
}

/* How many tries are left now, as far as the token says. */
static bool
wrong_pin(struct p11_session *s, struct err *e)
{
	struct ck_token_info info = { 0 };

	if (s->module->calls->C_GetTokenInfo(s->slot, &info) != CKR_OK)
		return false;
	if (info.flags & CKF_USER_PIN_LOCKED)
		return err_hint(
			e, "that was the last try: the PIN is blocked now; its shares stay");
	if (info.flags & CKF_USER_PIN_FINAL_TRY)
		return err_hint(e, "one try is left, then the token is blocked");
	return false;
}

bool
p11_login(struct p11_session *s, const struct secret *pin, struct err *e)
{
	ck_rv_t rv = s->module->calls->C_Login(
		s->handle, CKU_USER, pin ? pin->data : NULL, pin ? pin->len : 0);

	s->logged_in = rv == CKR_OK || rv == CKR_USER_ALREADY_LOGGED_IN;
	if (s->logged_in)
		return true;
	p11err_set(rv, "logging in", e);
	return rv == CKR_PIN_INCORRECT ? wrong_pin(s, e) : false;
}

/* Objects ---------------------------------------------------------------------------------- */

void
p11_objects_free(struct p11_objects *o)
{
	for (size_t i = 0; i < o->count; i++)
		secret_free(&o->items[i].value);
	free(o->items);
	*o = (struct p11_objects){ 0 };
}

/* How long an attribute is; false where the object has none, or shows none. */
static bool
length_of(struct p11_session *s, ck_object_handle_t object, ck_attribute_type_t type,
	unsigned long *len)
{
	struct ck_attribute a = { .type = type };

	if (s->module->calls->C_GetAttributeValue(s->handle, object, &a, 1) != CKR_OK ||
		a.value_len == CK_UNAVAILABLE_INFORMATION)
		return false;
	*len = a.value_len;
	return true;
}

/* Its bytes, `len` of them and no more. */
static bool
fetch(struct p11_session *s, ck_object_handle_t object, ck_attribute_type_t type, void *out,
	unsigned long *len, struct err *e)
{
	struct ck_attribute a = { .type = type, .value = out, .value_len = *len };
	ck_rv_t rv = s->module->calls->C_GetAttributeValue(s->handle, object, &a, 1);

	if (rv != CKR_OK)
		return p11err_set(rv, "reading an object", e);
	if (a.value_len > *len)
		return err_set(e, ERR_DEVICE,
			"the module says that it wrote over the end of %lu "
			"bytes: %lu",
			*len, a.value_len);
	*len = a.value_len;
	return true;
}

/* "" where there is none, or more than fits. */
static bool
text_of(struct p11_session *s, ck_object_handle_t object, ck_attribute_type_t type,
	char out[static P11_LABEL_MAX + 1], struct err *e)
{
	unsigned long len = 0;

	out[0] = '\0';
	if (!length_of(s, object, type, &len) || len == 0 || len > P11_LABEL_MAX)
		return true;
	if (!fetch(s, object, type, out, &len, e))
		return false;
	out[len] = '\0';
	return true;
}

static bool
value_of(struct p11_session *s, ck_object_handle_t object, size_t limit, struct secret *out,
	struct err *e)
{
	SECRET_AUTO value = SECRET_NONE;
	unsigned long len = 0;

	if (!length_of(s, object, CKA_VALUE, &len) || len == 0 || len > limit)
		return true;
	if (!secret_new(&value, len, e) || !fetch(s, object, CKA_VALUE, value.data, &len, e))
		return false;
	secret_shorten(&value, len);
	secret_move(out, &value);
	return true;
}

/* One object into *out, if it is ours. */
static bool
take(struct p11_session *s, ck_object_handle_t object, size_t limit, struct p11_objects *out,
	struct err *e)
{
	char application[P11_LABEL_MAX + 1];
	struct p11_object *grown;

	if (!text_of(s, object, CKA_APPLICATION, application, e))
		return false;
	if (strcmp(application, P11_APPLICATION) != 0)
		return true;
	grown = realloc(out->items, (out->count + 1) * sizeof(*grown));
	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	out->items = grown;
	grown += out->count++;
	*grown = (struct p11_object){ .handle = object };
	if (!text_of(s, object, CKA_LABEL, grown->label, e))
		return false;
	err_clean(grown->label);
	return value_of(s, object, limit, &grown->value, e);
}

struct handles {
	ck_object_handle_t *items;
	size_t count;
};

static bool
append(struct handles *h, const ck_object_handle_t *some, size_t count, struct err *e)
{
	if (h->count + count > OBJECTS_MAX)
		return err_set(e, ERR_DEVICE, "the module lists more than %d objects", OBJECTS_MAX);
	ck_object_handle_t *grown = realloc(h->items, (h->count + count) * sizeof(*grown));
	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	memcpy(grown + h->count, some, count * sizeof(*grown));
	h->items = grown;
	h->count += count;
	return true;
}

static bool
find(struct p11_session *s, struct handles *out, struct err *e)
{
	ck_object_handle_t some[32];
	const unsigned long room = sizeof(some) / sizeof(some[0]);

	for (;;) {
		unsigned long got = 0;
		ck_rv_t rv = s->module->calls->C_FindObjects(s->handle, some, room, &got);

		if (rv != CKR_OK)
			return p11err_set(rv, "looking for objects", e);
		if (got == 0)
			return true;
		if (got > room)
			return err_set(e, ERR_DEVICE,
				"the module lists more objects than it was "
				"asked for");
		if (!append(out, some, got, e))
			return false;
	}
}

/* All data objects on the token. */
static bool
find_data(struct p11_session *s, struct handles *out, struct err *e)
{
	const struct ck_function_list *calls = s->module->calls;
	ck_object_class_t class = CKO_DATA;
	unsigned char yes = 1;
	struct ck_attribute wanted[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_TOKEN, &yes, sizeof(yes) },
	};
	ck_rv_t rv = calls->C_FindObjectsInit(s->handle, wanted, 2);

	if (rv != CKR_OK)
		return p11err_set(rv, "looking for objects", e);
	bool ok = find(s, out, e);
	(void)calls->C_FindObjectsFinal(s->handle);
	return ok;
}

bool
p11_read(struct p11_session *s, size_t limit, struct p11_objects *out, struct err *e)
{
	P11_OBJECTS_AUTO ours = { 0 };
	struct handles all = { 0 };
	bool ok = find_data(s, &all, e);

	for (size_t i = 0; ok && i < all.count; i++)
		ok = take(s, all.items[i], limit, &ours, e);
	free(all.items);
	if (!ok)
		return false;
	*out = ours;
	ours = (struct p11_objects){ 0 };
	return true;
}

/* Also what OpenSC says where a card has no room for the file. */
static bool
would_not_take(ck_rv_t rv)
{
	return rv == CKR_DEVICE_MEMORY || rv == CKR_GENERAL_ERROR || rv == CKR_FUNCTION_FAILED ||
	       rv == CKR_DATA_LEN_RANGE || rv == CKR_DEVICE_ERROR;
}

static bool
not_created(ck_rv_t rv, bool *full, struct err *e)
{
	*full = would_not_take(rv);
	if (!*full || rv == CKR_DEVICE_MEMORY)
		return p11err_set(rv, "writing an object", e);
	err_set(e, ERR_DEVICE, "writing an object: the token does not take it (0x%lx)", rv);
	return err_hint(e, "it may be full: use a token with more room, or remove what it need "
			   "not keep");
}

bool
p11_create(struct p11_session *s, const char *label, const struct secret *value, bool *full,
	struct err *e)
{
	ck_object_class_t class = CKO_DATA;
	ck_object_handle_t object = 0;
	unsigned char yes = 1;
	struct ck_attribute all[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_TOKEN, &yes, sizeof(yes) },
		{ CKA_PRIVATE, &yes, sizeof(yes) },
		{ CKA_APPLICATION, (void *)(uintptr_t)P11_APPLICATION, strlen(P11_APPLICATION) },
		{ CKA_LABEL, (void *)(uintptr_t)label, strlen(label) },
		{ CKA_VALUE, value->data, value->len },
	};
	ck_rv_t rv = s->module->calls->C_CreateObject(
		s->handle, all, sizeof(all) / sizeof(all[0]), &object);

	return rv == CKR_OK || not_created(rv, full, e);
}

bool
p11_destroy(struct p11_session *s, const struct p11_object *o, struct err *e)
{
	ck_rv_t rv = s->module->calls->C_DestroyObject(s->handle, o->handle);

	return rv == CKR_OK || p11err_set(rv, "removing an object", e);
}
