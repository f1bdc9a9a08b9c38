/* SPDX-License-Identifier: ISC */
#include "hsm/cardslots.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void
slot_free(struct cardslots_slot *slot)
{
	secret_free(&slot->before);
	cardstore_free(&slot->store);
}

void
cardslots_free(struct cardslots *s)
{
	for (size_t i = 0; i < s->count; i++)
		slot_free(&s->slots[i]);
	free(s->slots);
	*s = (struct cardslots){ 0 };
}

static bool
append(struct cardslots *s, unsigned number, struct cardslots_slot **out, struct err *e)
{
	struct cardslots_slot *grown = realloc(s->slots, (s->count + 1) * sizeof(*grown));

	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	s->slots = grown;
	*out = &grown[s->count++];
	**out = (struct cardslots_slot){ .number = number, .state = CARDSTORE_EMPTY };
	return true;
}

static bool
parse(struct cardslots_slot *slot, struct err *e)
{
	return cardstore_parse(slot->before.data, slot->before.len, &slot->state, &slot->store, e);
}

bool
cardslots_load(struct card *c, struct cardslots *out, struct err *e)
{
	CARDSLOTS_AUTO s = { .room = c->room, .max = c->slots };
	struct cardslots_slot *slot = NULL;

	for (unsigned i = 0; i < c->slots; i++)
		if (c->in_use[i] &&
			(!append(&s, i, &slot, e) || !c->driver->load(c, i, &slot->before, e) ||
				!parse(slot, e)))
			return false;
	*out = s;
	s = (struct cardslots){ 0 };
	return true;
}

/* Where nothing is, or only what is ours and whole. */
static bool
is_writable(const struct cardslots_slot *slot)
{
	return slot->state == CARDSTORE_EMPTY || slot->state == CARDSTORE_OURS;
}

static size_t
free_room(const struct cardslots *s, const struct cardslots_slot *slot)
{
	size_t limit = s->room < CARDSTORE_MAX ? s->room : CARDSTORE_MAX;
	size_t used = cardstore_size(&slot->store) + CARDSTORE_RECORD;

	return is_writable(slot) && used < limit ? limit - used : 0;
}

/* The lowest number that no slot has, or s->max. */
static unsigned
unused_number(const struct cardslots *s)
{
	bool used[CARD_SLOTS_MAX] = { false };
	unsigned n = 0;

	for (size_t i = 0; i < s->count; i++)
		used[s->slots[i].number] = true;
	while (n < s->max && used[n])
		n++;
	return n;
}

/* A slot without records first, so that each record stands by itself as long as it can; *most is
 * the largest room there is. */
static struct cardslots_slot *
find_room(const struct cardslots *s, size_t len, size_t *most)
{
	struct cardslots_slot *found = NULL;

	*most = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct cardslots_slot *slot = &s->slots[i];
		size_t room = free_room(s, slot);

		if (room > *most)
			*most = room;
		if (room >= len && room > 0 && (!found || slot->store.count < found->store.count))
			found = slot;
	}
	return found;
}

static bool
no_room(const struct cardslots *s, size_t len, size_t most, struct err *e)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->slots[i].state == CARDSTORE_FOREIGN && s->max == 1) {
			err_set(e, ERR_REFUSED, "the card holds something that is not Coldspare's");
			return err_hint(e, "it is never overwritten: use another card");
		} else if (s->slots[i].state == CARDSTORE_TORN && s->max == 1) {
			err_set(e, ERR_REFUSED, "the card holds a write that was torn");
			return err_hint(e, "`coldspare card erase` removes it");
		}
	err_set(e, ERR_REFUSED, "%zu bytes do not fit on the card: it has room for %zu", len, most);
	return err_hint(e, "use a card with more room, or lock a folder by the card: "
			   "NAME=dir:PATH+card:READER");
}

bool
cardslots_add(
	struct cardslots *s, enum cardstore_kind kind, const struct secret *bytes, struct err *e)
{
	struct cardslots_slot fresh = { .state = CARDSTORE_EMPTY };
	size_t most, unused_room = free_room(s, &fresh);
	struct cardslots_slot *slot = find_room(s, bytes->len, &most);
	unsigned number = unused_number(s);

