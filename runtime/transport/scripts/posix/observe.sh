# An observation has a folder of its own, which goes with the connection, and a group of its own, so that one that hangs
# leaves nothing behind.
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
