/*
 * vatrate.c - the VAT rates of Europe by day: one table.
 *
 * Sources: the European Commission's Taxes in Europe Database (TEDB), as the
 * open list of vatnode repeats it (April 2026), and its booklet "VAT rates
 * applied in the Member States"; HMRC for GB and XI, the Federal Tax
 * Administration for CH, Skatteetaten for NO; for what is later (up to July
 * 2026) or was temporary, the laws themselves.  Compared with the open lists of
 * ibericode, der-andy and kdeldycke; where one differs alone (parking rates of
 * AT and LU, a day of IE) the others stand.
 *
 * It must never call wrong a rate that may have been right.  So a rate stands
 * here whatever it was for (food, energy, books, a yacht), with those of
 * islands and regions (Azores, Corsica, Jungholz, Lesbos, Madeira, ...), and
 * where a day is not certain, with the longer time.  Left out are flat-rate
 * compensation of farmers, surcharges (recargo de equivalencia), and what an
 * old contract may keep of a rate that has ended.
 */
#include "vatrate.h"

#include "money.h"
#include "str.h"

#include <string.h>

#define START "2015-01-01"	/* nothing is known of before */

static const struct vatrate {
	char country[3], rate[6], from[11], to[11];	/* to: "" for now */
} rates[] = {
	{ "AT", "20", START, "" },
	{ "AT", "19", START, "" },
	{ "AT", "13", "2016-01-01", "" },
	{ "AT", "12", START, "2015-12-31" },
	{ "AT", "10", START, "" },
	{ "AT", "5", "2020-07-01", "2021-12-31" },
	{ "AT", "4.9", "2026-07-01", "" },
	{ "BE", "21", START, "" },
	{ "BE", "12", START, "" },
	{ "BE", "6", START, "" },
	{ "BG", "20", START, "" },
	{ "BG", "9", START, "" },
	{ "CH", "8.1", "2024-01-01", "" },
	{ "CH", "8", START, "2017-12-31" },
	{ "CH", "7.7", "2018-01-01", "2023-12-31" },
	{ "CH", "3.8", START, "2017-12-31" },
	{ "CH", "3.8", "2024-01-01", "" },
	{ "CH", "3.7", "2018-01-01", "2023-12-31" },
	{ "CH", "2.6", "2024-01-01", "" },
	{ "CH", "2.5", START, "2023-12-31" },
	{ "CY", "19", START, "" },
	{ "CY", "9", START, "" },
	{ "CY", "5", START, "" },
	{ "CY", "3", "2023-07-01", "" },
	{ "CZ", "21", START, "" },
	{ "CZ", "15", START, "2023-12-31" },
	{ "CZ", "12", "2024-01-01", "" },
	{ "CZ", "10", START, "2023-12-31" },
	{ "DE", "19", START, "2020-06-30" },
	{ "DE", "19", "2021-01-01", "" },
	{ "DE", "16", "2020-07-01", "2020-12-31" },
	{ "DE", "7", START, "2020-06-30" },
	{ "DE", "7", "2021-01-01", "" },
	{ "DE", "5", "2020-07-01", "2020-12-31" },
	{ "DK", "25", START, "" },
	{ "EE", "24", "2025-07-01", "" },
	{ "EE", "22", "2024-01-01", "2025-06-30" },
	{ "EE", "20", START, "2023-12-31" },
	{ "EE", "13", "2025-01-01", "" },
	{ "EE", "9", START, "" },
	{ "EE", "5", "2022-08-01", "2024-12-31" },
	{ "ES", "21", START, "" },
	{ "ES", "10", START, "" },
	{ "ES", "7.5", "2024-10-01", "2024-12-31" },
	{ "ES", "5", "2022-07-01", "2024-09-30" },
	{ "ES", "4", START, "" },
	{ "ES", "2", "2024-10-01", "2024-12-31" },
	{ "FI", "25.5", "2024-09-01", "" },
	{ "FI", "24", START, "2024-08-31" },
	{ "FI", "14", START, "2025-12-31" },
	{ "FI", "13.5", "2026-01-01", "" },
	{ "FI", "10", START, "" },
	{ "FR", "20", START, "" },
	{ "FR", "13", START, "" },
	{ "FR", "10", START, "" },
	{ "FR", "8.5", START, "" },
	{ "FR", "5.5", START, "" },
	{ "FR", "2.1", START, "" },
	{ "FR", "1.75", START, "" },
	{ "FR", "1.05", START, "" },
	{ "FR", "0.9", START, "" },
	{ "GB", "20", START, "" },
	{ "GB", "12.5", "2021-10-01", "2022-03-31" },
	{ "GB", "5", START, "" },
	{ "GR", "24", "2016-06-01", "" },
	{ "GR", "23", START, "2016-05-31" },
	{ "GR", "17", "2016-06-01", "" },
	{ "GR", "16", START, "2016-05-31" },
	{ "GR", "13", START, "" },
	{ "GR", "9", START, "" },
	{ "GR", "6.5", START, "2015-07-19" },
	{ "GR", "6", "2015-07-20", "" },
	{ "GR", "5", START, "2016-05-31" },
	{ "GR", "4", "2015-07-20", "" },
	{ "HR", "25", START, "" },
	{ "HR", "13", START, "" },
	{ "HR", "5", START, "" },
	{ "HU", "27", START, "" },
	{ "HU", "18", START, "" },
	{ "HU", "5", START, "" },
	{ "IE", "23", START, "2020-08-31" },
	{ "IE", "23", "2021-03-01", "" },
	{ "IE", "21", "2020-09-01", "2021-02-28" },
	{ "IE", "13.5", START, "" },
	{ "IE", "9", START, "" },
	{ "IE", "4.8", START, "" },
	{ "IT", "22", START, "" },
	{ "IT", "10", START, "" },
	{ "IT", "5", "2016-01-01", "" },
	{ "IT", "4", START, "" },
	{ "LT", "21", START, "" },
	{ "LT", "12", "2026-01-01", "" },
	{ "LT", "9", START, "2025-12-31" },
	{ "LT", "5", START, "" },
	{ "LU", "17", START, "2022-12-31" },
	{ "LU", "17", "2024-01-01", "" },
	{ "LU", "16", "2023-01-01", "2023-12-31" },
	{ "LU", "14", START, "2022-12-31" },
	{ "LU", "14", "2024-01-01", "" },
	{ "LU", "13", "2023-01-01", "2023-12-31" },
	{ "LU", "8", START, "2022-12-31" },
	{ "LU", "8", "2024-01-01", "" },
	{ "LU", "7", "2023-01-01", "2023-12-31" },
	{ "LU", "3", START, "" },
	{ "LV", "21", START, "" },
	{ "LV", "12", START, "" },
	{ "LV", "5", "2018-01-01", "" },
	{ "MT", "18", START, "" },
	{ "MT", "12", "2024-01-01", "" },
	{ "MT", "7", START, "" },
	{ "MT", "5", START, "" },
	{ "NL", "21", START, "" },
	{ "NL", "9", "2019-01-01", "" },
	{ "NL", "6", START, "2018-12-31" },
	{ "NO", "25", START, "" },
	{ "NO", "15", START, "" },
	{ "NO", "12", "2018-01-01", "2020-03-31" },
	{ "NO", "12", "2021-10-01", "" },
	{ "NO", "11.11", START, "" },
	{ "NO", "10", "2016-01-01", "2017-12-31" },
	{ "NO", "8", START, "2015-12-31" },
	{ "NO", "8", "2020-03-20", "2020-03-31" },
	{ "NO", "6", "2020-04-01", "2021-09-30" },
	{ "PL", "23", START, "" },
	{ "PL", "8", START, "" },
	{ "PL", "5", START, "" },
	{ "PT", "23", START, "" },
	{ "PT", "22", START, "" },
	{ "PT", "18", START, "" },
	{ "PT", "16", "2021-07-01", "" },
	{ "PT", "13", START, "" },
	{ "PT", "12", START, "" },
	{ "PT", "10", START, "2015-12-31" },
	{ "PT", "9", START, "" },
	{ "PT", "6", START, "" },
	{ "PT", "5", START, "" },
	{ "PT", "4", START, "" },
	{ "RO", "24", START, "2015-12-31" },
	{ "RO", "21", "2025-08-01", "" },
	{ "RO", "20", "2016-01-01", "2016-12-31" },
	{ "RO", "19", "2017-01-01", "2025-07-31" },
	{ "RO", "11", "2025-08-01", "" },
	{ "RO", "9", START, "2025-07-31" },
	{ "RO", "5", START, "2025-07-31" },
	{ "SE", "25", START, "" },
	{ "SE", "12", START, "" },
	{ "SE", "6", START, "" },
	{ "SI", "22", START, "" },
	{ "SI", "9.5", START, "" },
	{ "SI", "5", "2020-01-01", "" },
	{ "SK", "23", "2025-01-01", "" },
	{ "SK", "20", START, "2024-12-31" },
	{ "SK", "19", "2025-01-01", "" },
	{ "SK", "10", START, "2024-12-31" },
	{ "SK", "5", "2023-01-01", "" },
	{ "XI", "20", START, "" },
	{ "XI", "12.5", "2021-10-01", "2022-03-31" },
	{ "XI", "5", START, "" },
};

