/*
 * vatid_test.c - VAT numbers that are right, each with a neighbour that is
 * not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "str.h"
#include "vatid.h"

static const char *const good[] = {
	"ATU13585627", "AT U13585627", "BE0428759497", "BE 0428.759.497",
	"be1000000021", "BG175074752", "BG7523169263", "CHE-107.787.577 IVA",
	"CHE107787577MWST", "CHE107787577", "CY10259033P", "CZ25123891",
	"CZ640903926", "CZ7103192745", "DE136695976", "DK13585628",
	"EE100594102", "EL094259216", "ESB64717838", "ES54362315K",
	"ESX5253868R", "ESM1234567L", "ESJ99216582", "FI20774740",
	"FR23334175221", "FRK7399859412", "FR4Z123456782", "GB980780684",
	"GBGD001", "HR33392005961", "HU12892312", "IE6433435F",
	"IE6433435OA", "IE8D79739I", "IT00743110157", "LT119511515",
	"LT100001919017", "LT100004801610", "LU15027442", "LV40003521600",
	"LV16117519997", "MT11679112", "NL004495445B01", "NL002455799B11",
	"NL000099998B57", "NL123456782B90", "NO995525828MVA", "NO995525828",
	"PL8567346215", "PT501964843", "RO18547290", "SE123456789701",
	"SI50223054", "SK2022749619", "XI980780684", "nl 0044.95445-b01",
};

static const char *const bad[] = {
	"ATU13585626", "AT13585627", "BE0431150351", "BE2428759497",
	"BE428759497", "BG175074751", "BG17507475", "CHE107787578IVA",
	"CHE107787577XYZ", "CH107787577", "CY10259033Z", "CZ25123890",
	"DE136695978", "DE1366959760", "DK13585627", "EE100594103",
	"EL123456781", "GR094259216", "ESB64717839", "ES54362315L",
	"ESX5253868S", "ESI1234567A", "FI20774741", "FR84323140391",
	"FRIO334175221", "FR23334175222", "GB802311781", "GBHA0001",
	"HR33392005962", "HU12892313", "IE6433435E", "IE8D79739J",
	"IE6433435OX", "IT00743110158", "LT100001919018", "LT119511525",
	"LU15027443", "LV40003521601", "MT11679113", "NL123456789B01",
	"NL123456789B90", "NL004495445B00", "NL004495445A01",
	"NL000000000B01", "NL00449544501", "NO995525829MVA", "PL8567346216",
	"PT501964842", "RO18547291", "RO1", "SE123456789101", "SI50223055",
	"SK2022749618", "XI802311781",
	"", "N", "NL", "004495445B01", "US123456789", "NL0044954\xc3\xa9",
	"NL004495445B01/", "NL004495445B010000000000000000000000000",
};

static void
test_numbers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (!vatid_ok(good[i], ""))
			fail_msg("refused: %s", good[i]);
	for (size_t i = 0; i < COUNT(bad); i++)
		if (vatid_ok(bad[i], ""))
			fail_msg("taken: %s", bad[i]);
}

/* Of who is at home elsewhere we know nothing; here we do. */
static void
test_holders(void **state)
{
	(void)state;
	assert_true(vatid_ok("12-3456789", "US"));
	assert_true(vatid_ok("AU51824753556", "AU"));
	assert_false(vatid_ok("12-3456789", "NL"));
	assert_false(vatid_ok("094259216", "GR"));
	assert_true(vatid_ok("EL094259216", "GR"));
	assert_true(vatid_ok("BE0428759497", "NL"));
	assert_false(vatid_ok("NL123456789B01", "US"));
}

/* However they are written, and with the word behind a Swiss one or not. */
static void
test_same(void **state)
{
	(void)state;
	assert_true(vatid_same("be 0428.759.497", "BE0428759497"));
	assert_true(vatid_same("CHE-107.787.577 IVA", "CHE107787577"));
	assert_true(vatid_same("CHE107787577MWST", "CHE107787577TVA"));
	assert_false(vatid_same("CHE107787577", "CHE107787578"));
	assert_false(vatid_same("NL000099998B57", "NL000099998B58"));
	assert_false(vatid_same("", ""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers),
		cmocka_unit_test(test_holders),
		cmocka_unit_test(test_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
