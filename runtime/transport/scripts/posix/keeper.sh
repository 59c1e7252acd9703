# Bounds what jobs of pvsplan print: "sh -c KEEPER pvsplan-keeper FOLDER FILE". A keeper looks after all jobs in FOLDER,
# as output.hpp says; FILE in it names the keeper, and one that it does not name any more ends.
#
# At no moment is the end of what was printed neither in the file nor in its tail, nor is a cut uncounted: a job may be
# read meanwhile, and the keeper may die. Files of a job's own, deeper down, are none of the keeper's business, nor is
# what lies hidden: folders of jobs that are over (folder_files.hpp). Tens of thousands of jobs that are over may be
# kept for a day, so those are looked at seldom: whoever begins one notes it in `.open.UID`, which the keeper reads on.
. ./basics.sh
cd / || exit 1
jobs=$1
real=$(cd "$jobs" && pwd -P) || exit 1
me=$1/$2
list=$1/.open.${2#.keeper.}
start=- boot=- space=-
if [ -r /proc/$$/stat ]; then
  # shellcheck disable=SC2086 # words, of which the twentieth from here says when it started
  read -r line </proc/$$/stat && set -- ${line##*) } && start=${20}
  read -r boot </proc/sys/kernel/random/boot_id
  space=$(readlink /proc/self/ns/pid 2>/dev/null) || space=-
fi
echo "$$ $start $boot $space -" >"$me.$$" && mv -f "$me.$$" "$me" || exit 1

count() { echo "$2" >"$1.gone.part" && mv -f "$1.gone.part" "$1.gone"; }

bound() {
  [ -e "$1.head" ] || { head -c 1048576 "$1" >"$1.head.part" && mv -f "$1.head.part" "$1.head"; }
  gone=0
  [ ! -r "$1.gone" ] || read -r gone <"$1.gone"
  count "$1" $((gone + $(size_of "$1"))) || return
  tail -c 1048576 "$1" >"$1.tail.part" && mv -f "$1.tail.part" "$1.tail"
  size=$(size_of "$1")
  : >"$1"
  count "$1" $((gone + size))
}

# Whether some process has an output of the job open, as far as the system shows it: looked at once a round, if at all.
is_printed() {
  [ -n "$has_looked" ] || printed=$(find /proc/[0-9]*/fd \( -lname '*/out' -o -lname '*/err' \) -exec readlink {} \; 2>/dev/null)
  has_looked=1
  case $printed in *"$real/$1/"*) return 0 ;; esac
  return 1
}
may_print() {
  if [ -e "$jobs/$1/begun.0" ] && [ ! -e "$jobs/$1/exit" ]; then
    for claim in "$jobs/$1"/begun.*; do
      read -r pid rest <"$claim" || continue
      [ "$pid" = void ] || ! kill -s 0 -- "-$pid" 2>/dev/null || return 0
    done
  fi
  is_printed "$1"
}

# All that is there. Each is looked at once in a round: to bound a file twice would leave nothing of its end.
is_known() { case " $open $fresh " in *" $1 "*) return 0 ;; esac; return 1; }
find_all() {
  has_looked=
  open=
  for d in "$jobs"/*/; do
    d=${d%/}
    if is_known "${d##*/}"; then
      continue
    elif may_print "${d##*/}" || [ -e "$d/late" ]; then
      open="$open ${d##*/}"
    elif [ ! -e "$d/exit" ] && [ ! -e "$d/begun.0" ]; then
      fresh="$fresh ${d##*/}"
    fi
  done
}
# What was noted since. It is put aside first, and read when nobody writes to it any more.
find_new() {
  if [ -f "$list.taken" ] && [ ! -h "$list.taken" ]; then
    while read -r job; do
      case $job in ''|[!a-z0-9]*|*[!a-z0-9.-]*) ;; *) is_known "$job" || fresh="$fresh $job" ;; esac
    done <"$list.taken"
    rm -f "$list.taken"
  fi
  [ -e "$list" ] || [ -h "$list" ] || return 0
  [ -f "$list" ] && [ ! -h "$list" ] && mv -f "$list" "$list.taken" 2>/dev/null || is_listed=
}

# What is noted before it has begun stays for one round. What a job left behind prints on: its folder stays as long.
drop_ended() {
  has_looked=
  before=$open
  open=$fresh
  fresh=
  for job in $before; do
    if may_print "$job"; then
      open="$open $job"
    elif [ -e "$jobs/$job/late" ]; then
      rm -rf "$jobs/$job"
    fi
  done
}

# `find` counts blocks of 512 bytes.
find_large() {
  set --
  for job in $open $fresh; do
    set -- "$@" "$jobs/$job/out" "$jobs/$job/err"
    [ $# -ge 100 ] || continue
    find "$@" -type f -size +32768 2>/dev/null
    set --
  done
  [ $# -eq 0 ] || find "$@" -type f -size +32768 2>/dev/null
}

ticks=0
quiet=0
fresh=
is_listed=1
find_all
while [ $quiet -lt 3 ]; do
  read -r pid rest <"$me" && [ "$pid" = $$ ] || exit 0
  find_new
  files=$(find_large)
  pause=0.25
  if [ -n "$files" ]; then
    echo "$files" | while IFS= read -r file; do bound "$file"; done
    pause=0.02
  fi
  ticks=$((ticks + 1))
  if [ $((ticks % 20)) -eq 0 ]; then
    drop_ended
    if [ -n "$open$fresh" ]; then quiet=0; else quiet=$((quiet + 1)); fi
    [ -n "$is_listed" ] && [ $((ticks % 1200)) -ne 0 ] || find_all
  fi
  nap $pause
done
