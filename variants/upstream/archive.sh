#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# The Debian archive, for scripts that source this: finds kernel packages in the system's
# own suites and in others derived from them, and downloads them. apt does the work under
# a configuration of its own, so nothing of the host's is touched.

# Where whatever is fetched, unpacked or built is kept.
base=${DMAPOOL_BENCH_CACHE:-${XDG_CACHE_HOME:-${HOME:-}/.cache}/dmapool-bench}
sources=${APT_SOURCES_DIR:-/etc/apt}
aliases='stable|oldstable|oldoldstable|testing|unstable|sid'
declare -A refreshed=()	# suites whose lists this run has read, or tried to
declare -A trouble=()	# what kept it from reading a suite's lists
own=''			# the sources of the system's own suite
mirror=''		# one of them, as uri|suite|trusted|signed-by
suites=()		# in the order in which they are asked
state=''		# folder of lists and locks
work=''			# folder of what is at work: packages go there
version=''		# what is fetched, for the lines that tell of it: the caller's
hopeless=''		# why nothing at all can be had
reason=''		# why what was asked for cannot be had

human() {
	numfmt --to=si --suffix=B "$1"
}

# What apt or an unpacker complained of, in one line.
complaint() {
	local line

	line=$(grep -m1 -E '^(E|dpkg-deb|tar|xz): ' "$1" || tail -n1 "$1")
	line=${line#E: }
	echo "${line:-it gave no reason}"
}

# Every binary source with a component main in the system's lists, in either of
# apt's formats, as uri|suite|trusted|signed-by; newlines of a key become \037.
list_sources() {
	local file files=()

	for file in "$sources"/sources.list "$sources"/sources.list.d/*.{list,sources}; do
		[[ ! -r $file ]] || files+=("$file")
	done
	[[ ${#files[@]} -gt 0 ]] || return 0
	awk '
	function emit(uris, suites, comps, trusted, signed,    u, s, i, j, n, m)
	{
		gsub(/\037/, " ", uris)
		gsub(/\037/, " ", suites)
		gsub(/[ \t\037]+/, " ", comps)
		if ((" " comps " ") !~ / main /)
			return
		n = split(uris, u)
		m = split(suites, s)
		for (i = 1; i <= n; i++)
			for (j = 1; j <= m; j++)
				if (u[i] !~ /^cdrom:/)
					print u[i] "|" s[j] "|" trusted "|" signed
	}
	function flush()
	{
		if ((" " field["types"] " ") ~ / deb / &&
		    tolower(field["enabled"]) !~ /^(no|false|0|off|without|disable)$/)
			emit(field["uris"], field["suites"], field["components"],
			     field["trusted"], field["signed-by"])
		split("", field)
	}
	function one_line(line,    opts, o, n, i, f, comps, trusted, signed)
	{
		sub(/#.*/, "", line)
		if (line !~ /^[ \t]*deb[ \t]/)
			return
		sub(/^[ \t]*deb[ \t]+/, "", line)
		if (match(line, /^\[[^]]*\]/)) {
			opts = substr(line, 2, RLENGTH - 2)
			line = substr(line, RLENGTH + 1)
		}
		n = split(opts, o)
		for (i = 1; i <= n; i++) {
			if (o[i] ~ /^trusted=/)
				trusted = substr(o[i], 9)
			if (o[i] ~ /^signed-by=/)
				signed = substr(o[i], 11)
		}
		n = split(line, f)
		for (i = 3; i <= n; i++)
			comps = comps " " f[i]
		emit(f[1], f[2], comps, trusted, signed)
	}
	FNR == 1		{ flush() }
	FILENAME !~ /\.sources$/ { one_line($0); next }
	/^#/			{ next }
	/^[ \t]*$/		{ flush(); next }
	/^[ \t]/		{ field[key] = field[key] "\037" $0; next }
	{
		key = tolower(substr($0, 1, index($0, ":") - 1))
		field[key] = substr($0, index($0, ":") + 1)
		gsub(/^[ \t]+|[ \t]+$/, "", field[key])
	}
	END			{ flush() }
	' "${files[@]}"
}

# The origin that the system's own package lists state for each source.
list_origins() {
	# shellcheck disable=SC2016 # apt expands these
	apt-get -o Dir::Etc::sourcelist="$sources/sources.list" \
		-o Dir::Etc::sourceparts="$sources/sources.list.d" \
		indextargets 'Created-By: Packages' \
		--format '$(REPO_URI)|$(RELEASE)|$(ORIGIN)' 2>/dev/null || true
}

# Third parties name their suites after Debian's too. Where the system has lists
# their origin decides; in a container that has none, the key does.
is_debian() {
	local uri=${1%/}/ suite=$2 signed=$3 origin

	origin=$(awk -F'|' -v u="$uri" -v s="$suite" \
		'$1 == u && $2 == s { print $3; exit }' <<<"$origins")
	case $origin in
	Debian)		return 0 ;;
	'' | \$*)	[[ -z $signed || $signed == *debian-archive-* ]] ;;
	*)		return 1 ;;
	esac
}

