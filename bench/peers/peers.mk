# SPDX-License-Identifier: GPL-2.0-only
#
# Peers: other allocators for reference, with PEERS=1 and in the benchmark alone.  Of each
# the package, what its code is compiled with and what it is linked with.  Part of the
# Makefile.

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
