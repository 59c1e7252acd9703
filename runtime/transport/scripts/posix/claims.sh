# Claims, as claims.hpp says.

# Where others can write too, anything may stand under this name: nothing is followed or waited for.
read_claim() {
  found='' found_run= found_token=0
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
    for other in "$claims" $more_claims; do
      read_claim "$other$claim_name" || continue
      is_ours || { rm -f "$file"; look_at_claim "$other$claim_name"; }
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
