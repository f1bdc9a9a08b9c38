/* SPDX-License-Identifier: ISC */
#include "base/program.h"

#include "tests/support.h"
#include "tests/toy.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void
global_options_stand_before_and_after_the_command(void **state)
{
	toy_assert_output(state, "recover a", "ran vault=none json=0 a\n");
	toy_assert_output(state, "--vault v --json recover a b", "ran vault=v json=1 a b\n");
	toy_assert_output(state, "--vault=v recover a --json", "ran vault=v json=1 a\n");
	toy_assert_output(state, "recover --json a --vault v", "ran vault=v json=1 a\n");
	toy_assert_output(
		state, "--vault recover recover recover", "ran vault=recover json=0 recover\n");
}

static void
commands_of_two_words_need_both(void **state)
{
	toy_assert_output(state, "share show f", "ran vault=none json=0 f\n");
	toy_assert_output(
		state, "--json share --vault show show show f", "ran vault=show json=1 show f\n");
	toy_assert_error(state, "share", 64,
		"coldspare: error: 'share' alone is no command\n"
		"coldspare: hint: one of: show, list (see coldspare share --help)\n");
	toy_assert_error(state, "share shwo f", 64,
		"coldspare: error: unknown command 'share shwo'\n"
		"coldspare: hint: did you mean 'coldspare share show'?\n");
	toy_assert_error(state, "show f", 64,
		"coldspare: error: unknown command 'show'\n"
		"coldspare: hint: see coldspare --help\n");
	toy_assert_error(state, "share --domain show", 64,
		"coldspare: error: unknown option --domain\n"
		"coldspare: hint: see coldspare share --help\n");
}

static void
words_that_cannot_be_shown_are_refused(void **state)
{
	toy_assert_error(state, "recover a\x1b[2J", 64,
		"coldspare: error: 'a?[2J' is not printable UTF-8\n"
		"coldspare: hint: where it names a file: rename that, or name its folder\n");
	toy_assert_error(state, "--vault v\xff recover a", 64,
		"coldspare: error: 'v?' is not printable UTF-8\n"
		"coldspare: hint: where it names a file: rename that, or name its folder\n");
}

static void
unknown_commands_are_answered_with_the_nearest(void **state)
{
	toy_assert_error(state, "genreate --domain d", 64,
		"coldspare: error: unknown command 'genreate'\n"
		"coldspare: hint: did you mean 'coldspare generate'?\n");
	toy_assert_error(state, "shar list m", 64,
		"coldspare: error: unknown command 'shar'\n"
		"coldspare: hint: did you mean 'coldspare share list'?\n");
	toy_assert_error(state, "frobnicate", 64,
		"coldspare: error: unknown command 'frobnicate'\n"
		"coldspare: hint: see coldspare --help\n");
	toy_assert_error(state, "", 64,
		"coldspare: error: no command given\ncoldspare: hint: see coldspare --help\n");
	toy_assert_error(state, "--vault v", 64,
		"coldspare: error: no command given\ncoldspare: hint: see coldspare --help\n");
	toy_assert_error(state, "--jsno recover", 64,
		"coldspare: error: unknown option --jsno\ncoldspare: hint: did you mean --json?\n");
}

static void
operands_are_counted(void **state)
{
	toy_assert_error(state, "recover", 64,
		"coldspare: error: recover: something is missing\n"
		"coldspare: hint: usage: coldspare recover KEY [FILE]\n");
	toy_assert_error(state, "recover a b c", 64,
		"coldspare: error: recover: one too many: 'c'\n"
		"coldspare: hint: usage: coldspare recover KEY [FILE]\n");
	toy_assert_error(state, "generate x", 64,
		"coldspare: error: generate: one too many: 'x'\n"
		"coldspare: hint: usage: coldspare generate [options] --domain D\n");
	toy_assert_output(state, "share show a b c d", "ran vault=none json=0 a b c d\n");
}

static void
errors_of_a_command_carry_status_message_and_hint(void **state)
{
	toy_assert_error(state, "failing", 77,
		"coldspare: error: share 2: altered\ncoldspare: hint: ask its custodian\n");
	toy_assert_error(state, "misused", 64,
		"coldspare: error: --threshold is missing\n"
		"coldspare: hint: see coldspare misused --help\n");
	toy_assert_error(state, "failing --dcie", 64,
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

	toy_assert_output(state, "--help", help);
	toy_assert_output(state, "--json --help", help);
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

	toy_assert_output(state, "generate --help", help);
	toy_assert_output(state, "--help generate", help);
	toy_assert_output(state, "generate one too many --help", help);
	toy_assert_output(state, "recover --help",
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

	toy_assert_output(state, "share --help", help);
	toy_assert_output(state, "--help share", help);
}

static void
version_is_shown(void **state)
{
	toy_assert_output(state, "--version", "coldspare " VERSION "\n");
	toy_assert_output(state, "recover --version", "coldspare " VERSION "\n");
}

static void
hooks_run_around_the_command_and_before_the_error(void **state)
{
	struct toy_result r = toy_call(state, &toy_hooked, "recover a");

	assert_string_equal(r.out, "before recover\nran vault=none json=0 a\n");
	assert_string_equal(r.err, "after\n");
	r = toy_call(state, &toy_hooked, "failing");
	assert_string_equal(r.err,
		"after\ncoldspare: error: share 2: altered\ncoldspare: hint: ask its custodian\n");
	r = toy_call(state, &toy_hooked, "recover a --vault refused");
	assert_string_equal(r.out, "");
	assert_string_equal(r.err, "after\ncoldspare: error: not now\n");
	assert_int_equal(r.status, 78);
	r = toy_call(state, &toy_hooked, "recover");
	assert_string_equal(r.out, "");
	r = toy_call(state, &toy_hooked, "recover --help");
	assert_null(strstr(r.out, "before"));
}

static void
a_full_disk_behind_standard_output_is_an_error(void **state)
{
	static const char *const lines[] = { "recover a", "flooding", "losing", "--help",
		"recover --help", "--version" };

	for (size_t i = 0; i < sizeof(lines) / sizeof(*lines); i++) {
		struct toy_result r = toy_call_to(state, &toy_plain, lines[i], "/dev/full");
		assert_int_equal(r.status, 74);
		assert_non_null(strstr(r.err, "coldspare: error: writing standard output"));
	}
	/* The first error is the one that counts. */
	assert_int_equal(toy_call_to(state, &toy_hooked, "failing", "/dev/full").status, 77);
}

static void
a_closed_standard_output_is_an_error_when_used(void **state)
{
	struct toy_result r = toy_call_to(state, &toy_plain, "recover a", NULL);

	assert_int_equal(r.status, 74);
	/* And no file that the command opens takes its place. */
	r = toy_call_to(state, &toy_plain, "opening", NULL);
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
		toy_redirect(2, support_path(state, "err"));
		exit(program_main(&toy_plain, 2, argv));
	}
	close(ends[0]);
	close(ends[1]);
	status = toy_wait(pid);
	assert_int_equal(status, 74);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		unit_in_dir(global_options_stand_before_and_after_the_command),
		unit_in_dir(commands_of_two_words_need_both),
		unit_in_dir(words_that_cannot_be_shown_are_refused),
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
