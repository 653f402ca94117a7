#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Tests variants/upstream/fetch, resolve and compile. fetch runs with the real apt against
# a small Debian archive that is made here, so nearly all of it needs no network.
set -euo pipefail

here=$(realpath "$(dirname "$0")/../variants/upstream")
real_cache=${DMAPOOL_BENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/dmapool-bench}
# All that shells, make and apt read, in one name.
odd=$'a b\tc\'d"$(touch pwned)`touch pwned`${HOME};#=:%&|\\n\n f=g'
# shellcheck source=tests/checks.sh
. "$(dirname "$0")/checks.sh"
# shellcheck source=tests/archive.sh
. "$(dirname "$0")/archive.sh"

# What a fetch may have left that is of no more use.
leftovers() {
	find "$cache" -name '*.deb' -o -name 'tmp.*'
}

# --- fetch -----------------------------------------------------------------

test_fetch_usage() {
	run "$here/fetch"
	exits 2
	complains 'give kernel versions'
	run "$here/fetch" 6.1 ../x
	exits 2
	complains "'../x' is no kernel version"
	run "$here/fetch" --help
	exits 0
	holds "$out" 'usage: fetch'
}

test_fetch_takes_the_files_wanted() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	run "$here/fetch" 9.1
	exits 0
	same "$err" ''
	same "$(cd "$cache/9.1" && find . -type f | sort | grep -v scripts/ | xargs)" \
		'./VERSION ./include/linux/dmapool.h ./mm/dmapool.c ./mm/dmapool_test.c'
	[[ -e $cache/9.1/scripts/checkpatch.pl ]] || fail 'checkpatch is there'
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
	holds "$(<"$cache/9.1/mm/dmapool.c")" 9.1.5-1
	same "$(leftovers)" ''
}

test_fetch_into_an_odd_place() {
	local odd=${odd//$'\n'/}

	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	mkdir "$tmp/empty"
	cd "$tmp/empty"
	DMAPOOL_BENCH_CACHE=$tmp/$odd run "$here/fetch" 9.1
	exits 0
	same "$(<"$tmp/$odd/upstream/9.1/VERSION")" 9.1.5-1
	same "$(find "$tmp" -name 'pwned*')" ''
	DMAPOOL_BENCH_CACHE=$tmp/a$'\n'b run "$here/fetch" 9.1
	exits 4
	complains '9.1: left out: apt takes no line break in a path'
}

test_fetch_cached_needs_nothing() {
	new_archive
	mkdir -p "$cache/9.1"
	echo 9.1.5-1 >"$cache/9.1/VERSION"
	APT_SOURCES_DIR=/nonexistent run "$here/fetch" 9.1
	exits 0
	same "$out" '9.1: in the cache (9.1.5-1)'
	[[ ! -e $cache/.apt ]] || fail 'apt was prepared for nothing'
}

test_fetch_order_of_suites() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	publish "$archive" "$codename-backports" 9.1 9.1.9-1~bpo
	publish "$archive" "$codename-backports" 9.2 9.2.1-1~bpo
	publish "$archive" sid 9.2 9.2.8-1
	publish "$archive" sid 9.3 9.3.1-1
	publish "$archive" trixie 9.4 9.4.1-1
	run "$here/fetch" 9.1 9.4
	exits 0
	holds "$out" "from $codename,"
	lacks "$out" 'package lists of sid'
	run "$here/fetch" 9.3 9.2
	exits 0
	same "$(cat "$cache"/9.{1,2,3}/VERSION | xargs)" '9.1.5-1 9.2.1-1~bpo 9.3.1-1'
}

test_fetch_newest_of_suite_and_security() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	publish "$archive" "$codename-security" 9.1 9.1.7-1
	echo "deb [trusted=yes] copy:$archive $codename-security main" \
		>>"$APT_SOURCES_DIR/sources.list"
	run "$here/fetch" 9.1
	exits 0
	same "$(<"$cache/9.1/VERSION")" 9.1.7-1
}

