/* SPDX-License-Identifier: ISC */
#include "base/program.h"

#include "base/buf.h"
#include "base/help.h"
#include "base/nearest.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct opt_spec builtin[] = {
	{ "help", OPT_FLAG, NULL, "show this help, or that of the command" },
	{ "version", OPT_FLAG, NULL, "show the version" },
	{ 0 },
};

/* What the command line asks for. */
struct call {
	const struct command *command; /* NULL when none is named */
	const char *group;             /* "share", when only that is */
};

/* The program's global options and those of every program. Free with free(). */
static struct opt_spec *
all_globals(const struct program *p)
{
	size_t n = 0, extra = sizeof(builtin) / sizeof(*builtin);
	struct opt_spec *all;

	while (p->globals && p->globals[n].name)
		n++;
	all = calloc(n + extra, sizeof(*all));
	for (size_t i = 0; all && i < n + extra; i++)
		all[i] = i < n ? p->globals[i] : builtin[i - n];
	return all;
}

static const struct opt_spec *
find_global(const struct opt_spec *globals, const char *word)
{
	size_t len = strcspn(word, "=");

	for (const struct opt_spec *s = globals; s->name; s++)
		if (len == 2 + strlen(s->name) && strncmp(word, "--", 2) == 0 &&
			strncmp(word + 2, s->name, len - 2) == 0)
			return s;
	return NULL;
}

/* Where the next word stands that is neither a global option nor the value of one; argc when there
 * is none, or another option comes first. */
static int
find_word(const struct opt_spec *globals, int argc, char **argv, int from)
{
	for (int i = from; i < argc; i++) {
		const struct opt_spec *s;

		if (argv[i][0] != '-')
			return i;
		s = find_global(globals, argv[i]);
		if (!s)
			return argc;
		if (s->kind != OPT_FLAG && !strchr(argv[i], '='))
			i++;
	}
	return argc;
}

static const struct command *
find_command(const struct program *p, const char *first, const char *second)
{
	for (const struct command *const *c = p->commands; *c; c++) {
		const char *rest = help_second_word(*c, first);

		if (second ? rest && strcmp(rest, second) == 0 : strcmp((*c)->name, first) == 0)
			return *c;
	}
	return NULL;
}

static bool
is_group(const struct program *p, const char *first)
{
	for (const struct command *const *c = p->commands; *c; c++)
		if (help_second_word(*c, first))
			return true;
	return false;
}

static bool
unknown_command(
	const struct program *p, bool group, const char *first, const char *second, struct err *e)
{
	BUF_AUTO both = BUF_NONE;
	struct nearest one = { .word = first }, two = { 0 };

	buf_addf(&both, "%s%s%s", first, second ? " " : "", second ? second : "");
	if (!buf_ok(&both, e))
		return false;
	two.word = both.data;
	for (const struct command *const *c = p->commands; *c; c++) {
		nearest_offer(&one, (*c)->name);
		nearest_offer(&two, (*c)->name);
	}
	if (!group && one.name && (!two.name || one.distance < two.distance))
		two = one;
	err_set(e, ERR_USAGE, "unknown command '%s'", group ? both.data : first);
	if (two.name)
		err_hint(e, "did you mean '%s %s'?", p->name, two.name);
	return false;
}

static void
drop_word(int *argc, char **argv, int i)
{
	memmove(&argv[i], &argv[i + 1], (size_t)(*argc - i) * sizeof(*argv));
	(*argc)--;
}

/* Finds the command and takes its words out of argv, which leaves options and operands. */
static bool
take_command(const struct program *p, const struct opt_spec *globals, int *argc, char **argv,
	struct call *out, struct err *e)
{
	int i = find_word(globals, *argc, argv, 1), j;
	const char *first, *second;

	if (i == *argc)
		return true;
	j = find_word(globals, *argc, argv, i + 1);
	first = argv[i];
	second = j < *argc ? argv[j] : NULL;
	if (is_group(p, first)) {
		out->group = first;
		out->command = second ? find_command(p, first, second) : NULL;
		if (second && !out->command)
			return unknown_command(p, true, first, second, e);
		if (second)
			drop_word(argc, argv, j);
	} else {
		out->command = find_command(p, first, NULL);
		if (!out->command)
			return unknown_command(p, false, first, second, e);
	}
	drop_word(argc, argv, i);
	return true;
}

