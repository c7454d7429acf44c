/*
 * stop.h - being asked to end.
 *
 * SIGTERM, SIGINT and SIGHUP set a flag; what is under way is finished and
 * written down.  A second one ends the process at once: the intents on disk
 * cover it.
 */
#ifndef STOP_H
#define STOP_H

void stop_install(void);
/* The flag: 0, or the signal's number. */
const volatile int *stop_flag(void);

#endif
