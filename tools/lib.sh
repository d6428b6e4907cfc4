# Sourced by tools/setup, tools/test and tools/demo: the root of the tree, how a script speaks and
# fails, the ledger of its phases, and the settings of ccache. Bash 5.
set -Eeuo pipefail
shopt -s inherit_errexit
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

if [[ -t 1 && -z ${NO_COLOR:-} ]]; then
  bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'
else
  bold='' red='' plain=''
fi

fail() {  # fail REASON…: says why and ends the script.
  echo "${red}${0##*/}: $*${plain}" >&2
  exit 1
}

# A cached object must be found again from another clone of the tree: paths below the root count as
# relative ones. Precompiled headers are cached only with the sloppiness named here.
if [[ -z ${CCACHE_BASEDIR:-} ]]; then
  export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
  export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
fi

launchers=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)

phase_names=() phase_times=()
phase_skipped=  # "yes" when the last phase was skipped.

# phase [--may-skip] NAME COMMAND…: prints the name, runs the command from the root, records its
# seconds. When it fails: says so, prints the command that repeats it, ends the script with its exit
# code. With --may-skip, exit code 77 means that it cannot be done here: noted, and on we go.
phase() {
  local may_skip=no code=0 started=${EPOCHREALTIME//[.,]/}
  if [[ $1 == --may-skip ]]; then may_skip=yes; shift; fi
  local name=$1
  shift
  echo "${bold}==> $name${plain}"
  # Not in a condition: a shell function as command shall stop at its first failure as well.
  set +e
  (set -e && cd "$root" && "$@")
  code=$?
  set -e
  local tenths=$(((${EPOCHREALTIME//[.,]/} - started) / 100000))
  local took="$((tenths / 10)).$((tenths % 10)) s" note=''
  phase_skipped=no
  if ((code == 77)) && [[ $may_skip == yes ]]; then
    phase_skipped=yes note='  skipped'
    echo "Skipped: $name (the reason stands above)."
  elif ((code != 0)); then
    note='  FAILED'
  fi
  phase_names+=("$name") phase_times+=("$took$note")
  [[ -n $note && $phase_skipped == no ]] || return 0
  echo "${red}Failed: $name, with exit code $code after $took." \
    "To repeat it, from $root:${plain}" >&2
  # Blanks and the like quoted; an empty argument too.
  echo "  $(printf '%q ' "$@")" >&2
  exit "$code"
}

ledger() {  # Prints the seconds by phase, and of the whole run.
  local i
  echo
  echo "${bold}Time by phase${plain}"
  for i in "${!phase_names[@]}"; do
    printf '  %-44s %s\n' "${phase_names[i]}" "${phase_times[i]}"
  done
  printf '  %-44s %s\n' 'the whole run' "$SECONDS s"
}

# configure_release and build_release TARGET…: the build that tools/test and tools/demo share, in
# build/release; `all` builds everything.
configure_release() {
  phase 'release: configure' cmake -S . -B build/release -G Ninja -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER=g++ -DCMAKE_C_COMPILER=gcc "${launchers[@]}"
}
build_release() {
  phase 'release: build' cmake --build build/release --parallel "$(nproc)" --target "$@"
}
