/* SPDX-License-Identifier: ISC */
#include "base/progress.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define SILENT_MS 500
#define REDRAW_MS 100

struct progress {
	const char *what;
	uint64_t total;
	uint64_t started;     /* ms */
	pthread_mutex_t lock; /* of what follows */
	uint64_t done;
	uint64_t drawn; /* ms; 0 before the first time */
	int width;
};

static uint64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000 + (uint64_t)t.tv_nsec / 1000000;
}

static bool
can_show(void)
{
	const char *term = getenv("TERM");

	return isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
}

struct progress *
progress_start(const char *what, uint64_t total)
{
	if (total == 0 || !can_show())
		return NULL;
	struct progress *p = calloc(1, sizeof(*p));
	if (!p) /* a nicety: the work goes on without */
		return NULL;
	p->what = what;
	p->total = total;
	p->started = now_ms();
	pthread_mutex_init(&p->lock, NULL);
	return p;
}

static void
draw(struct progress *p, uint64_t now)
{
	char line[160], left[40] = "";

	if (p->done > 0 && p->done < p->total) {
		double each = (double)(now - p->started) / 1000 / (double)p->done;
		double seconds = each * (double)(p->total - p->done) + 1;
		if (seconds < 120)
			snprintf(left, sizeof(left), ", %.0f s left", seconds);
		else
			snprintf(left, sizeof(left), ", %.0f min left", seconds / 60);
	}
	snprintf(line, sizeof(line), "%s: %llu of %llu%s", p->what, (unsigned long long)p->done,
		(unsigned long long)p->total, left);
	dprintf(STDERR_FILENO, "\r%-*s", p->width, line); /* over what stood there */
	p->width = (int)strlen(line);
	p->drawn = now;
}

void
progress_step(struct progress *p, uint64_t n)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	uint64_t now = now_ms();
	p->done += n;
	if (now - p->started >= SILENT_MS && (now - p->drawn >= REDRAW_MS || p->done >= p->total))
		draw(p, now);
	pthread_mutex_unlock(&p->lock);
}

void
progress_end(struct progress **progress)
{
	struct progress *p = *progress;

	if (!p)
		return;
	if (p->width > 0)
		dprintf(STDERR_FILENO, "\r%*s\r", p->width, "");
	pthread_mutex_destroy(&p->lock);
	free(p);
	*progress = NULL;
}
