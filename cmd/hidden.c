/*
 * hidden.c - asks for what must not be seen.
 *
 * It must never leave the terminal without its echo, nor any of the line in a
 * buffer that is not the caller's: it reads byte by byte.
 */
#include "hidden.h"

#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "secret.h"

static bool
read_line(char *line, size_t size)
{
	size_t n = 0;
	bool fits = true;
	ssize_t got;
	char c = '\0';

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n') {
		if (n + 1 < size)
			line[n++] = c;
		else
			fits = false;
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	return fits && (got == 1 || (got == 0 && n > 0));
}

bool
hidden_line(const char *ask, char *line, size_t size)
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0, ok;

	if (terminal) {
		hidden = shown;
		hidden.c_lflag &= ~(tcflag_t)ECHO;
		/* First: what is typed in between would be seen, and lost. */
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
		(void)fprintf(stderr, "%s: ", ask);
	}
	ok = read_line(line, size);
	if (terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		(void)fputc('\n', stderr);
	}
	return ok;
}
