/* SPDX-License-Identifier: ISC */
#include "base/html.h"

#include <string.h>

/* Black on white, no colour that carries a meaning; rows are not torn between pages. */
static const char style[] =
	"@page { size: A4; margin: 16mm }\n"
	"body { font: 10pt/1.35 serif; color: #000; background: #fff; max-width: 178mm; "
	"margin: 0 auto }\n"
	"h1 { font-size: 16pt } h2 { font-size: 12pt; margin: 6mm 0 2mm; break-after: avoid }\n"
	"table { border-collapse: collapse; width: 100% }\n"
	"th, td { border: 0.3pt solid #000; padding: 1mm 1.5mm; text-align: left; "
	"vertical-align: top; overflow-wrap: anywhere }\n"
	"tr { break-inside: avoid }\n"
	"code, pre, .hex { font: 8.5pt/1.3 monospace }\n"
	".line { border-bottom: 0.5pt solid #000; height: 11mm }\n";

void
html_text(struct buf *out, const char *text)
{
	static const struct {
		char character;
		const char *entity;
	} escapes[] = { { '&', "&amp;" }, { '<', "&lt;" }, { '>', "&gt;" }, { '"', "&quot;" },
		{ '\'', "&#39;" } };

	for (; *text; text++) {
		size_t i = 0, count = sizeof(escapes) / sizeof(*escapes);

		while (i < count && escapes[i].character != *text)
			i++;
		if (i < count)
			buf_adds(out, escapes[i].entity);
		else
			buf_add(out, text, 1);
	}
}

void
html_begin(struct buf *out, const char *title)
{
	buf_adds(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
		      "style-src 'unsafe-inline'\">\n<title>");
	html_text(out, title);
	buf_adds(out, "</title>\n<style>\n");
	buf_adds(out, style);
	buf_adds(out, "</style>\n</head>\n<body>\n<h1>");
	html_text(out, title);
	buf_adds(out, "</h1>\n");
}

void
html_end(struct buf *out)
{
	buf_adds(out, "</body>\n</html>\n");
}
