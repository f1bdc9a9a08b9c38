/* SPDX-License-Identifier: ISC */
#include "base/file.h"
#include "base/term.h"
#include "vault/anchor.h"
#include "vault/cmd.h"
#include "vault/media.h"
#include "vault/shareview.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct opt_spec verify_options[] = { ANCHOR_OPTION, SHAREVIEW_UNLOCK, { 0 } };

/* What one of the commands does with each record, and what came of all of them. */
struct review {
	const struct opts *o;
	struct media media;
	bool verify;
	struct anchor anchor;
	json_t *list; /* --json: [{"file", "ok", "error", ...}] */
	size_t seen, bad;
	struct err first_failure;
};

static void
note_failure(struct review *r, const char *label, const struct err *why)
{
	char safe[512];

	term_safe(safe, sizeof safe, label);
	if (r->bad++ == 0) {
		r->first_failure = *why;
		if (!strstr(why->message, safe))
			err_wrap(&r->first_failure, "%s", safe);
	}
	if (!cmd_json(r->o))
		printf("%s: BAD: %s\n", safe, why->message);
}

static void
print_good(const struct medium_record *record, const struct share *s)
{
	if (s->locked)
		printf("  locked, signature good; its payload can be checked with --unlock only\n");
	else if (record->unlocked)
		printf("  locked, signature good; payload checked with %s\n", record->unlocked);
	else
		printf("  good: signature, payload and hashes hold\n");
}

static bool
review_record(struct review *r, const struct medium_record *record, struct err *e)
{
	SHARE_AUTO share = { 0 };
	struct err why = { 0 };
	AUTO_STR label = NULL; /* a folder may hold names that are not UTF-8 */
	json_t *view;
	bool ok = shareview_read(record, r->verify, &r->anchor, &share, &why);

	r->seen++;
	if (!ok)
		note_failure(r, record->label, &why);
	else if (!cmd_json(r->o))
		shareview_print(record->label, &share, record->unlocked);
	if (ok && r->verify && !cmd_json(r->o))
		print_good(record, &share);
	if (!cmd_json(r->o))
		return true;
	if (!file_path(&label, e, "%s", record->label))
		return false;
	err_clean(label);
	view = ok ? shareview_json(&share, record->unlocked) : json_object();
	if (json_object_set_new(view, "file", json_string(label)) != 0 ||
		json_object_set_new(view, "ok", json_boolean(ok)) != 0 ||
		json_object_set_new(view, "error", ok ? json_null() : json_string(why.message)) !=
			0 ||
		json_array_append_new(r->list, view) != 0)
		return err_set(e, ERR_MEMORY, "out of memory");
	return true;
}

/* A medium that cannot be read at all is one bad record. */
static bool
review_medium(struct review *r, const char *spec, struct err *e)
{
	MEDIUM_AUTO medium = { 0 };
	MEDIUM_RECORDS_AUTO records = { 0 };
	struct medium_record failed = { .label = (char *)(uintptr_t)spec };

	if (!medium_open(&r->media.host, NULL, spec, &medium, &failed.err) ||
		!medium_read(&medium, NULL, &records, &failed.err))
		return review_record(r, &failed, e);
	if (records.count == 0) {
		err_set(&failed.err, ERR_MISSING, "there is no share");
		err_hint(&failed.err, "shares are files whose names end in .share");
		return review_record(r, &failed, e);
	}
	for (size_t i = 0; i < records.count; i++)
		if (!review_record(r, &records.items[i], e))
			return false;
	return true;
}

static bool
finish(const struct review *r, struct err *e)
{
	JSON_AUTO doc = NULL;

	if (cmd_json(r->o)) {
		doc = json_pack("{s:O}", "shares", r->list);
		if (!doc)
			return err_set(e, ERR_MEMORY, "out of memory");
		if (!json_print(doc, e))
			return false;
	} else if (r->verify && !r->anchor.known && r->bad < r->seen)
		printf("checked against nothing: each share was verified by the vault key that it "
		       "names itself;\ngive --key vault.pub or --vault to check against yours\n");
	if (r->bad == 0)
		return true;
	*e = r->first_failure;
	if (r->seen > 1)
		err_wrap(e, "%zu of %zu shares are bad, the first", r->bad, r->seen);
	return false;
}

static bool
review_all(struct review *r, bool are_files, struct err *e)
{
	r->list = json_array();
	if (!r->list)
		return err_set(e, ERR_MEMORY, "out of memory");
	if (!media_init(r->o, &r->media, e) || (r->verify && !anchor_open(r->o, &r->anchor, e)))
		return false;
	for (size_t i = 0; i < r->o->operand_count; i++) {
		AUTO_STR spec = NULL;

		if (are_files && !shareview_spec(r->o, r->o->operands[i], &spec, e))
			return false;
		if (!review_medium(r, are_files ? spec : r->o->operands[i], e))
			return false;
	}
	return finish(r, e);
}

static bool
run_review(const struct opts *o, bool verify, bool are_files, struct err *e)
{
	struct review r = { .o = o, .verify = verify };
	bool ok = review_all(&r, are_files, e);

	json_decref(r.list);
	anchor_free(&r.anchor);
	media_free(&r.media);
	return ok;
}

static bool
run_show(const struct opts *o, struct err *e)
{
	return run_review(o, false, true, e);
}

static bool
run_verify(const struct opts *o, struct err *e)
{
	return run_review(o, true, true, e);
}

static bool
run_list(const struct opts *o, struct err *e)
{
	for (size_t i = 0; i < o->operand_count; i++)
		if (!medium_check(media_kinds, o->operands[i], e))
			return false;
	return run_review(o, false, false, e);
}

const struct command cmd_share_show = {
	.name = "share show",
	.operands = "FILE...",
	.min = 1,
	.max = -1,
	.summary = "show what share files say, without their payload",
	.detail = "Nothing is checked but the form; `share verify` checks.",
	.flags = CMD_SECRET,
	.run = run_show,
};

const struct command cmd_share_verify = {
	.name = "share verify",
	.operands = "FILE...",
	.min = 1,
	.max = -1,
	.summary = "check share files by themselves, without a quorum",
	.detail = "The signature by the vault's key (--key or --vault), the payload against its "
		  "signed commitment, the sealed key against its signed hash. A locked share's "
		  "payload is checked when --unlock opens it.",
	.options = verify_options,
	.flags = CMD_SECRET,
	.run = run_verify,
};

const struct command cmd_share_list = {
	.name = "share list",
	.operands = "MEDIUM...",
	.min = 1,
	.max = -1,
	.summary = "list the shares on a medium, as dir:PATH, card:READER or dir:PATH+card:READER",
	.flags = CMD_SECRET,
	.run = run_list,
};
