/* SPDX-License-Identifier: ISC */
#include "shares/quorum.h"

#include "base/clock.h"
#include "shares/locked.h"

#include <stdlib.h>
#include <string.h>

void
quorum_free(struct quorum *q)
{
	for (size_t i = 0; i < q->count; i++) {
		share_free(&q->shares[i]);
		free(q->labels[i]);
	}
	for (size_t i = 0; i < q->reject_count; i++)
		free(q->rejects[i].label);
	free(q->shares);
	free(q->labels);
	free(q->rejects);
	*q = (struct quorum){ 0 };
}

/* Takes the label over. */
static bool
reject(struct quorum *q, char **label, const struct err *why, struct err *e)
{
	struct quorum_reject *grown = realloc(q->rejects, (q->reject_count + 1) * sizeof(*grown));

	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	q->rejects = grown;
	grown[q->reject_count++] = (struct quorum_reject){ .label = *label, .err = *why };
	*label = NULL;
	return true;
}

/* Takes the share and the label over. */
static bool
take(struct quorum *q, struct share *s, char **label, struct err *e)
{
	struct share *shares = realloc(q->shares, (q->count + 1) * sizeof(*shares));
	if (shares)
		q->shares = shares;
	char **labels = realloc(q->labels, (q->count + 1) * sizeof(*labels));
	if (labels)
		q->labels = labels;
	if (!shares || !labels)
		return err_set(e, ERR_MEMORY, "out of memory");

	q->shares[q->count] = (struct share){ 0 };
	share_move(&q->shares[q->count], s);
	q->labels[q->count] = *label;
	*label = NULL;
	q->count++;
	return true;
}

/* Shares that may be combined. What one vault key signed agrees in all of this; a forger who signs
 * with a key of his own need not. */
static bool
same_group(const struct share *a, const struct share *b)
{
	return minisign_pub_equal(&a->vault_key, &b->vault_key) && strcmp(a->key, b->key) == 0 &&
	       strcmp(a->pin, b->pin) == 0 && strcmp(a->set, b->set) == 0 &&
	       a->threshold == b->threshold && a->rehearsal == b->rehearsal &&
	       strcmp(a->sealed_hash, b->sealed_hash) == 0;
}

/* A detached share and then the same one with its sealed key: the sealed key is worth keeping. */
static void
adopt_sealed(struct share *to, struct share *from)
{
	if (to->carries_sealed || !from->carries_sealed)
		return;
	sealed_free(&to->sealed);
	to->sealed = from->sealed;
	to->carries_sealed = true;
	from->sealed = (struct sealed){ 0 };
	from->carries_sealed = false;
}

static bool
check_new(struct quorum *q, struct share *s, struct err *why)
{
	for (size_t i = 0; i < q->count; i++) {
		if (q->shares[i].number != s->number || !same_group(&q->shares[i], s))
			continue;
		if (strcmp(q->shares[i].commitment, s->commitment) != 0) {
			err_set(why, ERR_REFUSED,
				"number %u of set %s again, with another payload than in %s",
				s->number, s->set, q->labels[i]);
			return err_hint(why, "the vault signed two shares with one number: give "
					     "only one of them");
		}
		adopt_sealed(&q->shares[i], s);
		err_set(why, ERR_REFUSED, "the same share as %s: number %u of set %s", q->labels[i],
			s->number, s->set);
		return err_hint(why, "bring another custodian's share");
	}
	return true;
}

static bool
check_wanted(const struct quorum_want *want, const struct share *s, struct err *why)
{
	if (!share_is_wanted(want->key, s->key, s->pin)) {
		err_set(why, ERR_REFUSED, "a share of another key: %s", s->key);
		return err_hint(why, "bring the shares of %s", want->key);
	}
	if (want->vault_pin && strcmp(want->vault_pin, s->pin) != 0) {
		err_set(why, ERR_AUTH, "its pin %s is not the one that the vault has, %s", s->pin,
			want->vault_pin);
		return err_hint(why,
			"the vault folder and the share disagree about %s: audit the "
			"vault",
			s->key);
	}
	if (want->set && strcmp(want->set, s->set) != 0) {
		err_set(why, ERR_REFUSED, "a share of another set: %s, where %s is wanted", s->set,
			want->set);
		return err_hint(why,
			"it belongs to another splitting of %s; bring shares of set "
			"%s",
			s->key, want->set);
	}
	if (s->locked) {
		char with[LOCKED_WITH_MAX];

		locked_with(s->locked, with);
		err_set(why, ERR_REFUSED, "locked with %s: it cannot be used without", with);
		return err_hint(why, "%s", locked_advice(s->locked));
	}
	return !want->accept || want->accept(want->context, s, why);
}

