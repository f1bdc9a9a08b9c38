/* SPDX-License-Identifier: ISC */
#include "vault/cardtoken.h"

#include "base/term.h"
#include "hsm/onetoken.h"
#include "vault/cardwork.h"
#include "vault/cmd.h"

#include <stdio.h>
#include <string.h>

#define SCHEME "pkcs11:"

/* The token that the operand names, with the media's answers. */
struct work {
	struct media media;
	struct onetoken token;
};
#define WORK_AUTO __attribute__((cleanup(work_free))) struct work

static void
work_free(struct work *w)
{
	onetoken_close(&w->token);
	media_free(&w->media);
}

bool
cardtoken_is_meant(const struct opts *o)
{
	return o->operand_count > 0 && strncmp(o->operands[0], SCHEME, strlen(SCHEME)) == 0;
}

static bool
work_open(const struct opts *o, struct work *w, struct err *e)
{
	const char *spec = o->operands[0];
	const char *place = spec + strlen(SCHEME);

	return onetoken_check(place, e) && media_init(o, &w->media, e) &&
	       onetoken_open(&w->token, &w->media.host, NULL, spec, place, e);
}

/* "set", for a token as it shows itself. */
static const char *
pin_state(const struct p11_token *k)
{
	if (!k->initialised)
		return "the token is not set up";
	if (!k->ready)
		return "none is set";
	if (k->open)
		return "the token asks for none: it cannot keep shares";
	if (k->tries == 0)
		return "blocked";
	if (k->tries == 1)
		return "one try is left";
	if (k->stale)
		return "it is to be changed";
	return k->warned ? "a wrong one was tried since the last right one" : "set";
}

static bool
token_json(const struct p11_token *k, json_t **out, struct err *e)
{
	*out = json_pack("{s:s, s:s, s:s, s:s, s:b, s:s, s:o, s:b, s:b}", "serial", k->serial,
		"label", k->label, "model", k->model, "maker", k->maker, "ready", k->ready, "pin",
		pin_state(k), "room",
		k->room_known ? json_integer((json_int_t)k->room) : json_null(), "pinpad",
		k->pinpad, "read_only", k->read_only);
	return *out || err_set(e, ERR_MEMORY, "out of memory");
}

/* list ------------------------------------------------------------------------------------- */

static bool
list_json(const struct work *w, const struct p11_tokens *all, const char *about, struct err *e)
{
	JSON_AUTO doc = NULL;
	json_t *list = json_array();

	for (size_t i = 0; i < all->count; i++) {
		json_t *one = NULL;

		if (!token_json(&all->items[i], &one, e)) {
			json_decref(list);
			return false;
		}
		json_array_append_new(list, one);
	}
	doc = json_pack("{s:s, s:s, s:o}", "module", p11_path(w->token.module), "about", about,
		"tokens", list);
	return doc ? json_print(doc, e) : err_set(e, ERR_MEMORY, "out of memory");
}

bool
cardtoken_list(const struct opts *o, struct err *e)
{
	WORK_AUTO w = { 0 };
	P11_TOKENS_AUTO all = { 0 };
	char about[128], safe[128];

	if (!work_open(o, &w, e) || !p11_list(w.token.module, &all, e) ||
		!p11_about(w.token.module, about, sizeof(about), e))
		return false;
	if (cmd_json(o))
		return list_json(&w, &all, about, e);
	printf("%s: %s\n", w.token.name, term_safe(safe, sizeof(safe), about));
	for (size_t i = 0; i < all.count; i++) {
		const struct p11_token *k = &all.items[i];

		printf("  %s %s: PIN: %s\n", *k->serial ? k->serial : "-",
			term_safe(safe, sizeof(safe), k->label), pin_state(k));
	}
	if (all.count == 0)
		printf("  there is no token\n");
	if (all.unknown.code != ERR_NONE)
		printf("  passed over: %s\n", term_safe(safe, sizeof(safe), all.unknown.message));
	return true;
}

/* info ------------------------------------------------------------------------------------- */