const char *
vatrate_country(const char *country)
{
	static const char same[][2][3] = { { "EL", "GR" }, { "IM", "GB" },
	    { "MC", "FR" }, { "UK", "GB" } };

	for (size_t i = 0; i < COUNT(same); i++)
		if (str_eq(country, same[i][0]))
			return same[i][1];
	return country;
}

static bool
existed(const char *country, int32_t rate_e4, const char *day, bool before)
{
	char rate[MONEY_TEXT];
	bool known = false;

	if (rate_e4 == 0 || strcmp(day, START) < 0)
		return true;
	country = vatrate_country(country);
	money_print_rate(rate, rate_e4);
	for (size_t i = 0; i < COUNT(rates); i++) {
		const struct vatrate *r = &rates[i];

		if (!str_eq(r->country, country))
			continue;
		known = true;
		if (str_eq(r->rate, rate) && strcmp(r->from, day) <= 0 &&
		    (before || r->to[0] == '\0' || strcmp(day, r->to) <= 0))
			return true;
	}
	return !known;
}

bool
vatrate_on(const char *country, int32_t rate_e4, const char *day)
{
	return existed(country, rate_e4, day, false);
}

bool
vatrate_until(const char *country, int32_t rate_e4, const char *day)
{
	return existed(country, rate_e4, day, true);
}
