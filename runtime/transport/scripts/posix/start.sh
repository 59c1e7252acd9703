# What a job needs is read into files that get their names once they are whole. Secrets stay in a variable: they touch
# no disk.
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

# For the keeper.
note_open() {
  [ -f "$base/.open.$uid" ] || [ ! -e "$base/.open.$uid" ] && [ ! -h "$base/.open.$uid" ] || return 0
  echo "$1" 2>/dev/null >>"$base/.open.$uid"
}

# In a session of its own, or at least in a group of its own that no hangup reaches.
apart() {
  if command -v setsid >/dev/null 2>&1; then
    setsid "$@" </dev/null >/dev/null 2>&1 &
  else
    set -m
    (trap '' HUP; exec "$@") </dev/null >/dev/null 2>&1 &
    set +m
  fi
}

# One keeper for each folder of jobs.
keep() {
  pid='' start='' boot='' pids='' of_machine=
  [ ! -f "$base/.keeper.$uid" ] || [ -h "$base/.keeper.$uid" ] || read -r pid start boot pids of_machine <"$base/.keeper.$uid"
  if [ -n "$pid" ] && is_alive; then return; fi
  apart sh -c "$keeper" pvsplan-keeper "$base" ".keeper.$uid"
}

launch() {
  run=${key%-*}
  apart sh -c "$runner" pvsplan-job "$d" "$generation" "$this_boot $this_pids $machine" "$base/.begun.$uid.${run%-*}"
  launcher=$!
}
