# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel modules (kmod/README.md).  Part of the Makefile.

# As a folder is called; what a tree says of itself may hold anything.
KMOD_RELEASE = $(shell sed -n 's/.*"\(.*\)".*/\1/p' \
	$(call quoted,$(KDIR)/include/generated/utsrelease.h) 2>/dev/null | \
	tr -c 'A-Za-z0-9._+\n-' _)
ifneq ($(origin KMOD_OUT),undefined)
override KMOD_OUT := $(value KMOD_OUT)
endif
# Each kind of modules in a folder of its own, unless one is named.
KMOD_OUT ?= build/$(or $(filter kguest,$(MAKECMDGOALS)),kmod)/$(KMOD_RELEASE)
# What is built: the benchmark, or kmod/kunit/Kbuild.
KMOD_KBUILD ?= kmod/Kbuild
# Of the upstream variants those that were asked for: the kernel's own is there anyway.
space := $(subst ,, )
own = $(findstring $(space)$(1:upstream-%=%)=,$(space)$(strip $(UPSTREAM)))
KMOD_UPSTREAM = $(foreach u,$(UPSTREAM_NAMES),$(if $(or $(filter $u,$(VARIANTS)), \
	$(call own,$u)),$u))

# The pools that modules are built for.
KMOD_NAMES ?= intree $(VARIANTS_ALL) $(KMOD_UPSTREAM)

# What loads, attacks and misuses a pool: for guests alone.
kguest: KMOD_KBUILD := kmod/guest/Kbuild

# What has passed this is plain words.
ifneq ($(filter kmod kguest,$(MAKECMDGOALS)),)
KMOD_AGAINST := $(shell kmod/against $(call quoted,$(KDIR)) $(call quoted,$(KMOD_OUT)))
ifneq ($(.SHELLSTATUS),0)
$(error no modules can be built, see the line above)
endif
endif
kbuild = $(MAKE) -C $(KDIR) M=$(abspath $(KMOD_OUT))

# Their type information takes pahole, and nobody traces them.  The + hands make's job
# slots on, which it does by itself only where $(MAKE) stands in the line; a dry run, which
# would run a line with it, goes without.
kmod kguest:
	@mkdir -p $(KMOD_OUT)
	@rm -f $(KMOD_OUT)/dmapool_*upstream_*.ko	# of an UPSTREAM before this one
	@ln -sfn "$$PWD" $(KMOD_OUT)/source
	@printf '%s\n' 'tree := $$(src)/source' 'names := $(KMOD_NAMES)' \
		'include $$(tree)/$(KMOD_KBUILD)' >$(KMOD_OUT)/Kbuild
	$(if $(DRY),,+)@[ '$(KMOD_AGAINST)' = "$$(cat $(KMOD_OUT)/against 2>/dev/null)" ] || \
		$(kbuild) clean >/dev/null
	@echo '$(KMOD_AGAINST)' >$(KMOD_OUT)/against
	$(if $(DRY),,+)$(Q)$(kbuild) CONFIG_DEBUG_INFO_BTF_MODULES= modules

# Hotplug, memory pressure, refused memory, DMA, uses after free, and ON=host; every
# kernel of kmod/boot/kernel.
kstress:
	@kmod/boot/kernel "$${KERNEL:-6.1}" >/dev/null
	@GUEST_KERNEL="$${KERNEL:-6.1}" GUEST_TURNS=30 tests/run --timeout=3600 \
		tests/guest_test.py tests/host_test.py
