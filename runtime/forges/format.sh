#!/bin/sh
# Sets the layout of the files that are plans, farms, modules or policies, which their first keys say; other YAML is somebody else's.
set -eu
bom=$(printf '\357\273\277')
for file; do
  shift
  if grep -qE "^($bom)?[\"']?(plan|farm|module|policy)[\"']? *:" -- "$file"; then set -- "$@" "$file"; fi
done
[ $# -eq 0 ] || exec pvsplan fmt -- "$@"
