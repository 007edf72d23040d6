#!/bin/sh
# Builds a wheel, installs it into an environment of its own, and asks it a question in an empty
# folder, with an empty home: what a stranger does first. PYTHON names the interpreter (python3),
# PIP_CONSTRAINT a file of versions (constraints.txt).
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
: "${PYTHON:=python3}" "${PIP_CONSTRAINT:=$root/constraints.txt}"
export PIP_CONSTRAINT PIP_DISABLE_PIP_VERSION_CHECK=1

"$PYTHON" -m venv "$work/env"
"$work/env/bin/pip" wheel -q --no-deps -w "$work" "$root"
"$work/env/bin/pip" install -q "$work"/askscwru-*.whl
mkdir "$work/empty" "$work/home"
cd "$work/empty"
export HOME="$work/home" XDG_DATA_HOME="$work/data"
"$work/env/bin/python" --version
"$work/env/bin/askscwru" ask How many people use Shared Lives? | tee "$work/answer"
grep -q "14,000" "$work/answer"
test "$("$work/env/bin/askscwru" posts | wc -l)" -eq 20 # a heading and nineteen posts
test -f "$work/env/share/man/man1/askscwru.1"
"$work/env/bin/askscwru" doctor
if "$work/env/bin/askscwru" ask --conversation last "and where?" 2> /dev/null; then exit 1; fi
test -z "$(ls -A .)" # nothing is left where it was run
echo "The wheel works in an empty folder."
