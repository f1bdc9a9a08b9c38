# Coldspare: an offline vault for backup keys.
#
#   make            both programs, in build/            make demo      a complete rehearsal, in build/demo/
#   make test       every test                          make check     the tests, nothing installed first
#   make lint       the fences between the rooms        make bench     ratios against stock tools
#   make test-cards READER=0                            tries a real card, asking before it writes
#   make fuzz       each fuzzer, FUZZ_SECONDS=20        make clean
#   make install    PREFIX=/usr/local DESTDIR=
#
#   SAN=1           with ASan and UBSan, in build/san-gcc/
#   CC=clang        another compiler, in build/clang/
#   V=1             shows the whole commands

CC      ?= gcc
PREFIX  ?= /usr/local
VERSION := 0.1.0
# No clock is right that shows less.
RELEASED := 2026-11-22T00:00:00Z

ifeq ($(origin CC),default)
CC := gcc
endif

# SAN=fuzz is for `make fuzz`.
B := build/$(if $(SAN),$(SAN:1=san)-)$(notdir $(CC))

Q := $(if $(V),,@)
JOBS := -j$(shell nproc)

comma := ,
WARN := -Wall -Wextra -Wconversion -Wshadow -Wvla -Wstrict-prototypes -Wmissing-prototypes \
	-Wwrite-strings -Wformat=2 -Wundef -Werror
