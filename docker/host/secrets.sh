#!/bin/sh
# make check-secrets: the secret files are there, private, and nowhere else in what git has or would take. Arguments: their names.
# No secret is an argument of a program, and none is shown: what is searched for goes through pipes alone.
set -u

bad=0
say() {
  echo "check-secrets: $1" >&2
  bad=1
}

# Expressions for a key in groups of any kind, and for words with anything between them.
loose() {
  case $1 in
  *private-key) cut -c1-64 "$1" | sed 's/./&[^0-9A-Za-z]*/g' ;;
  *mnemonic) sed 's/ /[^A-Za-z]+/g' "$1" ;;
  esac
}

# The secret as it is, and as base64: whole groups of three bytes are the same, whatever follows them.
literal() {
  case $1 in
  # The first line of every such key is the same.
  *ssh-key) grep -v -e '-----' "$1" | sed 1d ;;
  *) cat "$1" ;;
  esac
  head -c "$(($(wc -c <"$1") / 3 * 3))" "$1" | base64 | tr -d '\n'
}

# The files that hold one of the lines on stdin: of those that git has and would add, or without git of all but secrets/.
search() {
  lines=$(cat)
  [ -n "$lines" ] || return
  if git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
    for where in --cached --untracked; do
      printf '%s\n' "$lines" | git -c core.fsmonitor=false grep "$where" -l -i -a "$1" -f - -- :/
    done | sort -u
  else
    printf '%s\n' "$lines" | grep -r -l -i -a "$1" -f - --exclude-dir=secrets .
  fi
}

for name in "$@"; do
  [ -s "secrets/$name" ] || say "secrets/$name is missing or empty"
done
for path in secrets secrets/*; do
  [ -e "$path" ] || continue
  case "$(ls -ldL "$path")" in
  ????------*) ;;
  *) say "$path is open to others: chmod go-rwx $path" ;;
  esac
done
[ -z "$(git ls-files -- secrets 2>/dev/null)" ] || say 'git tracks secrets/: git rm -r --cached secrets'
for path in secrets/*; do
  # What is short occurs by chance.
  if [ ! -f "$path" ] || [ "$(wc -c <"$path")" -le 12 ]; then continue; fi
  holders=$({ loose "$path" | search -E; literal "$path" | search -F; } | sort -u)
  [ -z "$holders" ] || say "the secret of $path stands in other files too, or in the index of git. Take it out of them; if they were ever pushed, replace it:
$holders"
done
[ "$bad" = 0 ] && echo 'check-secrets: all there, private, not in git'
