/*
 * login.h - who may use the dashboard.
 *
 * A login is an email address with a password and a key of 32 characters;
 * both must fit.  The key is random, so a keyed hash of it does; a password is
 * not, so scrypt comes first.  Neither can be had back from what is stored,
 * nor tried out without the operator's index key.
 */
#ifndef LOGIN_H
#define LOGIN_H

#include <stdbool.h>

#include "operator.h"

#define LOGIN_KEY 32
#define LOGIN_PASSWORD 513	/* room for 128 characters, with the NUL */

/* A new key: 160 random bits, in letters and digits that no one mistakes for
 * each other. */
void login_key(char out[LOGIN_KEY + 1]);

/* Why the password is not good enough, in words; NULL: it is.  10 to 128
 * characters of Unicode, as they are typed: nothing is normalised.  The four
 * kinds of character that it must have are counted in ASCII. */
const char *login_weak(const char *password, const char *email);

/* Fill in the salt, the hashes and what they cost; email and tenant are the
 * caller's. */
void login_make(struct operator_store *o, const char *password,
    const char *key, struct login_row *r);

/* Whether both fit; r NULL, for an address that has no login, takes as long
 * to say no. */
bool login_fits(struct operator_store *o, const struct login_row *r,
    const char *password, const char *key);

#endif
