# Folders of jobs that nobody asks for any more: as remove_job_folder says of this machine, and retired.hpp of runs.

# A folder into which somebody prints stays, and the keeper removes it later.
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

find_retired() {
  retired=$base/.retired.$uid
  first_word /proc/uptime
  up=${word%%.*}
  case $up in ''|*[!0-9]*) return 1 ;; esac
  [ -d "$retired" ] || mkdir "$retired" 2>/dev/null
  [ -d "$retired" ] && [ ! -h "$retired" ] || return 1
  owner_of "$retired"
  [ "$owner" = "$uid" ]
}

is_good_key() { case $1 in ''|-*|*[!a-z0-9-]*) return 1 ;; esac; }

# Nothing goes on with the run of the claim.
retire() {
  ledger=$base/.begun.$uid.$claim_run
  if is_good_key "$claim_run" && [ -f "$ledger" ] && [ ! -h "$ledger" ] && find_retired; then
    draft=$retired/.$$
    echo "$up $(date +%s)" >"$draft"
    kept=
    while read -r one; do
      is_good_key "$one" && [ -d "$base/$one" ] || continue
      echo "$one" >&3
      kept=1
    done <"$ledger" 3>>"$draft"
    if [ -n "$kept" ]; then mv -f "$draft" "$retired/$claim_run"; else rm -f "$draft"; fi
  fi
  rm -f "$base"/.begun.*."$claim_run"
}

# Somebody goes on with it.
reinstate() {
  is_good_key "$claim_run" && [ -e "$base/.retired.$uid/$claim_run" ] && find_retired || return 0
  while read -r one; do
    ! is_good_key "$one" || echo "$one"
  done <"$retired/$claim_run" >>"$base/.begun.$uid.$claim_run" && rm -f "$retired/$claim_run"
}

# What has been retired for long enough by both clocks, but no job of which something runs.
remove_retired() {
  [ -d "$base/.retired.$uid" ] && find_retired || return 0
  for file in "$retired"/*; do
    read -r then_up then_at <"$file" || continue
    case $then_up$then_at in ''|*[!0-9]*) continue ;; esac
    up_for=$up
    [ "$up" -lt "$then_up" ] || up_for=$((up - then_up))
    [ "$up_for" -ge "$retired_for" ] && [ $(($(date +%s) - then_at)) -ge "$retired_for" ] || continue
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
    # shellcheck disable=SC2086 # a list of words
    [ -z "$over" ] || discard $over
    [ -n "$kept" ] || rm -f "$file"
  done
}

# Of any other run. A clock that was set forward makes everything old: what still runs stays. So does what has no name of
# ours: where all accounts may leave files, a blank in one would name the job of somebody else.
remove_old() {
  of_this_job=$d
  for name in $(cd "$base" && find . ! -name . -prune ! -name '.*' ! -name '*[!a-z0-9.-]*' -mtime "+$clean" 2>/dev/null); do
    d=$base/${name#./}
    find_claim
    if [ -n "$pid" ]; then
      is_alive
      [ $? -eq 1 ] || continue
    fi
    rm -rf "$d"
  done
  d=$of_this_job
}

# The first is quick. The second asks of processes, and nobody waits for it.
clean_up() {
  [ -z "$clean" ] || remove_old
  [ -z "$clean" ] || (remove_retired) </dev/null >/dev/null 2>&1 &
}
