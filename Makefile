# SPDX-License-Identifier: GPL-2.0-only
#
# dmapool-bench. "make help" lists what a user runs; how things are built is in *.mk.
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
LEAKS ?=
KDIR ?= /lib/modules/$(shell uname -r)/build
OUT ?= results
MINUTES ?= 10
RELEASE ?=

# What the user says is taken as it is: no $ in it is make's. What may hold anything no
# shell reads either, for recipes find it in their environment.
SAID := PROFILE VARIANTS WORKLOADS LAUNCHES SEED FILTER UPSTREAM KERNEL ON KDIR OUT MINUTES \
	RELEASE
$(foreach name,$(SAID),$(if $(filter-out file,$(origin $(name))), \
	$(eval override $(name) := $$(value $(name)))))
export FILTER KERNEL ON OUT RELEASE

# What is built depends on what "deps" brings, packages and upstream versions, and is
# decided when this is read: named together with others it goes first, in a make of its
# own.
FIRST := $(filter deps deps-%,$(MAKECMDGOALS))
THEN := $(filter-out deps deps-%,$(MAKECMDGOALS))
ifneq ($(and $(FIRST),$(THEN)),)

.PHONY: in-turn $(MAKECMDGOALS)
$(MAKECMDGOALS): in-turn ; @:
in-turn:
	@$(MAKE) --no-print-directory $(FIRST) NEXT='$(THEN)'
	@$(MAKE) --no-print-directory $(THEN)

else

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

# The goals that need build/ for themselves, pools that were looked up, and what userspace
# is compiled from.
BUILDING := $(filter-out help lint fresh deps deps-%,$(MAKECMDGOALS))
POOLS := $(filter-out clean kstress,$(BUILDING))
USERSPACE := $(filter-out kmod kguest kbench ktest,$(POOLS))
include bench/peers/peers.mk bench/build.mk tests/tests.mk kmod/kmod.mk \
	bench/choices.mk

# --- What a user runs.

# Nothing here may change how the machine boots: what a guest or a module needs of that
# kind goes into the cache. Modules' objtool, there too, asks for libelf.

# Larger than all the others together, and "make deps bench" does without.
TEST_DEBS := chromium chromium-driver python3-selenium python3-jsonschema python3-yaml \
	python3-lxml jq codespell shellcheck pyflakes3 perl spin sparse
# What tools/gate needs, which fetches nothing.
GATE_DEBS := gcc g++ make git pkg-config libbenchmark-dev libhwloc-dev liburcu-dev \
	libck-dev libjansson-dev libcmocka-dev libpfm4-dev valgrind python3-numpy \
	python3-scipy
DEBS := $(GATE_DEBS) patchutils xz-utils libbenchmark-tools linux-perf \
	python3-matplotlib libjs-chart.js qemu-system-x86 cpio libelf-dev \
	$(if $(filter-out bench kbench,$(or $(NEXT),test)),$(TEST_DEBS)) \
	$(foreach p,$(PEERS_bench:peer-%=%),$(DEB_$p))
KERNEL_DEBS := gcc make flex bison bc libelf-dev kmod

