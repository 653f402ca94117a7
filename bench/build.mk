# SPDX-License-Identifier: GPL-2.0-only
#
# How what is measured is built: the shim, each pool linked with the workloads, the
# benchmark program and its runner.  Part of the Makefile.

# --- Upstream variants: unmodified mm/dmapool.c files, one "name|path|version" each.

resolved := $(shell variants/upstream/resolve '$(UPSTREAM)' | tr ' \t' '_|')
ifneq ($(.SHELLSTATUS),0)
$(error UPSTREAM cannot be used, see the line above)
endif
field = $(word $1,$(subst |, ,$2))
UPSTREAM_NAMES := $(foreach u,$(resolved),$(call field,1,$u))
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

build/$1/variant/%/entry.o: bench/workloads/variant.c build/variants.list build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(KFLAGS) $$(OPT_$1) -DVARIANT_NAME='"$$*"' \
		-DVARIANT_VERSION='"$$(call version_of,$$*)"' -MMD -MP -c $$< -o $$@

build/$1/bench/peers/%.o: bench/peers/%.c build/$1/flags
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

build/$1/bench/%.o: bench/%.c build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(CC) $$(HFLAGS) $$(OPT_$1) -MMD -MP -c $$< -o $$@

build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		build/$1/build-info.h
build/$1/bench/fingerprint.o build/$1/tests/harness/fingerprint_test.o: \
		private HFLAGS += -include build/$1/build-info.h

build/$1/bench/gb.o: bench/gb.cc build/$1/flags
	$$(say) CXX $$@
	$$(Q)$$(CXX) -std=gnu++17 -fno-pie $$(OPT_$1) $$(WARN) -MMD -MP -c $$< -o $$@

build/$1/tests/%.o: tests/%.c build/$1/flags
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
build/$1/variants/$2.o: $3 build/variants.list build/$1/flags
	$$(say) CC $$@
	$$(Q)$$(call compile_upstream,$1,$2,)

build/$1/variants/$2-debug.o: $3 build/variants.list build/$1/flags
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

# Files that say what is built are rewritten only when that changes.
rewrite = cmp -s $@.new $@ && rm $@.new || mv $@.new $@

COMPILER = $(shell $(CC) --version | head -n1)

# Of a flavour's objects, so that none is left of another compiler or other flags.
define flags
$(COMPILER)
$(shell $(CXX) --version | head -n1)
$(KFLAGS)
$(HFLAGS)
$(OPT_$*)
endef

$(FLAVOURS:%=build/%/flags): build/%/flags: FORCE
	$(shell mkdir -p $(@D))$(file >$@.new,$(flags))
	@$(rewrite)

# What it says of itself.
define build_info
#define BENCH_COMPILER "$(COMPILER)"
#define BENCH_CFLAGS "$(OPT_$*)"
#define BENCH_BUILD_TYPE "$(call BUILD_TYPE,$*)"
#define BENCH_REVISION "$(BENCH_REVISION)"
#define BENCH_LIBRARIES "$(shell for p in benchmark hwloc liburcu ck; do \
	pkg-config --modversion $$p 2>/dev/null | sed "s/^/$$p /"; done | paste -sd,)"
endef

$(FLAVOURS:%=build/%/build-info.h): build/%/build-info.h: FORCE
	$(shell mkdir -p $(@D))$(file >$@.new,$(build_info))
	@$(rewrite)

version_of = $(if $(filter peer-%,$1),$(call deb_version,$(DEB_$(1:peer-%=%))),$(subst \
	_, ,$(strip $(foreach u,$(resolved),$(if \
	$(filter $1,$(call field,1,$u)),$(call field,3,$u))))))

# Which variants are in it is part of what it is built from.
build/variants.list: FORCE
	@mkdir -p $(@D)
	@echo '$(resolved) $(ALL_NAMES) $(PEERS_bench)' >$@.new
	@$(rewrite)

build/dmapool-bench: build/bench/dmapool-bench
	@ln -sf bench/dmapool-bench $@

build/dmapool-run: $(RUN_SRC:%.c=build/bench/%.o)
	$(say) LD $@
	$(Q)$(CC) -no-pie -o $@ $^ $(shell pkg-config --libs jansson)
