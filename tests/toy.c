/* SPDX-License-Identifier: ISC */
#include "tests/toy.h"

#include "tests/support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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

const struct program toy_plain = {
	.name = "coldspare",
	.tagline = "an offline vault for backup keys",
	.globals = globals,
	.commands = commands,
};
const struct program toy_hooked = {
	.name = "coldspare",
	.tagline = "an offline vault for backup keys",
	.globals = globals,
	.commands = commands,
	.before = before,
	.after = after,
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
void
toy_redirect(int fd, const char *path)
{
	int got;

	close(fd);
	if (!path)
		return;
	got = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (got != fd && (dup2(got, fd) != fd || close(got) != 0))
		_exit(99);
}

int
toy_wait(pid_t pid)
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

struct toy_result
toy_call_to(void **state, const struct program *p, const char *line, const char *out_path)
{
	struct toy_result r = { 0 };
	char copy[1024], *argv[32];
	pid_t pid;

	snprintf(copy, sizeof(copy), "coldspare%s%s", *line ? " " : "", line);
	remove(support_path(state, "out"));
	remove(support_path(state, "err"));
	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		toy_redirect(1, out_path);
		toy_redirect(2, support_path(state, "err"));
		exit(program_main(p, split_line(copy, argv), argv));
	}
	r.status = toy_wait(pid);
	if (out_path && strncmp(out_path, "/dev/", 5) != 0)
		slurp(state, "out", r.out);
	slurp(state, "err", r.err);
	return r;
}

struct toy_result
toy_call(void **state, const struct program *p, const char *line)
{
	return toy_call_to(state, p, line, support_path(state, "out"));
}

void
toy_assert_output(void **state, const char *line, const char *out)
{
	struct toy_result r = toy_call(state, &toy_plain, line);

	assert_string_equal(r.err, "");
	assert_string_equal(r.out, out);
	assert_int_equal(r.status, 0);
}

void
toy_assert_error(void **state, const char *line, int status, const char *err)
{
	struct toy_result r = toy_call(state, &toy_plain, line);

	assert_string_equal(r.err, err);
	assert_string_equal(r.out, "");
	assert_int_equal(r.status, status);
}
