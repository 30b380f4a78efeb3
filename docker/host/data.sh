# Folders of this machine for data, from the stack's directory:  sh docker/host/data.sh prepare|check|move|accept [NAME]
#   prepare       makes the folders that the answers name, and marks them for this stack; needs root
#   check         whether they are there: an unmounted disk must not fill the root disk
#   move          copies data to where the answers say now, and switches to the copy; deletes nothing
#   accept NAME   what is in the place that the answers name counts from now on
# 0 done, 1 it is not right, 2 could not do it. make calls it with COMPOSE, DOCKER, STACK, and CONFIRM; with MARKER and MOVED, which are
# names of generator/catalogue/container.ts; and with DATA, the folders as NAME=PATH.

set -u
umask 077
cd "${0%/*}/../.." || exit 2

what=${1:-}
COMPOSE=${COMPOSE:-docker compose}
DOCKER=${DOCKER:-docker}
say() { echo "$what: $*"; }
stop() { say "$@" >&2; exit "${code:-1}"; }

free() { df -Pk "$1" | awk 'NR == 2 { printf "%s, %d GB free", $1, $4 / 1000000 }'; }

# Everything is checked before the first folder is made.
prepare() {
  on_root=
  for entry in $DATA; do
    name=${entry%%=*} folder=${entry#*=}
    above=${folder%/*}
    [ -d "${above:-/}" ] || stop "$above is missing: mount the disk, or make the folder, and try again"
    [ ! -L "$folder" ] || stop "$folder is a link: write what it leads to into answers.env"
    case $folder/ in "$PWD"/*) stop "$folder is in the directory of the stack, which git has: write another folder" ;; esac
    if [ -e "$folder" ]; then
      [ -d "$folder" ] || stop "$folder is no folder"
      ! mountpoint -q "$folder" || stop "$folder is the mount point of a disk, which is there without the disk too: write a folder on it, such as $folder/$name"
      if [ -e "$folder/$MARKER" ]; then
        grep -q "^v1 $STACK $name " "$folder/$MARKER" || stop "$folder belongs to another stack: $(cut -d ' ' -f 2,3 "$folder/$MARKER")"
        continue
      fi
      other=$(find "$folder" -mindepth 1 -maxdepth 1 | head -n 1)
      [ -z "$other" ] || stop "$folder is not empty, and holds ${other##*/}: write another folder"
    fi
    [ "$(df -Pk "${above:-/}" | awk 'NR == 2 { print $6 }')" != / ] || on_root="$on_root $folder"
  done
  [ -z "$on_root" ] || [ "${CONFIRM:-}" = yes ] || stop "on the root disk:$on_root. Is another disk meant? Mount it first. If not, say CONFIRM=yes"
  for entry in $DATA; do
    name=${entry%%=*} folder=${entry#*=}
    if [ ! -e "$folder/$MARKER" ]; then
      [ -d "$folder" ] || mkdir "$folder" || stop "cannot make $folder: sudo make data-dirs"
      id=$(od -An -v -tx1 -N16 /dev/urandom | tr -d ' \n')
      { printf 'v1 %s %s %s\n' "$STACK" "$name" "$id" >"$folder/.new" && chmod 444 "$folder/.new" && sync && mv "$folder/.new" "$folder/$MARKER"; } || stop "cannot write to $folder: sudo make data-dirs"
    fi
    say "$folder is ready for $name: on $(free "$folder")"
  done
}

check() {
  for entry in $DATA; do
    [ -d "${entry#*=}" ] || stop "${entry#*=} is missing: is its disk mounted? The first time: sudo make data-dirs"
  done
}

# The words of $COMPOSE and $DOCKER may be several.
# shellcheck disable=SC2086
init() { $COMPOSE run --rm --no-deps -T "$@"; }
program='--entrypoint node init /stack/docker/init.mjs'

# Prints the volume or the folder that the data is in now. Fails if it does not exist.
# shellcheck disable=SC2086
source_of() {
  case $1 in
    volume:*)
      found=$($DOCKER volume ls --quiet --filter "label=com.docker.compose.project=$project" --filter "label=com.docker.compose.volume=${1#volume:}") && [ -n "$found" ] && echo "$found" ;;
    *) [ -d "$1" ] && echo "$1" ;;
  esac
}

# copy ahead|last: each of $moves, which has lines NAME FROM.
# shellcheck disable=SC2086
copy() {
  while read -r name from; do
    [ "$1 $name" != 'ahead stacks-signer' ] || continue
    source=$(source_of "$from") || { say "$from is not there: is its disk mounted? If that data is lost: make data-accept S=$name CONFIRM=yes" >&2; return 1; }
    if [ "$1" = last ]; then
      users=$($DOCKER ps --quiet --filter "volume=$source") || return 1
      [ -z "$users" ] || { say "$source is in use by another container: $users" >&2; return 1; }
    fi
    init --volume "$source:$MOVED:ro" $program copy "$name" "$1" </dev/null || return 1
  done <<MOVES
$moves
MOVES
}

# shellcheck disable=SC2086
move() {
  check
  moves=$(init $program moves) || exit 1
  [ -n "$moves" ] || { say 'all data is where the answers say'; exit 0; }
  if [ "${CONFIRM:-}" != yes ]; then
    say 'to where the answers say now goes the data of:' >&2
    printf '%s\n' "$moves" | sed 's/^\([^ ]*\) /  \1, from /' >&2
    code=2 stop 'Chains are copied while the stack runs. Then the stack stops, the rest is copied, and it starts on the copy. Say CONFIRM=yes.'
  fi
  project=$($COMPOSE config --format json | sed -n 's/^  "name": "\([^"]*\)".*/\1/p')
  [ -n "$project" ] || stop 'Compose does not say the name of the project'
  copy ahead || stop 'nothing was switched; the stack runs as before'
  running=$($DOCKER ps --quiet --filter "label=com.docker.compose.project=$project")
  # Whatever becomes of the terminal. The containers of before still use the old data: where the copy fails, they start again.
  trap '' HUP
  if ! $COMPOSE stop || ! copy last; then
    [ -z "$running" ] || $DOCKER start $running >/dev/null
    stop 'nothing was switched; the stack runs as before, and make move-data continues the copy'
  fi
  printf '%s\n' "$moves" | while read -r name from; do init $program accept "$name" </dev/null || exit 1; done \
    || stop 'the stack is stopped: make move-data again, then make up'
  $COMPOSE up -d || stop 'the data has moved, but the stack does not start: put that right, then make up'
  say 'done. Nothing was deleted. When all is well, this may go:'
  printf '%s\n' "$moves" | while read -r name from; do
    case $from in volume:*) echo "  docker volume rm $(source_of "$from")" ;; *) echo "  sudo rm -r $from" ;; esac
  done
}

# shellcheck disable=SC2086
accept() {
  [ "${CONFIRM:-}" = yes ] || { code=2; stop "This makes the place that the answers name the data of ${1:-S=NAME}. The old data is no longer used. Say CONFIRM=yes."; }
  init $program accept "${1:-}"
}

case $what in
  prepare | check | move | accept) "$@" ;;
  *) echo 'data.sh: say prepare, check, move or accept' >&2; exit 2 ;;
esac
