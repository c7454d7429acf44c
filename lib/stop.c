/*
 * stop.c - the flag is the one thing beside the log that can't be a value:
 * a signal handler is given nothing to write to.
 */
#include "stop.h"

#include <signal.h>
#include <stddef.h>

static volatile int asked;

static void
on_signal(int number)
{
	asked = number;
}

void
stop_install(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal,
	    .sa_flags = (int)SA_RESETHAND };

	(void)sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
		(void)sigaction(signals[i], &sa, NULL);
	/* A reader that goes away is an error to handle, not an end. */
	sa = (struct sigaction){ .sa_handler = SIG_IGN };
	(void)sigaction(SIGPIPE, &sa, NULL);
}

const volatile int *
stop_flag(void)
{
	return &asked;
}
