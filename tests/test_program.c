/* SPDX-License-Identifier: ISC */
#include "base/program.h"
#include "tests/support.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* A program whose commands print what reached them. */

static const struct opt_spec globals[] = {
	{ "vault", OPT_ONE, "DIR", "the vault's folder" },
	{ "json", OPT_FLAG, NULL, "one JSON document on standard output" },
	{ 0 },
};

static bool
show(const struct opts *o, struct err *e)
{
	const char *vault = opt_get(o, "vault");

	(void)e;
	printf("ran vault=%s json=%d", vault ? vault : "none", opt_flag(o, "json"));
	for (size_t i = 0; i < o->operand_count; i++)
		printf(" %s", o->operands[i]);
	printf("\n");
	return true;
}

static bool
find_altered(const struct opts *o, struct err *e)
{
	(void)o;
	err_set(e, ERR_AUTH, "share 2: altered");
	return err_hint(e, "ask its custodian");
}

static bool
miss_an_option(const struct opts *o, struct err *e)
{
	(void)o;
	return err_set(e, ERR_USAGE, "--threshold is missing");
}

static bool
flood(const struct opts *o, struct err *e)
{
	(void)o;
	(void)e;
	for (int i = 0; i < 100000; i++)
		printf("line %d\n", i);
	return true;
}

/* As on a disk that is full for a moment. */
static bool
lose_a_line(const struct opts *o, struct err *e)
{
	int good = open("/dev/null", O_WRONLY | O_CLOEXEC);

	(void)o;
	(void)e;
	printf("lost\n");
	fflush(stdout);
	return dup2(good, 1) == 1;
}

static bool
open_a_file(const struct opts *o, struct err *e)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)o;
	(void)e;
	return fd > 2 || err_set(e, ERR_IO, "descriptor %d", fd);
}

static const struct opt_spec generate_options[] = {
	{ "domain", OPT_ONE, "D", "the domain that the keys are for" },
	{ "san", OPT_MANY, "NAME",
		"a further name: DNS, wildcard, or IP: and an address; the keys' requests and the "
		"manifest carry them all" },
	{ "dice", OPT_FLAG, NULL, "mix in dice rolls" },
	{ "operator-passphrase-from-descriptor", OPT_ONE, "NUMBER", "a name too long to align to" },
	{ 0 },
};

static const struct command generate = {
	.name = "generate",
	.operands = "--domain D",
	.summary = "make backup keys, seal them and split them",
	.detail = "Keys are proven by reading every share back.\n\nWith --json: `keys`.",
	.options = generate_options,
	.run = show,
	.heading = "Keys",
};
static const struct command recover = {
	.name = "recover",
	.operands = "KEY [FILE]",
	.min = 1,
	.max = 2,
	.summary = "bring a key back",
	.run = show,
};
static const struct command share_show = {
	.name = "share show",
	.operands = "FILE...",
	.min = 1,
	.max = -1,
	.summary = "show a share",
	.run = show,
	.heading = "Shares",
};
static const struct command share_list = { .name = "share list",
	.operands = "MEDIUM",
	.min = 1,
	.max = 1,
	.summary = "list shares",
	.run = show };
static const struct command failing = {
	.name = "failing", .operands = "", .summary = "fail", .run = find_altered
};
static const struct command misused = {
	.name = "misused", .operands = "", .summary = "want more", .run = miss_an_option
};
static const struct command flooding = {
	.name = "flooding", .operands = "", .summary = "print much", .run = flood
};
static const struct command losing = {
	.name = "losing", .operands = "", .summary = "lose a line", .run = lose_a_line
};
static const struct command opening = {
	.name = "opening", .operands = "", .summary = "open a file", .run = open_a_file
};

static const struct command *const commands[] = { &generate, &recover, &share_show, &share_list,
	&failing, &misused, &flooding, &opening, &losing, NULL };

static bool
before(const struct command *c, const struct opts *o, struct err *e)
{
	if (opt_get(o, "vault") && strcmp(opt_get(o, "vault"), "refused") == 0)
		return err_set(e, ERR_REFUSED, "not now");
	printf("before %s\n", c->name);
	return true;
}

