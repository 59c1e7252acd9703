// The other end of an ssh connection: reads what a job needs, has it run apart from the connection, and tells of it.
// POSIX sh alone; `head -c`, and `readlink` and `setsid` where they are, are the things more.
//
// Longer than other files, and not divided: it is one program, whose parts share the variables that say which job it is
// about, and whoever changes a part reads what the others make of them.
#include "runtime/transport/host_script.hpp"

namespace pvsplan::transport {

namespace {

// What all parts use. Whatever is said goes to standard output in one line, and `give_up` ends the connection, not a
// job.
constexpr std::string_view words = R"sh(umask 077
say() { printf 'pvsplan %s\n' "$*"; }
give_up() { say "refused $*"; exit 0; }
nap() { sleep "$1" 2>/dev/null || sleep 1; }
size_of() { if [ -e "$1" ]; then echo $(($(wc -c <"$1"))); else echo 0; fi; }
first_word() { word=; [ ! -r "$1" ] || read -r word rest <"$1"; }
)sh";

// Where jobs are, as place.hpp says, and within which borders a process id means one process.
constexpr std::string_view find_place = R"sh(
uid=$(id -u)
first_word /etc/machine-id
machine=${word:-host:$(uname -n)}
first_word /proc/sys/kernel/random/boot_id
this_boot=${word:--}
this_pids=$(readlink /proc/self/ns/pid 2>/dev/null) || this_pids=-

owner_of() { set -- $(ls -ldn "$1" 2>/dev/null); mode=${1:-?} owner=${3:-?}; }
check_folder() {
  [ -d "$1" ] && [ ! -h "$1" ] || give_up "$1 is no folder"
  owner_of "$1"
  [ "$owner" = "$uid" ] || [ "$owner" = 0 ] || [ "$owner" = "${SUDO_UID:-$uid}" ] ||
    give_up "$1 belongs to the account $owner, and what others wrote is not trusted"
  case $mode in
    ?????????[tT]*) [ "$owner" = 0 ] && return ;;
  esac
  case $mode in
    ?????w*|????????w*) give_up "$1 can be written by others (\`chmod go-w $1\` fixes it)" ;;
  esac
}

