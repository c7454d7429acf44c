# salesync: make, make install, make check, make demo; see README.md

PREFIX ?= /usr/local
DESTDIR ?=
CC ?= gcc
PKGS = libcurl libcjson libssl libcrypto lmdb yaml-0.1

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
LIB_C = $(sort $(wildcard lib/*.c) $(wildcard connectors/*.c))
LIB_O = $(LIB_C:%.c=$O/%.o)
CMD_O = $(patsubst %.c,$O/%.o,$(sort $(wildcard cmd/*.c)))
TESTS = $(patsubst tests/unit/%.c,$O/unit/%,$(sort $(wildcard tests/unit/*_test.c)))

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
	    $O/libsalesync.a $(LIBS) -lcmocka

unit: $(TESTS)
	@for t in $(TESTS); do $$t || exit 1; done

lint: all
	@sh tests/check/lint.sh . $O

selftest: all
	@sh tests/check/selftest.sh $O

demo:
	@O='$O' MAKE='$(MAKE)' sh tests/demo/run.sh

clean:
	rm -rf $O

.PHONY: all unit lint selftest demo clean
-include $(LIB_O:.o=.d) $(CMD_O:.o=.d)
