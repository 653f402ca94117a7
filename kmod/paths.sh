#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# What a kernel's build can work with, for scripts that source this.

# Whether modules can be built in a folder, or against it: the kernel's Makefiles take its
# path for words of make and of a shell.
suits_kbuild() {
	local path

	path=$(realpath -ms -- "$1")
	[[ $path != *[[:space:][:cntrl:]:\#%\$\&\;\|\'\"\\\(\)\<\>*?\[\]\{\}\`\!^~=,]* ]]
}

# The mend, for messages.
# shellcheck disable=SC2034 # for those who source this
plain_path='that has only letters, digits and . _ + - in its path'
