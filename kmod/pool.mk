# SPDX-License-Identifier: GPL-2.0-only
#
# How a variant's pool gets into a module: one of the tree's, or an unmodified dmapool.c.
# Included by the Kbuilds; "make kmod" has set tree and names (the variants), and has laid
# out what is upstream's.

upstream = $(filter upstream-%,$1)
upstream-folder = $(tree)/build/upstream/$1

# Which of the two create calls it lacks.
create = $(if $(shell grep -s dma_pool_create_node $(upstream-folder)/dmapool.c),create,$\
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
$(obj)/$1/dmapool.o: ccflags-y += -iquote $(call upstream-folder,$2)/beside

$(obj)/$1/%.o: $(tree)/variants/%.c FORCE
	$$(call if_changed_rule,cc_o_c)

$(obj)/$1/dmapool.o: $(call upstream-folder,$2)/dmapool.c FORCE
	$$(call if_changed_rule,cc_o_c)
endef
