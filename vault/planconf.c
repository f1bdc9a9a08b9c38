/* SPDX-License-Identifier: ISC */
#include "vault/planconf.h"

#include "base/nearest.h"

#include <confuse.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* No defaults here: what is not written is not there. */
#define NUMBER(name) CFG_INT(name, 0, CFGF_NODEFAULT)
#define FLAG(name) CFG_BOOL(name, cfg_false, CFGF_NODEFAULT)
#define TEXT(name) CFG_STR(name, NULL, CFGF_NODEFAULT)
#define LIST(name) CFG_STR_LIST(name, NULL, CFGF_NODEFAULT)
#define SECTION(name, options) CFG_SEC(name, options, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES)

static cfg_opt_t custodian_options[] = {
	TEXT("medium"),
	TEXT("contact"),
	TEXT("location"),
	CFG_END(),
};

static cfg_opt_t domain_options[] = {
	LIST("names"),
	LIST("active"),
	LIST("ca"),
	TEXT("report-uri"),
	TEXT("subject"),
	TEXT("max-age"),
	FLAG("include-subdomains"),
	CFG_END(),
};

static cfg_opt_t options[] = {
	TEXT("vault"),
	NUMBER("threshold"),
	TEXT("max-age"),
	TEXT("valid-for"),
	TEXT("drill-every"),
	NUMBER("backups"),
	LIST("algorithms"),
	TEXT("kdf"),
	FLAG("dice"),
	FLAG("detached"),
	TEXT("export"),
	SECTION("custodian", custodian_options),
	SECTION("domain", domain_options),
	CFG_END(),
};

static const char *const required[] = { "vault", "threshold", "max-age", "backups", "algorithms",
	"export" };

void
planconf_free(struct planconf *c)
{
	planstrict_free(&c->strict);
	if (c->cfg)
		cfg_free(c->cfg);
	*c = (struct planconf){ 0 };
}

/* Errors ----------------------------------------------------------------------------------- */

/* Puts where the setting stands before an err that is set. */
bool
planconf_at(const struct planconf *c, unsigned section, const char *option, struct err *e)
{
	const struct planstrict_item *item = planstrict_find(&c->strict, section, option);

	if (e->code != ERR_MEMORY)
		e->code = ERR_FORMAT;
	if (item && item->title)
		return err_wrap(
			e, "%s:%u: %s \"%s\"", c->path, item->line, item->name, item->title);
	return err_wrap(e, "%s:%u: %s", c->path, item ? item->line : 0, item ? item->name : option);
}

bool
planconf_has(const struct planconf *c, unsigned section, const char *option)
{
	return planstrict_find(&c->strict, section, option) != NULL;
}

static bool
check_required(const struct planconf *c, struct err *e)
{
	for (size_t i = 0; i < sizeof(required) / sizeof(*required); i++)
		if (!planconf_has(c, 0, required[i])) {
			err_set(e, ERR_FORMAT, "%s: the setting `%s` is missing", c->path,
				required[i]);
			return err_hint(
				e, "a plan says what it wants, it has no defaults for that");
		}
	return true;
}

/* libconfuse's callback has no context. */
static _Thread_local struct {
	const char *path;
	struct err *e;
} complaint;