	if ((!slot || slot->store.count > 0) && number < s->max && unused_room >= bytes->len &&
		!append(s, number, &slot, e))
		return false;
	if (!slot)
		return no_room(s, bytes->len,
			number < s->max && unused_room > most ? unused_room : most, e);
	if (!cardstore_add(&slot->store, kind, bytes, e))
		return false;
	slot->changed = true;
	return true;
}

bool
cardslots_undo(struct cardslots *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		if (!s->slots[i].changed)
			continue;
		cardstore_free(&s->slots[i].store);
		s->slots[i].changed = false;
		if (!parse(&s->slots[i], e))
			return false;
	}
	return true;
}

size_t
cardslots_count(const struct cardslots *s, enum cardstore_kind kind)
{
	size_t count = 0;

	for (size_t i = 0; i < s->count; i++)
		for (size_t j = 0; j < s->slots[i].store.count; j++)
			count += s->slots[i].store.records[j].kind == kind;
	return count;
}

void
cardslots_remove(struct cardslots *s, size_t slot, size_t record)
{
	cardstore_remove(&s->slots[slot].store, record);
	s->slots[slot].changed = true;
}

void
cardslots_clear(struct cardslots *s, size_t *removed)
{
	*removed = 0;
	for (size_t i = 0; i < s->count; i++) {
		struct cardslots_slot *slot = &s->slots[i];

		if (slot->state != CARDSTORE_OURS && slot->state != CARDSTORE_TORN)
			continue;
		*removed += slot->state == CARDSTORE_TORN ? 1 : slot->store.count;
		cardstore_free(&slot->store);
		slot->changed = true;
	}
}

/* What a changed slot shall hold: no bytes when there is no record. */
static bool
wanted(const struct cardslots_slot *slot, struct secret *out, struct err *e)
{
	return slot->store.count > 0 ? cardstore_encode(&slot->store, out, e)
				     : secret_new(out, 0, e);
}

bool
cardslots_write(struct card *c, struct cardslots *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		SECRET_AUTO bytes = SECRET_NONE;

		if (!s->slots[i].changed)
			continue;
		if (!wanted(&s->slots[i], &bytes, e))
			return false;
		s->slots[i].touched = true;
		if (!c->driver->store(c, s->slots[i].number, &bytes, e)) {
			s->too_much = e->code == ERR_REFUSED;
			return false;
		}
	}
	return true;
}

bool
cardslots_restore(struct card *c, struct cardslots *s, struct err *e)
{
	for (size_t i = 0; i < s->count; i++) {
		struct cardslots_slot *slot = &s->slots[i];

		if (!slot->touched)
			continue;
		if (!c->driver->store(c, slot->number, &slot->before, e))
			return false;
		slot->touched = false;
	}
	return true;
}

static const struct cardslots_slot *
slot_of(const struct cardslots *s, unsigned number)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->slots[i].number == number)
			return &s->slots[i];
	return NULL;
}

/* The same bytes, where files that cannot shrink may have more after them. */
static bool
begins_with(const struct secret *bytes, const struct secret *want)
{
	return bytes->len >= want->len && (want->len > 0 || bytes->len == 0) &&
	       (want->len == 0 || sodium_memcmp(bytes->data, want->data, want->len) == 0);
}

bool
cardslots_agree(const struct cardslots *s, const struct cardslots *fresh, bool after, bool *agree,
	struct err *e)
{
	static const struct secret none = { 0 };

	*agree = true;
	for (size_t i = 0; i < s->count; i++) {
		const struct cardslots_slot *slot = &s->slots[i];
		SECRET_AUTO made = SECRET_NONE;

		if (after && slot->changed && !wanted(slot, &made, e))
			return false;
		const struct cardslots_slot *now = slot_of(fresh, slot->number);
		*agree &= begins_with(
			now ? &now->before : &none, after && slot->changed ? &made : &slot->before);
	}
	for (size_t i = 0; i < fresh->count; i++)
		*agree &= slot_of(s, fresh->slots[i].number) != NULL;
	return true;
}
