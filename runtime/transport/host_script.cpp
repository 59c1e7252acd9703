// The other end of an ssh connection: reads what a job needs, has it run apart from the connection, and tells of it.
// POSIX sh alone; `head -c` is the one thing more, and for whole files only.
#include "runtime/transport/job_folder.hpp"

namespace pvsplan::transport {

// Before it, variables are set: key, ask (start, attach, observe), jobs (the folder; empty: the default), run_size,
// script_size, secret_size, old (keys that are settled), clean (days; empty: do not look), most, runner.
// It speaks in lines that begin with "pvsplan "; `tail` and `end` are followed by as many bytes as they say.
std::string_view host_script() {
    return R"sh(umask 077
say() { printf 'pvsplan %s\n' "$*"; }
give_up() { say "refused $*"; exit 0; }
nap() { sleep "$1" 2>/dev/null || sleep 1; }
size_of() { if [ -e "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi; }

find_claim() {
  generation=0
  while pid= start= boot=
    [ -e "$d/begun.$generation" ] && read -r pid start boot <"$d/begun.$generation" && [ "$pid" = void ]
  do generation=$((generation + 1)); done
}

is_alive() {
  if [ "$boot" != - ]; then
    read -r this_boot </proc/sys/kernel/random/boot_id
    [ "$this_boot" = "$boot" ] || return 1
    if [ -r "/proc/$pid/stat" ] && { read -r line <"/proc/$pid/stat"; } 2>/dev/null; then
      set -- ${line##*) }
      [ "${20}" = "$start" ] || return 1
      [ "$1" = Z ] || return 0
    fi
  fi
  kill -s 0 -- "-$pid" 2>/dev/null
}

receive() {
  say want
  secret=
  [ "$secret_size" -eq 0 ] || secret=$(dd bs=1 count="$secret_size" 2>/dev/null)
  if [ "$script_size" -gt 0 ]; then
    dd bs=1 count="$run_size" 2>/dev/null >"$d/run.$$"
    cat >"$d/script.$$"
    [ "$(size_of "$d/script.$$")" -eq "$script_size" ] || give_up "the script did not arrive whole"
    mv "$d/script.$$" "$d/script.ps1"
  else
    cat >"$d/run.$$"
  fi
  [ "$(size_of "$d/run.$$")" -eq "$run_size" ] || give_up "the command did not arrive whole"
  mv "$d/run.$$" "$d/run" || give_up "the folder $d cannot be written"
  eval "$secret"
  secret=
}

launch() {
  if command -v setsid >/dev/null 2>&1; then
    setsid sh -c "$runner" pvsplan-job "$d" "$generation" </dev/null >/dev/null 2>&1 &
  else
    set -m
    (trap '' HUP; exec sh -c "$runner" pvsplan-job "$d" "$generation") </dev/null >/dev/null 2>&1 &
    set +m
  fi
  launcher=$!
}

tell_end() {
  out_size=$(size_of "$d/out")
  err_size=$(size_of "$d/err")
  [ "$out_size" -le "$most" ] || out_size=$most
  [ "$err_size" -le "$most" ] || err_size=$most
  say "end $1 $out_size $err_size"
  [ "$out_size" -eq 0 ] || head -c "$out_size" "$d/out"
  [ "$err_size" -eq 0 ] || head -c "$err_size" "$d/err"
  say over
}

tell_progress() {
  now=$(($(size_of "$d/out") + $(size_of "$d/err")))
  [ "$now" -ne "$seen" ] || return 0
  seen=$now
  from=$d/out
  [ -s "$from" ] || from=$d/err
  tail -c 2000 "$from" >"$d/tail.$$"
  say "tail $(size_of "$d/tail.$$")"
  cat "$d/tail.$$"
  rm -f "$d/tail.$$"
}

observe() {
  d=$d.observe.$$
  mkdir "$d" || give_up "the folder $d cannot be made"
  trap 'rm -rf "$d"' EXIT
  receive
  (cd "$d" && sh ./run >out 2>err </dev/null)
  tell_end $?
  exit 0
}

watch() {
  seen=0
  ticks=0
  pause=0.05
  while :; do
    [ ! -s "$d/exit" ] || { tell_end "$(cat "$d/exit")"; exit 0; }
    find_claim
    if [ -n "$pid" ]; then
      [ $ticks -gt 0 ] || say running
      if is_alive; then tell_progress; elif [ ! -s "$d/exit" ]; then say gone; exit 0; fi
    elif [ -z "$launcher" ]; then
      echo void >"$d/void.$$" && ln "$d/void.$$" "$d/begun.$generation" 2>/dev/null && said=1 || said=
      rm -f "$d/void.$$"
      [ -z "$said" ] || { say unknown; exit 0; }
      find_claim
      [ -n "$pid" ] || { say "unsure the folder $d cannot be written"; exit 0; }
    elif ! kill -0 "$launcher" 2>/dev/null; then
      find_claim
      [ -n "$pid" ] || give_up "the job could not be recorded in $d"
    fi
    ticks=$((ticks + 1))
    case $ticks in 8) pause=0.2 ;; 20) pause=1 ;; *0) say alive ;; esac
    nap $pause
  done
}

say hello
[ -n "$jobs$HOME" ] || give_up "the login has no HOME"
base=${jobs:-$HOME/.pvsplan/jobs}
d=$base/$key
launcher=
mkdir -p "$base" 2>/dev/null || give_up "the folder $base cannot be made"
for settled in $old; do rm -rf "$base/$settled"; done
[ -z "$clean" ] || find "$base/." ! -name . -prune -mtime "+$clean" -exec rm -rf {} + 2>/dev/null
[ "$ask" != observe ] || observe
mkdir -p "$d" 2>/dev/null || give_up "the folder $d cannot be made"
find_claim
if [ "$ask" = start ] && [ -z "$pid" ]; then
  receive
  launch
fi
watch
)sh";
}

}  // namespace pvsplan::transport