static const struct minisign_pub *
anchor_for(const struct quorum_want *want, const struct share *s)
{
	for (size_t i = 0; want->anchor && i < want->before_count; i++)
		if (minisign_pub_equal(&want->before[i], &s->vault_key))
			return &want->before[i];
	return want->anchor ? want->anchor : &s->vault_key;
}

/* Authenticity first: what a forged or altered share says of itself is not worth a look. */
static bool
examine(struct quorum *q, const struct quorum_want *want, const struct medium_record *record,
	struct share *s, struct err *why)
{
	if (record->err.code != ERR_NONE) {
		*why = record->err;
		if (!why->hint[0])
			err_hint(why,
				"try it on another machine, or bring another custodian's share");
		return false;
	}
	return share_parse(record->text.data, record->text.len, s, why) &&
	       share_verify(s, anchor_for(want, s), why) && check_wanted(want, s, why) &&
	       check_new(q, s, why);
}

bool
quorum_add(struct quorum *q, const struct quorum_want *want, struct medium_records *records,
	struct err *e)
{
	for (size_t i = 0; i < records->count; i++) {
		struct medium_record *record = &records->items[i];
		SHARE_AUTO s = { 0 };
		struct err why = { 0 };

		bool usable = examine(q, want, record, &s, &why);
		secret_free(&record->text);
		if (why.code == ERR_MEMORY) {
			*e = why;
			return err_wrap(e, "%s", record->label);
		}
		if (usable ? !take(q, &s, &record->label, e) : !reject(q, &record->label, &why, e))
			return false;
	}
	return true;
}

const struct sealed *
quorum_sealed(const struct quorum *q)
{
	for (size_t i = 0; i < q->count; i++)
		if (q->shares[i].carries_sealed)
			return &q->shares[i].sealed;
	return NULL;
}

/* Settling --------------------------------------------------------------------------------- */

static unsigned
members(const struct quorum *q, const struct share *s)
{
	unsigned n = 0;

	for (size_t i = 0; i < q->count; i++)
		n += same_group(&q->shares[i], s);
	return n;
}

/* Whether share i is the first of its group: one for each group, in the order they came. */
static bool
leads_group(const struct quorum *q, size_t i)
{
	for (size_t j = 0; j < i; j++)
		if (same_group(&q->shares[j], &q->shares[i]))
			return false;
	return true;
}

/* "set 8f3c9a0d11223344 of KEY (vault "Example Ops", vault key ID, 2026-11-22T10:00:00Z): 2 of
 * the 3 needed (numbers 1, 4)" */
static void
describe_group(const struct quorum *q, const struct share *s, struct buf *out)
{
	char id[MINISIGN_ID_TEXT], created[CLOCK_TEXT];
	const char *before = " (numbers ";

	minisign_pub_id(&s->vault_key, id);
	clock_format(s->created, created);
	buf_addf(out, "%sset %s of %s (vault \"%s\", vault key %s, %s): %u of the %u needed",
		out->len > 0 ? "; " : "", s->set, s->key, s->vault, id, created, members(q, s),
		s->threshold);
	for (size_t i = 0; i < q->count; i++)
		if (same_group(&q->shares[i], s)) {
			buf_addf(out, "%s%u", before, q->shares[i].number);
			before = ", ";
		}
	buf_adds(out, ")");
}

static bool
nothing_usable(const struct quorum *q, const struct quorum_want *want, struct err *e)
{
	if (q->reject_count == 0) {
		err_set(e, ERR_MISSING, "no share of %s is there", want->key);
		return err_hint(e, "shares are files named `<key id>.<set>.<number>.share`");
	}
	err_set(e, ERR_REFUSED, "none of the %zu shares given can be used for %s", q->reject_count,
		want->key);
	return err_hint(e, "%s: %s", q->rejects[0].label, q->rejects[0].err.message);
}

static bool
not_enough(const struct quorum *q, struct err *e)
{
	BUF_AUTO groups = BUF_NONE;
	unsigned missing = SHARE_COUNT_MAX;

	for (size_t i = 0; i < q->count; i++) {
		const struct share *s = &q->shares[i];
		if (!leads_group(q, i))
			continue;
		describe_group(q, s, &groups);
		if (s->threshold - members(q, s) < missing)
			missing = s->threshold - members(q, s);
	}
	if (!buf_ok(&groups, e))
		return false;
	err_set(e, ERR_REFUSED, "%u more share%s needed: %s", missing,
		missing == 1 ? " is" : "s are", groups.data);
	if (q->reject_count > 0)
		return err_hint(e,
			"bring the shares of more custodians; %zu of those given cannot "
			"be used",
			q->reject_count);
	return err_hint(e, "bring the shares of more custodians, of the same set");
}

