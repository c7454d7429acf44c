/*
 * record.h - the record of processing of article 30(2) of the GDPR.
 */
#ifndef RECORD_H
#define RECORD_H

#include "config.h"

/* Print it as text: from the configuration and the table of rules. */
void record_print(const struct config *cfg);

#endif
