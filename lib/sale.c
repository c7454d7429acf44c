/*
 * sale.c - a sale as a value, and the reference its document bears.
 *
 * A struct sale is large and mostly unused: only what counts is zeroed,
 * measured and wiped.  Nothing here may depend on what lies behind it.
 */
#include "sale.h"

#include <string.h>

#include "secret.h"
#include "str.h"

static const char *const sale_kinds[] = {
	[SALE_ORDER] = "order",
	[SALE_RECEIPT] = "receipt",
	[SALE_REFUND] = "refund",
	[SALE_SUMMARY] = "summary"
};

static const char *const line_kinds[] = {
	[LINE_ARTICLE] = "article",
	[LINE_SHIPPING] = "shipping",
	[LINE_DISCOUNT] = "discount",
	[LINE_FEE] = "fee",
	[LINE_GIFTCARD] = "giftcard",
	[LINE_DEPOSIT] = "deposit",
	[LINE_TIP] = "tip",
	[LINE_DONATION] = "donation",
	[LINE_DIFFERENCE] = "difference",
	[LINE_ROUNDING] = "rounding"
};

void
sale_init(struct sale *s)
{
	memset(s, 0, offsetof(struct sale, lines));
}

size_t
sale_size(const struct sale *s)
{
	size_t n = s->lines_n < SALE_LINES ? s->lines_n : SALE_LINES;

	return offsetof(struct sale, lines) + n * sizeof(s->lines[0]);
}

void
sale_wipe(struct sale *s)
{
	secret_zero(s, sale_size(s));
}

struct sale_line *
sale_line_add(struct sale *s)
{
	struct sale_line *l;

	if (s->lines_n >= SALE_LINES)
		return NULL;
	l = &s->lines[s->lines_n++];
	memset(l, 0, sizeof(*l));
	return l;
}

struct sale_payment *
sale_payment_add(struct sale *s)
{
	struct sale_payment *p;

	if (s->payments_n >= SALE_PAYMENTS)
		return NULL;
	p = &s->payments[s->payments_n++];
	memset(p, 0, sizeof(*p));
	return p;
}

struct money
sale_lines_sum(const struct sale *s, struct money *excl)
{
	struct money base = { 0 }, vat = { 0 };

	for (size_t i = 0; i < s->lines_n; i++) {
		base = money_add(base, s->lines[i].excl);
		vat = money_add(vat, s->lines[i].vat);
	}
	if (excl != NULL)
		*excl = base;
	return money_add(base, vat);
}

bool
sale_payout(const struct sale *s, struct money *sum)
{
	bool in = false, out = false;

	*sum = (struct money){ 0 };
	for (size_t i = 0; i < s->lines_n; i++)
		if (s->lines[i].kind != LINE_FEE ||
		    !money_is_zero(s->lines[i].vat))
			return false;
	for (size_t i = 0; i < s->payments_n; i++) {
		in = in || s->payments[i].amount.e6 > 0;
		out = out || s->payments[i].amount.e6 < 0;
		*sum = money_add(*sum, s->payments[i].amount);
	}
	return s->kind == SALE_SUMMARY && in && out;
}

void
sale_turn(struct sale *s)
{
	for (size_t i = 0; i < s->lines_n; i++) {
		s->lines[i].excl = money_neg(s->lines[i].excl);
		s->lines[i].vat = money_neg(s->lines[i].vat);
	}
	for (size_t i = 0; i < s->payments_n; i++)
		s->payments[i].amount = money_neg(s->payments[i].amount);
	s->excl = money_neg(s->excl);
	s->incl = money_neg(s->incl);
}

bool
sale_turn_refund(struct sale *s)
{
	if (s->kind != SALE_REFUND || s->incl.e6 <= 0)
		return true;
	if (sale_lines_sum(s, NULL).e6 < 0)
		return false;
	for (size_t i = 0; i < s->lines_n; i++)
		if (s->lines[i].kind == LINE_ARTICLE &&
		    s->lines[i].excl.e6 < 0)
			return false;
	sale_turn(s);
	return true;
}

bool
sale_country(char out[3], const char *text)
{
	char raised[3] = "";

	if (!str_copy(raised, sizeof(raised), text))
		return false;
	for (size_t i = 0; raised[i] != '\0'; i++) {
		if (raised[i] >= 'a' && raised[i] <= 'z')
			raised[i] = (char)(raised[i] - 'a' + 'A');
		if (raised[i] < 'A' || raised[i] > 'Z')
			return false;
	}
	if (raised[0] != '\0' && raised[1] == '\0')
		return false;
	memcpy(out, raised, 3);
	return true;
}

const char *
sale_kind_name(enum sale_kind k)
{
	return sale_kinds[k];
}

const char *
line_kind_name(enum line_kind k)
{
	return line_kinds[k];
}

static enum rc
name_find(const char *text, const char *const *names, size_t n, size_t *out)
{
	for (size_t i = 0; text != NULL && i < n; i++) {
		if (str_eq(text, names[i])) {
			*out = i;
			return RC_OK;
		}
	}
	return RC_REJECT;
}

