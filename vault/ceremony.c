/* SPDX-License-Identifier: ISC */
#include "vault/ceremony.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/place.h"
#include "vault/ceremonyrehearse.h"
#include "vault/ceremonyrun.h"
#include "vault/cmd.h"
#include "vault/doctor.h"
#include "vault/guard.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void
ceremony_close(struct ceremony *c)
{
	json_decref(c->machine);
	json_decref(c->steps);
	signer_free(&c->signer);
	entropy_free(&c->entropy);
	media_free(&c->media);
	if (c->have_store)
		store_close(&c->store);
}

/* The first steps: before anything is written ------------------------------------------------ */

static bool
step_open(struct ceremony *c, struct err *e)
{
	const struct plan *p = c->plan;

	if (c->rehearsal)
		ceremony_say(c,
			"REHEARSAL. Everything is made in %s and deleted at the end; "
			"nothing of it is for production.",
			c->dir);
	ceremony_say(c, "%s of the vault %s, plan %s, coldspare %s",
		c->resumed ? "The ceremony goes on:" : "Ceremony", p->name, p->path, VERSION);
	if (c->resumed)
		ceremony_say(c,
			"It was begun before and not finished. What is finished stays; what "
			"is not is void and made anew.");
	ceremony_announce(c, CEREMONY_OPEN);
	return ceremony_digest(c, "plan", p->hash, e) && ceremony_ask(c, CEREMONY_OPEN, e) &&
	       ceremony_done(c, CEREMONY_OPEN, NULL, e);
}

static bool
step_machine(struct ceremony *c, struct err *e)
{
	BUF_AUTO failed = BUF_NONE;
	struct doctor_subject s = {
		.vault = c->have_store ? c->dir : NULL,
		.now = clock_now(),
		.last_line = c->have_store ? c->store.journal.last_time : CLOCK_NONE,
		.allow_online = c->online,
		.allow_swap = opt_flag(c->options, "allow-swap"),
	};

	ceremony_announce(c, CEREMONY_MACHINE);
	if (!ceremony_hash_program(c, e) || !ceremony_digest(c, "program", c->program, e))
		return false;
	if (!doctor_look_all(&s, &c->machine, &failed, e))
		return false;
	doctor_print(c->machine, c->out);
	if (failed.len > 0) {
		err_set(e, ERR_REFUSED, "this machine is not fit: %s", failed.data);
		return err_hint(e, "set right what failed, then run the ceremony again");
	}
	return ceremony_ask(c, CEREMONY_MACHINE, e) && ceremony_done(c, CEREMONY_MACHINE, NULL, e);
}

static bool
step_clock(struct ceremony *c, struct err *e)
{
	time_t now = (time_t)clock_now();
	struct tm tm;
	char text[80] = "?";

	ceremony_announce(c, CEREMONY_CLOCK);
	if (gmtime_r(&now, &tm))
		strftime(text, sizeof text, "%A %d %B %Y, %H:%M:%S UTC", &tm);
	ceremony_say(c, "It is %s.", text);
	return ceremony_ask(c, CEREMONY_CLOCK, e) && ceremony_done(c, CEREMONY_CLOCK, NULL, e);
}

static void
show_domain(struct ceremony *c, const struct plan_domain *d)
{
	BUF_AUTO names = BUF_NONE;

	for (size_t i = 0; i < d->names.count; i++)
		buf_addf(&names, "%s%s", i ? ", " : "", d->names.items[i]);
	if (!names.failed)
		ceremony_row(c, "domain", "%s", names.data);
}