# apt takes a name it does not know for a pattern, and 9.1 is one of 9.12.
test_fetch_takes_no_similar_name() {
	new_archive
	publish "$archive" "$codename" 9.12 9.12.5-1
	publish "$archive" sid 9.1 9.1.5-1
	run "$here/fetch" 9.1
	exits 0
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
}

test_fetch_deb822_sources() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	rm "$APT_SOURCES_DIR/sources.list"
	cat >"$APT_SOURCES_DIR/sources.list.d/debian.sources" <<-END
	# the archive
	Types: deb deb-src
	URIs: copy:/nonexistent
	Suites: $codename
	Components: main
	Enabled: no

	types: deb
	URIs: copy:$archive
	Suites:
	 $codename
	# in between
	Components: contrib main
	Trusted: yes
	END
	run "$here/fetch" 9.1
	exits 0
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
	lacks "$(<"$cache/.apt/$codename/debian.sources")" /nonexistent
}

test_fetch_keeps_an_inline_key() {
	new_archive
	cat >"$APT_SOURCES_DIR/sources.list.d/x.sources" <<-END
	Types: deb
	URIs: copy:$archive
	Suites: $codename
	Components: main
	Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
	 -----BEGIN PGP PUBLIC KEY BLOCK-----
	 .
	 abc=
	END
	rm "$APT_SOURCES_DIR/sources.list"
	run "$here/fetch" 9.1
	exits 4
	holds "$(<"$cache/.apt/$codename/debian.sources")" \
		$'-----BEGIN PGP PUBLIC KEY BLOCK-----\n .\n abc='
}

test_fetch_skips_third_parties() {
	new_archive
	cat >"$APT_SOURCES_DIR/sources.list" <<-END
	deb copy:/nonexistent/a cloud-sdk-$codename main
	deb [signed-by=/nonexistent/other.gpg] copy:/nonexistent/b $codename main
	deb copy:/nonexistent/c $codename stable
	deb-src copy:$archive $codename main
	deb cdrom:[Debian 12]/ $codename main
	deb copy:/nonexistent/d ./
	# deb [trusted=yes] copy:$archive $codename main
	END
	run "$here/fetch" 9.1
	exits 4
	complains '9.1: left out: no sources of the Debian archive in '
}

# The third party's suite and component are Debian's own; its origin is not.
test_fetch_skips_another_origin() {
	local other=$tmp/other system=$tmp/system

	new_archive
	mkdir -p "$system/lists/partial"
	origin=Other publish "$other" "$codename" 9.1 9.1.99-1
	publish "$archive" "$codename" 9.1 9.1.5-1
	sed -i "1i deb [trusted=yes] copy:$other $codename main" \
		"$APT_SOURCES_DIR/sources.list"
	cat >"$system/apt.conf" <<-END
	Dir::State::lists "$system/lists";
	APT::Sandbox::User "root";
	END
	APT_CONFIG=$system/apt.conf apt-get -qq update \
		-o Dir::Etc::sourcelist="$APT_SOURCES_DIR/sources.list" \
		-o Dir::Etc::sourceparts=/dev/null
	APT_CONFIG=$system/apt.conf run "$here/fetch" 9.1
	exits 0
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
}

test_fetch_nowhere() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	run "$here/fetch" 9.9 9.1
	exits 4
	complains "9.9: left out: no package linux-source-9.9 in $codename "
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
}

test_fetch_no_sources_at_all() {
	new_archive
	APT_SOURCES_DIR=/nonexistent run "$here/fetch" 9.1
	exits 4
	complains '9.1: left out: no sources of the Debian archive in /nonexistent'
}

# Port 9 of this machine stands for a network that is not there.
test_fetch_no_network() {
	new_archive
	echo "deb [trusted=yes] http://127.0.0.1:9/debian $codename main" \
		>"$APT_SOURCES_DIR/sources.list"
	run "$here/fetch" 9.1
	exits 4
	complains 'check the network'
	holds "$err" '9.1: left out: the Debian archive cannot be read ('
}

test_fetch_lists_kept_for_a_day() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	publish "$archive" "$codename" 9.2 9.2.5-1
	run "$here/fetch" 9.1
	exits 0
	run "$here/fetch" 9.2
	exits 0
	lacks "$out" 'package lists'
	rm -r "$cache/9.2"
	touch -d '2 days ago' "$cache/.apt/$codename/stamp"
	run "$here/fetch" 9.2
	exits 0
	holds "$out" "package lists of $codename"
}