static bool
no_command(const struct program *p, const char *group, struct err *e)
{
	BUF_AUTO words = BUF_NONE;

	if (!group)
		return err_set(e, ERR_USAGE, "no command given");
	for (const struct command *const *c = p->commands; *c; c++) {
		const char *second = help_second_word(*c, group);
		if (second)
			buf_addf(&words, "%s%s", words.len > 0 ? ", " : "", second);
	}
	if (!buf_ok(&words, e))
		return false;
	err_set(e, ERR_USAGE, "'%s' alone is no command", group);
	return err_hint(e, "one of: %s (see %s %s --help)", words.data, p->name, group);
}

static bool
check_operands(
	const struct program *p, const struct command *c, const struct opts *o, struct err *e)
{
	BUF_AUTO usage = BUF_NONE;
	bool few = o->operand_count < (size_t)c->min;

	if (!few && (c->max < 0 || o->operand_count <= (size_t)c->max))
		return true;
	help_usage(p, c, &usage);
	if (!buf_ok(&usage, e))
		return false;
	if (few)
		err_set(e, ERR_USAGE, "%s: something is missing", c->name);
	else
		err_set(e, ERR_USAGE, "%s: one too many: '%s'", c->name, o->operands[c->max]);
	return err_hint(e, "usage: %s", usage.data);
}

static bool
print_help(const struct program *p, const struct opt_spec *globals, const struct call *call,
	struct err *e)
{
	BUF_AUTO text = BUF_NONE;

	if (call->command)
		help_command(p, call->command, &text);
	else if (call->group)
		help_group(p, call->group, &text);
	else
		help_program(p, globals, &text);
	if (!buf_ok(&text, e))
		return false;
	fputs(text.data, stdout);
	return true;
}

/* A usage error always says where to read on. */
static void
advise(const struct program *p, const struct call *call, struct err *e)
{
	const char *name = call->command ? call->command->name : call->group;

	if (e->code == ERR_USAGE && !*e->hint)
		err_hint(e, "see %s%s%s --help", p->name, name ? " " : "", name ? name : "");
}

/* What is given here stands in messages, in JSON and in journals. */
static bool
check_words(int argc, char **argv, struct err *e)
{
	for (int i = 1; i < argc; i++)
		if (!err_is_clean(argv[i])) {
			err_set(e, ERR_USAGE, "'%s' is not printable UTF-8", argv[i]);
			return err_hint(
				e, "where it names a file: rename that, or name its folder");
		}
	return true;
}

static bool
run(const struct program *p, const struct opt_spec *globals, int argc, char **argv,
	struct call *call, struct err *e)
{
	OPTS_AUTO o = { 0 };

	if (!check_words(argc, argv, e) || !take_command(p, globals, &argc, argv, call, e))
		return false;
	if (!opt_parse(&o, argc, argv, globals, call->command ? call->command->options : NULL, e))
		return false;
	if (opt_flag(&o, "help"))
		return print_help(p, globals, call, e);
	if (opt_flag(&o, "version")) {
		printf("%s %s\n", p->name, VERSION);
		return true;
	}
	if (!call->command)
		return no_command(p, call->group, e);
	return check_operands(p, call->command, &o, e) &&
	       (!p->before || p->before(call->command, &o, e)) && call->command->run(&o, e);
}

/* Who starts us with standard descriptors closed must not get our output into the next file that
 * we open. The wrong way round, so that using one fails instead of vanishing. */
static bool
hold_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++)
		if (fcntl(fd, F_GETFD) == -1 &&
			open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			return false;
	return true;
}

static bool
close_stdout(struct err *e)
{
	bool failed = ferror(stdout) != 0;

	errno = 0;
	if (fclose(stdout) == 0 && !failed)
		return true;
	if (errno != 0)
		err_errno(e, "writing standard output");
	else
		err_set(e, ERR_IO, "writing standard output failed");
	return err_hint(e, "the command may have done its work: look before you run it again");
}

int
program_main(const struct program *p, int argc, char **argv)
{
	struct err e = { 0 }, late = { 0 };
	struct call call = { 0 };
	struct opt_spec *globals;
	bool ok;

	if (!hold_standard_descriptors())
		return err_status(ERR_IO);
	signal(SIGPIPE, SIG_IGN);
	globals = all_globals(p);
	ok = globals ? run(p, globals, argc, argv, &call, &e)
		     : err_set(&e, ERR_MEMORY, "out of memory");
	free(globals);
	if (p->after)
		p->after();
	if (!close_stdout(&late) && ok) {
		e = late;
		ok = false;
	}
	if (ok)
		return 0;
	advise(p, &call, &e);
	fprintf(stderr, "%s: error: %s\n", p->name, e.message);
	if (*e.hint)
		fprintf(stderr, "%s: hint: %s\n", p->name, e.hint);
	return err_status(e.code);
}
