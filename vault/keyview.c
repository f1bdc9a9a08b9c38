/* SPDX-License-Identifier: ISC */
#include "vault/keyview.h"

/* The latest one, or null. */
static json_t *
certificate_json(const struct state_key *k)
{
	const struct state_certificate *c = state_certificate(k);

	if (!c)
		return json_null();
	return json_pack("{s:s, s:s, s:o, s:o}", "serial", c->serial, "issuer", c->issuer,
		"not_before", json_time(c->not_before), "not_after", json_time(c->not_after));
}

bool
keyview_json(const struct store *s, const struct ready_history *h, const struct state_key *key,
	json_t **out, struct err *e)
{
	char pin[PIN_TEXT];
	int64_t deployed = CLOCK_NONE, ready = CLOCK_NONE;
	json_t *view;

	pin_encode(&key->pin, pin);
	if (key->domain)
		ready_when(h, key->domain, &key->pin,
			state_policy_of(&s->state, state_find_domain(&s->state, key->domain))
				.prior_max_age,
			&deployed, &ready);
	view = json_pack("{s:s, s:s, s:s, s:s?, s:b, s:b, s:b, s:s, s:o, s:o, s:o}", "key", key->id,
		"pin", pin, "algorithm", key->algorithm, "state", manifest_state_name(key->state),
		"displaced", key->displaced, "proven", state_is_proven(key), "released",
		key->released, "origin", manifest_origin_name(key->origin), "deployed",
		json_time(deployed), "ready", json_time(ready), "certificate",
		certificate_json(key));
	if (!view)
		return err_set(e, ERR_MEMORY, "out of memory");
	*out = view;
	return true;
}
