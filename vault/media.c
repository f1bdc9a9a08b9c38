/* SPDX-License-Identifier: ISC */
#include "vault/media.h"

#include "base/file.h"
#include "base/term.h"
#include "hsm/medium_card.h"
#include "hsm/medium_pkcs11.h"
#include "vault/cmd.h"
#include "vault/entropy.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 1024
#define PATIENCE (10 * 60 * 1000)

const struct medium_kind *const media_kinds[] = { &medium_dir, &medium_card, &medium_pkcs11,
	&medium_prompt, NULL };

static bool
append_line(struct media *m, struct secret *line, struct err *e)
{
	struct secret *grown = realloc(m->lines, (m->count + 1) * sizeof(*grown));

	if (!grown)
		return err_set(e, ERR_MEMORY, "out of memory");
	m->lines = grown;
	grown[m->count] = SECRET_NONE;
	secret_move(&grown[m->count++], line);
	return true;
}

/* An empty line ends them as the end does. */
static bool
read_lines(int fd, struct media *m, struct err *e)
{
	while (m->count < LINES_MAX) {
		SECRET_AUTO line = SECRET_NONE;

		if (!term_read_line(fd, &line, e))
			return e->code == ERR_AUTH;
		if (!memchr(line.data, '=', line.len))
			return err_set(
				e, ERR_FORMAT, "--pin-fd: line %zu is not NAME=PIN", m->count + 1);
		if (!append_line(m, &line, e))
			return false;
	}
	return err_set(e, ERR_FORMAT, "--pin-fd: more than %d lines", LINES_MAX);
}

/* The rest of the line that begins with `prefix`, `name` and "=". */
static bool
take_line(const struct media *m, const char *prefix, const char *name, bool *found,
	struct secret *out, struct err *e)
{
	size_t prefix_len = strlen(prefix);
	size_t len = name ? strlen(name) : 0;

	for (size_t i = 0; name && i < m->count && !*found; i++) {
		const struct secret *line = &m->lines[i];
		size_t head = prefix_len + len + 1;

		if (line->len <= head || memcmp(line->data, prefix, prefix_len) != 0 ||
			memcmp(line->data + prefix_len, name, len) != 0 ||
			line->data[head - 1] != '=')
			continue;
		if (!secret_copy(out, line->data + head, line->len - head, e))
			return false;
		*found = true;
	}
	return true;
}

static bool
find_line(const struct media *m, const struct medium_ask *ask, bool fresh, bool *found,
	struct secret *out, struct err *e)
{
	char prefix[40];

	*found = false;
	(void)snprintf(
		prefix, sizeof(prefix), "%s%s", fresh ? "NEW-" : "", ask->line ? ask->line : "");
	return take_line(m, prefix, ask->holder, found, out, e) &&
	       take_line(m, prefix, ask->spec, found, out, e) &&
	       take_line(m, prefix, ask->serial, found, out, e);
}

static bool
is_refused(const struct media *m, const struct medium_ask *ask, const struct secret *answer)
{
	const char *line = ask->line ? ask->line : "";

	for (size_t i = 0; i < m->refused_count; i++) {
		const struct media_refused *r = &m->refused[i];

		if (strcmp(r->serial, ask->serial) == 0 && strcmp(r->line, line) == 0 &&
			r->answer.len == answer->len &&
			sodium_memcmp(r->answer.data, answer->data, answer->len) == 0)
			return true;
	}
	return false;
}

/* "PIN of the OpenPGP card 0006:12345678 of custodian-3 (2 tries left)" */
static void
prompt_for(const struct medium_ask *ask, bool fresh, char *out, size_t size)
{
	char what[200], tries[40] = "";
	const char *word = ask->line && !fresh ? ", or \"factory\"" : "";

	term_safe(what, sizeof(what), ask->what);
	if (!fresh && ask->tries >= 0)
		(void)snprintf(tries, sizeof(tries), " (%d %s left)", ask->tries,
			ask->tries == 1 ? "try" : "tries");
	(void)snprintf(out, size, "%s%s%s%s%s%s", fresh ? "New " : "", what,
		ask->holder ? " of " : "", ask->holder ? ask->holder : "", word, tries);
}

