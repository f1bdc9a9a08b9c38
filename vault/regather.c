/* SPDX-License-Identifier: ISC */
#include "vault/regather.h"

bool
regather_with(struct gather *g, const struct store *s, const struct state_key *k,
	struct medium_records *record, struct quorum *q, struct secret *kek, EVP_PKEY **out,
	struct err *e)
{
	const struct state_set *set = state_current_set(k);
	char pin[PIN_TEXT];
	struct quorum_want want = {
		.key = k->id,
		.anchor = set ? &set->signer : &s->state.key,
		.vault_pin = pin,
		.set = set ? set->id : NULL,
	};

	pin_encode(&k->pin, pin);
	if (record && !quorum_add(q, &want, record, e))
		return false;
	if (record && q->count != 1) {
		*e = q->rejects[0].err;
		return err_wrap(e, "read back %s", q->rejects[0].label);
	}
	bool settled = gather_shares(g, &want, q, e);
	if (!record)
		gather_warn(q);
	if (!settled)
		return false;
	if (record)
		quorum_swap(q, 0, q->count - 1);
	return gather_unseal(q, s, kek, out, e);
}

bool
regather_key(struct gather *g, const struct store *s, const struct state_key *k, struct quorum *q,
	struct secret *kek, EVP_PKEY **out, struct err *e)
{
	return regather_with(g, s, k, NULL, q, kek, out, e);
}

json_t *
regather_numbers(const struct quorum *q)
{
	json_t *numbers = json_array();

	for (size_t i = 0; i < q->count; i++)
		json_array_append_new(numbers, json_integer((json_int_t)q->shares[i].number));
	if (json_array_size(numbers) == q->count)
		return numbers;
	json_decref(numbers);
	return NULL;
}

bool
regather_record(const struct quorum *q, json_t *from, struct err *e)
{
	json_t *names = json_array();

	for (size_t i = 0; i < q->count; i++)
		json_array_append_new(names, json_string(q->shares[i].custodian));
	if (json_array_size(names) != q->count) {
		json_decref(names);
		return err_set(e, ERR_MEMORY, "out of memory");
	}
	json_t *item = json_pack("{s:s, s:s, s:o, s:o}", "key", q->shares[0].key, "set",
		q->shares[0].set, "custodians", names, "numbers", regather_numbers(q));
	return json_array_append_new(from, item) == 0 || err_set(e, ERR_MEMORY, "out of memory");
}
