#!/bin/sh
# The files in secrets/, from the stack's directory:  sh docker/host/secrets.sh check NAME...|rotate-token [FILE]|rotate-key FILE
#   check         they are there, private, and nowhere else in what git has or would take
#   rotate-token  the token of node and signer becomes that of FILE, or a new one
#   rotate-key    the signer key becomes that of FILE
# A file is checked by what will read it before anything is stopped, and the secret of before is kept as NAME.old.
# 0 done, 1 it is not right, 2 asked wrongly. make calls it with COMPOSE, and for the rotations with the services to stop in STOPS.
# No secret is an argument of a program, and none is shown: what is searched for goes through pipes alone.

set -u
umask 077
cd "${0%/*}/../.." || exit 1

what=${1:-}
COMPOSE=${COMPOSE:-docker compose}
say() { echo "$what: $*" >&2; }
stop() { say "$@"; exit 1; }

# --- check

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

check() {
  what=check-secrets bad=0
  wrong() { say "$1"; bad=1; }
  for name in "$@"; do
    [ -s "secrets/$name" ] || wrong "secrets/$name is missing or empty"
  done
  for path in secrets secrets/*; do
    [ -e "$path" ] || continue
    case "$(ls -ldL "$path")" in
    ????------*) ;;
    *) wrong "$path is open to others: chmod go-rwx $path" ;;
    esac
  done
  [ -z "$(git ls-files -- secrets 2>/dev/null)" ] || wrong 'git tracks secrets/: git rm -r --cached secrets'
  for path in secrets/*; do
    # What is short occurs by chance.
    if [ ! -f "$path" ] || [ "$(wc -c <"$path")" -le 12 ]; then continue; fi
    holders=$({ loose "$path" | search -E; literal "$path" | search -F; } | sort -u)
    [ -z "$holders" ] || wrong "the secret of $path stands in other files too, or in the index of git. Take it out of them; if they were ever pushed, replace it:
$holders"
  done
  [ "$bad" = 0 ] && echo 'check-secrets: all there, private, not in git'
}

# --- rotate

# The words of $COMPOSE and $STOPS may be several.
# shellcheck disable=SC2086
run() { $COMPOSE run --rm --no-deps -T "$@"; }
checked() { sh docker/host/program.sh init -- check-secret "$2" <"$1"; }

# rotate NAME PLACEHOLDER [FILE]
rotate() {
  secret=secrets/$1 new=secrets/.$1.new old=secrets/$1.old file=${3:-}
  trap 'rm -f "$new"' EXIT
  [ "$what" = rotate-token ] || [ ! -e "$old" ] || stop "$old is there already: put that key away first"
  rm -f "$new"
  if [ -n "$file" ]; then
    { [ -f "$file" ] && head -c 5000 "$file" >"$new"; } || stop "cannot read $file; nothing was changed"
  elif [ "$what" = rotate-token ]; then
    od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$new" || stop 'cannot make a token; nothing was changed'
  else
    stop 'KEY_FILE=FILE says which key'
  fi
  public=$(checked "$new" "$2") || stop "${file:-the new token} is not taken; nothing was changed"
  [ "$what" = rotate-token ] || [ "$public" != "$(checked "$secret" "$2")" ] || stop 'this is the key that signs already'

  # Whatever becomes of the terminal.
  trap '' HUP
  # shellcheck disable=SC2086
  $COMPOSE stop $STOPS || { $COMPOSE up -d; stop 'they do not stop; nothing was changed'; }
  # A second name for the file of before, so that it is there at every moment.
  { sync && ln -f "$secret" "$old" && mv "$new" "$secret"; } || { $COMPOSE up -d; stop 'cannot write in secrets/'; }
  if ! run init; then
    mv "$old" "$secret"
    run init && $COMPOSE up -d
    stop "init does not take it; $secret is the one of before"
  fi
  $COMPOSE up -d || stop "the new one is in place, and is not started: put that right, then make up. That of before is in $old"
  say "done. That of before is in $old"
}

case $what in
  check) shift; check "$@" ;;
  rotate-token) rotate auth-token AUTH_TOKEN "${2:-}" ;;
  rotate-key) rotate signer-private-key SIGNER_PRIVATE_KEY "${2:-}" ;;
  *) echo 'secrets.sh: say check, rotate-token or rotate-key' >&2; exit 2 ;;
esac