static void
show_plan(struct ceremony *c)
{
	const struct plan *p = c->plan;
	BUF_AUTO algorithms = BUF_NONE;

	for (size_t i = 0; i < p->algorithm_count; i++)
		buf_addf(&algorithms, "%s%s", i ? ", " : "", p->algorithms[i]->name);
	ceremony_row(c, "vault", "%s, in %s", p->name, c->dir);
	if (!algorithms.failed)
		ceremony_row(c, "keys", "%u for each domain of each algorithm: %s", p->backups,
			algorithms.data);
	for (size_t i = 0; i < p->domain_count; i++)
		show_domain(c, &p->domains[i]);
	ceremony_row(c, "threshold", "any %u of %zu custodians bring a key back", p->threshold,
		p->custodian_count);
	for (size_t i = 0; i < p->custodian_count; i++) {
		const struct plan_custodian *who = &p->custodians[i];

		ceremony_row(c, "custodian", "%s, %s%s%s%s%s", who->name,
			c->specs[i] ? c->specs[i] : "a medium that is asked for",
			who->contact ? ", contact: " : "", who->contact ? who->contact : "",
			who->location ? ", location: " : "", who->location ? who->location : "");
	}
	ceremony_row(c, "export", "%s", c->export_dir);
}

static bool
step_agree(struct ceremony *c, struct err *e)
{
	ceremony_announce(c, CEREMONY_AGREE);
	show_plan(c);
	return ceremony_ask(c, CEREMONY_AGREE, e) && ceremony_done(c, CEREMONY_AGREE, NULL, e);
}

/* All of it --------------------------------------------------------------------------------- */

/* Also of a path below a folder that is not there yet. */
static bool
check_outside(const char *path, const char *folder, const char *what, struct err *e)
{
	AUTO_STR at = strdup(path);

	while (at) {
		AUTO_STR up = NULL;
		bool inside;

		if (!place_inside(at, folder, &inside, e))
			return false;
		if (inside)
			return err_set(e, ERR_REFUSED, "%s is inside the %s folder", path, what);
		if (file_exists(at))
			return true;
		if (!file_parent(at, &up, e))
			return false;
		free(at);
		at = up;
		up = NULL;
	}
	return err_set(e, ERR_MEMORY, "out of memory");
}

/* An interrupted run may have left something there; it is known, and cleared, when its turn comes.
 */
static bool
check_export(const struct ceremony *c, struct err *e)
{
	if (!check_outside(c->export_dir, c->dir, "vault", e))
		return false;
	if (c->resumed || !file_is_dir(c->export_dir) || file_check_empty(c->export_dir, e))
		return true;
	return err_hint(e, "everything in an export folder is published: give each its own");
}

/* What would make a later step fail, told before the first one. */
static bool
check_ahead(struct ceremony *c, struct err *e)
{
	const char *to = opt_get(c->options, "transcript");

	if (!plan_locations_check(c->plan, e) || !check_export(c, e))
		return false;
	if (to && (!check_outside(to, c->dir, "vault", e) ||
			  !check_outside(to, c->export_dir, "export", e) ||
			  (file_is_dir(to) && !file_check_empty(to, e))))
		return err_wrap(e, "--transcript");
	for (size_t i = 0; c->alone && i < c->plan->custodian_count; i++)
		if (!c->specs[i]) {
			err_set(e, ERR_REFUSED,
				"the medium of %s is asked for, and --yes asks nobody",
				c->plan->custodians[i].name);
			return err_hint(e, "leave --yes out, or name the medium in the plan");
		}
	return ceremonypins_check(c, e);
}

static bool
step_vault(struct ceremony *c, struct err *e)
{
	SECRET_AUTO passphrase = SECRET_NONE;

	return ceremonyfound_unlock(c, &passphrase, e) && guard_offline(c->online, e) &&
	       ceremonyfound_make(c, &passphrase, e) && ceremony_log_start(c, e);
}

static bool
is_over(const struct ceremony *c)
{
	return c->have_store && c->store.state.ceremony_done != CLOCK_NONE;
}