static void
print_info(const struct work *w, const char *about, size_t visible)
{
	const struct p11_token *k = &w->token.token;
	char maker[64], model[64], label[64], library[128];

	printf("%s %s %s (%s) behind %s\n", term_safe(maker, sizeof(maker), k->maker),
		term_safe(model, sizeof(model), k->model), k->serial,
		term_safe(label, sizeof(label), k->label), w->token.name);
	printf("  driver: pkcs11, as the operand says: %s, %s\n", p11_path(w->token.module),
		term_safe(library, sizeof(library), about));
	printf("  PIN: %s; %zu to %zu characters%s\n", pin_state(k), k->pin_min, k->pin_max,
		k->pinpad ? ", typed on the token or its reader" : "");
	if (k->room_known)
		printf("  room: %zu bytes\n", k->room);
	else
		printf("  room: the token does not tell; what it refuses is taken back\n");
	if (k->read_only)
		printf("  it is write-protected\n");
	if (visible > 0)
		printf("  WARNING: it shows %zu object%s of Coldspare's without its PIN\n", visible,
			visible == 1 ? "" : "s");
	printf("  what it holds is shown with its PIN: coldspare share list '%s%s#%s'\n", SCHEME,
		w->token.name, k->serial);
}

bool
cardtoken_info(const struct opts *o, struct err *e)
{
	WORK_AUTO w = { 0 };
	JSON_AUTO doc = NULL;
	char about[128];
	size_t visible = 0;

	if (!work_open(o, &w, e))
		return false;
	w.media.host.patience = 0; /* what is there now */
	if (!onetoken_peek(&w.token, &visible, e) ||
		!p11_about(w.token.module, about, sizeof(about), e))
		return false;
	if (!cmd_json(o)) {
		print_info(&w, about, visible);
		return true;
	}
	if (!token_json(&w.token.token, &doc, e))
		return false;
	return (json_object_set_new(doc, "module", json_string(p11_path(w.token.module))) == 0 &&
		       json_object_set_new(doc, "about", json_string(about)) == 0 &&
		       json_object_set_new(doc, "driver", json_string("pkcs11")) == 0 &&
		       json_object_set_new(doc, "visible", json_integer((json_int_t)visible)) == 0)
		       ? json_print(doc, e)
		       : err_set(e, ERR_MEMORY, "out of memory");
}

/* prepare, change-pin, erase --------------------------------------------------------------- */

bool
cardtoken_prepare(const struct opts *o, struct err *e)
{
	WORK_AUTO w = { 0 };

	if (!work_open(o, &w, e) || !onetoken_load(&w.token, e))
		return false;
	printf("token %s: ready, with a PIN of its own\n", w.token.token.serial);
	return true;
}

bool
cardtoken_change_pin(const struct opts *o, struct err *e)
{
	WORK_AUTO w = { 0 };

	if (!work_open(o, &w, e))
		return false;
	err_set(e, ERR_REFUSED, "%s: a token's PIN is changed with the token's own tools",
		w.token.name);
	return err_hint(
		e, "pkcs11-tool --module %s --login --change-pin", p11_path(w.token.module));
}

static bool
has_label(const struct p11_objects *o, const char *label)
{
	for (size_t i = 0; i < o->count; i++)
		if (strcmp(o->items[i].label, label) == 0)
			return true;
	return false;
}

/* How many shall go: those that are named, or all. */
static bool
choose(const struct opts *o, const struct p11_objects *there, size_t *count, struct err *e)
{
	size_t named = opt_count(o, "share");

	for (size_t i = 0; i < named; i++) {
		const char *name = opt_nth(o, "share", i);

		for (size_t j = 0; j < i; j++)
			if (strcmp(opt_nth(o, "share", j), name) == 0)
				return err_set(e, ERR_USAGE, "--share %s is given twice", name);
		if (!has_label(there, name))
			return cardwork_no_such(name, "token", e);
	}
	*count = named > 0 ? named : there->count;
	return true;
}

static bool
erase(const struct opts *o, struct onetoken *t, struct err *e)
{
	size_t named = opt_count(o, "share");

	for (size_t i = 0; i < named; i++)
		if (!onetoken_remove(t, opt_nth(o, "share", i), e))
			return false;
	return named > 0 || onetoken_erase(t, e);
}

bool
cardtoken_erase(const struct opts *o, struct err *e)
{
	WORK_AUTO w = { 0 };
	char question[160];
	size_t count = 0;

	if (!work_open(o, &w, e) || !onetoken_load(&w.token, e) ||
		!choose(o, &w.token.objects, &count, e))
		return false;
	if (count == 0) {
		printf("token %s holds nothing of Coldspare's\n", w.token.token.serial);
		return true;
	}
	(void)snprintf(question, sizeof(question),
		"%zu record%s of Coldspare's on the token %s will be gone for good.", count,
		count == 1 ? "" : "s", w.token.token.serial);
	if (!cardwork_confirm_erase(question, w.token.token.serial, e) || !erase(o, &w.token, e))
		return false;
	printf("%zu record%s erased\n", count, count == 1 ? "" : "s");
	return true;
}
