# SPDX-License-Identifier: Apache-2.0
# Sourced by the checks in the repository's top folder: lists the sources, and reports the result of
# a check.
cd "$(dirname "$0")/../.." || exit 1
export LC_ALL=C

# sources PATTERN...: files of the repository whose path matches one of the extended regular
# expressions.
sources() {
  local all
  if git rev-parse --is-inside-work-tree > /dev/null 2>&1; then
    # Without files that are removed but still in the index.
    all=$(git ls-files --cached --others --exclude-standard | sort |
      comm -23 - <(git ls-files --deleted | sort))
  else
    all=$(find . -path ./build -prune -o -path ./.git -prune -o -type f -print | sed 's#^\./##')
  fi
  local p
  for p in "$@"; do grep -E "$p" <<< "$all"; done | sort -u
}

# verdict NAME: fails if stdin has lines, and shows them.
verdict() {
  local found
  found=$(cat)
  if [ -n "$found" ]; then
    echo "$found"
    echo "not ok - $1"
    exit 1
  fi
  echo "ok - $1"
}