static void complain(cfg_t *cfg, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void
complain(cfg_t *cfg, const char *fmt, va_list args)
{
	char what[512];

	if (complaint.e->code != ERR_NONE)
		return;
	vsnprintf(what, sizeof(what), fmt, args);
	err_set(complaint.e, ERR_FORMAT, "%s:%d: %s", complaint.path, cfg->line, what);
}

/* libconfuse takes "3" for a number, and one text for a list. */
static bool
check_kinds(const struct planconf *c, struct err *e)
{
	static const struct {
		cfg_type_t type;
		cfg_flag_t list;
		enum planstrict_kind kind;
		const char *what;
	} kinds[] = {
		{ CFGT_INT, 0, PLANSTRICT_NUMBER, "a number, without quotes" },
		{ CFGT_BOOL, 0, PLANSTRICT_FLAG, "yes or no, without quotes" },
		{ CFGT_STR, 0, PLANSTRICT_TEXT, "a text in double quotes" },
		{ CFGT_STR, CFGF_LIST, PLANSTRICT_LIST, "a list, as {\"one\", \"two\"}" },
	};
	const cfg_opt_t *known = options;

	for (size_t i = 0; i < c->strict.count; i++) {
		const struct planstrict_item *item = &c->strict.items[i];
		const cfg_opt_t *o =
			item->section && item->kind != PLANSTRICT_SECTION ? known : options;

		while (o->name && strcmp(o->name, item->name) != 0)
			o++;
		if (item->kind == PLANSTRICT_SECTION)
			known = o->subopts;
		for (size_t k = 0; o->name && k < sizeof(kinds) / sizeof(*kinds); k++)
			if (o->type == kinds[k].type && (o->flags & CFGF_LIST) == kinds[k].list &&
				item->kind != kinds[k].kind)
				return err_set(e, ERR_FORMAT, "%s:%u: %s wants %s", c->path,
					item->line, item->name, kinds[k].what);
	}
	return true;
}

/* The setting that libconfuse knows not, and what it may have been meant to be. */
static void
advise(const struct planconf *c, struct err *e)
{
	const cfg_opt_t *known = options;

	for (size_t i = 0; i < c->strict.count; i++) {
		const struct planstrict_item *item = &c->strict.items[i];
		const cfg_opt_t *all =
			item->section && item->kind != PLANSTRICT_SECTION ? known : options;
		const cfg_opt_t *o = all;
		struct nearest n = { .word = item->name };

		for (; o->name && strcmp(o->name, item->name) != 0; o++)
			nearest_offer(&n, o->name);
		if (o->name && o->subopts)
			known = o->subopts;
		if (o->name)
			continue;
		if (n.name)
			err_hint(e, "did you mean %s?", n.name);
		else
			err_hint(e, "docs/FORMAT.md, \"Plan\", lists the settings");
		return;
	}
}

static bool
parse(struct planconf *c, const struct buf *text, struct err *e)
{
	struct err own = { .code = ERR_NONE };
	int result;

	c->cfg = cfg_init(options, CFGF_NONE);
	if (!c->cfg)
		return err_set(e, ERR_MEMORY, "out of memory");
	cfg_set_error_function(c->cfg, complain);
	complaint.path = c->path;
	complaint.e = &own;
	result = cfg_parse_buf(c->cfg, text->data ? text->data : "");
	if (result == CFG_SUCCESS && own.code == ERR_NONE)
		return check_kinds(c, e) && check_required(c, e);
	if (own.code == ERR_NONE)
		err_set(&own, ERR_FORMAT, "%s: cannot be read", c->path);
	advise(c, &own);
	*e = own;
	return false;
}

bool
planconf_parse(const char *path, const struct buf *text, struct planconf *out, struct err *e)
{
	PLANCONF_AUTO c = { .path = path };

	if (!planstrict_scan(path, text->data, text->len, &c.strict, e) || !parse(&c, text, e))
		return false;
	*out = c;
	c = (struct planconf){ 0 };
	return true;
}

/* What is there --------------------------------------------------------------------------- */

size_t
planconf_sections(const struct planconf *c, const char *name)
{
	return cfg_size(c->cfg, name);
}

/* libconfuse has the sections of one name in the order of the file. */
static cfg_t *
section_of(const struct planconf *c, unsigned section)
{
	const struct planstrict_item *wanted = planstrict_find(&c->strict, section, NULL);
	unsigned n = 0;

	if (!wanted)
		return c->cfg;
	for (const struct planstrict_item *i = c->strict.items; i < wanted; i++)
		n += i->kind == PLANSTRICT_SECTION && strcmp(i->name, wanted->name) == 0;
	return cfg_getnsec(c->cfg, wanted->name, n);
}

const char *
planconf_text(const struct planconf *c, unsigned section, const char *option)
{
	return cfg_getstr(section_of(c, section), option);
}

long
planconf_number(const struct planconf *c, unsigned section, const char *option)
{
	return cfg_getint(section_of(c, section), option);
}

size_t
planconf_count(const struct planconf *c, unsigned section, const char *option)
{
	return planconf_has(c, section, option) ? cfg_size(section_of(c, section), option) : 0;
}

const char *
planconf_nth(const struct planconf *c, unsigned section, const char *option, size_t i)
{
	return cfg_getnstr(section_of(c, section), option, (unsigned)i);
}

int
planconf_flag(const struct planconf *c, unsigned section, const char *option)
{
	if (!planconf_has(c, section, option))
		return -1;
	return cfg_getbool(section_of(c, section), option) == cfg_true;
}
