#!/usr/bin/env bash
# Prints where the program is: PVSPLAN where that is installed, what PACKAGE with the digest SHA256 brings, or what is built
# here from source. Run by action.yml; all else that is said goes to standard error.
set -euo pipefail

fail() {
  echo "error: $1" >&2
  exit 1
}

root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -E "$@"; fi
}

if [ -n "${PVSPLAN:-}" ]; then
  command -v -- "$PVSPLAN" || fail "there is no program \`$PVSPLAN\` here: the input \`pvsplan\` names one that is installed"
elif [ -n "${PACKAGE:-}" ]; then
  [[ ${SHA256:-} =~ ^[0-9a-fA-F]{64}$ ]] || fail "a package needs the input \`sha256\`, 64 hexadecimal digits"
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  chmod 755 "$folder"  # apt reads it as a user of its own
  case $PACKAGE in
    https://*) curl --proto =https --tlsv1.2 -fsSL --retry 3 -o "$folder/pvsplan.deb" -- "$PACKAGE" ;;
    *://*) fail "a package is a file or has an https address" ;;
    *) cp -- "$PACKAGE" "$folder/pvsplan.deb" ;;
  esac
  echo "$SHA256  $folder/pvsplan.deb" | sha256sum --check --status || fail "the package has another digest than \`sha256\`: it is not installed"
  root apt-get update -qq >&2
  DEBIAN_FRONTEND=noninteractive root apt-get install -y -qq --no-install-recommends "$folder/pvsplan.deb" >&2
  echo /usr/bin/pvsplan
else
  cd "$(dirname "${BASH_SOURCE[0]}")/../.."
  echo "building pvsplan from source, which takes minutes; the inputs \`package\` and \`sha256\` spare that" >&2
  .ci/setup >&2
  cmake --preset package >&2
  cmake --build --preset package >&2
  echo "$PWD/build/package/pvsplan"
fi
