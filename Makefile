# salesync: make, make install, make check, make demo; see README.md

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
PKGS = libcurl libcjson libssl libcrypto lmdb yaml-0.1 expat

CFLAGS ?= -O2 -g
HARDEN = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fPIE \
    -fstack-clash-protection
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes \
    -Wpointer-arith -Wcast-qual -Wwrite-strings -Wvla -Wformat=2 -Wundef
SALESYNC_CFLAGS = -std=c17 -D_GNU_SOURCE $(HARDEN) $(WARN) $(WERROR) \
    -iquote lib -iquote connectors -iquote cmd \
    $(shell pkg-config --cflags $(PKGS))
LIBS = $(shell pkg-config --libs $(PKGS))
SALESYNC_LDFLAGS = -pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack

O ?= build
BUILD_PACKAGES = gcc make pkg-config libc6-dev ca-certificates \
    libcurl4-openssl-dev libcjson-dev libssl-dev liblmdb-dev libyaml-dev \
    libexpat1-dev
CHECK_PACKAGES = $(BUILD_PACKAGES) libcmocka-dev python3 openssl tzdata \
    mandoc hledger beancount faketime binutils git python3-yaml
LIB_C = $(sort $(wildcard lib/*.c) $(wildcard connectors/*.c))
LIB_O = $(LIB_C:%.c=$O/%.o)
CMD_O = $(patsubst %.c,$O/%.o,$(sort $(wildcard cmd/*.c)))
BENCHES = $(addprefix $O/bench/,server bare usage store_bench)
TESTS = $(patsubst tests/unit/%.c,$O/unit/%,$(sort $(wildcard tests/unit/*_test.c)))
FUZZERS = $(patsubst tests/%.c,$O/%,$(sort $(wildcard tests/fuzz/*.c)))

all: $O/salesync $O/libsalesync.a

$O/salesync: $(CMD_O) $O/libsalesync.a
	$(CC) $(CFLAGS) $(SALESYNC_LDFLAGS) $(LDFLAGS) -o $@ $(CMD_O) \
	    $O/libsalesync.a $(LIBS)

$O/libsalesync.a: $(LIB_O)
	rm -f $@
	ar rcs $@ $(LIB_O)

$O/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(SALESYNC_CFLAGS) $(CFLAGS) $(CPPFLAGS) -MMD -MP -c -o $@ $<

$O/unit/%: tests/unit/%.c $O/libsalesync.a
	@mkdir -p $(@D)
	$(CC) $(SALESYNC_CFLAGS) $(CFLAGS) $(CPPFLAGS) -Itests/unit -o $@ $< \
	    $O/libsalesync.a $(LDFLAGS) $(LIBS) -lcmocka

# All that is C, but the fuzzers, which clang alone can build.
programs: all $(TESTS) $(BENCHES) $O/tests/crash/killat.o

$O/fuzz/%: tests/fuzz/%.c $O/libsalesync.a
	@mkdir -p $(@D)
	$(CC) $(SALESYNC_CFLAGS) $(CFLAGS) $(CPPFLAGS) -fsanitize=fuzzer \
	    -o $@ $< $O/libsalesync.a $(LIBS)

fuzzers: $(FUZZERS)

unit: $(TESTS)
	@sh tests/unit/run.sh $(TESTS)

lint: all
	@sh tests/check/lint.sh . $O

selftest: all
	@sh tests/check/selftest.sh $O

flow: all
	@/usr/bin/python3 tests/flow/run.py --binary $O/salesync $(FLOWS)

# What a bookkeeper may expect, case by case: see tests/rules/README.
rules: all
	@/usr/bin/python3 tests/rules/run.py --binary $O/salesync $(RULES)

# Held to the vendors' own samples, where these are beside the project.
cases: all
	@/usr/bin/python3 tests/cases/run.py --binary $O/salesync $(CASES)

crash: all
	@sh tests/crash/run.sh $O

$O/bench/%: tests/bench/%.c $O/libsalesync.a
	@mkdir -p $(@D)
	$(CC) $(SALESYNC_CFLAGS) $(CFLAGS) $(CPPFLAGS) -o $@ $< \
	    $(filter %.o,$^) $O/libsalesync.a $(LIBS)
$O/bench/server: $O/tests/bench/shape.o

bench: all $(BENCHES)
	@/usr/bin/python3 tests/bench/run.py --build $O

# The two commands of README.md: they install what is missing, and need root
# or sudo for that alone.
demo:
	@O='$O' MAKE='$(MAKE)' sh tests/demo/run.sh

packages:
	@echo $(CHECK_PACKAGES)

check:
	@sh tests/packages.sh $(CHECK_PACKAGES)
	@$(MAKE) -s all
	@$(MAKE) -s lint unit rules flow
	@O='$O' MAKE='$(MAKE)' sh tests/demo/run.sh >$O/demo.log 2>&1 || \
	    { cat $O/demo.log; exit 1; }
	@tail -n 2 $O/demo.log

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1 \
	    $(DESTDIR)$(PREFIX)/share/man/man5 \
	    $(DESTDIR)$(PREFIX)/share/man/man7 \
	    $(DESTDIR)$(PREFIX)/share/doc/salesync
	install -m 755 $O/salesync $(DESTDIR)$(PREFIX)/bin/
	for n in 1 5 7; do install -m 644 man/*.$$n \
	    $(DESTDIR)$(PREFIX)/share/man/man$$n/ || exit 1; done
	install -m 644 README.md LICENSE sync.yaml.example \
	    $(DESTDIR)$(PREFIX)/share/doc/salesync/

clean:
	rm -rf $O

.PHONY: all programs fuzzers unit lint selftest rules flow cases crash bench demo packages \
    check install clean
-include $(LIB_O:.o=.d) $(CMD_O:.o=.d)