# Sources of the suites called $1 and of their updates.
sources_named() {
	local uri suite trusted signed

	while IFS='|' read -r uri suite trusted signed; do
		if [[ $suite =~ ^($1)(-updates|-security|/updates)?$ ]] &&
		   is_debian "$uri" "$suite" "$signed"; then
			echo "$uri|$suite|$trusted|$signed"
		fi
	done < <(list_sources)
}

stanzas() {
	local uri suite trusted signed

	while IFS='|' read -r uri suite trusted signed; do
		printf 'Types: deb\nURIs: %s\nSuites: %s\n' "$uri" "$suite"
		printf 'Components: main\nTargets: Packages\n'
		[[ -z $trusted ]] || printf 'Trusted: %s\n' "$trusted"
		[[ -z $signed ]] || printf 'Signed-By: %s\n' "${signed//$'\x1f'/$'\n'}"
		echo
	done
}

# A private apt for the suite $1, whose sources are read from stdin. -c files are
# read last, so the #clear lines undo hooks and architectures of the host.
configure() {
	local dir=$state/$1 fresh

	fresh=$(stanzas)
	mkdir -p "$dir/lists/partial" "$dir/cache/archives/partial"
	if [[ $fresh != "$(cat "$dir/debian.sources" 2>/dev/null)" ]]; then
		rm -f "$dir/stamp"
		printf '%s\n' "$fresh" >"$dir/debian.sources"
	fi
	cat >"$dir/apt.conf" <<-END
	#clear APT::Update;
	#clear APT::Architectures;
	APT::Architectures:: "$(dpkg --print-architecture)";
	APT::Sandbox::User "root";
	APT::Update::Error-Mode "any";
	Acquire::Languages "none";
	Acquire::PDiffs "false";
	Acquire::Retries "1";
	Acquire::http::Timeout "20";
	Dir::State::lists "lists";
	Dir::State::status "/dev/null";
	Dir::Cache::pkgcache "";
	Dir::Cache::srcpkgcache "";
	Dir::Etc::sourceparts "/dev/null";
	Dir::Etc::preferences "/dev/null";
	Dir::Etc::preferencesparts "/dev/null";
	END
}

# Paths go as options, where nothing in them has a meaning.
private_apt() {
	local dir=$state/$1 tool=$2

	shift 2
	LC_ALL=C "$tool" -c "$dir/apt.conf" -o Dir::State="$dir" \
		-o Dir::Cache="$dir/cache" \
		-o Dir::Etc::sourcelist="$dir/debian.sources" "$@"
}

# Sets own to the sources of the system's own suite, and mirror to the first of them
# without updates; or hopeless.
find_own_suite() {
	local codename

	# shellcheck source=/dev/null
	codename=$(. /etc/os-release 2>/dev/null && echo "${VERSION_CODENAME:-}") || true
	origins=$(list_origins)
	own=$(sources_named "${codename:-sid}")
	[[ -n $own ]] || own=$(sources_named "$aliases")
	mirror=$(awk -F'|' '$2 !~ /[-\/]/ { print; exit }' <<<"$own")
	[[ -n $mirror ]] ||
		hopeless="no sources of the Debian archive in $sources: add them"
}

# Lays out the suites to try, in order: after the system's own the released ones, which
# stay as they are, for 6.12, 6.1 and 5.10; then sid for the newest.
prepare() {
	local suite

	find_own_suite
	[[ -z $hopeless ]] || return 0
	suite=$(cut -d'|' -f2 <<<"$mirror")
	suites=("$suite")
	configure "$suite" <<<"$own"
	for suite in "$suite-backports" trixie-backports trixie bookworm bullseye sid; do
		[[ " ${suites[*]} " != *" $suite "* ]] || continue
		suites+=("$suite")
		awk -F'|' -v OFS='|' -v s="$suite" '{ $2 = s; print }' <<<"$mirror" |
			configure "$suite"
	done
}

# Has apt read the lists of a suite. One that the archive does not have is empty.
read_lists() {
	local suite=$1 log=$state/$1/log absent got

	absent='does not have a Release file|^E: Failed to fetch .*(  404  |No such file)'
	if private_apt "$suite" apt-get update >"$log" 2>&1; then
		touch "$state/$suite/stamp"
	elif ! grep -qE "$absent" "$log"; then
		trouble[$suite]="the Debian archive cannot be read ($(complaint "$log"))"
		trouble[$suite]+=': check the network and the apt sources'
		return 0
	fi
	got=$(sed -n 's/^Fetched \([0-9.,]*\) \([kMG]*B\) .*/\1 \2/p' "$log")
	echo "${0##*/}: package lists of $suite: ${got:-unchanged}"
}

# Brings the lists of a suite up to date, once a run.
refresh() {
	if [[ -z ${refreshed[$1]:-} ]]; then
		refreshed[$1]=1
		read_lists "$1"
	fi
	reason=${trouble[$1]:-}
	[[ -z $reason ]]
}

