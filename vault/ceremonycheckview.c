/* SPDX-License-Identifier: ISC */
#include "vault/ceremonycheckview.h"

#include "base/digest.h"
#include <stdio.h>

/* "12 s", "7 min" */
static void
time_text(double seconds, char out[static 32])
{
	if (seconds < 100)
		snprintf(out, 32, "%.0f s", seconds < 1 ? 1 : seconds);
	else
		snprintf(out, 32, "%.0f min", seconds / 60 + 0.5);
}

/* In the form that doctor_print takes. */
static bool
rows_json(const struct ceremonycheck *c, json_t **out, struct err *e)
{
	JSON_AUTO rows = json_array();

	for (size_t i = 0; i < c->count; i++) {
		const struct doctor_finding *f = &c->rows[i].finding;
		json_t *row = json_pack("{s:s, s:s, s:s}", "id", c->rows[i].about, "verdict",
			doctor_word(f->verdict), "message", f->message);

		if (json_array_append_new(rows, row) != 0)
			return err_set(e, ERR_MEMORY, "out of memory");
	}
	*out = rows;
	rows = NULL;
	return true;
}

static void
print_made(const struct plan *p)
{
	size_t keys = plan_keys(p), shares = keys + 1;

	printf("makes\n  vault %s: its signing key, and %zu backup key%s\n", p->name, keys,
		keys == 1 ? "" : "s");
	for (size_t i = 0; i < p->domain_count; i++) {
		printf("  %s: ", p->domains[i].name);
		for (size_t a = 0; a < p->algorithm_count; a++)
			printf("%s%u %s", a ? ", " : "", p->backups, p->algorithms[a]->name);
		printf("; %zu name%s\n", p->domains[i].names.count,
			p->domains[i].names.count == 1 ? "" : "s");
	}
	printf("  %zu shares, %zu for each of %zu custodians; any %u of them bring a key back\n",
		shares * p->custodian_count, shares, p->custodian_count, p->threshold);
	printf("  an export: pins.json, its signature, vault.pub, %zu request%s\n", keys,
		keys == 1 ? "" : "s");
}

static void
print_time(const struct ceremonycheck *c)
{
	char keys[32], passphrase[32];

	time_text(c->need.keys_seconds, keys);
	time_text(c->need.passphrase_seconds, passphrase);
	printf("takes\n  keys: about %s on this machine; with RSA half or twice that\n", keys);
	printf("  passphrase: about %s each time it is used\n", passphrase);
	printf("  people: about %u min, at two for each step and each medium\n",
		ceremonycheck_minutes(c->plan));
}

bool
ceremonycheckview_print(const struct ceremonycheck *c, struct err *e)
{
	BUF_AUTO digest = BUF_NONE;
	JSON_AUTO rows = NULL;

	if (!rows_json(c, &rows, e) || !digest_text(c->plan->hash, "  ", &digest, e) ||
		!buf_ok(&digest, e))
		return false;
	printf("plan %s\n%s\n", c->plan->path, digest.data);
	print_made(c->plan);
	printf("\n");
	doctor_print(rows, stdout);
	printf("\n");
	print_time(c);
	return true;
}

/* JSON ------------------------------------------------------------------------------------- */

static json_t *
made_json(const struct plan *p)
{
	json_t *keys = json_array();

	for (size_t i = 0; i < p->domain_count; i++)
		for (size_t a = 0; a < p->algorithm_count; a++)
			json_array_append_new(
				keys, json_pack("{s:s, s:s, s:i}", "domain", p->domains[i].name,
					      "algorithm", p->algorithms[a]->name, "count",
					      (int)p->backups));
	return json_pack("{s:o, s:i, s:i, s:i, s:s}", "keys", keys, "threshold", (int)p->threshold,
		"custodians", (int)p->custodian_count, "shares_each", (int)plan_keys(p) + 1,
		"export", p->export_dir);
}

/* "plan": {"path", "hash", "words"} */
static json_t *
plan_json(const struct plan *p, const char *words)
{
	return json_pack("{s:s, s:s, s:s}", "path", p->path, "hash", p->hash, "words", words);
}

bool
ceremonycheckview_json(const struct ceremonycheck *c, json_t **out, struct err *e)
{
	BUF_AUTO words = BUF_NONE;
	JSON_AUTO rows = NULL;

	if (!rows_json(c, &rows, e) || !digest_words(c->plan->hash, &words, e) ||
		!buf_ok(&words, e))
		return false;
	*out = json_pack("{s:o, s:s, s:s?, s:o, s:O, s:{s:I, s:I}, s:i, s:b}", "plan",
		plan_json(c->plan, words.data), "vault", c->plan->name, "folder", c->machine.vault,
		"makes", made_json(c->plan), "checks", rows, "seconds", "keys",
		(json_int_t)(c->need.keys_seconds + 1), "passphrase",
		(json_int_t)(c->need.passphrase_seconds + 1), "minutes",
		(int)ceremonycheck_minutes(c->plan), "ok", ceremonycheck_failures(c) == 0);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}
