#!/bin/sh
# Proves the plans as they are staged, in a copy of the index: a file that is not part of the commit proves nothing about it.
set -eu
cd "$(git rev-parse --show-toplevel)"
staged=$(mktemp -d)
trap 'rm -rf "$staged"' EXIT
git checkout-index --all --prefix="$staged/"
git ls-files -z -- '*.plan.yaml' '*.plan.yml' | (cd "$staged" && xargs -0 -r pvsplan validate --)
