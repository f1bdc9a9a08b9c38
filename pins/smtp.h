/* SPDX-License-Identifier: ISC */
/*
 * smtp: the words before TLS on a mail server's port (RFC 3207).
 */
#ifndef PINS_SMTP_H
#define PINS_SMTP_H

#include "base/err.h"

/* Speaks on a connected socket until TLS may start. ERR_IO: the server does not offer it, refuses
 * it, or sends bytes after its consent, which would be plain text taken for protected. */
bool smtp_starttls(int fd, struct err *e) FALLIBLE;

#endif
