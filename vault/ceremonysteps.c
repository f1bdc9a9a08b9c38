/* SPDX-License-Identifier: ISC */
#include "vault/ceremonysteps.h"

#include <string.h>

static bool
has_dice(const struct plan *p)
{
	return p->dice;
}

static bool
has_pins(const struct plan *p)
{
	for (size_t i = 0; i < p->domain_count; i++)
		if (p->domains[i].active.count + p->domains[i].ca.count > 0)
			return true;
	return false;
}

const struct ceremony_step ceremonysteps[CEREMONY_STEPS] = {
	[CEREMONY_OPEN] = {
		.name = "open",
		.title = "Open the ceremony",
		.who = CEREMONY_EVERYONE,
		.what = "Everyone present is on the attendance list. The operator starts the "
			"program. The witness compares the plan's digest on the screen with the "
			"one on this paper, row by row, aloud.",
		.screen = "Is this the plan that was reviewed?",
		.answer = "yes",
	},
	[CEREMONY_MACHINE] = {
		.name = "machine",
		.title = "Look at the machine",
		.who = CEREMONY_OPERATOR | CEREMONY_WITNESS,
		.what = "The program looks whether this machine is fit and offline. A line that "
			"says \"fail\" ends the ceremony. A line that says \"warn\" is talked "
			"over and noted. The witness compares the program's digest with the one "
			"that was noted when it was installed.",
		.screen = "Is this machine as it should be?",
		.answer = "yes",
	},
	[CEREMONY_CLOCK] = {
		.name = "clock",
		.title = "Confirm date and time",
		.who = CEREMONY_WITNESS,
		.what = "The witness compares the date and the time (UTC) on the screen with a "
			"watch that was not set by this machine, and notes both.",
		.screen = "Is that the date and the time?",
		.answer = "yes",
		.final = "Everything that is made carries the time of this clock.",
	},
	[CEREMONY_AGREE] = {
		.name = "agree",
		.title = "Agree to what will be made",
		.who = CEREMONY_EVERYONE,
		.what = "The operator reads aloud what the screen shows: the vault {vault}, "
			"{keys} for {domains}, and who holds the {count} shares, any {threshold} "
			"of which bring a key back. Each custodian confirms their name.",
		.screen = "Make this?",
		.answer = "yes",
	},
	[CEREMONY_PASSPHRASE] = {
		.name = "passphrase",
		.title = "Choose the operator's passphrase",
		.who = CEREMONY_OPERATOR,
		.what = "The operator types a new passphrase twice. Everybody else looks away. It "
			"signs for the vault; it opens no backup key.",
		.screen = "New passphrase of the vault",
		.answer = "the passphrase, then the same again",
	},
	[CEREMONY_DICE] = {
		.name = "dice",
		.title = "Roll the dice",
		.who = CEREMONY_OPERATOR | CEREMONY_CUSTODIAN,
		.what = "Custodians roll dice at least 50 times and call each number. The "
			"operator types them and does not write them down.",
		.screen = "Rolls of a six-sided die, at least 50 digits 1 to 6",
		.answer = "the numbers rolled, such as 41523",
		.applies = has_dice,
	},
	[CEREMONY_KEYS] = {
		.name = "keys",
		.title = "Make the keys",
		.who = CEREMONY_OPERATOR,
		.what = "Wait. The program makes the vault's signing key and {keys}, seals each "
			"and splits it. The screen shows the time that is left.",
	},
	[CEREMONY_WRITE] = {
		.name = "write",
		.title = "Write each custodian's shares",
		.who = CEREMONY_OPERATOR | CEREMONY_CUSTODIAN,
		.what = "{custodian} hands over {medium}, watches, and takes it back when the "
			"screen says so.",
		.screen = "Insert the medium of {custodian}",
		.answer = "Enter when it is at its place, or the place, as dir:/media/stick",
		.each = true,
	},
	[CEREMONY_READBACK] = {
		.name = "readback",
		.title = "Read every share back",
		.who = CEREMONY_OPERATOR | CEREMONY_CUSTODIAN,
		.what = "{custodian} hands over {medium} a second time. Every share is read from "
			"it again and checked, and then combinations of shares rebuild each key.",
		.screen = "Insert the medium of {custodian} again",
		.answer = "Enter when it is at its place, or the place, as dir:/media/stick",
		.each = true,
	},
	[CEREMONY_COMMIT] = {
		.name = "commit",
		.title = "Make the keys count",
		.who = CEREMONY_OPERATOR | CEREMONY_WITNESS,
		.what = "The screen says how many shares were read back and how many combinations "
			"rebuilt each key. The witness notes the vault key's digest.",
		.screen = "Make these keys and shares count?",
		.answer = "yes",
		.final = "The keys, and who holds which share, are in the vault's journal for "
			 "good. Before this answer nothing counts, and stopping loses nothing but "
			 "time.",
	},
	[CEREMONY_PINS] = {
		.name = "pins",
		.title = "Record the live certificates and CAs",
		.who = CEREMONY_OPERATOR | CEREMONY_WITNESS,
		.what = "The screen shows subject and pin of each certificate that the plan names. "
			"The witness compares them with a list that was made elsewhere.",
		.screen = "Are these the certificates that are live?",
		.answer = "yes",
		.final = "The pins are in the journal. A wrong one can be retired, not forgotten.",
		.applies = has_pins,
	},
	[CEREMONY_EXPORT] = {
		.name = "export",
		.title = "Sign the manifest and export it",
		.who = CEREMONY_OPERATOR | CEREMONY_WITNESS,
		.what = "The program signs the manifest and writes it to {export}, with the "
			"certificate requests and the vault's public key. Nothing secret is among "
			"that. The witness notes the manifest's digest.",
		.screen = "Sign and export this manifest?",
		.answer = "yes",
		.final = "A signed manifest cannot be called back, only followed by a newer one.",
	},
	[CEREMONY_TRANSCRIPT] = {
		.name = "transcript",
		.title = "Compare and sign the transcript",
		.who = CEREMONY_EVERYONE,
		.what = "The program writes the transcript and shows the digests that are in it. "
			"They are compared aloud with those noted on this paper. The transcript is "
			"printed, and everyone signs it.",
	},
	[CEREMONY_CLOSE] = {
		.name = "close",
		.title = "Close the ceremony",
		.who = CEREMONY_EVERYONE,
		.what = "The witness notes the journal's entries and head from the last line on "
			"the screen. The custodians leave with their media, each to their own "
			"place. The operator backs up the vault's folder, takes the export away and switches "
			"the machine off. This paper is filed with the transcript.",
	},
};

