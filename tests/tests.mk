# SPDX-License-Identifier: GPL-2.0-only
#
# The tests: every variant's contract in the flavours that check, and the rest.  Part of
# the Makefile.

TESTED := check asan tsan
CONTRACT_SRC := $(filter-out %/traits.c,$(wildcard tests/contract/*.c))
CONTRACT_NAMES := $(ALL_NAMES) $(UPSTREAM_NAMES:%=%-debug)
# Calls to the page source come by tests/contract/pages.c.
WATCH_PAGES := -Wl,--wrap=dma_alloc_coherent,--wrap=dma_free_coherent
CMOCKA_LIBS := -lcmocka $(shell pkg-config --libs hwloc liburcu-memb 2>/dev/null) -lpthread

# cmocka 2 deprecates asserts that 1.1 has no other names for.
$(foreach f,$(FLAVOURS),build/$f/tests/%.o): private HFLAGS += -Wno-deprecated-declarations

define contract
build/$1/contract/%/traits.o: tests/contract/traits.c build/$1/flags
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

# The workloads against a fake environment, and the harness's modules, and the contract's
# random checks, alone.
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
build/$1/tests/harness/usage_test: build/$1/tests/harness/usage_test.o \
		build/$1/bench/run/usage.o build/$1/bench/run/alloc.o
build/$1/tests/harness/prop_test: build/$1/tests/harness/prop_test.o \
		build/$1/tests/contract/prop.o build/$1/libshim.a

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
