# What a job has printed, and how it ended.

# The two ends of an output in $1.sent, and their sizes.
measure() {
  gone=0
  [ ! -r "$1.gone" ] || read -r gone <"$1.gone"
  size=$(size_of "$1")
  if [ "$gone" -eq 0 ] && [ "$size" -le "$max" ]; then
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
