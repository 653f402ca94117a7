# SPDX-License-Identifier: GPL-2.0-only
#
# How a variant's pool gets into a module: one of the tree's, or an unmodified dmapool.c.
# Included by the Kbuilds; "make kmod" has set tree, names (the variants) and upstreams,
# NAME|FILE|VERSION each.

upstream = $(subst |, ,$(filter $1|%,$(upstreams)))
upstream-file = $(word 2,$(call upstream,$1))

# Which of the two create calls it lacks.
create = $(if $(shell grep -s dma_pool_create_node '$(call upstream-file,$1)'),create,$\
	create_node)

# Its objects, by their stems.  The kernel's own pool is in the kernel already.
pool = $(if $(call upstream,$1),dmapool $(call create,$1),$\
	$(if $(filter-out intree,$1),$1 create))

# The names of modules have no dots or dashes.
module-name = $(subst .,_,$(subst -,_,$1))

# $(call pool-rules,FOLDER,VARIANT): how FOLDER's objects of the pool are made.
define pool-rules
$(obj)/$1/%.o: ccflags-y += -DVARIANT_NAME='"$2"' -D__DISABLE_EXPORTS \
	$(if $(filter intree,$2),-DINTREE)

$(obj)/$1/%.o: $(tree)/variants/%.c FORCE
	$$(call if_changed_rule,cc_o_c)

$(obj)/$1/dmapool.o: $(call upstream-file,$2) FORCE
	$$(call if_changed_rule,cc_o_c)
endef