find_base() {
  shared=/var/lib/pvsplan
  base=$jobs
  claims=$jobs/.claim-
  more_claims=
  [ -z "$base" ] || return
  if [ "$uid" = 0 ]; then
    [ -d $shared ] || { mkdir -p $shared && chmod 755 $shared; } 2>/dev/null
    [ -d $shared/claims ] || { mkdir $shared/claims && chmod 755 $shared/claims; } 2>/dev/null
    [ -d $shared/jobs ] || mkdir $shared/jobs 2>/dev/null
    [ ! -d $shared/jobs ] || base=$shared/jobs
  elif [ -d $shared/jobs ] && [ -w $shared/jobs ]; then
    base=$shared/jobs
  fi
  claims=$shared/claims/
  more_claims=/run/lock/pvsplan-
  if [ -z "$base" ]; then
    account=$(id -un)
    case $account in ''|*[!a-zA-Z0-9._-]*) home= ;; *) eval "home=~$account" ;; esac
    case $home in
      /*) [ -d "$home" ] || home= ;;
      *) home= ;;
    esac
    [ -n "$home" ] || give_up "the account $account has no home folder for its jobs"
    base=$home/.pvsplan/jobs
  fi
}

find_place() {
  find_base
  mkdir -p "$base" 2>/dev/null || give_up "the folder $base cannot be made"
  check_folder "$base"
  if [ ! -s "$base/.place" ]; then
    first_word /proc/sys/kernel/random/uuid
    echo "${word:-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')}" >"$base/.place.$$" &&
      { ln "$base/.place.$$" "$base/.place" 2>/dev/null; rm -f "$base/.place.$$"; }
  fi
  first_word "$base/.place"
  [ -n "$word" ] || give_up "$base/.place cannot be written"
  here="$word uid=$uid machine=$machine folder=$base"
  say "place $here"
}
)sh";

// Claims, as claims.hpp says.
constexpr std::string_view claim_host = R"sh(
# Where others can write too, anything may stand under this name: nothing is followed or waited for.
read_claim() {
  found= found_run= found_token=0
  if [ -h "$1" ]; then found="? it is a link"; return 0; fi
  [ -e "$1" ] || return 1
  if [ ! -f "$1" ]; then found="? it is no plain file"; return 0; fi
  if [ ! -r "$1" ]; then found="? it cannot be read"; return 0; fi
  found=$(head -c 10000 "$1")
  found=${found%%"
"*}
  found_run=${found%% *}
  found_token=${found#* }
  found_token=${found_token%% *}
  case $found_token in ''|*[!0-9]*) found_token=0 ;; esac
}
is_ours() { [ "$found_run" = "$claim_run" ] && [ "$found_token" -le "$claim_token" ]; }
look_at_claim() {
  read_claim "$1" || return 1
  if [ -n "$instead_of" ] && [ "$found" = "$instead_of" ]; then
    if mv "$1" "$1.over.$$" 2>/dev/null; then
      read_claim "$1.over.$$"
      [ "$found" = "$instead_of" ] || ln "$1.over.$$" "$1" 2>/dev/null
      rm -f "$1.over.$$"
    fi
    read_claim "$1" || return 1
  fi
  ! is_ours || return 0
  say "file $1"
  say "held $found"
  exit 0
}
draft() {
  rm -f "$1.$$" 2>/dev/null
  (set -C; umask 022; printf '%s\n' "$claim" >"$1.$$") 2>/dev/null
}
make_claim() {
  [ -n "$claim" ] || return 0
  ours=
  for spot in "$claims" $more_claims; do
    file=$spot$claim_name
    look_at_claim "$file" || continue
    ours=1
    [ "$found" = "$claim" ] || { draft "$file" && mv -f "$file.$$" "$file"; } 2>/dev/null
  done
  [ -z "$ours" ] || return 0
  for spot in "$claims" $more_claims; do
    file=$spot$claim_name
    draft "$file" || continue
    ln "$file.$$" "$file" 2>/dev/null && ours=1
    rm -f "$file.$$"
    if [ -z "$ours" ]; then
      look_at_claim "$file" && return 0
      continue
    fi
    # Of two who do so at once in two places, none may think that he was first.
    for spot in "$claims" $more_claims; do
      read_claim "$spot$claim_name" || continue
      is_ours || { rm -f "$file"; look_at_claim "$spot$claim_name"; }
    done
    return 0
  done
  return 1
}
release_claim() {
  for spot in "$claims" $more_claims; do
    read_claim "$spot$claim_name" || continue
    ! is_ours || rm -f "$spot$claim_name"
  done
  say claimed
  exit 0
}
)sh";

// A job is known by its claim and its status alone, as job_folder.hpp has them; what it needs is read into files that
// get their names once they are whole. Secrets stay in a variable: they touch no disk.
constexpr std::string_view know_jobs = R"sh(
find_claim() {
  generation=0
  while pid= start= boot= pids= of_machine=
    [ -e "$d/begun.$generation" ] && read -r pid start boot pids of_machine <"$d/begun.$generation" && [ "$pid" = void ]
  do generation=$((generation + 1)); done
}

# An exit status that is whole, and this job's.
has_ended() {
  [ -s "$d/exit" ] && read -r status of_job rest <"$d/exit" && { [ -z "$of_job" ] || [ "$of_job" = "$key" ]; }
}

differ() { [ -n "$1" ] && [ "$1" != - ] && [ "$2" != - ] && [ "$1" != "$2" ]; }
# 0: alive, 1: not, 2: nothing can be seen of it from here
is_alive() {
  ! differ "$of_machine" "$machine" || return 2
  ! differ "$boot" "$this_boot" || return 1
  ! differ "$pids" "$this_pids" || return 2
  if [ -r "/proc/$pid/stat" ] && { read -r line <"/proc/$pid/stat"; } 2>/dev/null; then
    set -- ${line##*) }
    [ "$start" = - ] || [ "${20}" = "$start" ] || return 1
    [ "$1" = Z ] || return 0
  fi
  kill -s 0 -- "-$pid" 2>/dev/null
}

# What was begun, and has no folder any more; or a folder that may be another one than it was begun in.
check_absence() {
  if [ -n "$place" ] && [ "${place%% *}" != "${here%% *}" ]; then say "elsewhere $here"; exit 0; fi
  for ledger in "$base"/.begun.*; do
    [ -f "$ledger" ] && [ ! -h "$ledger" ] && grep -Fqx -e "$key" "$ledger" 2>/dev/null || continue
    say "unsure its job was begun, and its folder $d is gone: nobody knows whether it runs"
    exit 0
  done
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

note_open() {
  [ -f "$base/.open.$uid" ] || [ ! -e "$base/.open.$uid" ] && [ ! -h "$base/.open.$uid" ] || return 0
  echo "$1" 2>/dev/null >>"$base/.open.$uid"
}
apart() {
  if command -v setsid >/dev/null 2>&1; then
    setsid "$@" </dev/null >/dev/null 2>&1 &
  else
    set -m
    (trap '' HUP; exec "$@") </dev/null >/dev/null 2>&1 &
    set +m
  fi
}
keep() {
  pid= start= boot= pids= of_machine=
  [ ! -f "$base/.keeper.$uid" ] || [ -h "$base/.keeper.$uid" ] || read -r pid start boot pids of_machine <"$base/.keeper.$uid"
  if [ -n "$pid" ] && is_alive; then return; fi
  apart sh -c "$keeper" pvsplan-keeper "$base" ".keeper.$uid"
}
launch() {
  run=${key%-*}
  apart sh -c "$runner" pvsplan-job "$d" "$generation" "$this_boot $this_pids $machine" "$base/.begun.$uid.${run%-*}"
  launcher=$!
}
)sh";

// As remove_job_folder says of this machine.
constexpr std::string_view forget_jobs = R"sh(
discard() {
  printed=$(find /proc/[0-9]*/fd \( -lname '*/out' -o -lname '*/err' \) -exec readlink {} \; 2>/dev/null)
  real=$(cd "$base" && pwd -P)
  for recorded do
    case $printed in
      *"$real/$recorded/"*) : >"$base/$recorded/late" ;;
      *) rm -rf "$base/$recorded" ;;
    esac
  done
}
)sh";

