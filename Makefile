# SPDX-License-Identifier: GPL-2.0-only
#
# dmapool-bench. "make help" lists what a user runs; the rest builds it.
#
# Everything is built under build/, once a flavour:
#	bench	what is measured: optimised, nothing checked
#	check	the shim checks contexts, injects failures and interrupts
#	asan	check under AddressSanitizer and UndefinedBehaviorSanitizer
#	tsan	check under ThreadSanitizer

# One word here and one file in variants/ make a variant.
VARIANTS_ALL := global_list page_chain percpu_magazine coherent_each null

PROFILE ?= quick
VARIANTS ?=
WORKLOADS ?=
LAUNCHES ?=
SEED ?=
FILTER ?=
UPSTREAM ?=
OUT ?= results

# Make has defaults of its own for these.
ifeq ($(origin CC),default)
CC := gcc
endif
ifeq ($(origin CXX),default)
CXX := g++
endif
PKGS := hwloc liburcu-memb jansson
SHELL := /bin/bash
.SHELLFLAGS := -o pipefail -c
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

# --- Upstream variants: unmodified mm/dmapool.c files, one "name|path|version" each.

resolved := $(shell variants/upstream/resolve '$(UPSTREAM)' | tr ' \t' '_|')
ifneq ($(.SHELLSTATUS),0)
$(error UPSTREAM cannot be used, see the line above)
endif
field = $(word $1,$(subst |, ,$2))
UPSTREAM_NAMES := $(foreach u,$(resolved),$(call field,1,$u))
ALL_NAMES := $(VARIANTS_ALL) $(UPSTREAM_NAMES)

# V=1 shows the commands.
V ?= 0
Q := $(if $(filter 1,$V),,@)
say = @mkdir -p $(@D);$(if $(Q), printf '  %-3s %s\n', :)

# --- Flags.

WARN := -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare
# The kernel's own dialect; no position-independent code there either.  Aligned code
# keeps a change in one function from moving the others' figures.
KFLAGS := -std=gnu11 -D_GNU_SOURCE -fno-strict-aliasing -fno-common \
	-fno-delete-null-pointer-checks -fno-pie -Ishim $(WARN)
HFLAGS := -std=gnu11 -D_GNU_SOURCE -fno-pie -Ishim -I. -Ibench $(WARN) \
	$(shell pkg-config --cflags $(PKGS) 2>/dev/null)

OPT_bench := -O2 -g -falign-functions=64 -falign-loops=32
OPT_check := -O1 -g -DSHIM_CHECKED
# Not alignment: with a size like 17 mainline writes its links unaligned, and so do we.
OPT_asan := $(OPT_check) -fsanitize=address,undefined -fno-sanitize-recover=undefined \
	-fno-sanitize=alignment
OPT_tsan := $(OPT_check) -fsanitize=thread
FLAVOURS := bench check asan tsan

LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpfm -lpthread

# --- Sources.