help:
	@echo 'make deps         install the packages (root), fetch the 6.1 dmapool.c'
	@echo 'make deps-upstream   fetch mm/dmapool.c of 6.1, 6.12 and 7.2'
	@echo 'make bench        measure everything; table, JSON, plots, report in results/'
	@echo '                  PROFILE=quick|full VARIANTS="..." WORKLOADS="..."'
	@echo '                  LAUNCHES=n SEED=n UPSTREAM="name=dmapool.c-or-tree ..."'
	@echo '                  PEERS=1, other allocators beside, for reference'
	@echo '                  OUT=folder, where result sets go (results)'
	@echo 'make calibrate    this machine'"'"'s noise floor, which tools/compare goes by;'
	@echo '                  three runs, as long as two "make bench"; LAUNCHES=n (7)'
	@echo 'make kbench       the same in a kernel; KERNEL=6.1|6.12|uml-7.2|path ON=host|...'
	@echo '                  (kmod/boot/where says what it picks, and why)'
	@echo 'make ktest        the contract in a kernel, by KUnit; KERNEL=debug|kcsan|uml-7.2'
	@echo 'make deps-gate    what tools/gate alone needs, for a CI (root)'
	@echo 'make deps-kernel  what builds the kernels of KERNEL=uml-7.2|debug|kcsan (root)'
	@echo 'make bench-insn   exact instructions per operation, by callgrind'
	@echo 'make kmod KDIR=kernel   the kernel modules, see kmod/README.md'
	@echo 'make profile FILTER=regex   where one row spends its time, by perf'
	@echo 'make kstress      hotplug, memory pressure, real DMA and KASAN in guests; KERNEL=...'
	@echo 'make test         every test; the last line counts them'
	@echo 'make torture MINUTES=n   the tests of threads, interrupts and failures, over'
	@echo '                  and over; VARIANTS="..." (percpu_magazine)'
	@echo 'make lint         style and spelling'
	@echo 'make fresh RELEASE=trixie   "make deps bench" and "make deps test" on a bare'
	@echo '                  system of a Debian release (root, debootstrap)'
	@echo 'make deps-fresh   what makes that system (root)'
	@echo 'make clean        remove build/'

deps:
	$(if $(PEERS_bench),@echo 'deps: for PEERS=1 also $(foreach p,$(PEERS_ALL),$(DEB_$p))')
	@deps/install $(DEBS)
	@variants/upstream/fetch 6.1 || [ $$? -eq 4 ]
	@kmod/boot/kernel 6.1 >/dev/null || [ $$? -eq 4 ]
	@kmod/boot/busybox >/dev/null || [ $$? -eq 4 ]

deps-gate:
	@deps/install $(GATE_DEBS)

deps-kernel:
	@deps/install $(KERNEL_DEBS)

deps-fresh:
	@deps/install debootstrap

deps-upstream:
	@variants/upstream/fetch 6.1 6.12 7.2

bench: build/dmapool-bench build/dmapool-run
	@tools/measure $(choices) $(LAUNCHES:%=--launches=%) $(SEED:%=--seed=%)

# All launches together have halves that are as large as a "make bench".
calibrate: build/dmapool-bench build/dmapool-run
	@tools/measure --calibrate $(choices) --launches=$(or $(LAUNCHES),7) \
		$(SEED:%=--seed=%)

kbench:
	@kmod/boot/kbench $(choices) $(LAUNCHES:%=--launches=%) $(SEED:%=--seed=%)

ktest:
	@kmod/boot/ktest --kernel="$$KERNEL" --variants='$(chosen)' $(if $(LEAKS),--leaks)

bench-insn: build/dmapool-bench
	@bench/insn $(choices) $(if $(FILTER),--filter="$$FILTER")

profile: build/dmapool-bench
	@bench/profile "$$FILTER"

tests: build/dmapool-bench build/dmapool-run $(filter build/%,$(TESTS))

# The tests have makes of their own, which are no jobs of this one.
test: tests
	@env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL tests/run $(TESTS)

TORTURED := $(foreach v,$(or $(filter $(CONTRACT_NAMES),$(VARIANTS)),percpu_magazine), \
	build/tsan/contract/$v/contract build/asan/contract/$v/contract)

torture: $(TORTURED)
	@for program in $^; do \
		echo "$$program"; \
		TSAN_OPTIONS=halt_on_error=1 setpriv --pdeathsig TERM $$program torture \
			$$((60 * $(MINUTES) / $(words $^))) || exit; \
	done

fresh:
	@deps/fresh "$$RELEASE"

lint:
	@tests/run tests/lint_test.sh

clean:
	rm -rf build

.PHONY: help deps deps-gate deps-upstream deps-kernel deps-fresh bench calibrate kbench ktest bench-insn kmod kguest kstress profile tests test torture fresh lint clean

FORCE:
.PHONY: FORCE
.SECONDARY:

-include $(shell find build -name '*.d' 2>/dev/null)

endif
