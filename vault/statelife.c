/* SPDX-License-Identifier: ISC */
#include "vault/statelife.h"

#include "vault/statebuild.h"

#include <stdio.h>
#include <string.h>

/* The key that a line names: one that was committed. */
static bool
get_key(const struct state *s, const json_t *body, struct state_key **out, struct err *e)
{
	const char *id;

	if (!statebuild_key_id(body, "key", &id, e))
		return false;
	struct state_key *k = state_key_by_id(s, id);
	if (!k || k->state == STATE_VOID)
		return err_set(e, ERR_FORMAT, "the vault has no key %s", id);
	*out = k;
	return true;
}

/* Certificates ----------------------------------------------------------------------------- */

static bool
fill_certificate(struct state_certificate *c, const json_t *body, struct err *e)
{
	const char *serial, *issuer, *path = NULL;
	json_t *files, *hash;

	if (!json_get_str(body, "serial", &serial, e) ||
		!json_get_str(body, "issuer", &issuer, e) ||
		!json_get_object(body, "files", &files, e) ||
		!statebuild_time(body, "not_before", &c->not_before, e) ||
		!statebuild_time(body, "not_after", &c->not_after, e))
		return false;
	if (json_object_size(files) != 1)
		return err_set(
			e, ERR_FORMAT, "a certificate in %zu files", json_object_size(files));
	json_object_foreach(files, path, hash) break;
	return statebuild_copy(&c->serial, serial, e) && statebuild_copy(&c->issuer, issuer, e) &&
	       statebuild_copy(&c->path, path, e);
}

bool
statelife_attach(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_key *k = NULL;

	if (!get_key(s, line->body, &k, e))
		return false;
	if (k->state == STATE_RETIRED || k->state == STATE_COMPROMISED)
		return err_set(e, ERR_FORMAT, "a certificate for %s, which is %s", k->id,
			manifest_state_name(k->state));
	struct state_certificate *list =
		statebuild_room(k->certificates, k->certificate_count, sizeof(*list), e);
	if (!list)
		return false;
	k->certificates = list;
	list[k->certificate_count] = (struct state_certificate){ 0 };
	if (!fill_certificate(&list[k->certificate_count++], line->body, e))
		return false;
	if (k->state == STATE_STANDBY)
		k->state = STATE_PRESIGNED;
	return statebuild_files(s, line->body, e);
}

/* A request made later, with the key in memory for one signature. */
bool
statelife_csr(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_key *k = NULL;
	struct state_set *set;

	if (!statebuild_brought_back(s, line->body, line, &k, &set, e))
		return false;
	k->request_number++;
	return statebuild_files(s, line->body, e);
}

/* Active, retired, compromised ------------------------------------------------------------- */

void
statelife_displace(struct state_domain *d, const char *algorithm, const struct pin *by)
{
	for (size_t i = 0; i < d->key_count; i++) {
		struct state_key *k = d->keys[i];
		if (k->state != STATE_ACTIVE || strcmp(k->algorithm, algorithm) != 0 ||
			pin_equal(&k->pin, by))
			continue;
		k->state = STATE_RETIRED;
		k->displaced = true;
	}
	for (size_t i = 0; i < d->pin_count; i++) {
		struct state_pin *p = &d->pins[i];
		if (p->role == ROLE_ACTIVE && !p->removed && strcmp(p->algorithm, algorithm) == 0 &&
			!pin_equal(&p->pin, by))
			p->displaced = true;
	}
}

void
statelife_adopt(struct state *s, struct state_key *k)
{
	struct state_domain *d = k->domain ? state_find_domain(s, k->domain) : NULL;
	struct state_pin *p = d ? state_find_pin(d, &k->pin) : NULL;

	if (!p || p->removed || p->role == ROLE_CA)
		return;
	if (p->role == ROLE_ACTIVE)
		k->state = p->displaced ? STATE_RETIRED : STATE_ACTIVE;
	k->displaced = p->displaced;
	p->displaced = false;
	p->removed = true;
}

/* A displaced key may come back. */
bool
statelife_promote(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_key *k = NULL;

	if (!get_key(s, line->body, &k, e))
		return false;
	struct state_domain *d = k->domain ? state_find_domain(s, k->domain) : NULL;
	if (!d)
		return err_set(e, ERR_FORMAT, "%s is of no domain", k->id);
	if (k->state != STATE_STANDBY && k->state != STATE_PRESIGNED && !k->displaced)
		return err_set(e, ERR_FORMAT, "%s is %s and cannot be promoted", k->id,
			manifest_state_name(k->state));
	k->state = STATE_ACTIVE;
	k->displaced = false;
	statelife_displace(d, k->algorithm, &k->pin);
	return true;
}

