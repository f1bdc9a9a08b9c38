/* SPDX-License-Identifier: ISC */
/*
 * support_render: a sample manifest, and what render must make of it, to the byte.
 *
 * Failures fail the test.
 */
#ifndef TESTS_SUPPORT_RENDER_H
#define TESTS_SUPPORT_RENDER_H

#include "pins/render.h"
#include "tests/support.h"

#define A "ERERERERERERERERERERERERERERERERERERERERERE="
#define B "IiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiIiI="
#define C "MzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzMzM="
#define HEX_A "1111111111111111111111111111111111111111111111111111111111111111"
#define HEX_B "2222222222222222222222222222222222222222222222222222222222222222"
#define HEX_C "3333333333333333333333333333333333333333333333333333333333333333"
#define EIGHT(x) x ":" x ":" x ":" x ":" x ":" x ":" x ":" x
#define COLONS(x) EIGHT(x) ":" EIGHT(x) ":" EIGHT(x) ":" EIGHT(x)

#define ABOUT(format) "Written by coldspare-pins render " format
#define NO_STAR(format) "*.example.org: left out: " format " has no entry for such names"
#define NO_IP(format) "IP:192.0.2.1: left out: " format " has no entry for such names"

#define XML_ABOUT(format) "<!--\n" ABOUT(format) "\n-->\n"

#define PLIST                                                                                      \
	"<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"                                             \
	"<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" "                                  \
	"\"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n"
#define IDENTITY(x)                                                                                \
	"\t\t\t\t\t<dict>\n\t\t\t\t\t\t<key>SPKI-SHA256-BASE64</key>\n"                            \
	"\t\t\t\t\t\t<string>" x "</string>\n\t\t\t\t\t</dict>\n"

/* The model owns its strings, and frees none of these. */
#define TEXT(s) ((char *)(s))

/* A manifest to be changed at will: an active pin, a backup and a CA's, names of every kind. */
struct support_render {
	struct manifest_pin pins[3];
	char *names[3];
	struct manifest_domain domains[2];
	struct manifest m;
};
void support_render_sample(struct support_render *s);

extern const struct render_options support_render_none; /* no option given */

void support_renders(const struct support_render *s, const char *format,
	const struct render_options *o, const char *expected);
void support_fails(const struct support_render *s, const char *format,
	const struct render_options *o, enum err_code code, const char *why);

#endif
