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
PEERS ?=
KERNEL ?=
ON ?=
OUT ?= results
MINUTES ?= 10

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

# --- Peers: other allocators for reference, with PEERS=1 and in the benchmark alone.
#
# Of each the package, what its code is compiled with and what it is linked with.

PEERS_ALL := rte_mempool tcmalloc jemalloc mimalloc
PEERS_bench := $(if $(filter 1,$(PEERS)),$(PEERS_ALL:%=peer-%))
DEB_rte_mempool := libdpdk-dev
DEB_tcmalloc := libgoogle-perftools-dev
DEB_jemalloc := libjemalloc-dev
DEB_mimalloc := libmimalloc-dev
CFLAGS_rte_mempool = $(shell pkg-config --cflags libdpdk)
# The ring is a driver that registers itself before main().
LINK_rte_mempool := -Wl,--whole-archive -lrte_mempool_ring -Wl,--no-whole-archive \
	-lrte_mempool -lrte_ring -lrte_eal -lrte_telemetry -lrte_kvargs
LINK_tcmalloc := -ltcmalloc_minimal
LINK_jemalloc := -ljemalloc
LIBS_PEERS_bench := $(if $(PEERS_bench),-lnuma -lbsd)
deb_version = $(shell dpkg-query -W -f '$${Version}' $1 2>/dev/null)

# $(call link_peer,NAME,GLOBAL): into one object, with the library and but one symbol
# left outside.  Groups are dissolved, or the program would drop parts it has elsewhere.
link_peer = $(CC) -r -nostdlib -static -Wl,--force-group-allocation -o $@ \
	$(filter %.o,$^) $(LINK_$1) && objcopy --keep-global-symbol=$2 $@

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
# What a dmapool.c may lack.
FALLBACK := variants/create.o variants/fallback.o
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

build/$1/bench/peers/%.o: bench/peers/%.c
	$$(say) CC $$@
	$$(Q)for deb in $$(DEB_$$*); do dpkg-query -W $$$$deb >/dev/null 2>&1 || { echo \
		"peer-$$*: $$$$deb is not installed: make deps PEERS=1" >&2; exit 4; }; done
	$$(Q)$$(CC) $$(HFLAGS) $$(CFLAGS_$$*) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variant/peer-%/linked.o: build/$1/bench/peers/%.o build/$1/bench/peers/families.o \
		$$(FALLBACK:%=build/$1/%) build/$1/variant/peer-%/entry.o \
		$$(filter-out %/families.o,$$(WORKLOAD_SRC:%.c=build/$1/%.o))
	$$(say) LD $$@
	$$(Q)$$(call link_peer,$$*,none)

build/$1/variant/%/linked.o: build/$1/variants/%.o $$(FALLBACK:%=build/$1/%) \
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
		$$(PEERS_$1:%=build/$1/variant/%/linked.o) \
		$$(BENCH_SRC:%.c=build/$1/%.o) build/$1/bench/gb.o \
		build/$1/libshim.a build/variants.list
	$$(say) LD $$@
	$$(Q)$$(CXX) -no-pie $$(OPT_$1) -o $$@ $$(filter %.o %.a,$$^) -lbenchmark $$(LIBS) \
		$$(LIBS_PEERS_$1)

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

BENCH_REVISION = $(shell git describe --always --dirty --exclude '*' 2>/dev/null || echo none)

# What it says of itself; rewritten only when it changes.
define build_info
#define BENCH_COMPILER "$(shell $(CC) --version | head -n1)"
#define BENCH_CFLAGS "$(OPT_bench)"
#define BENCH_BUILD_TYPE "release"
#define BENCH_REVISION "$(BENCH_REVISION)"
#define BENCH_LIBRARIES "$(shell for p in benchmark hwloc liburcu ck; do \
	pkg-config --modversion $$p 2>/dev/null | sed "s/^/$$p /"; done | paste -sd,)"
endef

build/build-info.h: FORCE
	@mkdir -p $(@D)
	$(file >$@.new,$(build_info))
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

version_of = $(if $(filter peer-%,$1),$(call deb_version,$(DEB_$(1:peer-%=%))),$(subst \
	_, ,$(strip $(foreach u,$(resolved),$(if \
	$(filter $1,$(call field,1,$u)),$(call field,3,$u))))))

