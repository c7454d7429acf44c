/*
 * typed.c - texts of the configuration as values.
 *
 * Each reader takes a whole text or nothing, and leaves the preset where it
 * was when the text is not what was expected.  YAML's own notion of types is
 * not used: "no" is a text, and 0123 is not a number, until a row says so.
 */
#include "typed.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "buf.h"
#include "clock.h"
#include "money.h"
#include "sale.h"
#include "statutory.h"
#include "str.h"
#include "url.h"

#define TEXT_MAX 1000

static const char *const expected_text[] = {
	[TYPED_ANY] = "a text or a list of them",
	[TYPED_MAP] = "a map of keys",
	[TYPED_LIST] = "a list",
	[TYPED_TEXT] = "a text on one line",
	[TYPED_NAME] = "a name of at most 32 of A-Z a-z 0-9 . _ -",
	[TYPED_COUNTRY] = "a country code of two capitals, such as NL",
	[TYPED_CURRENCY] = "a currency of three capitals, such as EUR",
	[TYPED_PATH] = "a path",
	[TYPED_FILE] = "a file that can be read",
	[TYPED_URL] = ("an https URL without ? or #, such as "
	    "https://shop.example; http is refused"),
	[TYPED_PROXY] = "a proxy, such as http://proxy.example:3128",
	[TYPED_INT] = "a whole number",
	[TYPED_WHOLE] = "a whole number",
	[TYPED_BOOL] = "true or false",
	[TYPED_DURATION] = "a duration such as 2s, 10m, 6h or 30d",
	[TYPED_TIME] = "a time of day such as 06:00",
	[TYPED_ZONE] = "a time zone such as Europe/Amsterdam",
	[TYPED_DAY] = "a date such as 2024-01-31",
	[TYPED_YEAR_END] = "a month and day such as 12-31",
	[TYPED_MONEY] = "an amount",
	[TYPED_CHOICE] = "one of",
};

void
typed_expected(const struct typed_key *k, char *out, size_t size)
{
	char low[MONEY_TEXT], high[MONEY_TEXT], range[100] = "";

	str_fmt(out, size, "expected %s", expected_text[k->type]);
	for (size_t i = 0; k->choices != NULL && k->choices[i] != NULL; i++) {
		str_add(out, size, i == 0 ? ": " : ", ");
		str_add(out, size, k->choices[i]);
	}
	if (k->type == TYPED_MONEY) {
		money_print(low, (struct money){ k->min }, 2);
		money_print(high, (struct money){ k->max }, 2);
		str_fmt(range, sizeof(range), " from %s to %s", low, high);
	} else if (k->type == TYPED_INT) {
		str_fmt(range, sizeof(range), " from %lld to %lld",
		    (long long)k->min, (long long)k->max);
	} else if (k->type == TYPED_DURATION && k->max != 0) {
		str_fmt(range, sizeof(range), ", from %lld s to %lld s",
		    (long long)k->min, (long long)k->max);
	} else if (k->type == TYPED_TEXT && k->max != 0) {
		str_fmt(range, sizeof(range), " of at most %lld bytes",
		    (long long)k->max);
	}
	str_add(out, size, range);
}

bool
typed_one_line(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') ||
		    *text == 0x7f)
			return false;
	return true;
}

bool
typed_name_ok(const char *name)
{
	return str_plain(name, SALE_NAME - 1) && name[0] != '.' &&
	    name[0] != '-';
}

/* A URL holds a user or password before its host. */
bool
typed_has_user(const char *url)
{
	const char *host = strstr(url, "://");
	const char *at;

	host = host != NULL ? host + 3 : url;
	at = strchr(host, '@');
	return at != NULL && (size_t)(at - host) < strcspn(host, "/?#");
}

static void
replace(void *to, const char *text)
{
	char **p = to;

	if (p == NULL)
		return;
	free(*p);
	*p = mem_dup(text);
}

static bool
absolute(const char *dir, const char *text, char out[FILE_PATH])
{
	if (text[0] == '/')
		return str_copy(out, FILE_PATH, text);
	return str_fmt(out, FILE_PATH, "%s/%s", dir, text);
}

static bool
readable(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISREG(st.st_mode) &&
	    access(path, R_OK) == 0;
}

static bool
take_path(const char *dir, const char *text, enum typed_type type,
    void *to)
{
	char path[FILE_PATH];

	if (!absolute(dir, text, path))
		return false;
	if (type == TYPED_FILE) {
		if (!readable(path))
			return false;
		replace(to, path);
	} else if (to != NULL) {
		str_copy(to, FILE_PATH, path);
	}
	return true;
}

