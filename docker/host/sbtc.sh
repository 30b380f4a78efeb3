# Copies the sBTC signer's key to a place away from this machine, and back:  sh docker/host/sbtc.sh export|check|sheet|restore
#   export   encrypts secrets/sbtc-signer-private-key to RECIPIENT, a public key of age, into FILE, which must not be there yet
#   check    opens FILE with IDENTITY, and compares what is in it with the public key of this stack
#   sheet    prints FILE as a sheet for paper
#   restore  puts the key of FILE into secrets/, where there is none
# What is opened is on no disk but in secrets/. The container has neither a network nor a volume. make calls it with COMPOSE,
# DOCKER and the words.

set -u
umask 077
cd "${0%/*}/../.." || exit 2

what=${1:-}
key=secrets/sbtc-signer-private-key
say() { echo "sbtc-key: $*"; }
stop() { say "$@" >&2; exit 2; }
[ -f config/stack.json ] || stop 'config/stack.json is missing; generate the stack again'
facts=$(sh docker/host/program.sh init -- facts <config/stack.json) || exit 2
fact() { printf '%s\n' "$facts" | sed -n "s/^$1=//p"; }

tool() { sh docker/host/program.sh sealed -- key "$@"; }
readable() { [ -r "$2" ] || stop "cannot read $1=$2"; }

public=$(fact sbtc_public_key)
public=${public:--}
[ -n "${FILE:-}" ] || stop 'FILE=PATH says which file'

case $what in
  export)
    [ -n "${RECIPIENT:-}" ] || stop 'RECIPIENT=age1… says for which public key it is encrypted'
    [ ! -e "$FILE" ] || stop "$FILE is there already, and may be the only copy"
    [ -r "$key" ] || stop "$key is not here"
    trap 'rm -f "$FILE.part"' EXIT
    trap 'exit 2' HUP INT TERM
    rm -f "$FILE.part" && set -C || exit 2
    tool seal "$public" "$RECIPIENT" <"$key" >"$FILE.part" || exit
    mv "$FILE.part" "$FILE" || exit 2
    say "encrypted into $FILE. It counts once it was opened: make sbtc-key-check FILE=$FILE IDENTITY=…" ;;
  check)
    readable FILE "$FILE"
    readable IDENTITY "${IDENTITY:-}"
    { cat "$FILE"; echo; cat "$IDENTITY"; } | tool check "$public" ;;
  sheet)
    readable FILE "$FILE"
    tool sheet "$(fact stack)" "$(fact network)" "$public" <"$FILE" ;;
  restore)
    readable FILE "$FILE"
    readable IDENTITY "${IDENTITY:-}"
    [ ! -e "$key" ] || stop "$key is there: nothing is put over a key"
    mkdir -p -m 700 secrets || exit 2
    trap 'rm -f "$key.part"' EXIT
    trap 'exit 2' HUP INT TERM
    { cat "$FILE"; echo; cat "$IDENTITY"; } | tool open "$public" >"$key.part" || exit
    mv "$key.part" "$key" || exit 2
    say "$key is back. Be sure that it runs nowhere else before make start" ;;
  *) echo 'sbtc.sh: say export, check, sheet or restore' >&2; exit 2 ;;
esac