# Sets pkg_name, pkg_version, pkg_size and pkg_depends of the newest $2 in the suite
# $1. Where apt has no such name it takes it for a pattern: linux-source-6.1 would
# find 6.12.
look_up() {
	local record

	record=$(private_apt "$1" apt-cache show --no-all-versions "$2" 2>/dev/null) &&
		grep -qxF "Package: $2" <<<"$record" || return 1
	pkg_name=$2
	pkg_version=$(sed -n '/^Version: /{s///p;q}' <<<"$record")
	# shellcheck disable=SC2034 # for those who source this
	pkg_depends=$(sed -n '/^Depends: /{s///p;q}' <<<"$record")
	pkg_size=$(sed -n '/^Size: /{s///p;q}' <<<"$record")
	[[ -n $pkg_version && -n $pkg_size ]]
}

# The same for the newest package whose whole name is like the expression $2.
look_up_newest() {
	local name

	name=$(private_apt "$1" apt-cache pkgnames | grep -xE "$2" | sort -V | tail -n1)
	[[ -n $name ]] && look_up "$1" "$name"
}

# Sets pkg_suite to the first suite in which the look-up $1 finds $2.
ask_suites() {
	local day_old

	for pkg_suite in "${suites[@]}"; do
		day_old=$(find "$state/$pkg_suite/stamp" -mmin -1440 2>/dev/null) || true
		if [[ -n $day_old ]] && "$1" "$pkg_suite" "$2"; then
			return 0
		fi
		refresh "$pkg_suite" || return 1
		if "$1" "$pkg_suite" "$2"; then
			return 0
		fi
	done
	reason="no package $2 in ${suites[*]}: try another version"
	return 1
}

find_package() {
	ask_suites look_up "$1"
}

find_newest() {
	ask_suites look_up_newest "$1"
}

# Downloads what was looked up last. Lists may still name a version that the archive
# has replaced since: then read them again and have the new one.
download() {
	local package=$pkg_name log=$work/log

	for _ in 1 2; do
		echo "$version: downloading $package $pkg_version" \
			"from $pkg_suite, $(human "$pkg_size")"
		if (cd "$work" && private_apt "$pkg_suite" apt-get download \
			"$package=$pkg_version" >"$log" 2>&1); then
			return 0
		fi
		reason="$package cannot be downloaded ($(complaint "$log"))"
		reason+=': check the network and the free space, then try again'
		[[ -z ${refreshed[$pkg_suite]:-} ]] || return 1
		refresh "$pkg_suite" && look_up "$pkg_suite" "$package" || return 1
	done
	return 1
}

# Downloads what was looked up last and unpacks it into $1.
unpack() {
	local deb log=$work/log

	download || return 1
	for deb in "$work"/*.deb; do
		if ! dpkg-deb -x "$deb" "$1" 2>"$log"; then
			reason="$pkg_name cannot be unpacked ($(complaint "$log"))"
			reason+=': check the free space, then try again'
			return 1
		fi
		rm "$deb"
	done
}

# The lock makes concurrent fetches take turns, and whatever temporary folder is
# there while we hold it was left by a fetch that was killed.
take_lock() {
	exec {lock}>"$state/lock"
	if ! flock -n "$lock"; then
		echo "${0##*/}: waiting for another fetch to finish"
		flock "$lock"
	fi
	rm -rf "$state"/tmp.*
}

missing_tool() {
	local tool

	for tool in apt-get apt-cache dpkg dpkg-deb tar xz flock; do
		command -v "$tool" >/dev/null || { echo "$tool"; return; }
	done
}

# Lists and packages are kept in $1/.apt, where $2 bytes must be free: asked first, for
# apt may wait for ever once its lists have filled the disk. Returns 1 where $1 cannot
# be written; sets hopeless where nothing can be had.
open_archive() {
	local tool free

	state=$1/.apt
	mkdir -p "$state" 2>/dev/null && [[ -w $state ]] || return 1
	state=$(realpath "$state")
	tool=$(missing_tool)
	free=$(df --output=avail -B1 "$state" | tail -n1)
	if [[ -n $tool ]]; then
		hopeless="$tool is missing: install it"
	elif ((free < $2)); then
		hopeless="$(human "$free") free in $1, $(human "$2") needed:"
		hopeless+=' make room or set DMAPOOL_BENCH_CACHE elsewhere'
	elif [[ $state == *$'\n'* ]]; then
		hopeless='apt takes no line break in a path:'
		hopeless+=' set DMAPOOL_BENCH_CACHE elsewhere'
	else
		take_lock
		prepare
	fi
}

# A fresh folder in $work; the lock keeps others from sweeping it away.
new_work() {
	work=$(mktemp -d -p "$state")
	chmod 755 "$work"
}

# Opens the archive with $1 bytes free, and $work in it, or ends with the caller's die.
enter_archive() {
	open_archive "$base/upstream" "$1" ||
		die "cannot write to $base/upstream: set DMAPOOL_BENCH_CACHE elsewhere"
	[[ -z $hopeless ]] || die "$hopeless"
	new_work
} >&2

# Lets others have their turn.
leave_archive() {
	rm -rf "$work"
	work=''
	exec {lock}>&-
}
