# SPDX-License-Identifier: GPL-2.0-only
#
# How what is measured is built: the shim, each pool linked with the workloads, the
# benchmark program and its runner.  Part of the Makefile.

# One word of bash, whatever is in it; make takes a line break for the end of a command.
define newline


endef
quoted = $$'$(subst $(newline),\n,$(subst ',\',$(subst \,\\,$1)))'

# --- What is built depends on more than files that make knows.

# Writing nothing is what "make -n" and "make -q" promise.
DRY := $(findstring n,$(firstword -$(MAKEFLAGS)))$(findstring q,$(firstword -$(MAKEFLAGS)))
DRY_RUN := $(if $(DRY),--dry-run)

# One make at a time builds and measures in this tree; those that it starts are part of it.
ifneq ($(if $(DRY),,$(BUILDING)),)
ifneq ($(value DMAPOOL_BENCH_TURN),$(CURDIR))
$(shell bench/turn $$PPID $(call quoted,make $(MAKECMDGOALS)))
ifneq ($(.SHELLSTATUS),0)
$(error build/ cannot be had, see the line above)
endif
export DMAPOOL_BENCH_TURN := $(CURDIR)
endif
endif

# $(call as_new,FILES): those that a dry run would have written.
as_new = $(foreach file,$1,$(eval $(file): FORCE ; : $(file) changes))

# $(call note,FILE,TEXT): a file that says what is built, and is new where that changed.
same = $(and $(findstring |$1|,|$2|),$(findstring |$2|,|$1|))
write = $(if $(DRY),$(call as_new,$1),$(shell mkdir -p $(dir $1))$(file >$1,$2))
note = $(if $(call same,$(file <$1),$2),,$(call write,$1,$2))

# Upstream variants: unmodified mm/dmapool.c files, each laid out in build/upstream/NAME/.
# Of all that a user brings only the names get here.
ifneq ($(POOLS),)
resolved := $(shell variants/upstream/resolve --into=build/upstream $(DRY_RUN) -- \
	$(call quoted,$(UPSTREAM)))
ifneq ($(.SHELLSTATUS),0)
$(error UPSTREAM cannot be used, see the line above)
endif
endif
UPSTREAM_CC := variants/upstream/compile shim/absent
UPSTREAM_NAMES := $(filter-out build/%,$(resolved))
$(call as_new,$(filter build/%,$(resolved)))
ALL_NAMES := $(VARIANTS_ALL) $(UPSTREAM_NAMES)

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
# What a result set says that it was built for: times of anything else mean nothing.
BUILD_TYPE = $(if $(filter bench,$1),release,$1)

LIBS := $(shell pkg-config --libs $(PKGS) 2>/dev/null) -lpfm -lpthread

# --- Sources.

