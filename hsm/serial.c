/* SPDX-License-Identifier: ISC */
#include "hsm/serial.h"

#include "hsm/card.h"

#include <string.h>

static bool
is_serial(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if (text[i] <= ' ' || text[i] > '~')
			return false;
	return len > 0 && len <= CARD_SERIAL_MAX;
}

bool
serial_cut(char *place, const char **serial, struct err *e)
{
	char *hash = strrchr(place, '#');

	*serial = "";
	if (!hash)
		return true;
	*hash = '\0';
	*serial = hash + 1;
	return is_serial(*serial) || err_set(e, ERR_USAGE, "after # stands a serial number");
}