# Which variants are in it is part of what it is built from.
build/variants.list: FORCE
	@mkdir -p $(@D)
	@echo '$(resolved) $(ALL_NAMES) $(PEERS_bench)' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

build/dmapool-bench: build/bench/dmapool-bench
	@ln -sf bench/dmapool-bench $@

build/dmapool-run: $(RUN_SRC:%.c=build/bench/%.o)
	$(say) LD $@
	$(Q)$(CC) -no-pie -o $@ $^ $(shell pkg-config --libs jansson)

# --- The kernel modules; kmod/README.md.

KDIR ?= /lib/modules/$(shell uname -r)/build
KMOD_RELEASE = $(shell sed -n 's/.*"\(.*\)".*/\1/p' \
	'$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)
KMOD_OUT ?= build/kmod/$(KMOD_RELEASE)

# Their type information takes pahole, and nobody traces them.
kmod:
	@[ -n '$(KMOD_RELEASE)' ] || { echo "make kmod: no kernel to build against in" \
		"'$(KDIR)': install linux-headers-$$(uname -r), or say KDIR=folder" >&2; \
		exit 2; }
	@mkdir -p '$(KMOD_OUT)'
	@printf '%s\n' 'tree := $(CURDIR)' 'names := intree $(VARIANTS_ALL)' \
		'revision := $(BENCH_REVISION)' 'include $$(tree)/kmod/Kbuild' \
		>'$(KMOD_OUT)/Kbuild'
	$(Q)$(MAKE) -C '$(KDIR)' M='$(abspath $(KMOD_OUT))' \
		CONFIG_DEBUG_INFO_BTF_MODULES= modules

# --- Tests: every variant's contract in the flavours that check, and the rest.

TESTED := check asan tsan
CONTRACT_SRC := $(filter-out %/traits.c,$(wildcard tests/contract/*.c))
CONTRACT_NAMES := $(ALL_NAMES) $(UPSTREAM_NAMES:%=%-debug)
# Calls to the page source come by tests/contract/pages.c.
WATCH_PAGES := -Wl,--wrap=dma_alloc_coherent,--wrap=dma_free_coherent
CMOCKA_LIBS := -lcmocka $(shell pkg-config --libs hwloc liburcu-memb 2>/dev/null) -lpthread

define contract
build/$1/contract/%/traits.o: tests/contract/traits.c
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -DVARIANT_NAME='"$$*"' -MMD -MP -c $$< -o $$@

build/$1/contract/%/contract: build/$1/contract/%/traits.o build/$1/variants/%.o \
		$$(CONTRACT_SRC:%.c=build/$1/%.o) $$(FALLBACK:%=build/$1/%) \
		build/$1/libshim.a
	$$(say) LD $$@
	$$(Q)$$(CC) -no-pie $$(OPT_$1) $$(WATCH_PAGES) -o $$@ $$^ $$(CMOCKA_LIBS)

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
		$$(FALLBACK:%=build/$1/%) build/$1/libshim.a
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

# What tests/peers_test.py runs of each peer.
build/bench/peer-%/blocks.o: build/bench/tests/peers/blocks.o \
		build/bench/bench/peers/%.o $(FALLBACK:%=build/bench/%)
	$(say) LD $@
	$(Q)$(call link_peer,$*,main)

build/bench/peer-%/blocks: build/bench/peer-%/blocks.o build/bench/libshim.a
	$(say) LD $@
	$(Q)$(CXX) -no-pie -o $@ $^ $(CMOCKA_LIBS) $(LIBS_PEERS_bench)

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
	python3-jsonschema codespell shellcheck perl spin qemu-system-x86 busybox-static \
	cpio sparse linux-headers-cloud-amd64 \
	$(foreach p,$(PEERS_bench:peer-%=%),$(DEB_$p))
KERNEL_DEBS := gcc make flex bison bc libelf-dev kmod

help:
	@echo 'make deps         install the packages (root), fetch the 6.1 dmapool.c'
	@echo 'make deps-upstream   fetch mm/dmapool.c of 6.1, 6.12 and 7.2'
	@echo 'make bench        measure everything; table, JSON and plots under results/'
	@echo '                  PROFILE=quick|full VARIANTS="..." WORKLOADS="..."'
	@echo '                  LAUNCHES=n SEED=n UPSTREAM="name=dmapool.c-or-tree ..."'
	@echo '                  PEERS=1, other allocators beside, for reference'
	@echo '                  OUT=folder, where result sets go (results)'
	@echo 'make kbench       the same in a kernel; KERNEL=6.1|6.12|uml-7.2|path ON=host|...'
	@echo '                  (kmod/boot/where says what it picks, and why)'
	@echo 'make deps-kernel  what builds the kernels of KERNEL=uml-7.2|debug|kcsan (root)'
	@echo 'make bench-insn   exact instructions per operation, by callgrind'
	@echo 'make kmod KDIR=kernel   the kernel modules, see kmod/README.md'
	@echo 'make profile FILTER=regex   where one row spends its time, by perf'
	@echo 'make test         every test; the last line counts them'
	@echo 'make torture MINUTES=n   the tests of threads, interrupts and failures, over'
	@echo '                  and over; VARIANTS="..." (percpu_magazine)'
	@echo 'make lint         style and spelling'
	@echo 'make clean        remove build/'

# Nothing to do, and no network asked, where all packages are there.
install = @missing=$$(dpkg-query -W -f '$${Package} $${db:Status-Abbrev}\n' $1 2>&1 | \
	grep -v ' ii ' || true); [ -z "$$missing" ] || \
	{ apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
	  apt-get install -y -qq --no-install-recommends $1 >/dev/null; }

deps:
	$(if $(PEERS_bench),@echo 'deps: for PEERS=1 also $(foreach p,$(PEERS_ALL),$(DEB_$p))')
	$(call install,$(DEBS))
	@variants/upstream/fetch 6.1 || [ $$? -eq 4 ]
	@kmod/boot/kernel 6.1 >/dev/null || [ $$? -eq 4 ]

deps-kernel:
	$(call install,$(KERNEL_DEBS))

deps-upstream:
	@variants/upstream/fetch 6.1 6.12 7.2

# Peers stand beside whatever variants are chosen, unless it is peers that are.
chosen = $(VARIANTS)
bench bench-insn: chosen += $(if $(filter peer-%,$(VARIANTS)),,$(PEERS_bench))
choices = $(if $(VARIANTS),--variants='$(chosen)') \
	$(if $(WORKLOADS),--workloads='$(WORKLOADS)') --profile=$(PROFILE) --out='$(OUT)'

bench: build/dmapool-bench build/dmapool-run
	@set -e; dir=$$(build/dmapool-run $(choices) $(if $(LAUNCHES),--launches=$(LAUNCHES)) \
		$(if $(SEED),--seed=$(SEED))) || status=$$?; \
	if [ -n "$$dir" ]; then tools/summary "$$dir"; plots/draw "$$dir"; fi; \
	exit $${status:-0}

kbench:
	@KERNEL='$(KERNEL)' ON='$(ON)' kmod/boot/kbench $(choices) \
		$(if $(LAUNCHES),--launches=$(LAUNCHES)) $(if $(SEED),--seed=$(SEED))

bench-insn: build/dmapool-bench
	@bench/insn $(choices) $(if $(FILTER),--filter='$(FILTER)')

profile: build/dmapool-bench
	@bench/profile '$(FILTER)'

tests: build/dmapool-bench build/dmapool-run $(filter build/%,$(TESTS))

test: tests
	@tests/run $(TESTS)

TORTURED := $(foreach v,$(or $(VARIANTS),percpu_magazine), \
	build/tsan/contract/$v/contract build/asan/contract/$v/contract)

torture: $(TORTURED)
	@for program in $^; do \
		echo "$$program"; \
		TSAN_OPTIONS=halt_on_error=1 $$program torture \
			$$((60 * $(MINUTES) / $(words $^))) || exit; \
	done

lint:
	@tests/run tests/lint_test.sh

clean:
	rm -rf build

.PHONY: help deps deps-upstream deps-kernel bench kbench bench-insn kmod profile tests test torture lint clean

FORCE:
.PHONY: FORCE
.SECONDARY:

-include $(shell find build -name '*.d' 2>/dev/null)