/* On standard error, to see that errors are printed later still. */
static void
after(void)
{
	fputs("after\n", stderr);
}

static const struct program plain = {
	.name = "coldspare",
	.tagline = "an offline vault for backup keys",
	.globals = globals,
	.commands = commands,
};
static const struct program hooked = {
	.name = "coldspare",
	.tagline = "an offline vault for backup keys",
	.globals = globals,
	.commands = commands,
	.before = before,
	.after = after,
};

struct result {
	int status; /* exit status, or 128 + signal */
	char out[8192];
	char err[8192];
};

static void
slurp(void **state, const char *name, char out[static 8192])
{
	FILE *f = fopen(support_path(state, name), "r");
	size_t len;

	assert_non_null(f);
	len = fread(out, 1, 8191, f);
	out[len] = '\0';
	fclose(f);
}

/* Puts the child's descriptor `fd` on the file, or closes it for NULL. */
static void
redirect(int fd, const char *path)
{
	int got;

	close(fd);
	if (!path)
		return;
	got = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (got != fd && (dup2(got, fd) != fd || close(got) != 0))
		_exit(99);
}

static int
wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int
split_line(char *line, char **argv)
{
	int argc = 0;

	for (char *word; (word = strsep(&line, " ")) != NULL;)
		argv[argc++] = word;
	argv[argc] = NULL;
	return argc;
}

static struct result
call_to(void **state, const struct program *p, const char *line, const char *out_path)
{
	struct result r = { 0 };
	char copy[1024], *argv[32];
	pid_t pid;

	snprintf(copy, sizeof(copy), "coldspare%s%s", *line ? " " : "", line);
	remove(support_path(state, "out"));
	remove(support_path(state, "err"));
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		redirect(1, out_path);
		redirect(2, support_path(state, "err"));
		exit(program_main(p, split_line(copy, argv), argv));
	}
	r.status = wait_for(pid);
	if (out_path && strncmp(out_path, "/dev/", 5) != 0)
		slurp(state, "out", r.out);
	slurp(state, "err", r.err);
	return r;
}

static struct result
call(void **state, const struct program *p, const char *line)
{
	return call_to(state, p, line, support_path(state, "out"));
}

static void
assert_output(void **state, const char *line, const char *out)
{
	struct result r = call(state, &plain, line);

	assert_string_equal(r.err, "");
	assert_string_equal(r.out, out);
	assert_int_equal(r.status, 0);
}

static void
assert_error(void **state, const char *line, int status, const char *err)
{
	struct result r = call(state, &plain, line);

	assert_string_equal(r.err, err);
	assert_string_equal(r.out, "");
	assert_int_equal(r.status, status);
}

static void
global_options_stand_before_and_after_the_command(void **state)
{
	assert_output(state, "recover a", "ran vault=none json=0 a\n");
	assert_output(state, "--vault v --json recover a b", "ran vault=v json=1 a b\n");
	assert_output(state, "--vault=v recover a --json", "ran vault=v json=1 a\n");
	assert_output(state, "recover --json a --vault v", "ran vault=v json=1 a\n");
	assert_output(
		state, "--vault recover recover recover", "ran vault=recover json=0 recover\n");
}

static void
commands_of_two_words_need_both(void **state)
{
	assert_output(state, "share show f", "ran vault=none json=0 f\n");
	assert_output(
		state, "--json share --vault show show show f", "ran vault=show json=1 show f\n");
	assert_error(state, "share", 64,
		"coldspare: error: 'share' alone is no command\n"
		"coldspare: hint: one of: show, list (see coldspare share --help)\n");
	assert_error(state, "share shwo f", 64,
		"coldspare: error: unknown command 'share shwo'\n"
		"coldspare: hint: did you mean 'coldspare share show'?\n");
	assert_error(state, "show f", 64,
		"coldspare: error: unknown command 'show'\n"
		"coldspare: hint: see coldspare --help\n");
	assert_error(state, "share --domain show", 64,
		"coldspare: error: unknown option --domain\n"
		"coldspare: hint: see coldspare share --help\n");
}