test_fetch_reads_lists_again_for_a_new_package() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	run "$here/fetch" 9.1
	publish "$archive" "$codename" 9.2 9.2.5-1
	run "$here/fetch" 9.2
	exits 0
	same "$(<"$cache/9.2/VERSION")" 9.2.5-1
}

test_fetch_replaced_package() {
	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	run "$here/fetch" 9.1
	rm -r "$cache/9.1" "$archive"/pool/*
	publish "$archive" "$codename" 9.1 9.1.6-1
	run "$here/fetch" 9.1
	exits 0
	same "$(<"$cache/9.1/VERSION")" 9.1.6-1
}

test_fetch_damaged_package() {
	local deb

	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	deb=$archive/pool/linux-source-9.1_9.1.5-1_all.deb
	truncate -s 100 "$deb"
	run "$here/fetch" 9.1
	exits 4
	complains '9.1: left out: linux-source-9.1 cannot be downloaded ('
	same "$(leftovers)" ''
	[[ ! -e $cache/9.1 ]] || fail 'half a version is in the cache'
}

test_fetch_twice_at_once() {
	local first second

	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	"$here/fetch" 9.1 >"$tmp/first" 2>&1 &
	first=$!
	"$here/fetch" 9.1 >"$tmp/second" 2>&1 &
	second=$!
	wait "$first"
	wait "$second"
	same "$(cat "$tmp/first" "$tmp/second" | grep -c downloading)" 1
	same "$(<"$cache/9.1/VERSION")" 9.1.5-1
}

# The xz of this test waits for the signal, as the real one may.
test_fetch_interrupted() {
	local signal

	new_archive
	publish "$archive" "$codename" 9.1 9.1.5-1
	mkdir -p "$tmp/slow"
	printf '#!/bin/sh\nsleep 2\nexit 1\n' >"$tmp/slow/xz"
	chmod +x "$tmp/slow/xz"
	for signal in INT TERM HUP QUIT; do
		interrupt_fetch "$signal"
	done
}

interrupt_fetch() {
	local signal=$1 pid

	mkdir -p "$cache/.apt/tmp.killed"
	: >"$tmp/out"		# of another fetch until this one starts
	PATH=$tmp/slow:$PATH env --default-signal=INT,TERM,HUP,QUIT \
		"$here/fetch" 9.1 >"$tmp/out" 2>&1 &
	pid=$!
	for _ in {1..100}; do
		! grep -q extracting "$tmp/out" || break
		sleep 0.1
	done
	kill -"$signal" "$pid"
	status=0
	wait "$pid" || status=$?
	same "$status" 130
	same "$(leftovers)" ''
	[[ ! -e $cache/9.1 ]] || fail 'half a version is in the cache'
}

test_fetch_unwritable_cache() {
	new_archive
	touch "$tmp/file"
	DMAPOOL_BENCH_CACHE=$tmp/file run "$here/fetch" 9.1
	exits 4
	complains 'set DMAPOOL_BENCH_CACHE'
}

test_fetch_needs_room() {
	new_archive
	mkdir "$tmp/full"
	printf '#!/bin/sh\nprintf "Avail\\n4096\\n"\n' >"$tmp/full/df"
	chmod +x "$tmp/full/df"
	PATH=$tmp/full:$PATH run "$here/fetch" 9.1
	exits 4
	complains 'B free in '	# 4.1KB, or 4.1kB
	[[ ! -e $cache/.apt/$codename ]] || fail 'apt was prepared for nothing'
}

# The one test that wants the archive itself, unless the user's cache has it.
test_fetch_real_6_1() {
	local dir=$real_cache/upstream/6.1

	unset APT_SOURCES_DIR
	if [[ ! -s $dir/VERSION ]]; then
		DMAPOOL_BENCH_CACHE=$tmp/real run "$here/fetch" 6.1
		if [[ $status -eq 4 && $err == *'left out'* ]]; then
			echo "${err#*left out: }" >&2
			return 77
		fi
		exits 0
		dir=$tmp/real/upstream/6.1
	fi
	grep -q '^EXPORT_SYMBOL(dma_pool_alloc);' "$dir/mm/dmapool.c"
	grep -q 'dma_pool_create' "$dir/include/linux/dmapool.h"
	[[ $(<"$dir/VERSION") == 6.1.* ]]
}

# --- resolve ---------------------------------------------------------------

# A cache with the versions given, and a dmapool.c and a kernel tree beside it.
new_cache() {
	local version

	dir=$(mktemp -d -p "$tmp")
	export DMAPOOL_BENCH_CACHE=$dir/cache
	cache=$dir/cache/upstream
	for version; do
		mkdir -p "$cache/$version/mm"
		echo dma_pool_alloc >"$cache/$version/mm/dmapool.c"
		echo "$version.7-1" >"$cache/$version/VERSION"
	done
	echo dma_pool_alloc >"$dir/dmapool.c"
	mkdir -p "$dir/tree/mm"
	cp "$dir/dmapool.c" "$dir/tree/mm"
	printf 'VERSION = 9\nPATCHLEVEL = 4\nSUBLEVEL = 0\nEXTRAVERSION = -rc2\n' \
		>"$dir/tree/Makefile"
}

row() {
	printf 'upstream-%s\t%s\t%s\n' "$@"
}

test_resolve_nothing() {
	new_cache
	run "$here/resolve"
	exits 0
	same "$out$err" ''
	run "$here/resolve" ''
	exits 0
	same "$out$err" ''
}

test_resolve_cached_in_order_of_version() {
	new_cache 6.12 7.2 6.9
	mkdir -p "$cache/.apt"
	run "$here/resolve"
	exits 0
	same "$out" "$(for v in 6.9 6.12 7.2; do
		row "$v" "$cache/$v/mm/dmapool.c" "$v.7-1"
	done)"
}

test_resolve_own_file_and_tree() {
	local sum

	new_cache 6.1
	sum=$(sha256sum "$dir/dmapool.c")
	cd "$dir"
	run "$here/resolve" "zz=dmapool.c   tree=$dir/tree"
	exits 0
	same "$out" "$(
		row 6.1 "$cache/6.1/mm/dmapool.c" 6.1.7-1
		row zz "$dir/dmapool.c" "sha256 ${sum:0:12}"
		row tree "$dir/tree/mm/dmapool.c" 9.4.0-rc2
	)"
}

test_resolve_own_name_overrides() {
	new_cache 6.1 6.12
	run "$here/resolve" "6.1=$dir/tree"
	exits 0
	same "$out" "$(
		row 6.12 "$cache/6.12/mm/dmapool.c" 6.12.7-1
		row 6.1 "$dir/tree/mm/dmapool.c" 9.4.0-rc2
	)"
}

test_resolve_git_tree() {
	local git commit

	command -v git >/dev/null || { echo 'git is missing' >&2; return 77; }
	new_cache
	git=(git -C "$dir/tree" -c user.name=n -c user.email=n@example.org)
	"${git[@]}" init -q
	"${git[@]}" add .
	"${git[@]}" commit -q -m one
	commit=$(git -C "$dir/tree" describe --always)
	run "$here/resolve" "wip=$dir/tree"
	same "$out" "$(row wip "$dir/tree/mm/dmapool.c" "9.4.0-rc2 $commit")"
	echo '/* changed */' >>"$dir/tree/mm/dmapool.c"
	run "$here/resolve" "wip=$dir/tree"
	same "$out" "$(row wip "$dir/tree/mm/dmapool.c" "9.4.0-rc2 $commit-dirty")"
	GIT_TEST_ASSUME_DIFFERENT_OWNER=1 run "$here/resolve" "wip=$dir/tree"
	exits 0
	same "$out" "$(row wip "$dir/tree/mm/dmapool.c" 9.4.0-rc2)"
	complains "git config --global --add safe.directory $dir/tree"
}