// As settled.hpp says.
constexpr std::string_view settle_runs = R"sh(
find_settled() {
  settled=$base/.settled.$uid
  first_word /proc/uptime
  up=${word%%.*}
  case $up in ''|*[!0-9]*) return 1 ;; esac
  [ -d "$settled" ] || mkdir "$settled" 2>/dev/null
  [ -d "$settled" ] && [ ! -h "$settled" ] || return 1
  owner_of "$settled"
  [ "$owner" = "$uid" ]
}
is_good_key() { case $1 in ''|-*|*[!a-z0-9-]*) return 1 ;; esac; }
settle() {
  ledger=$base/.begun.$uid.$claim_run
  if is_good_key "$claim_run" && [ -f "$ledger" ] && [ ! -h "$ledger" ] && find_settled; then
    draft=$settled/.$$
    echo "$up $(date +%s)" >"$draft"
    kept=
    while read -r one; do
      is_good_key "$one" && [ -d "$base/$one" ] || continue
      echo "$one" >&3
      kept=1
    done <"$ledger" 3>>"$draft"
    if [ -n "$kept" ]; then mv -f "$draft" "$settled/$claim_run"; else rm -f "$draft"; fi
  fi
  rm -f "$base"/.begun.*."$claim_run"
}
unsettle() {
  is_good_key "$claim_run" && [ -e "$base/.settled.$uid/$claim_run" ] && find_settled || return 0
  while read -r one; do
    ! is_good_key "$one" || echo "$one"
  done <"$settled/$claim_run" >>"$base/.begun.$uid.$claim_run" && rm -f "$settled/$claim_run"
}
remove_settled() {
  [ -d "$base/.settled.$uid" ] && find_settled || return 0
  for file in "$settled"/*; do
    read -r then_up then_at <"$file" || continue
    case $then_up$then_at in ''|*[!0-9]*) continue ;; esac
    up_for=$up
    [ "$up" -lt "$then_up" ] || up_for=$((up - then_up))
    [ $up_for -ge "$settled_for" ] && [ $(($(date +%s) - then_at)) -ge "$settled_for" ] || continue
    kept=
    over=
    while read -r one; do
      d=$base/$one
      is_good_key "$one" && [ -d "$d" ] && [ ! -h "$d" ] || continue
      find_claim
      if [ -n "$pid" ]; then
        is_alive
        [ $? -eq 1 ] || { kept=1; continue; }
      fi
      over="$over $one"
    done <"$file"
    [ -z "$over" ] || discard $over
    [ -n "$kept" ] || rm -f "$file"
  done
}
clean_up() {
  [ -z "$clean" ] || remove_old
  [ -z "$clean" ] || (remove_settled) </dev/null >/dev/null 2>&1 &
}
)sh";

// How a job stands, until it has ended: told at once where something is new, and else every few seconds that the host
// is there. An observation has a folder of its own, which goes with the connection.
constexpr std::string_view tell_of_jobs = R"sh(
# The two ends of an output in $1.sent, and their sizes.
measure() {
  gone=0
  [ ! -r "$1.gone" ] || read -r gone <"$1.gone"
  size=$(size_of "$1")
  if [ "$gone" -eq 0 ] && [ "$size" -le "$most" ]; then
    head_size=$size tail_size=0 between=0 sent=$1
    return
  fi
  from=$1
  [ "$gone" -eq 0 ] || from=$1.head
  head -c "$ends" "$from" >"$1.sent"
  head_size=$(size_of "$1.sent")
  if [ "$gone" -eq 0 ]; then tail -c "$ends" "$1"; else cat "$1.tail" "$1" | tail -c "$ends"; fi >>"$1.sent"
  tail_size=$(($(size_of "$1.sent") - head_size))
  between=$((gone + size - head_size - tail_size))
  [ $between -gt 0 ] || between=0
  sent=$1.sent
}

tell_end() {
  status=$1
  measure "$d/out"
  sizes="$head_size $tail_size $between" out=$sent out_size=$((head_size + tail_size))
  measure "$d/err"
  err_size=$((head_size + tail_size))
  say "end $status $sizes $head_size $tail_size $between"
  [ "$out_size" -eq 0 ] || head -c "$out_size" "$out"
  [ "$err_size" -eq 0 ] || head -c "$err_size" "$sent"
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

# In a group of its own, so that one that hangs leaves nothing behind.
observe() {
  d=$d.observe.$$
  mkdir "$d" || give_up "the folder $d cannot be made"
  pid=
  trap '[ -z "$pid" ] || kill -s KILL -- "-$pid" 2>/dev/null; rm -rf "$d"' EXIT
  trap 'exit 1' HUP PIPE TERM
  receive
  note_open "${d##*/}"
  (keep)
  apart sh -c 'cd "$1" && sh ./run >>out 2>>err; echo $? >exit.part; mv exit.part exit' pvsplan-look "$d"
  pid=$!
  ticks=0
  pause=0.02
  while [ ! -s "$d/exit" ] && kill -0 "$pid" 2>/dev/null; do
    nap $pause
    ticks=$((ticks + 1))
    case $ticks in 20) pause=0.2 ;; esac
    [ $ticks -lt 20 ] || [ $(((ticks - 20) % 5)) -ne 0 ] || say alive
    if [ "$limit" -gt 0 ] && [ $ticks -gt $((20 + limit * 5)) ]; then
      kill -s KILL -- "-$pid" 2>/dev/null
      say "unsure it has not answered within $limit s"
      exit 0
    fi
  done
  [ -s "$d/exit" ] || give_up "its observation was killed"
  read -r status <"$d/exit"
  tell_end "$status"
  exit 0
}

