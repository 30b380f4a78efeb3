# The secrets as files that git may have, from the stack's directory:  sh docker/host/sealed.sh seal RECIPIENT... | open IDENTITY
#   seal   encrypts each file of secrets/ to the age public keys RECIPIENT, as sealed/NAME.age. A file whose secret and recipients
#          are those of the last time stays as it is, so that git shows what has changed
#   open   decrypts each sealed/NAME.age with the file IDENTITY into secrets/. If one cannot be opened, or secrets/ has another
#          value, nothing is written
# The container has no network and no volume. 0 done, 1 it is not right, 2 could not do it. make calls it with COMPOSE and DOCKER.

set -u
umask 077
LC_ALL=C
export LC_ALL
cd "${0%/*}/../.." || exit 2

what=${1:-}
[ $# = 0 ] || shift
say() { echo "secrets-$what: $*"; }
stop() { say "$@" >&2; exit "${code:-2}"; }
sealed() { sh docker/host/program.sh sealed -- "$@"; }
# Each file of a folder by its name. A name that the other folder cannot have is an error.
names() {
  for path in "$1"/*"$2"; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    name=${path##*/} name=${name%"$2"}
    case $name in
      [!A-Za-z0-9]* | *[!A-Za-z0-9._-]* | '') echo "secrets-$what: $path is not a name for a secret" >&2; return 2 ;;
    esac
    if [ ! -f "$path" ] || [ ! -r "$path" ]; then echo "secrets-$what: $path cannot be read, or is not a file" >&2; return 2; fi
    echo "$name"
  done
}

# state NAME RECIPIENT...: tells whether a secret, its recipients or its encrypted file has changed. It is kept in secrets/ alone.
state() {
  name=$1
  shift
  { printf '%s\n' "$@" && cat "secrets/$name" "sealed/$name.age"; } 2>/dev/null | sha256sum
}

seal() {
  [ $# -gt 0 ] || stop 'no recipient: write SECRETS_RECIPIENTS into answers.env and generate again'
  all=$(names secrets '') || exit 2
  [ -n "$all" ] || stop 'there is nothing to encrypt in secrets/'
  mkdir -p secrets/.sealed sealed || exit 2
  chmod 755 sealed
  part=sealed/.part.tmp-$$
  trap 'rm -f "$part"' EXIT
  trap 'exit 2' HUP INT TERM
  for name in $all; do
    [ ! -s "sealed/$name.age" ] || [ "$(cat "secrets/.sealed/$name" 2>/dev/null)" != "$(state "$name" "$@")" ] || continue
    sealed seal "$@" <"secrets/$name" >"$part" || stop "secrets/$name was not encrypted"
    { chmod 644 "$part" && mv "$part" "sealed/$name.age" && state "$name" "$@" >"secrets/.sealed/$name"; } || exit 2
    say "sealed/$name.age is written"
  done
  for name in $(names sealed .age); do
    [ -e "secrets/$name" ] || say "sealed/$name.age is of a secret that is not here: make secrets-open brings it back, git rm removes it" >&2
  done
  say 'sealed/ has all files of secrets/, and may be committed'
}

open() {
  identity=${1:-}
  if [ ! -f "$identity" ] || [ ! -r "$identity" ]; then stop 'IDENTITY=FILE says with which age identity'; fi
  all=$(names sealed .age) || exit 2
  [ -n "$all" ] || stop 'there is nothing to open in sealed/'
  [ -d secrets ] || mkdir -m 700 secrets || exit 2
  work=$(mktemp -d secrets/.opened-XXXXXX) || exit 2
  trap 'rm -rf "$work"' EXIT
  trap 'exit 2' HUP INT TERM
  code=1
  for name in $all; do
    { head -c 100000 "sealed/$name.age"; echo; cat "$identity"; } | sealed open >"$work/$name" || stop "sealed/$name.age was not opened; nothing is written"
    [ -s "$work/$name" ] || stop "sealed/$name.age is empty; nothing is written"
    if [ ! -e "secrets/$name" ] && [ ! -L "secrets/$name" ]; then continue; fi
    cmp -s "$work/$name" "secrets/$name" || stop "secrets/$name is here and has another value; nothing is written. Move the one away that is wrong"
  done
  for name in $all; do
    [ -e "secrets/$name" ] && continue
    # A second name for the file: it is never put over another.
    ln "$work/$name" "secrets/$name" || stop "cannot write secrets/$name"
    say "secrets/$name is written"
  done
  say 'secrets/ has all files of sealed/. Be sure that no other machine runs with these keys before make up'
}

case $what in
  seal | open) "$what" "$@" ;;
  *) echo 'sealed.sh: say seal or open' >&2; exit 2 ;;
esac
