/*
 * url_test.c - which addresses are taken, and what escaping leaves alone.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "str.h"
#include "url.h"

static void
test_good(void **state)
{
	static const struct { const char *url, *host; } good[] = {
		{ "https://shop.example", "shop.example" },
		{ "https://shop.example/", "shop.example" },
		{ "HTTPS://Shop.Example/a/b?c=d&e=%20", "Shop.Example" },
		{ "https://127.0.0.1:8443/x", "127.0.0.1:8443" },
		{ "https://[::1]:8443/x", "[::1]:8443" },
		{ "https://[::1]", "[::1]" },
		{ "https://a?b", "a" },
		{ "https://my_shop.xn--bcher-kva.example/",
		    "my_shop.xn--bcher-kva.example" },
		{ "https://a/@b:c", "a" },
	};
	char host[URL_HOST];

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		if (!url_check(good[i].url, host))
			fail_msg("refused: %s", good[i].url);
		assert_string_equal(host, good[i].host);
		assert_true(url_check(good[i].url, NULL));
	}
}

static void
test_bad(void **state)
{
	static const char *const bad[] = { "", "https", "https:", "https:/",
	    "https://", "https:///a", "http://a", "ftp://a", "file:///a",
	    "//a/b", "a.example", " https://a", "https://a b", "https://a\n",
	    "https://a/\r\nX: y", "https://u@a/", "https://u:p@a/",
	    "https://a#f", "https://a/#", "https://a\\@b/", "https://a%2fb/",
	    "https://a:/", "https://a:x/", "https://a:123456/", "https://:80/",
	    "https://[::1", "https://[]/", "https://[::1]x/", "https://.a/",
	    "https://-a/", "https://?a", "https://\xc3\xbc.example/",
	    "https://a/\x7f", "https:\\\\a" };
	char host[URL_HOST] = "kept", url[URL_MAX + 10];

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (url_check(bad[i], host))
			fail_msg("taken: %s", bad[i]);
	assert_string_equal(host, "kept");
	memset(url, 'a', sizeof(url));
	memcpy(url, "https://a/", 10);
	url[URL_MAX - 1] = '\0';
	assert_true(url_check(url, host));
	url[URL_MAX - 1] = 'a';
	url[URL_MAX] = '\0';
	assert_false(url_check(url, host));
	url[9] = 'a';		/* a host of far too many bytes */
	url[URL_MAX - 1] = '\0';
	assert_false(url_check(url, host));
}

static void
test_escape(void **state)
{
	char all[256];
	struct buf b;

	(void)state;
	buf_init(&b, 1000);
	url_escape(&b, "azAZ09-._~");
	assert_string_equal(b.data, "azAZ09-._~");
	buf_clear(&b);
	url_escape(&b, "a/b?c=d&e f+g%\"\r\n\xc3\xa9");
	assert_string_equal(b.data,
	    "a%2Fb%3Fc%3Dd%26e%20f%2Bg%25%22%0D%0A%C3%A9");
	buf_clear(&b);
	for (int i = 1; i < 256; i++)
		all[i - 1] = (char)i;
	all[255] = '\0';
	url_escape(&b, all);
	assert_int_equal(b.len, 66 + 3 * (255 - 66));
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_escape),
	};

	return cmocka_run_group_tests_name("url", tests, NULL, NULL);
}
