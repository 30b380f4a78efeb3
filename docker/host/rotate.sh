# Puts another secret in the place of one, from the stack's directory:  sh docker/host/rotate.sh token|key [FILE]
#   token  of node and signer: that of FILE, or a new one
#   key    the signer key: that of FILE
# The file is checked by what will read it before anything is stopped, and the secret of before is kept as NAME.old.
# 0 done, 1 it is not, and says what is in place now. make calls it with COMPOSE, and with the services to stop in STOPS.

set -u
umask 077
cd "${0%/*}/../.." || exit 1

what=${1:-} file=${2:-}
case $what in
  token) name=auth-token known=AUTH_TOKEN ;;
  key) name=signer-private-key known=SIGNER_PRIVATE_KEY ;;
  *) echo 'rotate.sh: say token or key' >&2; exit 2 ;;
esac
secret=secrets/$name new=secrets/.$name.new old=secrets/$name.old
COMPOSE=${COMPOSE:-docker compose}
say() { echo "rotate-$what: $*" >&2; }
stop() { say "$@"; exit 1; }
trap 'rm -f "$new"' EXIT

# The words of $COMPOSE and $STOPS may be several.
# shellcheck disable=SC2086
run() { $COMPOSE run --rm --no-deps -T "$@"; }
checked() { sh docker/host/program.sh init -- check-secret "$known" <"$1"; }

[ "$what" = token ] || [ ! -e "$old" ] || stop "$old is there already: put that key away first"
rm -f "$new"
if [ -n "$file" ]; then
  { [ -f "$file" ] && head -c 5000 "$file" >"$new"; } || stop "cannot read $file; nothing was changed"
elif [ "$what" = token ]; then
  od -An -v -tx1 -N32 /dev/urandom | tr -d ' \n' >"$new" || stop 'cannot make a token; nothing was changed'
else
  stop 'KEY_FILE=FILE says which key'
fi
public=$(checked "$new") || stop "${file:-the new token} is not taken; nothing was changed"
[ "$what" = token ] || [ "$public" != "$(checked "$secret")" ] || stop 'this is the key that signs already'

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
