/* SPDX-License-Identifier: ISC */
#include "hsm/cardlock.h"

#include "shares/sharebin.h"

#include <string.h>

#define FIXED (LOCK_KEY_LEN + MINISIGN_ID_LEN)

bool
cardlock_parse(const struct secret *bytes, struct cardlock *out)
{
	struct cardlock l = { .secret = bytes->data };
	struct err ignored;

	if (bytes->len <= FIXED || bytes->len > FIXED + SHARE_NAME_MAX)
		return false;
	memcpy(l.vault, bytes->data + LOCK_KEY_LEN, MINISIGN_ID_LEN);
	memcpy(l.custodian, bytes->data + FIXED, bytes->len - FIXED);
	if (strlen(l.custodian) != bytes->len - FIXED ||
		!share_name_check("custodian", l.custodian, &ignored))
		return false;
	*out = l;
	return true;
}

bool
cardlock_encode(const struct cardlock *l, struct secret *out, struct err *e)
{
	SECRET_AUTO bytes = SECRET_NONE;
	size_t len = strlen(l->custodian);

	if (!secret_new(&bytes, FIXED + len, e))
		return false;
	memcpy(bytes.data, l->secret, LOCK_KEY_LEN);
	memcpy(bytes.data + LOCK_KEY_LEN, l->vault, MINISIGN_ID_LEN);
	memcpy(bytes.data + FIXED, l->custodian, len);
	secret_move(out, &bytes);
	return true;
}

static bool
is_anothers(const char *held, const struct share *s, struct err *e)
{
	err_set(e, ERR_REFUSED, "this is the card of %s, not of %s", held, s->custodian);
	return err_hint(e, "insert the card of %s", s->custodian);
}

/* A record that says whose card it is: a lock secret, or a share, with the secret NULL. */
static bool
tells(const struct cardstore_record *r, struct cardlock *out)
{
	SHARE_AUTO share = { 0 };
	struct err ignored;

	if (r->kind == CARDSTORE_LOCK)
		return cardlock_parse(&r->bytes, out);
	if (r->kind != CARDSTORE_SHARE ||
		!sharebin_decode(r->bytes.data, r->bytes.len, &share, &ignored))
		return false;
	*out = (struct cardlock){ 0 };
	memcpy(out->vault, share.vault_key.id, MINISIGN_ID_LEN);
	strcpy(out->custodian, share.custodian);
	return true;
}

bool
cardlock_find(
	const struct cardslots *slots, const struct share *s, const uint8_t **secret, struct err *e)
{
	const uint8_t *found = NULL;

	for (size_t i = 0; i < slots->count; i++)
		for (size_t j = 0; j < slots->slots[i].store.count; j++) {
			struct cardlock l;

			if (!tells(&slots->slots[i].store.records[j], &l) ||
				memcmp(l.vault, s->vault_key.id, MINISIGN_ID_LEN) != 0)
				continue;
			if (strcmp(l.custodian, s->custodian) != 0)
				return is_anothers(l.custodian, s, e);
			if (l.secret && !found)
				found = l.secret;
		}
	*secret = found;
	return true;
}

void
cardlock_owner(const struct cardslots *slots, char out[static SHARE_NAME_MAX + 1])
{
	struct cardlock l;

	out[0] = '\0';
	for (size_t i = 0; i < slots->count; i++)
		for (size_t j = 0; j < slots->slots[i].store.count && !out[0]; j++)
			if (tells(&slots->slots[i].store.records[j], &l))
				strcpy(out, l.custodian);
}
