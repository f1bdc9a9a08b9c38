/* SPDX-License-Identifier: ISC */
/*
 * connect: one real TLS handshake, for the certificates that a server sends.
 *
 * Nothing about them is verified unless asked: a pin is to be found in what is served, whoever
 * serves it. No data is exchanged after the handshake.
 */
#ifndef PINS_CONNECT_H
#define PINS_CONNECT_H

#include "pins/pubfile.h"

#include <stdint.h>

struct connect_wish {
	const char *address;  /* "HOST:PORT", "[2001:db8::1]:PORT" */
	const char *name;     /* for SNI, and what the certificate must be for; NULL: HOST */
	const char *starttls; /* "smtp", or NULL */
	bool verify;          /* chain and name, too */
	const char *roots;    /* trusted for that: a file; NULL: the system's */
	int64_t timeout;      /* seconds, for each step */
};

/* The chain in the order it was sent. ERR_USAGE: an ill-formed address. ERR_IO: no connection, no
 * handshake. ERR_AUTH: asked to verify, and it failed. */
bool connect_chain(const struct connect_wish *w, struct pubfile *out, struct err *e) FALLIBLE;

#endif
