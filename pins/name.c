/* SPDX-License-Identifier: ISC */
#include "pins/name.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define LABEL_MAX 63
#define IP_PREFIX "IP:"

/* The canonical text of an address; false when it is none. */
static bool
parse_ip(const char *text, char out[static INET6_ADDRSTRLEN])
{
	static const int families[] = { AF_INET, AF_INET6 };
	unsigned char address[sizeof(struct in6_addr)];

	for (size_t i = 0; i < sizeof(families) / sizeof(*families); i++)
		if (inet_pton(families[i], text, address) == 1)
			return inet_ntop(families[i], address, out, INET6_ADDRSTRLEN) != NULL;
	return false;
}

static bool
is_ascii(const char *name)
{
	for (; *name; name++)
		if ((unsigned char)*name >= 0x80)
			return false;
	return true;
}

static bool
is_letter_or_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

static const char *
label_problem(const char *label, size_t len)
{
	if (len == 0)
		return "an empty label";
	if (len > LABEL_MAX)
		return "a label over 63 characters";
	if (label[0] == '-' || label[len - 1] == '-')
		return "a label that starts or ends with a hyphen";
	for (size_t i = 0; i < len; i++) {
		if (label[i] >= 'A' && label[i] <= 'Z')
			return "upper case";
		if (label[i] == '*')
			return "a wildcard is one '*.' in front";
		if (label[i] != '-' && !is_letter_or_digit(label[i]))
			return "a character other than letters, digits, hyphens and dots";
	}
	return NULL;
}

/* Resolvers and browsers read a name whose last label is a number, decimal or hex, as IPv4. */
static bool
is_number(const char *label)
{
	size_t digits = strspn(label, "0123456789");
	size_t hex = strncmp(label, "0x", 2) == 0 ? 2 + strspn(label + 2, "0123456789abcdef") : 0;

	return label[digits] == '\0' || (hex > 0 && label[hex] == '\0');
}

/* What keeps `name` from being a DNS name, or NULL. */
static const char *
dns_problem(const char *name, bool wildcard)
{
	const char *label = name, *problem;
	size_t labels = 0;

	for (;;) {
		size_t len = strcspn(label, ".");
		if (label[len] == '.' && label[len + 1] == '\0')
			return "a trailing dot";
		problem = label_problem(label, len);
		if (problem)
			return problem;
		labels++;
		if (label[len] == '\0')
			break;
		label += len + 1;
	}
	if (is_number(label))
		return "it looks like an IPv4 address";
	if (labels < 2 && (wildcard || strcmp(name, "localhost") != 0))
		return wildcard ? "a wildcard over a whole top-level domain" : "a single label";
	return NULL;
}

bool
name_check(const char *name, enum name_kind *kind, struct err *e)
{
	char address[INET6_ADDRSTRLEN];
	bool wildcard = strncmp(name, "*.", 2) == 0;
	const char *problem;

	if (parse_ip(name, address)) {
		*kind = NAME_IP;
		return true;
	}
	if (!is_ascii(name)) {
		err_set(e, ERR_USAGE, "not a host name (not ASCII): %s", name);
		return err_hint(
			e, "use the A-label, which starts with xn-- ('idn2 NAME' prints it)");
	}
	if (*name == '\0')
		problem = "empty";
	else if (strlen(name) > NAME_MAX_DNS)
		problem = "over 253 characters";
	else
		problem = dns_problem(name + (wildcard ? 2 : 0), wildcard);
	if (problem)
		return err_set(e, ERR_USAGE, "not a host name (%s): %s", problem, name);
	*kind = wildcard ? NAME_WILDCARD : NAME_DNS;
	return true;
}

/* As name_check, upper case folded first. A text too long to be a name is checked as it stands,
 * and fails. */
static bool
check_folded(
	const char *given, char out[static NAME_MAX_DNS + 1], enum name_kind *kind, struct err *e)
{
	char folded[NAME_MAX_DNS + 1];
	size_t len = strlen(given);

	if (len >= sizeof(folded))
		return name_check(given, kind, e);
	for (size_t i = 0; i <= len; i++)
		folded[i] = given[i] >= 'A' && given[i] <= 'Z' ? (char)(given[i] + 'a' - 'A')
							       : given[i];
	if (!name_check(folded, kind, e))
		return false;
	memcpy(out, folded, len + 1);
	return true;
}

static bool
refuse_ip(const char *given, struct err *e)
{
	err_set(e, ERR_USAGE, "an IP address, not a host name: %s", given);
	return err_hint(e, "a certificate request may name it: --san IP:%s", given);
}

bool
name_domain(const char *given, char out[static NAME_MAX_DNS + 1], struct err *e)
{
	char name[NAME_MAX_DNS + 1];
	enum name_kind kind;

	if (!check_folded(given, name, &kind, e))
		return false;
	if (kind == NAME_IP)
		return refuse_ip(given, e);
	if (strlen(name) > NAME_ID_MAX)
		return err_set(e, ERR_USAGE,
			"a domain over %d characters, which key ids and file names cannot hold: %s",
			NAME_ID_MAX, given);
	snprintf(out, NAME_MAX_DNS + 1, "%s", name);
	return true;
}

bool
name_san(const char *given, char out[static NAME_MAX_DNS + 4], struct err *e)
{
	char name[NAME_MAX_DNS + 1], address[INET6_ADDRSTRLEN];
	enum name_kind kind;

	if (strncasecmp(given, IP_PREFIX, strlen(IP_PREFIX)) == 0) {
		if (!parse_ip(given + strlen(IP_PREFIX), address))
			return err_set(e, ERR_USAGE, "not an IP address: %s", given);
		snprintf(out, NAME_MAX_DNS + 4, IP_PREFIX "%s", address);
		return true;
	}
	if (!check_folded(given, name, &kind, e))
		return false;
	if (kind == NAME_IP)
		return refuse_ip(given, e);
	snprintf(out, NAME_MAX_DNS + 4, "%s", name);
	return true;
}
