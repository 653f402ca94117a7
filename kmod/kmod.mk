# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel modules (kmod/README.md).  Part of the Makefile.

KMOD_RELEASE = $(shell sed -n 's/.*"\(.*\)".*/\1/p' \
	'$(KDIR)/include/generated/utsrelease.h' 2>/dev/null)
KMOD_OUT ?= build/kmod/$(KMOD_RELEASE)
# What is built: the benchmark, or kmod/kunit/Kbuild.
KMOD_KBUILD ?= kmod/Kbuild
# Of the upstream variants those that were asked for: the kernel's own is there anyway.
KMOD_UPSTREAM = $(foreach u,$(filter $(foreach own,$(UPSTREAM), \
	upstream-$(firstword $(subst =, ,$(own)))) $(VARIANTS),$(UPSTREAM_NAMES)), \
	$(filter $u|%,$(resolved)))

# The pools that modules are built for.
KMOD_NAMES ?= intree $(VARIANTS_ALL) $(foreach u,$(KMOD_UPSTREAM),$(call field,1,$u))

# What loads, attacks and misuses a pool: for guests alone.
kguest: KMOD_KBUILD := kmod/guest/Kbuild
kguest: KMOD_OUT := build/kguest/$(KMOD_RELEASE)

# Which configuration, of which tree, the modules are built against.  Kbuild's commands and
# dependencies name neither: objects of another one would count as made.
KMOD_AGAINST = $(shell sha256sum \
	'$(realpath $(KDIR))/include/generated/autoconf.h' 2>/dev/null)
kbuild = $(MAKE) -C '$(KDIR)' M='$(abspath $(KMOD_OUT))'

# Their type information takes pahole, and nobody traces them.
kmod kguest:
	@[ -n '$(KMOD_RELEASE)' ] || { echo "make $@: no kernel to build against in" \
		"'$(KDIR)': install linux-headers-$$(uname -r), or say KDIR=folder" >&2; \
		exit 2; }
	@mkdir -p '$(KMOD_OUT)'
	@rm -f '$(KMOD_OUT)'/dmapool_*upstream_*.ko	# of an UPSTREAM before this one
	@printf '%s\n' 'tree := $(CURDIR)' 'upstreams := $(KMOD_UPSTREAM)' \
		'names := $(KMOD_NAMES)' 'revision := $(BENCH_REVISION)' \
		'include $$(tree)/$(KMOD_KBUILD)' \
		>'$(KMOD_OUT)/Kbuild'
	@[ '$(KMOD_AGAINST)' = "$$(cat '$(KMOD_OUT)/against' 2>/dev/null)" ] || \
		$(kbuild) clean >/dev/null
	@echo '$(KMOD_AGAINST)' >'$(KMOD_OUT)/against'
	$(Q)$(kbuild) CONFIG_DEBUG_INFO_BTF_MODULES= modules

# Hotplug, memory pressure, refused memory, DMA, uses after free, and ON=host; every
# kernel of kmod/boot/kernel.
kstress:
	@kmod/boot/kernel '$(or $(KERNEL),6.1)' >/dev/null
	@GUEST_KERNEL='$(or $(KERNEL),6.1)' GUEST_TURNS=30 tests/run --timeout=3600 \
		tests/guest_test.py tests/host_test.py