bool
ceremonysteps_applies(const struct plan *p, enum ceremony_step_id id)
{
	return !ceremonysteps[id].applies || ceremonysteps[id].applies(p);
}

unsigned
ceremonysteps_number(const struct plan *p, enum ceremony_step_id id)
{
	unsigned n = 0;

	for (enum ceremony_step_id i = 0; i <= id; i++)
		n += ceremonysteps_applies(p, i);
	return n;
}

unsigned
ceremonysteps_count(const struct plan *p)
{
	return ceremonysteps_number(p, CEREMONY_STEPS - 1);
}

void
ceremonysteps_who(unsigned roles, struct buf *out)
{
	static const char *const words[] = { "operator", "witness", "custodians" };
	bool first = true;

	if (roles == CEREMONY_EVERYONE) {
		buf_adds(out, "everyone");
		return;
	}
	for (unsigned i = 0; i < sizeof(words) / sizeof(*words); i++)
		if (roles & (1u << i)) {
			buf_addf(out, "%s%s", first ? "" : ", ", words[i]);
			first = false;
		}
}

/* Fields ----------------------------------------------------------------------------------- */

static void
fill_vault(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_adds(out, p->name);
}

static void
fill_threshold(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_addf(out, "%u", p->threshold);
}

static void
fill_count(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_addf(out, "%zu", p->custodian_count);
}

static void
fill_keys(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_addf(out, "%zu backup key%s", plan_keys(p), plan_keys(p) == 1 ? "" : "s");
}

static void
fill_domains(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_adds(out, p->domains[0].name);
	if (p->domain_count > 1)
		buf_addf(out, " and %zu other domain%s", p->domain_count - 1,
			p->domain_count == 2 ? "" : "s");
}

static void
fill_export(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)c;
	buf_adds(out, p->export_dir);
}

static void
fill_custodian(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)p;
	buf_adds(out, c ? c->name : "each custodian");
}

static void
fill_medium(const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	(void)p;
	buf_adds(out, c && c->medium ? c->medium : "their medium");
}

static const struct {
	const char *name;
	void (*fill)(const struct plan *p, const struct plan_custodian *c, struct buf *out);
} fields[] = {
	{ "{vault}", fill_vault },
	{ "{threshold}", fill_threshold },
	{ "{count}", fill_count },
	{ "{keys}", fill_keys },
	{ "{domains}", fill_domains },
	{ "{export}", fill_export },
	{ "{custodian}", fill_custodian },
	{ "{medium}", fill_medium },
};

void
ceremonysteps_fill(
	const char *text, const struct plan *p, const struct plan_custodian *c, struct buf *out)
{
	bool begins = strncmp(text, "{custodian}", 11) == 0;
	size_t start = out->len;

	while (*text) {
		size_t plain = strcspn(text, "{"), i = 0;

		buf_add(out, text, plain);
		text += plain;
		while (*text && i < sizeof(fields) / sizeof(*fields) &&
			strncmp(text, fields[i].name, strlen(fields[i].name)) != 0)
			i++;
		if (*text && i < sizeof(fields) / sizeof(*fields)) {
			fields[i].fill(p, c, out);
			text += strlen(fields[i].name);
		} else if (*text) {
			buf_add(out, text++, 1);
		}
	}
	if (begins && !c && !out->failed)
		out->data[start] = 'E'; /* "Each custodian ..." */
}
