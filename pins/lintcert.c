/* SPDX-License-Identifier: ISC */
#include "pins/lintrule.h"

#include <openssl/evp.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

void
lintcert_hash(struct lint_visit *v)
{
	const struct pubfile *given = v->ctx->certificates;
	for (size_t i = 0; given && i < given->count; i++) {
		struct pin hash;
		if (!given->items[i].certificate ||
			!X509_digest(given->items[i].certificate, EVP_sha256(), hash.hash, NULL))
			continue;
		const struct manifest_pin *pin = index_pins_find(&v->pins, &hash);
		if (pin)
			lint_say(v, pin, "the hash of the whole certificate of %s",
				given->items[i].subject);
	}
}

static bool
is_pinned_as(const struct lint_visit *v, const struct pin *key, bool backup)
{
	const struct manifest_pin *pin = index_pins_find(&v->pins, key);
	return pin && (pin->role == ROLE_BACKUP) == backup;
}

static bool
issued(const struct pubfile_item *upper, const struct pubfile_item *lower)
{
	return upper->certificate && lower->certificate && upper != lower &&
	       X509_check_issued(upper->certificate, lower->certificate) == X509_V_OK;
}

/* Marks every given certificate that stands below a marked one; each becomes marked once, so that
 * cross signatures in a ring come to an end. */
static void
mark_below(const struct pubfile *given, bool *marked)
{
	for (bool grown = true; grown;) {
		grown = false;
		for (size_t i = 0; i < given->count; i++) {
			for (size_t j = 0; marked[i] && j < given->count; j++) {
				if (!marked[j] && issued(&given->items[i], &given->items[j]))
					marked[j] = grown = true;
			}
		}
	}
}

static bool
is_above_a_pinned_leaf(struct lint_visit *v, size_t upper)
{
	const struct pubfile *given = v->ctx->certificates;
	bool *below = calloc(given->count, sizeof *below);
	bool found = false;
	if (!below) {
		v->failed = true;
		return false;
	}
	below[upper] = true;
	mark_below(given, below);
	for (size_t i = 0; i < given->count && !found; i++)
		found = below[i] && is_pinned_as(v, &given->items[i].pin, false);
	free(below);
	return found;
}

void
lintcert_backup_above(struct lint_visit *v)
{
	const struct pubfile *given = v->ctx->certificates;
	for (size_t i = 0; given && i < given->count; i++) {
		const struct pubfile_item *item = &given->items[i];
		if (item->certificate && is_pinned_as(v, &item->pin, true) &&
			is_above_a_pinned_leaf(v, i))
			lint_say(v, index_pins_find(&v->pins, &item->pin),
				"this backup is the CA %s above a pinned certificate",
				item->subject);
	}
}