# A path may have anything, and so may what a tree says of itself.
test_resolve_odd_names() {
	local version=$'-a_b\'"$(touch pwned)`touch pwned`\\%n;='

	new_cache
	mkdir -p "$dir/$odd/mm" "$dir/empty"
	cp "$dir/dmapool.c" "$dir/$odd/mm"
	printf 'VERSION = 9\nPATCHLEVEL = 4\nEXTRAVERSION = %s # mine\n' "$version" \
		>"$dir/$odd/Makefile"
	cd "$dir/empty"
	run "$here/resolve" --into="$dir/laid out" \
		"first=$dir/$odd"$'\n'"second=$dir/dmapool.c third=$dir/$odd/mm/dmapool.c"
	exits 0
	same "$out" $'upstream-first\nupstream-second\nupstream-third'
	cat >say.c <<-END
	#include "$dir/laid out/upstream-first/version.h"
	#include <stdio.h>
	int main(void) { fputs(VARIANT_VERSION, stdout); }
	END
	gcc -o say say.c
	same "$(./say)" "9.4.0$version"
	# The compiler's messages have the path.
	{ head -n1 "$dir/laid out/upstream-third/dmapool.c"
	  echo 'int main(void) { fputs(__FILE__, stdout); }'; } >path.c
	gcc -include stdio.h -o path path.c
	same "$(./path)" "$dir/$odd/mm/dmapool.c"
	same "$(find "$dir" -name 'pwned*')" ''
}

