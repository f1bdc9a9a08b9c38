/* SPDX-License-Identifier: ISC */
#include "base/clock.h"
#include "base/file.h"
#include "base/filebatch.h"
#include "vault/ceremonyrun.h"
#include "vault/cmd.h"
#include "vault/guard.h"
#include "vault/transcript.h"

#define FOLDER "transcripts"
#define NAME "ceremony"

/* In all its forms. */
struct forms {
	json_t *doc;
	struct buf json, signature, text, html;
};
#define FORMS_AUTO __attribute__((cleanup(forms_free))) struct forms

static void
forms_free(struct forms *f)
{
	json_decref(f->doc);
	buf_free(&f->json);
	buf_free(&f->signature);
	buf_free(&f->text);
	buf_free(&f->html);
}

static struct {
	const char *suffix;
	size_t offset;
} const files[] = {
	{ ".json", offsetof(struct forms, json) },
	{ ".json.minisig", offsetof(struct forms, signature) },
	{ ".txt", offsetof(struct forms, text) },
	{ ".html", offsetof(struct forms, html) },
};
#define FILES (sizeof(files) / sizeof(*files))

static struct buf *
form(struct forms *f, size_t i)
{
	return (struct buf *)(void *)((char *)f + files[i].offset);
}

static bool
make_forms(struct ceremony *c, struct forms *f, struct err *e)
{
	BUF_AUTO comment = BUF_NONE;
	char now[CLOCK_TEXT];

	clock_format(clock_now(), now);
	buf_addf(&comment, "%s transcript %s", c->store.state.name, now);
	return buf_ok(&comment, e) && transcript_make(&c->store, &f->doc, e) &&
	       json_write(f->doc, true, &f->json, e) &&
	       signer_minisig(
		       &c->signer, f->json.data, f->json.len, comment.data, &f->signature, e) &&
	       transcript_write(f->doc, &sheet_form_text, &f->text, e) &&
	       transcript_write(f->doc, &sheet_form_html, &f->html, e);
}

static bool
append(struct ceremony *c, json_t *hashes, struct err *e)
{
	json_t *body = json_pack("{s:s, s:s, s:O, s:O}", "step", STATE_CEREMONY_END, "plan",
		c->plan->hash, "steps", c->steps, "files", hashes);

	if (!body)
		return err_set(e, ERR_MEMORY, "out of memory");
	return store_append(&c->store, "ceremony", body, e);
}

static bool
keep(struct ceremony *c, struct forms *f, struct err *e)
{
	FILEBATCH_AUTO batch = NULL;
	JSON_AUTO hashes = json_object();

	if (!filebatch_new(&batch, e))
		return false;
	for (size_t i = 0; i < FILES; i++) {
		const struct buf *b = form(f, i);
		AUTO_STR path = NULL;

		if (!file_path(&path, e, FOLDER "/" NAME "%s", files[i].suffix) ||
			!store_add_file(&c->store, batch, hashes, path, 0600, b->data, b->len, e))
			return false;
	}
	if (!filebatch_sync(batch, e) || !guard_offline(c->online, e))
		return false;
	filebatch_keep(batch);
	return append(c, hashes, e);
}

/* Of a ceremony that had ended before. */
static bool
load_forms(struct ceremony *c, struct forms *f, struct err *e)
{
	for (size_t i = 0; i < FILES; i++) {
		AUTO_STR path = NULL;

		if (!file_path(&path, e, FOLDER "/" NAME "%s", files[i].suffix) ||
			!store_read_file(&c->store, path, FILE_LIMIT_LARGE, form(f, i), e))
			return false;
	}
	return json_parse(f->json.data, f->json.len, &f->doc, e);
}

static bool
copy_out(struct ceremony *c, struct forms *f, struct err *e)
{
	const char *to = opt_get(c->options, "transcript");

	if (!to)
		return true;
	if (!cmd_outside(to, c->dir, e) || (!file_is_dir(to) && !file_mkdir(to, 0700, e)))
		return err_wrap(e, "--transcript");
	for (size_t i = 0; i < FILES; i++) {
		const struct buf *b = form(f, i);
		AUTO_STR path = NULL;

		if (!file_path(&path, e, "%s/" NAME "%s", to, files[i].suffix) ||
			!file_write_new(path, 0600, b->data, b->len, e))
			return err_wrap(e, "--transcript");
	}
	ceremony_say(c,
		"Transcript: %s/" NAME ".html to print, .txt to read, .json and its .minisig "
		"to keep.",
		to);
	return true;
}

static bool
show_digests(struct ceremony *c, const json_t *transcript, struct err *e)
{
	const json_t *d;
	size_t i;

	json_array_foreach(transcript_digests(transcript), i, d)
	{
		if (!ceremony_digest(c, json_string_value(json_object_get(d, "of")),
			    json_string_value(json_object_get(d, "hex")), e))
			return false;
	}
	return true;
}

bool
ceremonyend_run(struct ceremony *c, struct err *e)
{
	FORMS_AUTO f = { 0 };

	ceremony_announce(c, CEREMONY_TRANSCRIPT);
	if (c->store.state.ceremony_done != CLOCK_NONE) {
		ceremony_say(c, "The transcript was signed in an earlier run.");
		if (!load_forms(c, &f, e))
			return false;
	} else if (!ceremony_done(c, CEREMONY_TRANSCRIPT, NULL, e) || !make_forms(c, &f, e) ||
		   !keep(c, &f, e)) {
		return false;
	}
	if (!c->rehearsal)
		ceremony_say(c,
			"Transcript: %s/" FOLDER "/" NAME ".html to print, .txt to read, "
			".json and its .minisig to keep.",
			c->dir);
	return copy_out(c, &f, e) && show_digests(c, f.doc, e);
}