enum rc
sale_kind_parse(const char *text, enum sale_kind *out)
{
	size_t i = 0;
	enum rc rc = name_find(text, sale_kinds, COUNT(sale_kinds), &i);

	if (rc == RC_OK)
		*out = (enum sale_kind)i;
	return rc;
}

enum rc
line_kind_parse(const char *text, enum line_kind *out)
{
	size_t i = 0;
	enum rc rc = name_find(text, line_kinds, COUNT(line_kinds), &i);

	if (rc == RC_OK)
		*out = (enum line_kind)i;
	return rc;
}

/* Turn every character that may not stand in a reference into "-". */
static void
clean(char *s)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	    "abcdefghijklmnopqrstuvwxyz0123456789._-";

	for (; *s != '\0'; s++)
		if (strchr(plain, *s) == NULL)
			*s = '-';
}

bool
sale_revised(const char *reference)
{
	const char *dash = strrchr(reference, '-');

	return dash != NULL && (dash[1] == 'C' || dash[1] == 'V') &&
	    dash[2] != '\0' &&
	    strspn(dash + 2, "0123456789") == strlen(dash + 2);
}

/*
 * A reference is read from its end: behind the last "." or "-R", "-T", "-S"
 * stands the id, and "-C1" or "-V2" behind that.  So an id that has one of
 * these itself, or that had to be cleaned, does not stand for itself alone.
 */
static bool
id_clear(const char *id)
{
	if (!str_plain(id, SALE_ID) || strchr(id, '.') != NULL ||
	    sale_revised(id))
		return false;
	for (const char *p = strchr(id, '-'); p != NULL;
	    p = strchr(p + 1, '-'))
		if (p[1] == 'R' || p[1] == 'T' || p[1] == 'S')
			return false;
	return true;
}

/* "-" and ten characters of base 32. */
static void
hash_print(char out[12], uint64_t hash)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

	/* FNV stirs its low bits well and its high bits late. */
	hash ^= hash >> 32;
	hash *= UINT64_C(0xd6e8feb86659fd93);
	hash ^= hash >> 32;
	out[0] = '-';
	for (int i = 1; i <= 10; i++, hash >>= 5)
		out[i] = digits[hash & 31];
	out[11] = '\0';
}

void
sale_reference(const char *source, enum sale_kind kind, const char *id,
    const char *number, size_t max, char out[SALE_ID + SALE_NAME])
{
	static const char *const marks[] = { [SALE_ORDER] = ".",
		[SALE_RECEIPT] = "-T", [SALE_REFUND] = "-R",
		[SALE_SUMMARY] = "-S" };
	const char *shown = str_empty(number) ? id : number;
	bool same = str_eq(shown, id), clear = id_clear(id);
	char text[SALE_NAME + 2 * SALE_ID + 4], mark[12];
	uint64_t hash = STR_HASH;

	if (max >= SALE_ID + SALE_NAME)
		max = SALE_ID + SALE_NAME - 1;
	(void)str_copy(text, sizeof(text), source);
	for (char *p = strchr(text, '-'); p != NULL; p = strchr(p, '-'))
		*p = '_';
	(void)str_add(text, sizeof(text), "-");
	(void)str_add(text, sizeof(text), shown);
	if (!same || kind != SALE_ORDER)
		(void)str_add(text, sizeof(text), marks[kind]);
	if (!same)
		(void)str_add(text, sizeof(text), id);
	clean(text);
	if (clear && strlen(text) <= max) {
		(void)str_copy(out, SALE_ID + SALE_NAME, text);
		return;
	}
	hash = str_hash(hash, source);
	hash = str_hash(hash, sale_kinds[kind]);
	hash = str_hash(hash, id);
	hash = str_hash(hash, shown);
	hash_print(mark, hash);
	(void)str_copy_n(out, SALE_ID + SALE_NAME, text,
	    max < 11 ? 0 : strnlen(text, max - 11));
	(void)str_add(out, SALE_ID + SALE_NAME,
	    max < 11 ? mark + 11 - max : mark);
}

void
sale_revise(char reference[SALE_ID + SALE_NAME], unsigned revision, size_t max)
{
	char text[SALE_ID + SALE_NAME + 16], mark[12];

	if (revision == 0)
		return;
	if (max >= SALE_ID + SALE_NAME)
		max = SALE_ID + SALE_NAME - 1;
	(void)str_fmt(text, sizeof(text), "%s-%c%u", reference,
	    revision % 2 != 0 ? 'C' : 'V', revision / 2 + 1);
	if (strlen(text) <= max) {
		(void)str_copy(reference, SALE_ID + SALE_NAME, text);
		return;
	}
	hash_print(mark, str_hash(STR_HASH, text));
	(void)str_copy_n(reference, SALE_ID + SALE_NAME, text,
	    max < 11 ? 0 : max - 11);
	(void)str_add(reference, SALE_ID + SALE_NAME,
	    max < 11 ? mark + 11 - max : mark);
}
