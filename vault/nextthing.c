/* SPDX-License-Identifier: ISC */
#include "vault/nextthing.h"

#include "base/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define DAY 86400
#define DATE_LEN 10

static void
add_date(struct buf *out, int64_t t)
{
	char text[CLOCK_TEXT];

	clock_format(t, text);
	buf_addf(out, "%.*s", DATE_LEN, text);
}

/* "60 days" */
static void
add_duration(struct buf *out, int64_t seconds)
{
	char text[CLOCK_DURATION_TEXT];

	clock_duration_format(seconds, text);
	if (seconds > 0 && seconds % DAY == 0)
		buf_addf(out, "%" PRId64 " day%s", seconds / DAY, seconds == DAY ? "" : "s");
	else
		buf_adds(out, text);
}

static void
look_compromised(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (o->compromised_in)
		buf_adds(out, "a compromised pin is in the newest manifest: export one without it, "
			      "and deploy it now");
	else if (o->compromised_live)
		buf_addf(out,
			"a compromised pin is still in production: deploy manifest %" PRId64
			" now, then say `deployed %" PRId64 "`",
			o->serial, o->serial);
}

static void
look_served(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (o->served == 0)
		buf_addf(out,
			"no pin in the served chain: record the live certificate with `add-pin "
			"--domain %s --role active FILE`",
			o->domain->name);
}

/* The algorithm with the fewest backups, where it has less than are wanted. */
static const struct outlook_slot *
neediest(const struct outlook *o)
{
	const struct outlook_slot *worst = NULL;

	for (size_t i = 0; i < o->slot_count; i++) {
		size_t has = outlook_backups(&o->slots[i]);

		if (has < (size_t)o->policy.backups && (!worst || has < outlook_backups(worst)))
			worst = &o->slots[i];
	}
	return worst;
}

/* "2 ec:p256 backups": the algorithm only where there are several. */
static void
add_backups(const struct outlook *o, const struct outlook_slot *slot, const char *count, bool one,
	struct buf *out)
{
	buf_addf(out, "%s%s%s backup%s", count, o->slot_count > 1 ? " " : "",
		o->slot_count > 1 ? slot->algorithm : "", one ? "" : "s");
}

/* When keys made now could serve. */
static void
add_usable(const struct outlook *o, bool one, struct buf *out)
{
	buf_addf(out, "; %s will be usable ", one ? "it" : "they");
	if (o->serial == 0) {
		buf_adds(out, "once the first manifest is deployed");
		return;
	}
	add_duration(out, o->ramp.now);
	buf_addf(out, " after %s exported", one ? "it is" : "they are");
}

static void
look_backups(const struct outlook *o, int64_t now, struct buf *out)
{
	const struct outlook_slot *slot = neediest(o);
	size_t has = slot ? outlook_backups(slot) : 0, lacks = (size_t)o->policy.backups - has;
	char count[32];

	(void)now;
	if (!slot && o->slot_count > 0)
		return;
	(void)snprintf(count, sizeof(count), "%zu", has);
	add_backups(o, slot, has == 0 ? "no" : count, has <= 1, out);
	if (has == 0)
		buf_addf(out, " left: generate %zu", lacks);
	else
		buf_addf(out, " left of %d: generate %s", o->policy.backups,
			lacks == 1 ? "another" : "more");
	add_usable(o, lacks == 1, out);
}

static void
look_export(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (o->serial == 0)
		buf_adds(out, "nothing is published yet: export");
	else if (o->unpublished > 0)
		buf_addf(out,
			"%zu pin%s not in the newest manifest%s: export, and deploy what comes out",
			o->unpublished, o->unpublished == 1 ? " is" : "s are",
			", or not in this role");
	else if (o->leftover > 0)
		buf_addf(out,
			"%zu pin%s in the newest manifest that should leave: export, and deploy "
			"what comes out",
			o->leftover, o->leftover == 1 ? " is" : "s are");
}

static void
look_deploy(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (!o->deployed)
		buf_addf(out,
			"manifest %" PRId64 " is not known to be deployed: deploy it, then say "
			"`deployed %" PRId64 "`",
			o->serial, o->serial);
}

static void
look_expiry(const struct outlook *o, int64_t now, struct buf *out)
{
	if (!o->expiring || o->expires - now > NEXTTHING_EXPIRY)
		return;
	buf_addf(out, "the certificate of %s %s on ", o->expiring->id,
		o->expires <= now ? "expired" : "expires");
	add_date(out, o->expires);
	buf_addf(out, ": renew it with `attach %s CERTIFICATE`%s", o->expiring->id,
		o->expiring->state == STATE_ACTIVE ? ", or promote a backup" : "");
}

static void
look_displaced(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (o->displaced[0] != '\0')
		buf_addf(out,
			"another key is active now: once no server uses the old one, `retire %s`, "
			"and export",
			o->displaced);
}

static void
look_max_age(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	if (o->max_age == CLOCK_NONE || o->max_age == o->ramp.now)
		return;
	if (o->ramp.steps > 0)
		buf_addf(out, "step %u of %u of the ramp may come: export to make max-age ",
			o->ramp.step, o->ramp.steps);
	else
		buf_adds(out, "the policy is another one than published: export to make max-age ");
	add_duration(out, o->ramp.now);
}

static void
look_presign(const struct outlook *o, int64_t now, struct buf *out)
{
	(void)now;
	for (size_t i = 0; i < o->slot_count; i++)
		if (o->slots[i].presigned > 0)
			return;
	if (o->presign)
		buf_addf(out,
			"no backup has a certificate: have a CA sign keys/%s/request.csr, then "
			"`attach %s CERTIFICATE`",
			o->presign->id, o->presign->id);
}

static void
look_wait(const struct outlook *o, int64_t now, struct buf *out)
{
	size_t usable = 0, backups = 0;
	int64_t last = CLOCK_NONE;

	(void)now;
	for (size_t i = 0; i < o->slot_count; i++) {
		usable += o->slots[i].usable;
		backups += outlook_backups(&o->slots[i]);
		if (o->slots[i].last_ready > last)
			last = o->slots[i].last_ready;
	}
	buf_adds(out, "nothing to do");
	if (last == CLOCK_NONE)
		return;
	buf_addf(out, ": %zu of %zu backups can be used now, the rest from ", usable, backups);
	add_date(out, last);
	buf_adds(out, " on");
}

const struct nextthing_rule nextthing_rules[] = {
	{ "compromised", look_compromised },
	{ "active", look_served },
	{ "generate", look_backups },
	{ "export", look_export },
	{ "deploy", look_deploy },
	{ "expiry", look_expiry },
	{ "retire", look_displaced },
	{ "max-age", look_max_age },
	{ "presign", look_presign },
	{ "wait", look_wait },
	{ 0 },
};

const char *
nextthing_find(const struct outlook *o, int64_t now, struct buf *out)
{
	for (const struct nextthing_rule *r = nextthing_rules; r->id; r++) {
		r->look(o, now, out);
		if (out->len > 0)
			return r->id;
	}
	return NULL;
}
