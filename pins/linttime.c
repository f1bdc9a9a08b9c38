/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

void
linttime_expired(struct lint_visit *v)
{
	char text[CLOCK_TEXT];
	if (v->m->valid_until == CLOCK_NONE || v->ctx->now < v->m->valid_until)
		return;
	clock_format(v->m->valid_until, text);
	lint_say(v, NULL, "valid until %s: past", text);
}

void
linttime_no_expiry(struct lint_visit *v)
{
	if (v->m->valid_until == CLOCK_NONE)
		lint_say(v, NULL, "valid_until is null");
}

void
linttime_backup_not_ready(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		char text[CLOCK_TEXT];
		if (!manifest_is_backup(pin) || pin->origin == ORIGIN_EXTERNAL)
			continue;
		if (pin->ready == CLOCK_NONE) {
			lint_say(v, pin, "not known to be deployed, so not ready");
		} else if (pin->ready > v->ctx->now) {
			clock_format(pin->ready, text);
			lint_say(v, pin, "ready from %s on", text);
		}
	}
}

/*
 * A pin that the manifest in production lacks is unknown to its clients, whatever `ready` says.
 * Beyond that `ready` counts where the vault knows it, since the vault has seen every manifest and
 * not just one; else the time since --previous was made.
 */
static bool
held_long_enough(const struct lint_visit *v, const struct manifest_pin *pin)
{
	const struct manifest_pin *earlier = NULL;
	bool held = v->before && v->before->pin_count > 0 && v->before->max_age > 0;
	if (held) {
		earlier = index_pins_find(&v->pins_before, &pin->pin);
		if (!earlier)
			return false;
	}
	if (pin->ready != CLOCK_NONE)
		return pin->ready <= v->ctx->now;
	return !held || earlier->role != ROLE_BACKUP ||
	       v->ctx->now - v->ctx->previous->created >= v->before->max_age;
}

void
linttime_active_too_soon(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		if (pin->role == ROLE_ACTIVE && !held_long_enough(v, pin))
			lint_say(v, pin, "clients may still hold pins without this active one");
	}
}

void
linttime_tlsa(struct lint_visit *v)
{
	for (size_t i = 0; v->ctx->ttl > 0 && i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		if (pin->role != ROLE_ACTIVE || pin->deployed == CLOCK_NONE)
			continue;
		if (v->ctx->now - pin->deployed < 2 * v->ctx->ttl)
			lint_say(v, pin, "published less than two TTLs ago");
	}
}
