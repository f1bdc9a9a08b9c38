/* SPDX-License-Identifier: ISC */
#include "pins/verdict.h"

#include <time.h>

#define NEVER ((int64_t)253402300799) /* 9999-12-31T23:59:59Z */

void
verdict_free(struct verdict *v)
{
	index_pins_free(&v->pins);
	*v = (struct verdict){ 0 };
}

const struct manifest_pin *
verdict_pin(const struct verdict *v, const struct pubfile_item *item)
{
	return index_pins_find(&v->pins, &item->pin);
}

bool
verdict_path_matches(const struct verdict *v, const struct chain_path *path)
{
	for (size_t i = 0; i < path->count; i++) {
		if (verdict_pin(v, path->certificates[i]))
			return true;
	}
	return false;
}

int64_t
verdict_not_after(const struct pubfile_item *item)
{
	int64_t end;
	if (!pubfile_time(X509_get0_notAfter(item->certificate), &end) || end == NEVER)
		return CLOCK_NONE;
	return end;
}

static bool
is_served(const struct chain *c, const struct pin *pin)
{
	for (size_t i = 0; i < c->count; i++) {
		for (size_t j = 0; j < c->paths[i].count; j++) {
			if (pin_equal(&c->paths[i].certificates[j]->pin, pin))
				return true;
		}
	}
	return false;
}

static void
look_at_path(struct verdict *v, const struct chain_path *path)
{
	v->match &= verdict_path_matches(v, path);
	for (size_t i = 0; i < path->count; i++) {
		int64_t end = verdict_not_after(path->certificates[i]);
		if (end == CLOCK_NONE || (v->expires_first && end >= v->expires_at))
			continue;
		v->expires_first = path->certificates[i];
		v->expires_at = end;
	}
}

bool
verdict_make(
	const struct manifest_domain *d, const struct chain *c, struct verdict *out, struct err *e)
{
	struct verdict v = { .domain = d, .chain = c, .match = true, .expires_at = CLOCK_NONE };
	if (!index_pins_new(d, &v.pins, e))
		return false;
	for (size_t i = 0; i < c->count; i++)
		look_at_path(&v, &c->paths[i]);
	for (size_t i = 0; i < d->pin_count; i++)
		v.backups_outside +=
			manifest_is_backup(&d->pins[i]) && !is_served(c, &d->pins[i].pin);
	*out = v;
	return true;
}