static void
unknown_commands_are_answered_with_the_nearest(void **state)
{
	assert_error(state, "genreate --domain d", 64,
		"coldspare: error: unknown command 'genreate'\n"
		"coldspare: hint: did you mean 'coldspare generate'?\n");
	assert_error(state, "shar list m", 64,
		"coldspare: error: unknown command 'shar'\n"
		"coldspare: hint: did you mean 'coldspare share list'?\n");
	assert_error(state, "frobnicate", 64,
		"coldspare: error: unknown command 'frobnicate'\n"
		"coldspare: hint: see coldspare --help\n");
	assert_error(state, "", 64,
		"coldspare: error: no command given\ncoldspare: hint: see coldspare --help\n");
	assert_error(state, "--vault v", 64,
		"coldspare: error: no command given\ncoldspare: hint: see coldspare --help\n");
	assert_error(state, "--jsno recover", 64,
		"coldspare: error: unknown option --jsno\ncoldspare: hint: did you mean --json?\n");
}

static void
operands_are_counted(void **state)
{
	assert_error(state, "recover", 64,
		"coldspare: error: recover: something is missing\n"
		"coldspare: hint: usage: coldspare recover KEY [FILE]\n");
	assert_error(state, "recover a b c", 64,
		"coldspare: error: recover: one too many: 'c'\n"
		"coldspare: hint: usage: coldspare recover KEY [FILE]\n");
	assert_error(state, "generate x", 64,
		"coldspare: error: generate: one too many: 'x'\n"
		"coldspare: hint: usage: coldspare generate [options] --domain D\n");
	assert_output(state, "share show a b c d", "ran vault=none json=0 a b c d\n");
}

static void
errors_of_a_command_carry_status_message_and_hint(void **state)
{
	assert_error(state, "failing", 77,
		"coldspare: error: share 2: altered\ncoldspare: hint: ask its custodian\n");
	assert_error(state, "misused", 64,
		"coldspare: error: --threshold is missing\n"
		"coldspare: hint: see coldspare misused --help\n");
	assert_error(state, "failing --dcie", 64,
		"coldspare: error: unknown option --dcie\n"
		"coldspare: hint: see coldspare failing --help\n");
}

static void
help_of_the_program_lists_commands_in_their_order(void **state)
{
	static const char *const help = "coldspare: an offline vault for backup keys\n"
					"\n"
					"usage: coldspare [global options] COMMAND ...\n"
					"\n"
					"Keys:\n"
					"  generate    make backup keys, seal them and split them\n"
					"  recover     bring a key back\n"
					"\n"
					"Shares:\n"
					"  share show  show a share\n"
					"  share list  list shares\n"
					"  failing     fail\n"
					"  misused     want more\n"
					"  flooding    print much\n"
					"  opening     open a file\n"
					"  losing      lose a line\n"
					"\n"
					"Global options, before or after the command:\n"
					"  --vault DIR  the vault's folder\n"
					"  --json       one JSON document on standard output\n"
					"  --help       show this help, or that of the command\n"
					"  --version    show the version\n"
					"\n"
					"One command: coldspare COMMAND --help\n";

	assert_output(state, "--help", help);
	assert_output(state, "--json --help", help);
}

static void
help_of_a_command_shows_usage_detail_and_options(void **state)
{
	static const char *const help =
		"usage: coldspare generate [options] --domain D\n"
		"\n"
		"make backup keys, seal them and split them\n"
		"\n"
		"Keys are proven by reading every share back.\n"
		"\n"
		"With --json: `keys`.\n"
		"\n"
		"Options:\n"
		"  --domain D      the domain that the keys are for\n"
		"  --san NAME ...  a further name: DNS, wildcard, or IP: and an address; the\n"
		"                  keys' requests and the manifest carry them all\n"
		"  --dice          mix in dice rolls\n"
		"  --operator-passphrase-from-descriptor NUMBER\n"
		"                  a name too long to align to\n"
		"\n"
		"Global options: see coldspare --help\n";

	assert_output(state, "generate --help", help);
	assert_output(state, "--help generate", help);
	assert_output(state, "generate one too many --help", help);
	assert_output(state, "recover --help",
		"usage: coldspare recover KEY [FILE]\n"
		"\n"
		"bring a key back\n"
		"\n"
		"Global options: see coldspare --help\n");
}