/* https alone; a proxy may be http, for what goes through it is a tunnel. */
static bool
take_url(const char *text, enum typed_type type, void *to)
{
	char url[TEXT_MAX + 2];
	size_t len;

	str_copy(url, sizeof(url), text);
	if (type == TYPED_PROXY && str_starts(text, "http://"))
		str_fmt(url, sizeof(url), "https%s", text + 4);
	if (!url_base_ok(url))
		return false;
	str_copy(url, sizeof(url), text);
	for (len = strlen(url); len > 0 && url[len - 1] == '/'; len--)
		url[len - 1] = '\0';
	replace(to, url);
	return true;
}

static bool
take_int(const char *text, const struct typed_key *k, void *to)
{
	bool whole = k->type == TYPED_WHOLE;
	uint64_t n;

	if (str_u64(text, whole ? INT64_MAX : (uint64_t)k->max, &n) != RC_OK ||
	    (int64_t)n < k->min)
		return false;
	if (!whole && to != NULL)
		*(int *)to = (int)n;
	return true;
}

static bool
take_bool(const char *text, bool *to)
{
	bool yes = str_eq_nocase(text, "true") || str_eq_nocase(text, "yes");

	if (!yes && !str_eq_nocase(text, "false") &&
	    !str_eq_nocase(text, "no"))
		return false;
	if (to != NULL)
		*to = yes;
	return true;
}

static bool
take_duration(const char *text, const struct typed_key *k, int64_t *to)
{
	int64_t seconds;

	if (clock_parse_duration(text, &seconds) != RC_OK ||
	    seconds < k->min || (k->max != 0 && seconds > k->max))
		return false;
	if (to != NULL)
		*to = seconds;
	return true;
}

/* "06:00" */
static bool
take_time(const char *text, int64_t *to)
{
	uint64_t hour, minute;
	char part[3];

	if (strlen(text) != 5 || text[2] != ':' ||
	    !str_copy_n(part, sizeof(part), text, 2) ||
	    str_u64(part, 23, &hour) != RC_OK ||
	    str_u64(text + 3, 59, &minute) != RC_OK)
		return false;
	if (to != NULL)
		*to = (int64_t)(hour * 3600 + minute * 60);
	return true;
}

static bool
take_day(const char *text, struct day *to)
{
	struct day d;

	if (clock_day_parse(text, &d) != RC_OK)
		return false;
	if (to != NULL)
		*to = d;
	return true;
}

static bool
take_year_end(const char *text, struct day *to)
{
	char whole[CLOCK_DAY];

	return str_fmt(whole, sizeof(whole), "%d-%s", STATUTORY_LEAP, text) &&
	    take_day(whole, to);
}

static bool
take_money(const char *text, const struct typed_key *k, struct money *to)
{
	struct money m;

	if (money_parse(text, &m) != RC_OK || m.e6 < k->min || m.e6 > k->max)
		return false;
	if (to != NULL)
		*to = m;
	return true;
}

static bool
take_capitals(const char *text, size_t n, char *to)
{
	if (strlen(text) != n || strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ") != n)
		return false;
	if (to != NULL)
		str_copy(to, n + 1, text);
	return true;
}

static bool
take_choice(const char *text, const struct typed_key *k, int *to)
{
	for (int i = 0; k->choices[i] != NULL; i++)
		if (str_eq(text, k->choices[i])) {
			if (to != NULL)
				*to = i;
			return true;
		}
	return false;
}

static bool
take(const struct typed_key *k, const char *dir, const char *text, void *to)
{
	switch (k->type) {
	case TYPED_NAME:
	case TYPED_ZONE:
		if (k->type == TYPED_NAME ? !typed_name_ok(text) :
		    !clock_zone_exists(text))
			return false;
		replace(to, text);
		return true;
	case TYPED_PATH:
	case TYPED_FILE:
		return take_path(dir, text, k->type, to);
	case TYPED_URL:
	case TYPED_PROXY:
		return take_url(text, k->type, to);
	case TYPED_INT:
	case TYPED_WHOLE:
		return take_int(text, k, to);
	case TYPED_BOOL:
		return take_bool(text, to);
	case TYPED_DURATION:
		return take_duration(text, k, to);
	case TYPED_TIME:
		return take_time(text, to);
	case TYPED_DAY:
		return take_day(text, to);
	case TYPED_YEAR_END:
		return take_year_end(text, to);
	case TYPED_MONEY:
		return take_money(text, k, to);
	case TYPED_COUNTRY:
		return take_capitals(text, 2, to);
	case TYPED_CURRENCY:
		return take_capitals(text, 3, to);
	case TYPED_CHOICE:
		return take_choice(text, k, to);
	default:
		replace(to, text);
		return true;
	}
}

enum rc
typed_take(const struct typed_key *k, const char *dir, const char *text,
    void *to)
{
	return take(k, dir, text, to) ? RC_OK : RC_CONFIG;
}
