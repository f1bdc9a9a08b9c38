/* SPDX-License-Identifier: ISC */
#include "base/term.h"
#include "vault/intake.h"

#include <stdlib.h>

#define BACKUPS_MAX 10000

static const struct opt_spec options[] = {
	INTAKE_DOMAIN,
	INTAKE_SAN,
	{ "algorithm", OPT_MANY, "A",
		"rsa:2048|3072|4096, ec:p256|p384|p521 or ed25519; default ec:p256" },
	{ "backups", OPT_ONE, "N", "keys of each algorithm; default 2" },
	INTAKE_SUBJECT,
	{ "dice", OPT_FLAG, NULL, "mix in at least 50 rolls of a die, asked for" },
	{ "dice-fd", OPT_ONE, "N", "read the rolls from this file descriptor instead" },
	INTAKE_CUSTODIAN,
	INTAKE_DETACHED,
	{ 0 },
};

/* One batch of keys: as many of each algorithm as asked for. */
struct order {
	const struct alg *algorithms[16];
	size_t algorithm_count;
	long backups;
	size_t count;
};

static bool
read_order(const struct opts *o, struct order *order, struct err *e)
{
	size_t given = opt_count(o, "algorithm");

	*order = (struct order){ .algorithms = { alg_default }, .backups = 2 };
	if (given > alg_count)
		return err_set(e, ERR_USAGE, "--algorithm is given %zu times, there are %zu", given,
			alg_count);
	for (size_t i = 0; i < given; i++) {
		if (!alg_find(opt_nth(o, "algorithm", i), &order->algorithms[i], e))
			return false;
		for (size_t j = 0; j < i; j++)
			if (order->algorithms[j] == order->algorithms[i])
				return err_set(e, ERR_USAGE, "--algorithm %s is given twice",
					order->algorithms[i]->name);
	}
	order->algorithm_count = given ? given : 1;
	if (!opt_int(o, "backups", 1, BACKUPS_MAX, &order->backups, e))
		return false;
	order->count = order->algorithm_count * (size_t)order->backups;
	return true;
}

static bool
mix_dice(const struct opts *o, struct entropy *x, struct err *e)
{
	SECRET_AUTO rolls = SECRET_NONE;
	int fd = -1;

	if (!cmd_fd(o, "dice-fd", &fd, e))
		return false;
	if (fd < 0 && !opt_flag(o, "dice"))
		return true;
	return term_secret(fd, "Rolls of a six-sided die, at least 50 digits 1 to 6", false,
		       "--dice-fd", &rolls, e) &&
	       entropy_dice(x, (const char *)rolls.data, rolls.len, e);
}

static void
free_spares(struct spare *spares, size_t count)
{
	for (size_t i = 0; i < count; i++)
		spare_free(&spares[i]);
}

static bool
make_and_admit(const struct opts *o, struct intake *in, const struct order *order,
	struct spare_recipe *recipes, struct spare *spares, struct err *e)
{
	SECRET_AUTO payloads = SECRET_NONE;

	for (size_t i = 0; i < order->count; i++)
		recipes[i] = intake_recipe(in, order->algorithms[i / (size_t)order->backups],
			in->online ? ORIGIN_ONLINE : ORIGIN_OFFLINE);
	return secret_new(&payloads, order->count * in->holders.count * SHARE_DATA_LEN, e) &&
	       spare_generate(recipes, order->count, in->entropy, payloads.data, spares, e) &&
	       intake_finish(o, in, "generate", spares, order->count, e);
}

static bool
run(const struct opts *o, struct err *e)
{
	INTAKE_AUTO in = { 0 };
	struct order order;
	struct spare_recipe *recipes;
	struct spare *spares;
	bool ok;

	if (!read_order(o, &order, e) || !intake_open(o, &in, e) || !mix_dice(o, in.entropy, e))
		return false;
	recipes = calloc(order.count, sizeof *recipes);
	spares = calloc(order.count, sizeof *spares);
	if (recipes && spares)
		ok = make_and_admit(o, &in, &order, recipes, spares, e);
	else
		ok = err_set(e, ERR_MEMORY, "out of memory");
	if (spares)
		free_spares(spares, order.count);
	free(spares);
	free(recipes);
	return ok;
}

const struct command cmd_generate = {
	.name = "generate",
	.heading = "Keys and pins",
	.operands = "--domain D",
	.summary = "make backup keys with their CSRs, seal and split them",
	.detail = "Each key is generated, put into a CSR, sealed under a key of its own, and that "
		  "key is split to the custodians. Every share is read back from its medium and "
		  "every combination of shares rebuilds the key before anything counts as done.",
	.options = options,
	.flags = CMD_SECRET,
	.run = run,
};