test_resolve_lays_out_only_what_changed() {
	new_cache 6.1
	run "$here/resolve" --into="$dir/out" --dry-run "mine=$dir/tree"
	exits 0
	same "$(xargs <<<"$out")" "$dir/out/upstream-6.1/dmapool.c \
$dir/out/upstream-6.1/version.h upstream-6.1 $dir/out/upstream-mine/dmapool.c \
$dir/out/upstream-mine/version.h upstream-mine"
	[[ ! -e $dir/out ]] || fail 'a dry run wrote'
	run "$here/resolve" --into="$dir/out" "mine=$dir/tree"
	same "$(xargs <<<"$out")" 'upstream-6.1 upstream-mine'
	touch -d @0 "$dir"/out/*/*.c
	run "$here/resolve" --into="$dir/out" --dry-run "mine=$dir/tree"
	same "$(xargs <<<"$out")" 'upstream-6.1 upstream-mine'
	echo '/* changed */' >>"$dir/tree/mm/dmapool.c"
	run "$here/resolve" --into="$dir/out" "mine=$dir/tree"
	same "$(find "$dir/out" -name '*.c' -newermt @0)" \
		"$dir/out/upstream-mine/dmapool.c"
}

# Every wrong entry: one line, exit 2, and nothing listed.
test_resolve_wrong_entries() {
	local entry want

	new_cache 6.1
	: >"$dir/empty.c"
	mkdir "$dir/folder"
	mkfifo "$dir/fifo"
	while IFS='|' read -r entry want; do
		run "$here/resolve" "$entry"
		exits 2
		same "$out" ''
		complains "$want"
	done <<-END
	$dir/dmapool.c|is no NAME=PATH
	a=|is no NAME=PATH
	=$dir/dmapool.c|cannot be a name
	a/b=$dir/dmapool.c|cannot be a name
	a=$dir/nowhere.c|does not exist
	a=$dir/folder|has no mm/dmapool.c
	a=$dir/fifo|is no file
	a=$dir/empty.c|does not mention dma_pool_alloc
	a=$dir/dmapool.c a=$dir/tree|stands twice
	a-debug=$dir/dmapool.c|cannot be a name
	a=$dir/dmapool.c and more|does not exist
	END
}

test_resolve_unreadable_file() {
	[[ $EUID -ne 0 ]] || { echo 'root reads everything' >&2; return 77; }
	new_cache
	chmod 000 "$dir/dmapool.c"
	run "$here/resolve" "a=$dir/dmapool.c"
	exits 2
	complains 'cannot be read'
}

# --- compile ---------------------------------------------------------------

# Compiles stdin as the kind $1, plain or debug.
compile() {
	dir=$(mktemp -d -p "$tmp")
	cat >"$dir/dmapool.c"
	run "$here/compile" mine "$1" "$dir/dmapool.c" "$dir/dmapool.o" gcc -O1 \
		-std=gnu11 -D_GNU_SOURCE "-I$here/../../shim" \
		-Werror=implicit-function-declaration
}