static bool
several_complete(const struct quorum *q, struct err *e)
{
	BUF_AUTO groups = BUF_NONE;

	for (size_t i = 0; i < q->count; i++)
		if (leads_group(q, i) && members(q, &q->shares[i]) >= q->shares[i].threshold)
			describe_group(q, &q->shares[i], &groups);
	if (!buf_ok(&groups, e))
		return false;
	err_set(e, ERR_REFUSED, "more than one set of shares is complete: %s", groups.data);
	return err_hint(e,
		"give the shares of one of them only, or name it with --set; if their vault "
		"keys differ, one may be a forgery: check with the right vault.pub (--key)");
}

/* Moves share i to the rejects. */
static bool
drop(struct quorum *q, size_t i, const struct err *why, struct err *e)
{
	if (!reject(q, &q->labels[i], why, e))
		return false;
	share_free(&q->shares[i]);
	q->count--;
	memmove(&q->shares[i], &q->shares[i + 1], (q->count - i) * sizeof(q->shares[0]));
	memmove(&q->labels[i], &q->labels[i + 1], (q->count - i) * sizeof(q->labels[0]));
	return true;
}

static bool
is_exact(const struct quorum *q, const char *key)
{
	for (size_t i = 0; i < q->count; i++)
		if (strcmp(q->shares[i].key, key) == 0)
			return true;
	return false;
}

/* A whole key id means that key, even where it is also a prefix of another. */
static bool
drop_longer_ids(struct quorum *q, const char *key, struct err *e)
{
	for (size_t i = 0; i < q->count;) {
		struct err why;
		if (strcmp(q->shares[i].key, key) == 0) {
			i++;
			continue;
		}
		err_set(&why, ERR_REFUSED, "a share of another key: %s", q->shares[i].key);
		err_hint(&why, "bring the shares of %s", key);
		if (!drop(q, i, &why, e))
			return false;
	}
	return true;
}

static bool
one_key(const struct quorum *q, const struct quorum_want *want, struct err *e)
{
	BUF_AUTO keys = BUF_NONE;
	size_t count = 0;

	for (size_t i = 0; i < q->count; i++) {
		size_t j = 0;
		while (strcmp(q->shares[j].key, q->shares[i].key) != 0)
			j++;
		if (j < i)
			continue;
		buf_addf(&keys, "%s%s", count++ > 0 ? ", " : "", q->shares[i].key);
	}
	if (!buf_ok(&keys, e))
		return false;
	if (count == 1)
		return true;
	err_set(e, ERR_REFUSED, "\"%s\" fits the shares of %zu keys: %s", want->key, count,
		keys.data);
	return err_hint(e, "give the whole key id of one");
}

static bool
drop_other_groups(struct quorum *q, size_t chosen, struct err *e)
{
	for (size_t i = 0; i < q->count;) {
		const struct share *s = &q->shares[i], *ours = &q->shares[chosen];
		struct err why;
		if (same_group(s, ours)) {
			i++;
			continue;
		}
		if (!minisign_pub_equal(&s->vault_key, &ours->vault_key))
			err_set(&why, ERR_REFUSED, "a share of another vault: \"%s\"", s->vault);
		else
			err_set(&why, ERR_REFUSED, "a share of another set: %s", s->set);
		err_hint(&why, "the one that is complete here is set %s of vault \"%s\"", ours->set,
			ours->vault);
		if (!drop(q, i, &why, e))
			return false;
		chosen -= i < chosen;
	}
	return true;
}

bool
quorum_settle(struct quorum *q, const struct quorum_want *want, struct err *e)
{
	size_t complete = 0, chosen = 0;

	if (q->count == 0)
		return nothing_usable(q, want, e);
	if (is_exact(q, want->key) && !drop_longer_ids(q, want->key, e))
		return false;
	if (!one_key(q, want, e))
		return false;
	for (size_t i = 0; i < q->count; i++)
		if (leads_group(q, i) && members(q, &q->shares[i]) >= q->shares[i].threshold) {
			complete++;
			chosen = i;
		}
	if (complete == 0)
		return not_enough(q, e);
	if (complete > 1)
		return several_complete(q, e);
	return drop_other_groups(q, chosen, e);
}