static void
help_of_a_family_lists_its_commands(void **state)
{
	static const char *const help = "usage: coldspare share COMMAND ...\n"
					"\n"
					"Commands:\n"
					"  share show  show a share\n"
					"  share list  list shares\n"
					"\n"
					"One command: coldspare share COMMAND --help\n";

	assert_output(state, "share --help", help);
	assert_output(state, "--help share", help);
}

static void
version_is_shown(void **state)
{
	assert_output(state, "--version", "coldspare " VERSION "\n");
	assert_output(state, "recover --version", "coldspare " VERSION "\n");
}

static void
hooks_run_around_the_command_and_before_the_error(void **state)
{
	struct result r = call(state, &hooked, "recover a");

	assert_string_equal(r.out, "before recover\nran vault=none json=0 a\n");
	assert_string_equal(r.err, "after\n");
	r = call(state, &hooked, "failing");
	assert_string_equal(r.err,
		"after\ncoldspare: error: share 2: altered\ncoldspare: hint: ask its custodian\n");
	r = call(state, &hooked, "recover a --vault refused");
	assert_string_equal(r.out, "");
	assert_string_equal(r.err, "after\ncoldspare: error: not now\n");
	assert_int_equal(r.status, 78);
	r = call(state, &hooked, "recover");
	assert_string_equal(r.out, "");
	r = call(state, &hooked, "recover --help");
	assert_null(strstr(r.out, "before"));
}

static void
a_full_disk_behind_standard_output_is_an_error(void **state)
{
	static const char *const lines[] = { "recover a", "flooding", "losing", "--help",
		"recover --help", "--version" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct result r = call_to(state, &plain, lines[i], "/dev/full");
		assert_int_equal(r.status, 74);
		assert_non_null(strstr(r.err, "coldspare: error: writing standard output"));
	}
	/* The first error is the one that counts. */
	assert_int_equal(call_to(state, &hooked, "failing", "/dev/full").status, 77);
}

static void
a_closed_standard_output_is_an_error_when_used(void **state)
{
	struct result r = call_to(state, &plain, "recover a", NULL);

	assert_int_equal(r.status, 74);
	/* And no file that the command opens takes its place. */
	r = call_to(state, &plain, "opening", NULL);
	assert_string_equal(r.err, "");
	assert_int_equal(r.status, 0);
}

static void
a_closed_pipe_is_an_error_and_no_signal(void **state)
{
	int ends[2], status;
	pid_t pid;
	char *argv[] = { (char *)"coldspare", (char *)"flooding", NULL };

	fflush(NULL);
	assert_int_equal(pipe(ends), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		dup2(ends[1], 1);
		close(ends[1]);
		redirect(2, support_path(state, "err"));
		exit(program_main(&plain, 2, argv));
	}
	close(ends[0]);
	close(ends[1]);
	status = wait_for(pid);
	assert_int_equal(status, 74);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(global_options_stand_before_and_after_the_command),
		unit_in_dir(commands_of_two_words_need_both),
		unit_in_dir(unknown_commands_are_answered_with_the_nearest),
		unit_in_dir(operands_are_counted),
		unit_in_dir(errors_of_a_command_carry_status_message_and_hint),
		unit_in_dir(help_of_the_program_lists_commands_in_their_order),
		unit_in_dir(help_of_a_command_shows_usage_detail_and_options),
		unit_in_dir(help_of_a_family_lists_its_commands),
		unit_in_dir(version_is_shown),
		unit_in_dir(hooks_run_around_the_command_and_before_the_error),
		unit_in_dir(a_full_disk_behind_standard_output_is_an_error),
		unit_in_dir(a_closed_standard_output_is_an_error_when_used),
		unit_in_dir(a_closed_pipe_is_an_error_and_no_signal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
