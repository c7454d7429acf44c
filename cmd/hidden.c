/*
 * hidden.c - asks for what must not be seen.
 *
 * It must never leave the terminal without its echo, nor any of the line in a
 * buffer that is not the caller's: it reads byte by byte.
 */
#include "hidden.h"

#include <stdbool.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "secret.h"

#define CTRL_C '\x03'

enum rc
hidden_read(char *line, size_t size)
{
	size_t n = 0;
	bool fits = true;
	ssize_t got;
	char c = '\0';

	while ((got = read(STDIN_FILENO, &c, 1)) == 1 && c != '\n' &&
	    c != CTRL_C) {
		if (n + 1 < size && c != '\0')
			line[n++] = c;
		else
			fits = false;
	}
	if (n > 0 && line[n - 1] == '\r')
		n--;
	line[n] = '\0';
	if (c == CTRL_C)
		return RC_END;
	if (!fits)
		return RC_REJECT;
	return got == 1 || (got == 0 && n > 0) ? RC_OK : RC_END;
}

enum rc
hidden_line(const char *ask, char *line, size_t size)
{
	struct termios shown, hidden;
	bool terminal = tcgetattr(STDIN_FILENO, &shown) == 0;
	enum rc rc;

	if (terminal) {
		hidden = shown;
		/* No key may stop or end us before the echo is back: that
		 * which would ends the line instead. */
		hidden.c_lflag &= ~(tcflag_t)(ECHO | ISIG);
		hidden.c_cc[VEOL] = CTRL_C;
		/* First: what is typed in between would be seen, and lost. */
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
		(void)fprintf(stderr, "%s: ", ask);
	}
	rc = hidden_read(line, size);
	if (terminal) {
		(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
		(void)fputc('\n', stderr);
	}
	return rc;
}
