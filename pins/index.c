/* SPDX-License-Identifier: ISC */
#include "pins/index.h"

#include <stdlib.h>
#include <string.h>

static int
compare_hashes(const void *a, const void *b)
{
	const struct manifest_pin *x = *(const struct manifest_pin *const *)a;
	const struct manifest_pin *y = *(const struct manifest_pin *const *)b;
	int order = memcmp(x->pin.hash, y->pin.hash, PIN_LEN);
	return order ? order : (x > y) - (x < y);
}

bool
index_pins_new(const struct manifest_domain *d, struct index_pins *out, struct err *e)
{
	const struct manifest_pin **pins = calloc(d->pin_count + 1, sizeof *pins);
	if (!pins)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < d->pin_count; i++)
		pins[i] = &d->pins[i];
	qsort(pins, d->pin_count, sizeof *pins, compare_hashes);
	*out = (struct index_pins){ .pins = pins, .count = d->pin_count };
	return true;
}

void
index_pins_free(struct index_pins *i)
{
	free(i->pins);
	*i = (struct index_pins){ 0 };
}

const struct manifest_pin *
index_pins_find(const struct index_pins *i, const struct pin *pin)
{
	size_t low = 0, high = i->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (memcmp(i->pins[middle]->pin.hash, pin->hash, PIN_LEN) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < i->count && pin_equal(&i->pins[low]->pin, pin) ? i->pins[low] : NULL;
}

static int
compare_names(const void *a, const void *b)
{
	const struct manifest_domain *x = *(const struct manifest_domain *const *)a;
	const struct manifest_domain *y = *(const struct manifest_domain *const *)b;
	int order = strcmp(x->domain, y->domain);
	return order ? order : (x > y) - (x < y);
}

bool
index_domains_new(const struct manifest *m, struct index_domains *out, struct err *e)
{
	const struct manifest_domain **domains = calloc(m->domain_count + 1, sizeof *domains);
	if (!domains)
		return err_set(e, ERR_MEMORY, "out of memory");
	for (size_t i = 0; i < m->domain_count; i++)
		domains[i] = &m->domains[i];
	qsort(domains, m->domain_count, sizeof *domains, compare_names);
	*out = (struct index_domains){ .domains = domains, .count = m->domain_count };
	return true;
}

void
index_domains_free(struct index_domains *i)
{
	free(i->domains);
	*i = (struct index_domains){ 0 };
}

const struct manifest_domain *
index_domains_find(const struct index_domains *i, const char *name)
{
	size_t low = 0, high = i->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(i->domains[middle]->domain, name) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < i->count && strcmp(i->domains[low]->domain, name) == 0 ? i->domains[low]
									    : NULL;
}
