/*
 * options.c - linked into a build with sanitizers, and into nothing else: a
 * report goes into the folder REPORTS, whatever the environment says.
 *
 * The program's own standard error is part of what the flows look at, some of
 * them start it without any environment, and a report of a process that was
 * then killed must be found all the same.
 */
const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
const char *__lsan_default_options(void);

const char *
__asan_default_options(void)
{
	return "log_path=" REPORTS "/asan:verify_asan_link_order=0:"
	    "detect_stack_use_after_return=1:"
	    "strict_string_checks=1:check_initialization_order=1";
}

const char *
__ubsan_default_options(void)
{
	return "log_path=" REPORTS "/ubsan:print_stacktrace=1";
}

const char *
__lsan_default_options(void)
{
	return "print_suppressions=0";
}