defines() {
	nm "$dir/dmapool.o" | grep -q " D $1\$" || fail "no $1: $(nm "$dir/dmapool.o")"
}

defines_no() {
	! nm "$dir/dmapool.o" | grep -q " D $1\$" || fail "there is $1"
}

test_compile_keeps_warnings_in_the_log() {
	compile plain <<<'int f(void) { int x; return "text"; }'
	exits 0
	same "$out$err" ''
	holds "$(<"$dir/dmapool.log")" warning
}

test_compile_names_a_missing_function() {
	compile plain <<-'END'
	#include <linux/slab.h>
	void *f(void)
	{
		return kmalloc_lots(2, 8, GFP_KERNEL);
	}
	END
	exits 4
	complains "mine: it does not compile against shim/: $dir/dmapool.c:4:"
	holds "$err" "error: implicit declaration of function 'kmalloc_lots'"
	holds "$err" '; shim/ has no kmalloc_lots: make kmod builds the file for a kernel'
	holds "$err" "(all of it in $dir/dmapool.log)"
}

# What a library declares is no kernel's: but this one is from both.
test_compile_takes_what_the_kernel_has_too() {
	compile plain <<-'END'
	#include <linux/string.h>
	int f(const char *text) { return strlen(text); }
	END
	exits 0
}

test_compile_names_the_header_to_include() {
	compile plain <<<'void f(void) { list_rotate_left(0); }'
	exits 4
	complains 'in shim/ list_rotate_left is in linux/list.h, which nothing includes'
}

test_compile_names_a_missing_header() {
	compile plain <<<'#include <linux/genalloc.h>'
	exits 4
	complains 'fatal error: linux/genalloc.h: No such file or directory; shim/ has no'
}

test_compile_says_what_cannot_be_had_and_why() {
	compile plain <<-'END'
	#include <linux/mm.h>
	void *f(void *p) { return virt_to_page(p); }
	END
	exits 4
	complains 'no virt_to_page (of Linux 2.4; userspace has no struct page): make'
	compile plain <<<'struct page; int f(struct page *p) { return p->in_use; }'
	exits 4
	complains 'shim/ has no struct page (of Linux 2.4; userspace has none): make kmod'
}

test_compile_of_what_no_kernel_takes() {
	compile plain <<<'int f(void) { return = 0; }'
	exits 4
	complains "expected expression before '=' token (all of it in "
	lacks "$err" kmod
}

test_compile_debug_has_every_switch_on() {
	local source

	source=$(cat <<-'END'
	#include <linux/module.h>
	#include <linux/static_key.h>
	#if defined(CONFIG_DEBUG_SLAB) || defined(CONFIG_SLUB_DEBUG_ON)
	#define DMAPOOL_DEBUG 1
	#endif
	#ifdef DMAPOOL_DEBUG
	int mainlines = 1;
	#endif
	#if defined(CONFIG_OTHER) || \
		defined(MY_DEBUG_CHECKS)
	int joined = 1;
	#endif
	int enabled[1 + IS_ENABLED(CONFIG_MY_OWN_DEBUG)] = { 1 };
	#if IS_ENABLED(CONFIG_MY_OWN_DEBUG)
	int asked = 1;
	#endif
	DEFINE_STATIC_KEY_FALSE(my_debug_key);
	DEFINE_STATIC_KEY_FALSE(my_other_key);
	void say(void) { printk(KERN_DEBUG "said\n"); }
	END
	)
	compile debug <<<"$source"
	exits 0
	defines mainlines
	defines joined
	defines asked
	defines my_debug_key
	defines_no my_other_key
	compile plain <<<"$source"
	exits 0
	defines_no mainlines
	defines_no joined
	defines_no asked
	defines_no my_debug_key
}

test_compile_usage() {
	run "$here/compile" mine neither file.c file.o gcc
	exits 2
	holds "$err" 'usage: compile'
	run "$here/compile" --help
	exits 0
	holds "$out" 'usage: compile'
}

check_all
