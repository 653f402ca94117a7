# SPDX-License-Identifier: GPL-2.0-only
#
# The kernel modules (kmod/README.md).  Part of the Makefile.

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
