# A job is known by its claim and its status alone, as job_folder.hpp has them.

find_claim() {
  generation=0
  while pid='' start='' boot='' pids='' of_machine=
    [ -e "$d/begun.$generation" ] && read -r pid start boot pids of_machine <"$d/begun.$generation" && [ "$pid" = void ]
  do generation=$((generation + 1)); done
}

# An exit status that is whole, and this job's.
has_ended() {
  [ -s "$d/exit" ] && read -r status of_job rest <"$d/exit" && { [ -z "$of_job" ] || [ "$of_job" = "$key" ]; }
}

# What is there and cannot be read tells nothing: neither that it has not begun, nor that it left no status.
check_read() {
  for file in "$d/begun.$generation" "$d/exit"; do
    if [ ! -e "$file" ] && [ ! -h "$file" ] || cat "$file" >/dev/null 2>&1; then continue; fi
    say "unsure nobody can tell whether it runs, or how it ended: $file cannot be read"
    exit 0
  done
}

differ() { [ -n "$1" ] && [ "$1" != - ] && [ "$2" != - ] && [ "$1" != "$2" ]; }
# 0: alive, 1: not, 2: nothing can be seen of it from here
is_alive() {
  ! differ "$of_machine" "$machine" || return 2
  ! differ "$boot" "$this_boot" || return 1
  ! differ "$pids" "$this_pids" || return 2
  if [ -r "/proc/$pid/stat" ] && { read -r line <"/proc/$pid/stat"; } 2>/dev/null; then
    # shellcheck disable=SC2086 # words, of which the first is the state, the twentieth when it started
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
