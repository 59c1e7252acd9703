# How a job stands, until it has ended: told at once where something is new, and else every few seconds that the host
# is there.

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
        has_ended || { check_read; say gone; exit 0; }
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
