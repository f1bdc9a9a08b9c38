/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

static bool
is_leaf(const struct manifest_pin *pin)
{
	return pin->role != ROLE_CA && pin->ca == CA_NONE;
}

static size_t
count_role(const struct manifest_domain *d, enum manifest_role role)
{
	size_t count = 0;
	for (size_t i = 0; i < d->pin_count; i++)
		count += d->pins[i].role == role;
	return count;
}

void
lintca_left_out(struct lint_visit *v)
{
	if (count_role(v->domain, ROLE_CA) > 0 && count_role(v->domain, ROLE_ACTIVE) > 0)
		lint_say(v, NULL, "pins of CAs beside the leaf's");
}

void
lintca_only(struct lint_visit *v)
{
	if (count_role(v->domain, ROLE_CA) > 0 && count_role(v->domain, ROLE_ACTIVE) == 0)
		lint_say(v, NULL, "only a CA is pinned: no leaf would ever match");
}

void
lintca_ios_both(struct lint_visit *v)
{
	size_t leaves = 0;
	for (size_t i = 0; i < v->domain->pin_count; i++)
		leaves += is_leaf(&v->domain->pins[i]);
	if (leaves > 0 && leaves < v->domain->pin_count)
		lint_say(v, NULL, "leaf and CA pins: a backup key under another CA would fail");
}

void
lintca_intermediate(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		if (pin->ca == CA_INTERMEDIATE)
			lint_say(v, pin, "an intermediate CA is pinned");
	}
}

void
lintca_single(struct lint_visit *v)
{
	if (count_role(v->domain, ROLE_CA) == 1)
		lint_say(v, NULL, "a single CA is pinned");
}

void
lintca_backup(struct lint_visit *v)
{
	for (size_t i = 0; i < v->domain->pin_count; i++) {
		const struct manifest_pin *pin = &v->domain->pins[i];
		if (pin->role == ROLE_BACKUP && pin->ca != CA_NONE)
			lint_say(v, pin, "a CA serves as backup: is the served leaf not under it?");
	}
}
