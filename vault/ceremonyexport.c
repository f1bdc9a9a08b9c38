/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/term.h"
#include "vault/ceremonyrun.h"
#include "vault/publish.h"

static void
show(struct ceremony *c, const struct manifest *m)
{
	ceremony_row(c, "manifest", "serial %lld", (long long)m->serial);
	ceremony_row(c, "offline", "%s", m->offline ? "yes" : "no, for good");
	if (m->rehearsal)
		ceremony_row(c, "rehearsal", "yes: it verifies nowhere as a real one");
	for (size_t i = 0; i < m->domain_count; i++) {
		const struct manifest_domain *d = &m->domains[i];
		size_t roles[ROLE_CA + 1] = { 0 };

		for (size_t p = 0; p < d->pin_count; p++)
			roles[d->pins[p].role]++;
		ceremony_row(c, "domain", "%s: %zu active, %zu backup, %zu CA pins", d->domain,
			roles[ROLE_ACTIVE], roles[ROLE_BACKUP], roles[ROLE_CA]);
	}
}

static bool
publish(struct ceremony *c, struct err *e)
{
	PUBLISH_AUTO p = PUBLISH_NONE;

	p.store = &c->store;
	p.to = c->export_dir;
	p.online = c->online;
	if (!publish_clear(c->export_dir, e) || !publish_prepare(&p, e))
		return false;
	show(c, &p.manifest);
	if (!ceremony_ask(c, CEREMONY_EXPORT, e) || !publish_run(&p, &c->signer, e))
		return false;
	if (p.warnings.len > 0)
		(void)fputs(p.warnings.data, stderr);
	return true;
}

bool
ceremonyexport_run(struct ceremony *c, struct err *e)
{
	const struct state *s = &c->store.state;

	ceremony_announce(c, CEREMONY_EXPORT);
	if (s->manifest_count > 0) {
		ceremony_say(c, "The manifest was signed in an earlier run.");
		return publish_finish(&c->store, s->manifests[0].serial, c->export_dir, e);
	}
	return publish(c, e) && ceremony_digest(c, "manifest (SHA-256)", s->manifests[0].hash, e) &&
	       ceremony_done(c, CEREMONY_EXPORT, NULL, e) && ceremony_log(c, "export", e);
}