SHIM_SRC := $(wildcard shim/*.c shim/dma/*.c)
SHIM_SRC_bench := $(filter-out shim/checked.c,$(SHIM_SRC))
SHIM_SRC_check := $(SHIM_SRC)
SHIM_SRC_asan := $(SHIM_SRC)
SHIM_SRC_tsan := $(SHIM_SRC)
WORKLOAD_SRC := $(filter-out %/variant.c,$(wildcard bench/workloads/*.c))
BENCH_SRC := $(wildcard bench/*.c)
RUN_SRC := $(wildcard bench/run/*.c)

# --- Rules of one flavour: shim, pools, workloads, harness, the benchmark program.
#
# A variant is its pool and the workloads linked into one object with no symbol left
# outside, so that many pools with the same names fit into one program and the
# workloads' calls are direct.

# $(call flavour,F)
define flavour
build/$1/shim/%.o: shim/%.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variants/%.o: variants/%.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/bench/workloads/%.o: bench/workloads/%.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variant/%/entry.o: bench/workloads/variant.c build/variants.list
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -DVARIANT_NAME='"$$*"' \
		-DVARIANT_VERSION='"$$(call version_of,$$*)"' -MMD -MP -c $$< -o $$@

build/$1/variant/%/linked.o: build/$1/variants/%.o build/$1/variants/fallback.o \
		build/$1/variant/%/entry.o $$(WORKLOAD_SRC:%.c=build/$1/%.o)
	$$(say) LD $$@
	$$(Q)ld -r -o $$@ $$^
	$$(Q)objcopy --keep-global-symbol=none $$@

build/$1/bench/%.o: bench/%.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		build/build-info.h
build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		HFLAGS += -include build/build-info.h

build/$1/bench/gb.o: bench/gb.cc
	$$(say) CXX $$@
	$$(Q)$$(CXX) -std=gnu++17 -fno-pie $$(OPT_$1) $$(WARN) -MMD -MP -c $$< -o $$@

build/$1/tests/%.o: tests/%.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/dmapool-bench: $$(ALL_NAMES:%=build/$1/variant/%/linked.o) \
		$$(BENCH_SRC:%.c=build/$1/%.o) build/$1/bench/gb.o \
		build/$1/libshim.a build/variants.list
	$$(say) LD $$@
	$$(Q)$$(CXX) -no-pie $$(OPT_$1) -o $$@ $$(filter %.o %.a,$$^) -lbenchmark $$(LIBS)

build/$1/libshim.a: $$(SHIM_SRC_$1:%.c=build/$1/%.o)
	$$(say) AR $$@
	$$(Q)rm -f $$@ && ar rcs $$@ $$^

$$(foreach u,$$(resolved),$$(eval $$(call upstream,$1,$$(call field,1,$$u),$$(call field,2,$$u))))
endef

# $(call upstream,F,NAME,PATH): as it is; what gcc says of it is one line for the user.
# Twice in the flavours that test: mainline's checks are chosen when it is compiled.
define upstream
build/$1/variants/$2.o: $3
	$$(say) CC $$@
	$$(Q)$$(call compile_upstream,$1,$2,)

build/$1/variants/$2-debug.o: $3
	$$(say) CC $$@
	$$(Q)$$(call compile_upstream,$1,$2,-DCONFIG_SLUB_DEBUG_ON)
endef

# $(call compile_upstream,F,NAME,FLAGS)
compile_upstream = $(CC) $(KFLAGS) $(OPT_$1) $3 -w \
	-Werror=implicit-function-declaration -MMD -MP -c $< -o $@ 2>$(@:.o=.log) || \
	{ echo "$2: $< does not compile against shim/: $$(grep -m1 error: \
	$(@:.o=.log)) (all of it in $(@:.o=.log))" >&2; exit 4; }

$(foreach f,$(FLAVOURS),$(eval $(call flavour,$f)))

# --- What the build is made of.

# What it says of itself; rewritten only when it changes.
define build_info
#define BENCH_COMPILER "$(shell $(CC) --version | head -n1)"
#define BENCH_CFLAGS "$(OPT_bench)"
#define BENCH_BUILD_TYPE "release"
#define BENCH_REVISION "$(shell git describe --always --dirty --exclude '*' 2>/dev/null || echo none)"
#define BENCH_LIBRARIES "$(shell for p in benchmark hwloc liburcu ck; do \
	pkg-config --modversion $$p 2>/dev/null | sed "s/^/$$p /"; done | paste -sd,)"
endef

build/build-info.h: FORCE
	@mkdir -p $(@D)
	$(file >$@.new,$(build_info))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

version_of = $(subst _, ,$(strip $(foreach u,$(resolved),$(if \
	$(filter $1,$(call field,1,$u)),$(call field,3,$u)))))

# Which variants are in it is part of what it is built from.
build/variants.list: FORCE
	@mkdir -p $(@D)
	@echo '$(resolved) $(ALL_NAMES)' | cmp -s - $@ || echo '$(resolved) $(ALL_NAMES)' >$@

build/dmapool-bench: build/bench/dmapool-bench
	@ln -sf bench/dmapool-bench $@

build/dmapool-run: $(RUN_SRC:%.c=build/bench/%.o)
	$(say) LD $@
	$(Q)$(CC) -no-pie -o $@ $^ $(shell pkg-config --libs jansson)

# --- Tests: every variant's contract in the flavours that check, and the rest.

TESTED := check asan tsan
CONTRACT_SRC := $(filter-out %/traits.c,$(wildcard tests/contract/*.c))
CONTRACT_NAMES := $(ALL_NAMES) $(UPSTREAM_NAMES:%=%-debug)
CMOCKA_LIBS := -lcmocka $(shell pkg-config --libs hwloc liburcu-memb 2>/dev/null) -lpthread

define contract
build/$1/contract/%/traits.o: tests/contract/traits.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -DVARIANT_NAME='"$$*"' -MMD -MP -c $$< -o $$@

build/$1/contract/%/contract: build/$1/contract/%/traits.o build/$1/variants/%.o \
		$$(CONTRACT_SRC:%.c=build/$1/%.o) build/$1/variants/fallback.o \
		build/$1/libshim.a
	$$(say) LD $$@
	$$(Q)$$(CC) -no-pie $$(OPT_$1) -o $$@ $$^ $$(CMOCKA_LIBS)

TESTS += $$(CONTRACT_NAMES:%=build/$1/contract/%/contract)
endef
$(foreach f,$(TESTED),$(eval $(call contract,$f)))

# The shim's tests; what needs the checked build is not in that of the benchmark.
SHIM_TEST_SRC := $(wildcard tests/shim/*.c)
SHIM_TEST_SRC_bench := $(filter-out %/context_test.c %/failure_test.c %/irq_test.c, \
	$(SHIM_TEST_SRC))
SHIM_TEST_SRC_check := $(SHIM_TEST_SRC)
SHIM_TEST_SRC_asan := $(SHIM_TEST_SRC)
SHIM_TEST_SRC_tsan := $(SHIM_TEST_SRC)

define shim_test
build/$1/shim_test: $$(SHIM_TEST_SRC_$1:%.c=build/$1/%.o) build/$1/libshim.a
	$$(say) LD $$@
	$$(Q)$$(CC) -no-pie $$(OPT_$1) -o $$@ $$^ $$(CMOCKA_LIBS)

TESTS += build/$1/shim_test
endef
$(foreach f,$(FLAVOURS),$(eval $(call shim_test,$f)))

# The workloads against a fake environment, and the harness's modules alone.
define harness_test
build/$1/tests/workloads/hist_test: build/$1/tests/workloads/hist_test.o
build/$1/tests/workloads/common_test build/$1/tests/workloads/calls_test: %: %.o \
		build/$1/tests/workloads/env.o $$(WORKLOAD_SRC:%.c=build/$1/%.o) \
		build/$1/variants/fallback.o build/$1/libshim.a
build/$1/tests/workloads/common_test: build/$1/variants/global_list.o
build/$1/tests/workloads/families_test: build/$1/tests/workloads/families_test.o \
		build/$1/tests/workloads/env.o \
		$$(VARIANTS_ALL:%=build/$1/variant/%/linked.o) build/$1/libshim.a
build/$1/tests/harness/clock_test: build/$1/tests/harness/clock_test.o \
		build/$1/bench/clock.o
build/$1/tests/harness/team_test: build/$1/tests/harness/team_test.o \
		build/$1/bench/team.o build/$1/bench/pingpong.o build/$1/bench/clock.o
build/$1/tests/harness/raw_test: build/$1/tests/harness/raw_test.o build/$1/bench/raw.o
build/$1/tests/harness/topology_test: build/$1/tests/harness/topology_test.o \
		build/$1/bench/topology.o
build/$1/tests/harness/counters_test: build/$1/tests/harness/counters_test.o \
		build/$1/bench/counters.o build/$1/bench/topology.o
build/$1/tests/harness/counters_test: LDFLAGS += -Wl,--wrap=syscall
build/$1/tests/harness/fingerprint_test: build/$1/tests/harness/fingerprint_test.o \
		build/$1/bench/fingerprint.o

$$(HARNESS_TESTS:%=build/$1/%):
	$$(say) LD $$@
	$$(Q)$$(CC) -no-pie $$(OPT_$1) $$(LDFLAGS) -o $$@ $$(filter %.o,$$^) \
		$$(filter %.a,$$^) -lcmocka $$(LIBS)

TESTS += $$(HARNESS_TESTS:%=build/$1/%)
endef
HARNESS_TESTS := $(patsubst %.c,%,$(wildcard tests/workloads/*_test.c tests/harness/*_test.c))
$(foreach f,$(TESTED),$(eval $(call harness_test,$f)))

build/gb_sample: build/bench/tests/gb_sample.o build/bench/bench/gb.o
	$(say) LD $@
	$(Q)$(CXX) -no-pie -o $@ $^ -lbenchmark -lpthread

build/gb_test: build/bench/tests/gb_test.o | build/gb_sample
	$(say) LD $@
	$(Q)$(CC) -no-pie -o $@ $^ -lcmocka $(LIBS) -lm

TESTS += build/gb_test $(wildcard tests/*_test.py tests/*_test.sh)

# --- What a user runs.

DEBS := gcc g++ make git pkg-config xz-utils libbenchmark-dev libbenchmark-tools \
	libhwloc-dev liburcu-dev libck-dev libjansson-dev libcmocka-dev libpfm4-dev \
	linux-perf valgrind python3-numpy python3-scipy python3-matplotlib \
	python3-jsonschema codespell shellcheck perl

help:
	@echo 'make deps         install the packages (root), fetch the 6.1 dmapool.c'
	@echo 'make deps-upstream   fetch mm/dmapool.c of 6.1, 6.12 and 7.2'
	@echo 'make bench        measure everything; table, JSON and plots under results/'
	@echo '                  PROFILE=quick|full VARIANTS="..." WORKLOADS="..."'
	@echo '                  LAUNCHES=n SEED=n UPSTREAM="name=dmapool.c-or-tree ..."'
	@echo '                  OUT=folder, where result sets go (results)'
	@echo 'make bench-insn   exact instructions per operation, by callgrind'
	@echo 'make profile FILTER=regex   where one row spends its time, by perf'
	@echo 'make test         every test; the last line counts them'
	@echo 'make lint         style and spelling'
	@echo 'make clean        remove build/'

# Nothing to do, and no network asked, where all packages are there.
deps:
	@missing=$$(dpkg-query -W -f '$${Package} $${db:Status-Abbrev}\n' $(DEBS) 2>&1 | \
		grep -v ' ii ' || true); [ -z "$$missing" ] || \
		{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		  apt-get install -y -qq --no-install-recommends $(DEBS) >/dev/null; }
	@variants/upstream/fetch 6.1 || [ $$? -eq 4 ]

deps-upstream:
	@variants/upstream/fetch 6.1 6.12 7.2

choices = $(if $(VARIANTS),--variants='$(VARIANTS)') \
	$(if $(WORKLOADS),--workloads='$(WORKLOADS)') --profile=$(PROFILE) --out='$(OUT)'

bench: build/dmapool-bench build/dmapool-run
	@set -e; dir=$$(build/dmapool-run $(choices) $(if $(LAUNCHES),--launches=$(LAUNCHES)) \
		$(if $(SEED),--seed=$(SEED))) || status=$$?; \
	if [ -n "$$dir" ]; then tools/summary "$$dir"; plots/draw "$$dir"; fi; \
	exit $${status:-0}

bench-insn: build/dmapool-bench
	@bench/insn $(choices) $(if $(FILTER),--filter='$(FILTER)')

profile: build/dmapool-bench
	@bench/profile '$(FILTER)'

tests: build/dmapool-bench build/dmapool-run $(filter build/%,$(TESTS))

test: tests
	@tests/run $(TESTS)

lint:
	@tests/run tests/lint_test.sh

clean:
	rm -rf build

.PHONY: help deps deps-upstream bench bench-insn profile tests test lint clean

FORCE:
.PHONY: FORCE
.SECONDARY:

-include $(shell find build -name '*.d' 2>/dev/null)
