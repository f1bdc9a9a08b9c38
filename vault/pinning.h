/* SPDX-License-Identifier: ISC */
/*
 * pinning: public pins from outside on their way into the vault: the live certificate's, a CA's, a
 * backup held elsewhere.
 */
#ifndef VAULT_PINNING_H
#define VAULT_PINNING_H

#include "pins/pubfile.h"
#include "vault/store.h"

struct pinning {
	const char *path;                  /* a certificate, chain, CSR or public key */
	const struct state_domain *domain; /* of the state that the pins are for */
	enum manifest_role role;
	const char *group; /* name of a bundle of CA certificates; NULL: the file's, of a bundle */

	struct pubfile file; /* from here on pinning's own */
	json_t *pins;        /* [{pin, algorithm, ca, label}] */
	size_t known;        /* how many of them the vault has already, as whatever */
};
#define PINNING_AUTO __attribute__((cleanup(pinning_free))) struct pinning
void pinning_free(struct pinning *p);

/* Reads the file: of a chain the leaf is meant; of a CA file every certificate, as one group.
 * ERR_FORMAT when it is not what the role wants. */
bool pinning_load(struct pinning *p, const struct state *s, struct err *e) FALLIBLE;

/* Journals them. A pin that is known already: ERR_REFUSED. */
bool pinning_record(struct pinning *p, struct store *s, struct err *e) FALLIBLE;

#endif
