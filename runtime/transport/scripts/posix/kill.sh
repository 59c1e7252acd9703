# Ends a job with all of its processes: those of its group and its session, and who has its mark in the environment.

members() {
  for process in /proc/[0-9]*; do
    { read -r line <"$process/stat"; } 2>/dev/null || continue
    # shellcheck disable=SC2086 # words: state, parent, group, session
    set -- ${line##*) }
    [ "$1" != Z ] || continue
    if [ "$3" = "$pid" ] || [ "$4" = "$pid" ]; then echo "${process#/proc/}"; fi
  done
  grep -lzxF "PVSPLAN_JOB=$d" /proc/[0-9]*/environ 2>/dev/null | while IFS=/ read -r _ _ number _; do
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