static bool
go(struct ceremony *c, struct err *e)
{
	if (!ceremonyfound_look(c, e))
		return false;
	if (is_over(c)) {
		ceremony_say(c, "The ceremony of this plan is over: nothing is made again.");
		return ceremonyend_run(c, e);
	}
	return check_ahead(c, e) && step_open(c, e) && step_machine(c, e) && step_clock(c, e) &&
	       step_agree(c, e) && step_vault(c, e) && ceremonykeys_run(c, e) &&
	       ceremonypolicy_set(c, e) && ceremonypins_run(c, e) && ceremonyexport_run(c, e) &&
	       ceremonyend_run(c, e);
}

static bool
print_end(struct ceremony *c, struct err *e)
{
	const struct state *s = &c->store.state;
	char key[MINISIGN_PUB_TEXT];
	JSON_AUTO doc = NULL;

	ceremony_announce(c, CEREMONY_CLOSE);
	if (!cmd_json(c->options))
		return cmd_journal_line(c->options, &c->store, NULL, e);
	minisign_pub_encode(&s->key, key);
	doc = json_pack("{s:{s:s, s:s}, s:s, s:b, s:i, s:s, s:I}", "vault", "name", s->name, "key",
		key, "plan", s->plan, "rehearsal", s->rehearsal, "keys", (int)plan_keys(c->plan),
		"export", c->export_dir, "serial", (json_int_t)s->manifests[0].serial);
	if (!doc)
		return err_set(e, ERR_MEMORY, "out of memory");
	return cmd_journal_line(c->options, &c->store, doc, e) && json_print(doc, e);
}

static bool
may_colour(FILE *to)
{
	const char *term = getenv("TERM"), *no = getenv("NO_COLOR");

	return isatty(fileno(to)) && (!no || !*no) && term && strcmp(term, "dumb") != 0;
}

static bool
start(struct ceremony *c, const struct opts *o, const struct plan *p, struct err *e)
{
	*c = (struct ceremony){
		.options = o,
		.plan = p,
		.kdf = p->kdf,
		.export_dir = p->export_dir,
		.alone = opt_flag(o, "yes"),
		.online = cmd_online(o),
		.out = cmd_json(o) ? stderr : stdout,
		.called = CEREMONY_STEPS,
	};
	c->colour = may_colour(c->out);
	for (size_t i = 0; i < p->custodian_count; i++)
		c->specs[i] = p->custodians[i].medium;
	if (!media_init(o, &c->media, e))
		return false;
	c->media.host.call = c->alone ? NULL : ceremony_call;
	c->media.host.done = ceremony_called;
	c->media.host.say = ceremony_hear;
	return true;
}

/* In the folders of a rehearsal, or in the plan's. */
static bool
run(const struct opts *o, const struct plan *p, const struct ceremonyrehearse *r, struct err *e)
{
	__attribute__((cleanup(ceremony_close))) struct ceremony c;

	if (!start(&c, o, p, e))
		return false;
	if (r) {
		c.rehearsal = true;
		c.dir = r->vault;
		c.export_dir = r->export_dir;
		c.kdf = r->kdf;
		for (size_t i = 0; i < p->custodian_count; i++)
			c.specs[i] = r->media[i];
	} else if (!cmd_vault_path(o, &c.dir, e)) {
		return false;
	}
	return go(&c, e) && print_end(&c, e);
}

static bool
check_options(const struct opts *o, struct err *e)
{
	if (opt_get(o, "scratch") && !opt_flag(o, "rehearse"))
		return err_set(e, ERR_USAGE, "--scratch is for --rehearse");
	return true;
}

bool
ceremony_run(const struct opts *o, const struct plan *p, struct err *e)
{
	CEREMONYREHEARSE_AUTO r = CEREMONYREHEARSE_NONE;

	if (!check_options(o, e))
		return false;
	if (!opt_flag(o, "rehearse"))
		return run(o, p, NULL, e);
	return ceremonyrehearse_begin(&r, p, opt_get(o, "scratch"), e) && run(o, p, &r, e) &&
	       ceremonyrehearse_end(&r, e);
}