/* What `retire` and `compromise` name: a key, or a pin from outside. One of the two is NULL. */
static bool
get_pinned(const struct state *s, const json_t *body, struct state_domain **domain,
	struct state_key **key, struct state_pin **external, struct err *e)
{
	const char *name, *id;
	struct pin pin;

	if (!statebuild_pin(body, "pin", &pin, e) || !json_get_str(body, "domain", &name, e) ||
		!json_get_str_opt(body, "key", &id, e))
		return false;
	struct state_domain *d = state_find_domain(s, name);
	struct state_key *k = id ? state_key_by_id(s, id) : NULL;
	struct state_pin *p = d && !id ? state_find_pin(d, &pin) : NULL;
	if (!d || (k ? !pin_equal(&k->pin, &pin) || k->state == STATE_VOID : !p))
		return err_set(e, ERR_FORMAT, "%s has no such pin", name);
	*domain = d;
	*key = k;
	*external = p;
	return true;
}

bool
statelife_retire(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_domain *d = NULL;
	struct state_key *k = NULL;
	struct state_pin *p = NULL;

	if (!get_pinned(s, line->body, &d, &k, &p, e))
		return false;
	if (k && k->state == STATE_COMPROMISED)
		return err_set(e, ERR_FORMAT, "%s is compromised", k->id);
	if (k) {
		k->state = STATE_RETIRED;
		k->displaced = false;
	} else {
		p->removed = true;
		p->displaced = false;
	}
	return true;
}

bool
statelife_compromise(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_domain *d = NULL;
	struct state_key *k = NULL;
	struct state_pin *p = NULL;

	if (!get_pinned(s, line->body, &d, &k, &p, e))
		return false;
	d->compromised = true;
	if (k) {
		k->state = STATE_COMPROMISED;
		k->displaced = false;
	} else {
		p->compromised = true;
		p->removed = true;
		p->displaced = false;
	}
	return true;
}

static bool
is_safe(const struct state_domain *d)
{
	bool served = false, backup = false;

	for (size_t i = 0; i < d->key_count; i++) {
		served |= d->keys[i]->state == STATE_ACTIVE;
		backup |= state_is_spare(d->keys[i]);
	}
	for (size_t i = 0; i < d->pin_count; i++) {
		const struct state_pin *p = &d->pins[i];
		bool counts = !p->removed && !p->displaced;
		served |= counts && p->role != ROLE_BACKUP;
		backup |= counts && p->role == ROLE_BACKUP;
	}
	return served && backup;
}

void
statelife_exported(struct state *s)
{
	for (size_t i = 0; i < s->domain_count; i++)
		if (is_safe(&s->domains[i]))
			s->domains[i].compromised = false;
}

bool
statelife_released(struct state *s, const struct journal_line *line, struct err *e)
{
	struct state_key *k = NULL;

	if (!get_key(s, line->body, &k, e))
		return false;
	k->released = true;
	return true;
}

/* Destruction ------------------------------------------------------------------------------ */

static bool
destroy_set(struct state_key *k, const json_t *item, struct err *e)
{
	struct state_set *set =
		json_is_string(item) ? statebuild_find_set(k, json_string_value(item)) : NULL;

	if (!set || set->destroyed)
		return err_set(e, ERR_FORMAT, "%s has no such set to destroy", k->id);
	set->destroyed = true;
	return true;
}

/* Nothing but the sealed records of these sets: what a line names here, a command removes. */
static bool
destroy_file(struct state *s, const struct state_key *k, const json_t *sets, const char *path,
	struct err *e)
{
	const json_t *set;
	size_t i;

	json_array_foreach(sets, i, set)
	{
		char record[STATE_PATH];

		(void)snprintf(record, sizeof(record), "keys/%s/sealed-%s.txt", k->id,
			json_string_value(set));
		if (strcmp(path, record) == 0)
			return statebuild_destroyed(s, path, e);
	}
	return err_set(e, ERR_FORMAT, "%s is no sealed record of the sets it destroys", path);
}

bool
statelife_destroy(struct state *s, const struct journal_line *line, struct err *e)
{
	json_t *sets, *files, *item;
	struct state_key *k = NULL;
	size_t i;

	if (!get_key(s, line->body, &k, e) || !json_get_array(line->body, "sets", &sets, e) ||
		!json_get_array(line->body, "files", &files, e))
		return false;
	json_array_foreach(sets, i, item)
	{
		if (!destroy_set(k, item, e))
			return false;
	}
	json_array_foreach(files, i, item)
	{
		if (!json_is_string(item))
			return err_set(e, ERR_FORMAT, "file %zu has no name", i + 1);
		if (!destroy_file(s, k, sets, json_string_value(item), e))
			return false;
	}
	return true;
}