HARD := -fPIE -fstack-protector-strong -fstack-clash-protection -fcf-protection \
	$(if $(SAN),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
SANF := $(if $(SAN),-fsanitize=address$(comma)undefined -fno-sanitize-recover=all -fno-omit-frame-pointer) \
	$(if $(filter fuzz,$(SAN)),-fsanitize=fuzzer-no-link)

DEPS_pins  := libcrypto libssl libsodium jansson libpsl
DEPS_vault := libcrypto libsodium jansson libseccomp libgfshare libconfuse

cflags = $(shell pkg-config --cflags $(DEPS_vault) $(DEPS_pins) libpcsclite p11-kit-1) \
	-DP11_MODULES='"$(shell pkg-config --variable=p11_module_path p11-kit-1)"'

CFLAGS   ?= -O2 -g
CPPFLAGS += -D_GNU_SOURCE -DVERSION='"$(VERSION)"' -DRELEASED='"$(RELEASED)"' -I. $(call cflags)
ALL_CFLAGS = -std=c11 $(CFLAGS) $(WARN) $(HARD) $(SANF) -ffile-prefix-map=$(CURDIR)=. -pthread
LDFLAGS  += -pie -Wl,-z,relro,-z,now,-z,noexecstack,--as-needed $(SANF) -pthread

objs = $(patsubst %.c,$(B)/%.o,$(wildcard $(addsuffix /*.c,$(1))))

# A room is an archive, so that each program and each test takes what it uses and no more.
room     = $(B)/$(1).a
PINS_LIB  := $(call room,pins) $(call room,base)
VAULT_LIB := $(call room,vault) $(call room,hsm) $(call room,shares) $(PINS_LIB)
UNITS  := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/test_*.c))
FUZZERS := $(patsubst tests/%.c,$(B)/tests/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 20
PROGRAMS := $(if $(wildcard vault/main.c),$(B)/coldspare) $(if $(wildcard pins/main.c),$(B)/coldspare-pins)

.PHONY: all demo test test-cards check unit whole lint bench fuzz run-fuzz install clean
.SECONDARY:

all: $(PROGRAMS) $(VAULT_LIB)
	$(if $(strip $(PROGRAMS)),@ln -sf $(patsubst build/%,%,$(PROGRAMS)) build/)

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  compile $<"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -MMD -MP -c -o $@ $<

define room_rule
$(call room,$(1)): $(filter-out $(B)/$(1)/main.o $(B)/tests/test_%,$(call objs,$(1)))
	@mkdir -p $$(@D) && rm -f $$@
	$(Q)$$(AR) rcs $$@ $$^
endef
$(foreach r,base pins shares hsm vault tests,$(eval $(call room_rule,$(r))))

$(B)/coldspare: $(B)/vault/main.o $(VAULT_LIB)
	@echo "  link $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(DEPS_vault))

$(B)/coldspare-pins: $(B)/pins/main.o $(PINS_LIB)
	@echo "  link $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(DEPS_pins))

# What a test makes fail, or repeat itself: linked into that test alone.
WRAP_sources         := -Wl,--wrap=getrandom,--wrap=RAND_priv_bytes
WRAP_test_entropy    := $(WRAP_sources)
WRAP_test_seedsource := $(WRAP_sources)
WRAP_test_privkey    := $(WRAP_sources),--wrap=EVP_DigestSign,--wrap=EVP_DigestVerify
WRAP_test_cardfaults := -Wl,--wrap=dlopen,--wrap=dlsym,--wrap=sodium_malloc,--wrap=sodium_free
WRAP_test_signer     := -Wl,--wrap=crypto_pwhash_scryptsalsa208sha256

# The simulated cards, in the process of the test itself.
FIRST_test_cardfaults := $(B)/tests/plainmemory.o $(filter-out %/cardsim.o,$(call objs,tests/cards))
$(B)/tests/test_cardfaults: $(FIRST_test_cardfaults)

$(B)/tests/test_%: $(B)/tests/test_%.o $(call room,tests) $(VAULT_LIB)
	@echo "  link $@"
	$(Q)$(CC) $(LDFLAGS) $(WRAP_$(@F)) -o $@ $(FIRST_$(@F)) $(filter-out $(FIRST_$(@F)),$^) $(shell pkg-config --libs $(DEPS_vault) $(DEPS_pins) cmocka)

# A token for the tests, as a PKCS#11 module.
$(B)/tests/p11/fake.so: tests/p11/fake.c tests/p11/fake.h
	@mkdir -p $(@D)
	@echo "  link $@"
	$(Q)$(CC) $(CPPFLAGS) $(ALL_CFLAGS) -fPIC -shared -o $@ $<

$(B)/tests/test_medium_pkcs11 $(B)/tests/test_medium_pkcs11_faults: | $(B)/tests/p11/fake.so

# A smartcard for the tests, as a process.
$(B)/tests/cards/cardsim: $(call objs,tests/cards) $(call room,base)
	@echo "  link $@"
	$(Q)$(CC) $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs libcrypto libsodium)

$(B)/tests/cards/cardsim: | $(B)/tests/cards/hurry.so

# Without sanitizers: it is loaded into a program of others.
$(B)/tests/cards/hurry.so: tests/cards/hurry/hurry.c
	@mkdir -p $(@D)
	$(Q)$(CC) -shared -fPIC -std=c11 -D_GNU_SOURCE -O2 $(WARN) -o $@ $<

demo:
	@scripts/packages demo
	@$(MAKE) --no-print-directory $(JOBS) all
	@scripts/demo build/demo

test:
	@scripts/packages demo test peers cards
	@$(MAKE) --no-print-directory $(JOBS) check

test-cards: all
	@scripts/test-cards $(B) '$(READER)'

check: all $(UNITS) $(B)/tests/cards/cardsim
	@scripts/run-units $(UNITS)
	@scripts/run-whole $(B) tests/whole/*.sh
	@scripts/lint $(B)

unit: $(UNITS)
	@scripts/run-units $(UNITS)

whole: all $(B)/tests/cards/cardsim
	@scripts/run-whole $(B) tests/whole/*.sh

lint: all
	@scripts/lint $(B)

bench:
	@scripts/packages demo bench
	@$(MAKE) --no-print-directory $(JOBS) all
	@scripts/bench $(B)

# Its own build: clang's libFuzzer wants every object instrumented.
fuzz:
	@scripts/packages demo assurance
	@$(MAKE) --no-print-directory CC=clang SAN=fuzz run-fuzz

run-fuzz: $(FUZZERS)
	@scripts/run-fuzz $(FUZZ_SECONDS) build/fuzz $(FUZZERS)

$(B)/tests/fuzz/fuzz_%: $(B)/tests/fuzz/fuzz_%.o $(VAULT_LIB)
	@echo "  link $@"
	$(Q)$(CC) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(shell pkg-config --libs $(DEPS_vault) $(DEPS_pins))

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(PROGRAMS) $(DESTDIR)$(PREFIX)/bin
	install -m 644 $(wildcard docs/man/*.1) $(DESTDIR)$(PREFIX)/share/man/man1

clean:
	rm -rf build

-include $(shell find build -name '*.d' 2>/dev/null)