static bool
last_try(const struct medium_ask *ask, const char *prompt, struct err *e)
{
	char question[512];

	if (ask->tries != 1)
		return true;
	(void)snprintf(question, sizeof(question),
		"%s: this is the last try. A wrong PIN blocks the card.", prompt);
	if (term_confirm(question, "yes", e))
		return true;
	err_wrap(e, "%s", prompt);
	return err_hint(e, "the last try is spent only after a yes on the terminal; the card's own "
			   "tools can set the PIN anew");
}

bool
media_pin(struct media *m, const struct medium_ask *ask, bool fresh, struct secret *out,
	struct err *e)
{
	char prompt[320], reader[160];
	bool found;

	prompt_for(ask, fresh, prompt, sizeof(prompt));
	if (!fresh && !last_try(ask, prompt, e))
		return false;
	if (!find_line(m, ask, fresh, &found, out, e))
		return false;
	if (!found && ask->pinpad && !fresh) {
		(void)fprintf(stderr, "coldspare: %s: enter it on the reader %s\n", prompt,
			term_safe(reader, sizeof(reader), ask->pinpad));
		return true;
	}
	if (!found && !term_ask_secret(prompt, fresh, "--pin-fd", out, e))
		return false;
	if (!fresh && is_refused(m, ask, out)) {
		secret_free(out);
		return err_set(e, ERR_AUTH, "%s: refused a moment ago, and not tried a second time",
			ask->what);
	}
	if (found && !fresh && ask->tries >= 0)
		(void)fprintf(stderr, "coldspare: %s, from --pin-fd\n", prompt);
	return true;
}

/* For want of memory it may be tried twice. */
static void
remember_refused(
	const struct medium_host *h, const struct medium_ask *ask, const struct secret *answer)
{
	struct media *m = (struct media *)(uintptr_t)h;
	struct media_refused *grown = realloc(m->refused, (m->refused_count + 1) * sizeof(*grown));
	struct err ignored;

	if (!grown)
		return;
	m->refused = grown;
	struct media_refused *r = &grown[m->refused_count];
	*r = (struct media_refused){
		.serial = strdup(ask->serial),
		.line = strdup(ask->line ? ask->line : ""),
	};
	if (r->serial && r->line && secret_copy(&r->answer, answer->data, answer->len, &ignored))
		m->refused_count++;
	else {
		free(r->serial);
		free(r->line);
	}
}

static bool
answer(const struct medium_host *h, const struct medium_ask *ask, struct secret *out, struct err *e)
{
	/* The host is the first member of its media. */
	return media_pin((struct media *)(uintptr_t)h, ask, false, out, e);
}

static bool
call(const struct medium_host *h, const struct medium_call *c, char **out, struct err *e)
{
	AUTO_STR question = NULL;

	(void)h;
	return file_path(&question, e,
		       "Insert the medium of %s%s.\nIts place (dir:PATH or card:READER)", c->holder,
		       c->again ? " again, to read it back" : "") &&
	       term_ask_line(question, out, e);
}

static void
done(const struct medium_host *h, const struct medium_call *c, const char *spec)
{
	(void)h;
	(void)fprintf(stderr, "coldspare: %s: %s %s; it may be taken away\n", c->holder,
		c->again ? "every share was read back from" : "all shares are on", spec);
}

static void
say(const struct medium_host *h, const char *line)
{
	char safe[512];

	(void)h;
	(void)fprintf(stderr, "coldspare: %s\n", term_safe(safe, sizeof(safe), line));
}

static bool
fill(const struct medium_host *h, uint8_t *out, size_t len, struct err *e)
{
	ENTROPY_AUTO *x = NULL;

	(void)h;
	return entropy_new(&x, e) && entropy_fill(x, out, len, e);
}

bool
media_init(const struct opts *o, struct media *out, struct err *e)
{
	int fd = -1;

	*out = (struct media){ .host = {
				       .kinds = media_kinds,
				       .secret = answer,
				       .refused = remember_refused,
				       .call = call,
				       .done = done,
				       .say = say,
				       .random = fill,
				       .patience = isatty(STDERR_FILENO) ? PATIENCE : 0,
			       } };
	return cmd_fd(o, "pin-fd", &fd, e) && (fd < 0 || read_lines(fd, out, e));
}

void
media_free(struct media *m)
{
	for (size_t i = 0; i < m->count; i++)
		secret_free(&m->lines[i]);
	free(m->lines);
	for (size_t i = 0; i < m->refused_count; i++) {
		free(m->refused[i].serial);
		free(m->refused[i].line);
		secret_free(&m->refused[i].answer);
	}
	free(m->refused);
	*m = (struct media){ 0 };
}
