/* SPDX-License-Identifier: ISC */
#include "base/opt.h"

#include "base/clock.h"
#include "base/nearest.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

/* What getopt_long returns for spec i, clear of every character that it gives a meaning. */
#define VAL_BASE 0x1000

struct parse {
	const struct opt_spec **specs; /* of both tables */
	struct option *known;          /* the same for getopt_long, with its closing zero */
	size_t count;
	struct opts found;
};

static size_t
spec_count(const struct opt_spec *table)
{
	size_t n = 0;

	while (table && table[n].name)
		n++;
	return n;
}

static void
parse_free(struct parse *p)
{
	free(p->specs);
	free(p->known);
	opt_free(&p->found);
}

static void
add_specs(struct parse *p, const struct opt_spec *table)
{
	for (; table && table->name; table++, p->count++) {
		p->specs[p->count] = table;
		p->known[p->count] = (struct option){
			.name = table->name,
			.has_arg = table->kind == OPT_FLAG ? no_argument : required_argument,
			.val = VAL_BASE + (int)p->count,
		};
	}
}

static bool
parse_new(struct parse *p, int argc, const struct opt_spec *global, const struct opt_spec *own,
	struct err *e)
{
	size_t n = spec_count(global) + spec_count(own), words = (size_t)argc;

	p->specs = calloc(n + 1, sizeof(*p->specs));
	p->known = calloc(n + 1, sizeof(*p->known));
	p->found.values = calloc(words + 1, sizeof(*p->found.values));
	p->found.operands = calloc(words + 1, sizeof(*p->found.operands));
	if (!p->specs || !p->known || !p->found.values || !p->found.operands)
		return err_set(e, ERR_MEMORY, "out of memory");
	add_specs(p, global);
	add_specs(p, own);
	return true;
}

/* Whether the word is `--name` or `--name=...`, written out. */
static bool
is_whole_name(const char *word, const char *name)
{
	size_t n = strlen(name);

	return strncmp(word, "--", 2) == 0 && strncmp(word + 2, name, n) == 0 &&
	       (word[2 + n] == '\0' || word[2 + n] == '=');
}

static bool
unknown(const struct parse *p, const char *word, struct err *e)
{
	size_t len = strcspn(word, "=");
	char *typed = strndup(word, len);
	struct nearest n = { .word = typed };

	if (!typed)
		return err_set(e, ERR_MEMORY, "out of memory");
	n.word += strspn(typed, "-");
	for (size_t i = 0; i < p->count; i++)
		nearest_offer(&n, p->specs[i]->name);
	err_set(e, ERR_USAGE, "unknown option %s", typed);
	if (n.name)
		err_hint(e, "did you mean --%s?", n.name);
	free(typed);
	return false;
}

static bool
add_option(struct parse *p, const struct opt_spec *spec, const char *word, struct err *e)
{
	if (spec->kind == OPT_ONE && opt_count(&p->found, spec->name) > 0)
		return err_set(e, ERR_USAGE, "--%s is given twice", spec->name);
	/* A value of its own that looks like an option is far more often a forgotten value. */
	if (optarg && !strchr(word, '=') && strncmp(optarg, "--", 2) == 0) {
		err_set(e, ERR_USAGE, "--%s wants a value (%s), but %s follows", spec->name,
			spec->arg, optarg);
		return err_hint(e, "if that is the value, write --%s=%s", spec->name, optarg);
	}
	p->found.values[p->found.count++] = (struct opt_value){ spec->name, optarg };
	return true;
}

/* One answer of getopt_long, which had `word` before it. */
static bool
take(struct parse *p, int c, const char *word, struct err *e)
{
	int val = c == '?' || c == ':' ? optopt : c;
	const struct opt_spec *spec;

	if (c == 1) {
		p->found.operands[p->found.operand_count++] = optarg;
		return true;
	}
	/* Abbreviations get here too, and are as unknown as the rest: a script that uses one would
	 * change its meaning when an option is added. */
	if (val < VAL_BASE || !is_whole_name(word, p->specs[val - VAL_BASE]->name))
		return unknown(p, word, e);
	spec = p->specs[val - VAL_BASE];
	if (c == ':')
		return err_set(e, ERR_USAGE, "--%s wants a value (%s)", spec->name, spec->arg);
	if (c == '?')
		return err_set(e, ERR_USAGE, "--%s takes no value", spec->name);
	return add_option(p, spec, word, e);
}

static bool
run_getopt(struct parse *p, int argc, char **argv, struct err *e)
{
	/* glibc: 0 starts afresh; '-' reports operands in their place and leaves argv alone; ':'
	 * prints nothing. */
	optind = 0;
	for (int at = 1;; at = optind) {
		int c = getopt_long(argc, argv, "-:", p->known, NULL);
		if (c == -1)
			break;
		if (!take(p, c, argv[at], e))
			return false;
	}
	for (int i = optind; i < argc; i++)
		p->found.operands[p->found.operand_count++] = argv[i];
	return true;
}

bool
opt_parse(struct opts *o, int argc, char **argv, const struct opt_spec *global,
	const struct opt_spec *own, struct err *e)
{
	struct parse p = { 0 };
	bool ok = parse_new(&p, argc, global, own, e) && run_getopt(&p, argc, argv, e);

	if (ok) {
		*o = p.found;
		p.found = (struct opts){ 0 };
	}
	parse_free(&p);
	return ok;
}

void
opt_free(struct opts *o)
{
	free(o->values);
	free(o->operands);
	*o = (struct opts){ 0 };
}

bool
opt_flag(const struct opts *o, const char *name)
{
	return opt_count(o, name) > 0;
}

const char *
opt_get(const struct opts *o, const char *name)
{
	return opt_nth(o, name, 0);
}

size_t
opt_count(const struct opts *o, const char *name)
{
	size_t n = 0;

	for (size_t i = 0; i < o->count; i++)
		n += strcmp(o->values[i].name, name) == 0;
	return n;
}

const char *
opt_nth(const struct opts *o, const char *name, size_t i)
{
	for (size_t j = 0; j < o->count; j++)
		if (strcmp(o->values[j].name, name) == 0 && i-- == 0)
			return o->values[j].text;
	return NULL;
}

bool
opt_int(const struct opts *o, const char *name, long min, long max, long *out, struct err *e)
{
	const char *text = opt_get(o, name), *digits;
	char *end;
	long n;

	if (!text)
		return true;
	digits = text + (*text == '-');
	errno = 0;
	n = strtol(text, &end, 10);
	if (*digits < '0' || *digits > '9' || *end != '\0' || errno != 0 || n < min || n > max)
		return err_set(e, ERR_USAGE, "--%s: '%s' is not a whole number from %ld to %ld",
			name, text, min, max);
	*out = n;
	return true;
}

bool
opt_duration(const struct opts *o, const char *name, int64_t *out, struct err *e)
{
	const char *text = opt_get(o, name);

	if (!text || clock_duration_parse(text, out, e))
		return true;
	e->code = ERR_USAGE;
	return err_wrap(e, "--%s", name);
}
