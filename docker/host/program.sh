# Runs a program of docker/ in a container that is not part of the stack: sh docker/host/program.sh NAME [DOCKER OPTION]... [-- WORD...]
# Unless an option says otherwise it has no network, no rights, and no file but its own. It may read its standard input.
# The exit code is the program's; 125 to 127 are Docker's own. NODE_IMAGE is another image to run it in.

set -u
cd "${0%/*}/../.." || exit 2

name=${1:?'say which program'}
shift
file=docker/$name.mjs
image=${NODE_IMAGE:-$(sed -n 's/^node_image=//p' config/facts.env)}
if [ -z "$image" ] || [ ! -f "$file" ]; then
  echo "$name: $file or config/facts.env is missing or damaged; generate the stack again" >&2
  exit 2
fi
# A clone under a strict umask has files that only their owner can read, and a mount keeps the mode.
if [ -z "$(find "$file" -perm -0444)" ] && ! chmod a+r "$file"; then
  echo "$name: $file must be readable for every user: chmod a+r $file" >&2
  exit 2
fi
DOCKER=${DOCKER:-docker}
# shellcheck disable=SC2086
if ! $DOCKER image inspect "$image" >/dev/null 2>&1; then
  echo "$name: the image $image is not on this machine yet: make pull" >&2
  exit 2
fi

# The fields of a mount are those of CSV: a comma or a quote in the directory's name is no end of one.
mount=$(printf 'type=bind,"source=%s",target=/%s.mjs,readonly' "$(printf '%s/%s' "$PWD" "$file" | sed 's/"/""/g')" "$name")
# Each word goes to the end of the list once; the image and what it starts stand where -- was, or last.
left=$# placed='' network='--network none'
while [ "$left" -gt 0 ]; do
  left=$((left - 1))
  if [ "$1" = -- ] && [ -z "$placed" ]; then
    placed=yes
    set -- "$@" "$image" node "/$name.mjs"
  else
    [ -n "$placed" ] || [ "$1" != --network ] || network=
    set -- "$@" "$1"
  fi
  shift
done
[ -n "$placed" ] || set -- "$@" "$image" node "/$name.mjs"
# shellcheck disable=SC2086
exec $DOCKER run --rm --interactive --pull never $network --read-only --user 65534:65534 --cap-drop ALL \
  --security-opt no-new-privileges --pids-limit 64 --log-driver none --mount "$mount" "$@"
