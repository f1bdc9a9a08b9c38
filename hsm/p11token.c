/* SPDX-License-Identifier: ISC */
/* The tokens behind a module, as they show themselves: declared in p11.h. */
#include "hsm/cryptoki.h"
#include "hsm/p11err.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A field padded with blanks, as printable text. */
static void
take_text(char *out, size_t size, const unsigned char *from)
{
	size_t len = size - 1;

	memcpy(out, from, len);
	out[len] = '\0';
	len = strlen(out);
	while (len > 0 && out[len - 1] == ' ')
		out[--len] = '\0';
	err_clean(out);
}

bool
p11_about(struct p11 *m, char *out, size_t size, struct err *e)
{
	struct ck_info info = { 0 };
	char maker[33], library[33];
	ck_rv_t rv = m->calls->C_GetInfo(&info);

	if (rv != CKR_OK)
		return p11err_set(rv, "asking the module who it is", e);
	take_text(maker, sizeof(maker), info.manufacturer_id);
	take_text(library, sizeof(library), info.library_description);
	(void)snprintf(out, size, "%s, %s %u.%u", maker, library, info.library_version.major,
		info.library_version.minor);
	return true;
}

static int
tries_of(ck_flags_t flags)
{
	if (flags & CKF_USER_PIN_LOCKED)
		return 0;
	return flags & CKF_USER_PIN_FINAL_TRY ? 1 : P11_TRIES_UNKNOWN;
}

static void
take_token(struct p11_token *t, ck_slot_id_t slot, const struct ck_token_info *i)
{
	*t = (struct p11_token){
		.slot = slot,
		.initialised = i->flags & CKF_TOKEN_INITIALIZED,
		.ready = i->flags & CKF_TOKEN_INITIALIZED && i->flags & CKF_USER_PIN_INITIALIZED,
		.open = !(i->flags & CKF_LOGIN_REQUIRED),
		.pinpad = i->flags & CKF_PROTECTED_AUTHENTICATION_PATH,
		.read_only = i->flags & CKF_WRITE_PROTECTED,
		.stale = i->flags & CKF_USER_PIN_TO_BE_CHANGED,
		.warned = i->flags & (CKF_USER_PIN_COUNT_LOW | CKF_USER_PIN_FINAL_TRY),
		.tries = tries_of(i->flags),
		.pin_min = i->min_pin_len,
		.pin_max = i->max_pin_len,
		.room_known = i->free_private_memory != CK_UNAVAILABLE_INFORMATION &&
			      i->total_private_memory != CK_UNAVAILABLE_INFORMATION &&
			      i->total_private_memory != 0,
		.room = i->free_private_memory,
	};
	take_text(t->serial, sizeof(t->serial), i->serial_number);
	take_text(t->label, sizeof(t->label), i->label);
	take_text(t->model, sizeof(t->model), i->model);
	take_text(t->maker, sizeof(t->maker), i->manufacturer_id);
	for (char *c = t->serial; *c; c++)
		if (*c <= ' ' || *c > '~')
			*c = '_';
}

void
p11_tokens_free(struct p11_tokens *t)
{
	free(t->items);
	*t = (struct p11_tokens){ 0 };
}

#define SLOTS_MAX 1024
#define SLOTS_TURNS 5

/* The slots with a token in them, malloc'd. */
static bool
list_slots(struct p11 *m, ck_slot_id_t **out, unsigned long *count, struct err *e)
{
	ck_rv_t rv = CKR_BUFFER_TOO_SMALL;

	/* Another one may come between the two calls. */
	for (int turn = 0; rv == CKR_BUFFER_TOO_SMALL && turn < SLOTS_TURNS; turn++) {
		unsigned long n = 0, room;

		rv = m->calls->C_GetSlotList(1, NULL, &n);
		if (rv != CKR_OK)
			break;
		if (n > SLOTS_MAX)
			return err_set(e, ERR_DEVICE, "the module says it has %lu tokens", n);
		room = n;
		ck_slot_id_t *slots = calloc(room + 1, sizeof(*slots));
		if (!slots)
			return err_set(e, ERR_MEMORY, "out of memory");
		rv = m->calls->C_GetSlotList(1, slots, &n);
		if (rv == CKR_OK && n <= room) {
			*out = slots;
			*count = n;
			return true;
		}
		free(slots);
		if (rv == CKR_OK)
			return err_set(e, ERR_DEVICE, "the module lists more tokens than it has");
	}
	return p11err_set(rv, "looking for tokens", e);
}

static bool
is_known(const struct p11_tokens *t, const struct p11_token *one)
{
	for (size_t i = 0; i < t->count; i++)
		if (*one->serial && strcmp(t->items[i].serial, one->serial) == 0)
			return true;
	return false;
}

bool
p11_list(struct p11 *m, struct p11_tokens *out, struct err *e)
{
	P11_TOKENS_AUTO t = { 0 };
	ck_slot_id_t *slots = NULL;
	unsigned long count = 0;

	if (!list_slots(m, &slots, &count, e))
		return err_wrap(e, "%s", m->path);
	t.items = calloc(count + 1, sizeof(*t.items));
	for (unsigned long i = 0; t.items && i < count; i++) {
		struct ck_token_info info = { 0 };
		ck_rv_t rv = m->calls->C_GetTokenInfo(slots[i], &info);

		if (rv != CKR_OK) {
			p11err_set(rv, "looking at a token", &t.unknown);
			continue;
		}
		take_token(&t.items[t.count], slots[i], &info);
		t.count += !is_known(&t, &t.items[t.count]);
	}
	free(slots);
	if (!t.items)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = t;
	t = (struct p11_tokens){ 0 };
	return true;
}