members() {
  for process in /proc/[0-9]*; do
    { read -r line <"$process/stat"; } 2>/dev/null || continue
    set -- ${line##*) }
    [ "$1" != Z ] || continue
    if [ "$3" = "$pid" ] || [ "$4" = "$pid" ]; then echo "${process#/proc/}"; fi
  done
  grep -lzxF "PVSPLAN_JOB=$d" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r nothing proc number rest; do
    echo "$number"
  done
}
end_job() {
  ticks=0
  signal=TERM
  while is_alive || [ -n "$(members)" ]; do
    kill -s $signal -- "-$pid" 2>/dev/null
    for process in $(members); do kill -s $signal "$process" 2>/dev/null; done
    nap 0.2
    ticks=$((ticks + 1))
    [ $ticks -lt 15 ] || signal=KILL
    [ $ticks -lt 60 ] || { say "unsure its processes cannot be ended: $(members | tr '
' ' ')"; exit 0; }
    [ $((ticks % 5)) -ne 0 ] || say alive
  done
  say killed
  exit 0
}

tell_stuck() {
  [ -z "$told" ] && [ -e "$d/stuck" ] || return 0
  told=1
  say "hindered its command has ended, and how cannot be written to $d (a full disk?); it is tried for an hour"
}

watch() {
  seen=0
  told=
  ticks=0
  pause=0.05
  while :; do
    ! has_ended || { tell_end "$status"; exit 0; }
    find_claim
    if [ -n "$pid" ]; then
      is_alive
      alive=$?
      [ $alive -ne 2 ] || { say "unsure it was begun in another machine or container: whether it runs cannot be seen here"; exit 0; }
      if [ $alive -eq 1 ]; then
        has_ended || { say gone; exit 0; }
        continue
      fi
      [ "$ask" != kill ] || end_job
      [ $ticks -gt 0 ] || say running
      [ "$ask" != look ] || exit 0
      [ $ticks -eq 0 ] || [ $((ticks % 20)) -ne 0 ] || (keep)
      tell_progress
      tell_stuck
    elif [ ! -d "$d" ]; then
      say "unsure its folder $d is gone: nobody knows whether it runs"
      exit 0
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
)sh";

// The order of what is asked: the place first, so that it is told whatever comes of the rest; a start makes sure of the
// claim before it has anything sent.
constexpr std::string_view act = R"sh(
# A clock that was set forward makes everything old: what still runs stays.
remove_old() {
  kept=$d
  for name in $(cd "$base" && find . ! -name . -prune ! -name '.*' -mtime "+$clean" 2>/dev/null); do
    d=$base/${name#./}
    find_claim
    if [ -n "$pid" ]; then
      is_alive
      [ $? -eq 1 ] || continue
    fi
    rm -rf "$d"
  done
  d=$kept
}
say hello
find_place
d=$base/$key
launcher=
[ -z "$old" ] || discard $old
case $ask in
  over) settle; release_claim ;;
  release) release_claim ;;
  claim)
    make_claim && why= || why=" neither $claims nor $more_claims can be written by the account $uid"
    unsettle
    say "claimed$why"
    clean_up
    exit 0 ;;
esac
clean_up
[ "$ask" != observe ] || observe
[ -d "$d" ] || [ "$ask$again" = start ] || check_absence
mkdir -p "$d" 2>/dev/null || give_up "the folder $d cannot be made"
check_folder "$d"
find_claim
if [ "$ask" = start ] && [ -z "$pid" ]; then
  [ "$generation" -eq 0 ] || give_up "somebody had asked for it before it began, and from then on nobody may begin it"
  make_claim
  receive
  (keep)
  launch
fi
watch
)sh";

}  // namespace

std::string host_script() {
    std::string script;
    for (const std::string_view part :
         {words, find_place, claim_host, know_jobs, forget_jobs, settle_runs, tell_of_jobs, act})
        script += part;
    return script;
}

}  // namespace pvsplan::transport