SHIM_SRC := $(wildcard shim/*.c shim/dma/*.c)
SHIM_SRC_bench := $(filter-out shim/checked.c,$(SHIM_SRC))
SHIM_SRC_check := $(SHIM_SRC)
SHIM_SRC_asan := $(SHIM_SRC)
SHIM_SRC_tsan := $(SHIM_SRC)
WORKLOAD_SRC := $(filter-out %/variant.c,$(wildcard bench/workloads/*.c))
# What a dmapool.c may lack.
FALLBACK := variants/create.o variants/create_node.o variants/fallback.o
BENCH_SRC := $(wildcard bench/*.c)
RUN_SRC := $(wildcard bench/run/*.c)

# --- Rules of one flavour: shim, pools, workloads, harness, the benchmark program.
#
# A variant is its pool and the workloads linked into one object with no symbol left
# outside, so that many pools with the same names fit into one program and the
# workloads' calls are direct.

# $(call flavour,F)
define flavour
build/$1/shim/%.o: shim/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variants/%.o: variants/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/bench/workloads/%.o: bench/workloads/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variant/%/entry.o: bench/workloads/variant.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -DVARIANT_NAME='"$$*"' \
		$$(addprefix -include ,$$(filter %/version.h,$$^)) -MMD -MP -c $$< -o $$@

$$(UPSTREAM_NAMES:%=build/$1/variant/%/entry.o): build/$1/variant/%/entry.o: \
		build/upstream/%/version.h
$$(PEERS_$1:%=build/$1/variant/%/entry.o): build/$1/variant/%/entry.o: \
		build/peers/%/version.h

build/$1/bench/peers/%.o: bench/peers/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)for deb in $$(DEB_$$*); do dpkg-query -W $$$$deb >/dev/null 2>&1 || { echo \
		"peer-$$*: $$$$deb is not installed: make deps PEERS=1" >&2; exit 4; }; done
	$$(Q)$$(CC) $$(HFLAGS) $$(CFLAGS_$$*) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/variant/peer-%/linked.o: build/$1/bench/peers/%.o build/$1/bench/peers/families.o \
		$$(FALLBACK:%=build/$1/%) build/$1/variant/peer-%/entry.o \
		$$(filter-out %/families.o,$$(WORKLOAD_SRC:%.c=build/$1/%.o)) build/parts
	$$(say) LD $$@
	$$(Q)$$(call link_peer,$$*,none)

build/$1/variant/%/linked.o: build/$1/variants/%.o $$(FALLBACK:%=build/$1/%) \
		build/$1/variant/%/entry.o $$(WORKLOAD_SRC:%.c=build/$1/%.o) build/parts
	$$(say) LD $$@
	$$(Q)ld -r -o $$@ $$(filter %.o,$$^)
	$$(Q)objcopy --keep-global-symbol=none $$@

build/$1/bench/%.o: bench/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		build/$1/build-info.h build/revision.h
build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		private HFLAGS += -include build/$1/build-info.h -include build/revision.h

build/$1/bench/gb.o: bench/gb.cc build/$1/flags
	$$(say) CXX $$@
	$$(Q)$$(CXX) -std=gnu++17 -fno-pie $$(OPT_$1) $$(WARN) -MMD -MP -c $$< -o $$@

build/$1/tests/%.o: tests/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/dmapool-bench: $$(ALL_NAMES:%=build/$1/variant/%/linked.o) \
		$$(PEERS_$1:%=build/$1/variant/%/linked.o) \
		$$(BENCH_SRC:%.c=build/$1/%.o) build/$1/bench/gb.o \
		build/$1/libshim.a build/parts
	$$(say) LD $$@
	$$(Q)$$(CXX) -no-pie $$(OPT_$1) -o $$@ $$(filter %.o %.a,$$^) -lbenchmark $$(LIBS) \
		$$(LIBS_PEERS_$1)

build/$1/libshim.a: $$(SHIM_SRC_$1:%.c=build/$1/%.o) build/parts
	$$(say) AR $$@
	$$(Q)rm -f $$@ && ar rcs $$@ $$(filter %.o,$$^)

# As it is; what gcc says of it is one line for the user.  Twice in the flavours that
# test: mainline's checks are chosen when it is compiled.
$$(UPSTREAM_NAMES:%=build/$1/variants/%.o): build/$1/variants/%.o: \
		build/upstream/%/dmapool.c $(UPSTREAM_CC) build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(call compile_upstream,$1,$$*,plain)

$$(UPSTREAM_NAMES:%=build/$1/variants/%-debug.o): build/$1/variants/%-debug.o: \
		build/upstream/%/dmapool.c $(UPSTREAM_CC) build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(call compile_upstream,$1,$$*,debug)
endef

# $(call compile_upstream,F,NAME,KIND): no warning is the user's to mend, but a function
# that is not there is known before anything is linked.
compile_upstream = variants/upstream/compile $2 $3 $< $@ $(CC) \
	$(filter-out $(WARN),$(KFLAGS)) $(OPT_$1) -iquote $(<D)/beside \
	-Werror=implicit-function-declaration -MMD -MP

$(foreach f,$(FLAVOURS),$(eval $(call flavour,$f)))

# --- What the build is made of.

# What a flavour's objects are compiled with: none may be left of something else.
define flags
$(COMPILER)
$(shell $(CXX) --version | head -n1)
$(KFLAGS)
$(HFLAGS)
$(OPT_$1)
endef

# Of git's complaints only its distrust is told, by the command that mends it.
described = $(shell { LC_ALL=C git describe --always --dirty --exclude '*' 2>&1 >&3 | \
	sed -n 's/^\t\(git config .*safe\.directory\)/git does not trust this checkout, so \
	its revision is unknown: \1/p' >&2; } 3>&1 || echo none)

# What a program says of itself.
revision = build/revision.h $(call quoted,BENCH_REVISION=$(or $(BENCH_REVISION), \
	$(described)))
build_info = build/$1/build-info.h $(call quoted,BENCH_COMPILER=$(COMPILER)) \
	$(call quoted,BENCH_CFLAGS=$(OPT_$1)) BENCH_BUILD_TYPE=$(call BUILD_TYPE,$1) \
	$(call quoted,BENCH_LIBRARIES=$(LIBRARIES))
peer_version = build/peers/$1/version.h \
	$(call quoted,VARIANT_VERSION=$(call deb_version,$(DEB_$(1:peer-%=%))))
headers = $(revision)

ifneq ($(USERSPACE),)
COMPILER := $(shell $(CC) --version | head -n1)
LIBRARIES := $(shell for p in benchmark hwloc liburcu ck; do \
	pkg-config --modversion $$p 2>/dev/null | sed "s/^/$$p /"; done | paste -sd,)
$(foreach f,$(FLAVOURS),$(call note,build/$f/flags,$(call flags,$f)))
# So that nothing is left of a source or a variant that is gone.
$(call note,build/parts,$(ALL_NAMES) $(PEERS_bench) $(SHIM_SRC) $(WORKLOAD_SRC) \
	$(BENCH_SRC) $(RUN_SRC))
headers += $(foreach f,$(FLAVOURS),$(call build_info,$f)) \
	$(foreach p,$(PEERS_bench),$(call peer_version,$p))
endif
ifneq ($(POOLS),)
$(call as_new,$(shell bench/header.py $(DRY_RUN) $(headers)))
endif

build/dmapool-bench: build/bench/dmapool-bench
	@ln -sf bench/dmapool-bench $@

build/dmapool-run: $(RUN_SRC:%.c=build/bench/%.o) build/parts
	$(say) LD $@
	$(Q)$(CC) -no-pie -o $@ $(filter %.o,$^) $(shell pkg-config --libs jansson)
