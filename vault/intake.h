/* SPDX-License-Identifier: ISC */
/*
 * intake: what `generate` and `import` share: the vault opened for adding keys to one domain.
 *
 * Everything that can be refused is refused before the passphrase is asked for, and everything
 * slow or irreversible comes after.
 */
#ifndef VAULT_INTAKE_H
#define VAULT_INTAKE_H

#include "vault/admit.h"
#include "vault/cmd.h"
#include "vault/media.h"

/* Rows for the tables of options of both commands. */
#define INTAKE_DOMAIN                                                                              \
	{                                                                                          \
		"domain", OPT_ONE, "D", "the domain that the keys are for"                         \
	}
#define INTAKE_SAN                                                                                 \
	{                                                                                          \
		"san", OPT_MANY, "NAME",                                                           \
			"a further name for the CSR: DNS, *.wildcard, or IP:ADDRESS"               \
	}
#define INTAKE_SUBJECT                                                                             \
	{                                                                                          \
		"subject", OPT_ONE, "DN", "the CSR's subject, as /C=FR/O=Example/CN=example.org"   \
	}
#define INTAKE_CUSTODIAN                                                                           \
	{                                                                                          \
		"custodian", OPT_MANY, "NAME=MEDIUM",                                              \
			"another medium for this custodian, this time"                             \
	}
#define INTAKE_DETACHED                                                                            \
	{                                                                                          \
		"detached", OPT_FLAG, NULL,                                                        \
			"shares do not carry the sealed key: back up the vault!"                   \
	}

struct intake {
	struct store store;
	struct signer signer;
	struct entropy *entropy;
	struct media media;
	struct holders holders;
	struct state_domain domain; /* its name, and the names for the CSR */
	const char *subject;        /* or NULL */
	bool online;
	bool detached;
};
#define INTAKE_AUTO __attribute__((cleanup(intake_close))) struct intake
void intake_close(struct intake *in);

/* Options checked, vault opened for writing, media opened, then the passphrase and the signing
 * key. The names are the domain and the --san ones, or those that the domain has already. */
bool intake_open(const struct opts *o, struct intake *in, struct err *e) FALLIBLE;

/* The step of it that opens the media: the custodians', or what --custodian says for this run. Its
 * store is open. */
bool intake_holders(const struct opts *o, struct intake *in, struct err *e) FALLIBLE;

/* The recipe for one key of this domain. Borrows from *in. */
struct spare_recipe intake_recipe(
	const struct intake *in, const struct alg *alg, enum manifest_origin origin);

/* Admits the spares and prints what came of it, as text or JSON. */
bool intake_finish(const struct opts *o, struct intake *in, const char *kind, struct spare *spares,
	size_t count, struct err *e) FALLIBLE;

#endif
