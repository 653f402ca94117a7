# SPDX-License-Identifier: GPL-2.0-only
#
# What a user may choose of what is measured: a mistake is told before anything is built.
# What has passed is plain words, which a recipe may name.  Part of the Makefile.

comma := ,
WORKLOADS_ALL := $(patsubst &wl_%,%,$(filter &wl_%,$(subst $(comma), ,$\
	$(file <bench/workloads/families.c))))
# In a kernel there are no peers, but there is the kernel's own pool.
MEASURED := $(if $(filter bench bench-insn calibrate,$(MAKECMDGOALS)), \
		$(ALL_NAMES) $(PEERS_bench)) \
	$(if $(filter kbench ktest kmod kguest,$(MAKECMDGOALS)),intree $(ALL_NAMES)) \
	$(if $(filter torture,$(MAKECMDGOALS)),$(CONTRACT_NAMES))

# $(call each,VARIABLE,KIND,NAMES): a word of it that is no name ends it here.
each = $(foreach word,$(firstword $(filter-out $3,$($1))),$\
	$(error $1: no $2 '$(word)': choose from $(strip $3)))
# $(call number,VARIABLE,LEAST,MOST)
number = $(if $($1),$(if $(filter yes,$(shell [[ $(call quoted,$($1)) =~ ^[0-9]+$$ ]] && \
	printf '%s\n' $2 $(call quoted,$($1)) $3 | sort -nC && echo yes)),,$\
	$(error $1='$(strip $($1))': give a whole number from $2 to $3)))

ifneq ($(strip $(MEASURED)),)
$(call each,VARIANTS,variant,$(MEASURED))
$(call each,WORKLOADS,workload,$(WORKLOADS_ALL))
$(call each,PROFILE,profile,quick full)
ifneq ($(words $(PROFILE)),1)
$(error PROFILE='$(strip $(PROFILE))': choose one of quick full)
endif
$(call number,LAUNCHES,1,10000)
$(call number,SEED,0,18446744073709551615)
$(call number,MINUTES,1,100000)
endif

# Peers stand beside whatever variants are chosen, unless it is peers that are.
beside = $(if $(filter peer-%,$(VARIANTS)),,$(PEERS_bench))
bench bench-insn calibrate: chosen = $(strip $(VARIANTS) $(beside))
chosen = $(strip $(VARIANTS))
choices = $(if $(VARIANTS),--variants='$(chosen)') \
	$(if $(WORKLOADS),--workloads='$(strip $(WORKLOADS))') --profile=$(PROFILE) \
	--out="$$OUT"
