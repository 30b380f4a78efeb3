# The kept logs of this stack, from its directory:
#   sh docker/host/logs.sh collect                              keep what is new in Docker's logs
#   sh docker/host/logs.sh search fixed|regex TEXT [SINCE [UNTIL [SERVICE]]]
#   sh docker/host/logs.sh status [--json]
#   sh docker/host/logs.sh install | remove                     collect every five minutes, by systemd; needs root
#   0  done; search: found   1  something could not be kept; search: nothing found   2  could not do it
# make turns most failures into 2, so a script that must know calls this file.
#
# Docker writes the logs of each container itself, bounded by size, whatever becomes of this. Collecting reads them as
# `docker logs` does: no container has a part in it, and none can be held up by it. What is read goes into the volume of
# the kept logs, by the stack's own image, in a container without network, rights or Docker's socket.

set -u
cd "${0%/*}/../.." || exit 2
LC_ALL=C
export LC_ALL

what=${1:-}
COMPOSE=${COMPOSE:-docker compose}
DOCKER=${DOCKER:-docker}
say() { echo "logs-$what: $*"; }
stop() { say "$@" >&2; exit 2; }

case $what in collect | search | status | install | remove) ;; *) echo 'logs.sh: say collect, search, status, install or remove' >&2; exit 2 ;; esac
# shellcheck disable=SC2086
said=$(timeout 20 $DOCKER version --format '{{.Server.Version}}' 2>&1) || stop "Docker does not answer: $said"
[ -f config/stack.json ] || stop 'config/stack.json is missing; generate the stack again'
facts=$(sh docker/host/program.sh init -- facts <config/stack.json) || exit 2
fact() { printf '%s\n' "$facts" | sed -n "s/^$1=//p"; }
tools=$(fact tools) days=$(fact log_days) stack=$(fact stack)
[ -n "$days" ] || stop 'LOG_RETENTION_DAYS=0: nothing is kept but what Docker holds; make logs shows it'

# The stack's volume for logs, whatever Compose's project is called. The words of $COMPOSE and $DOCKER may be several.
find_volume() {
  # shellcheck disable=SC2086
  project=$(timeout 20 $COMPOSE config --format json 2>/dev/null | sed -n 's/^  "name": "\([^"]*\)".*/\1/p' | head -n 1)
  project=${project:-$stack}
  # shellcheck disable=SC2086
  volume=$(timeout 20 $DOCKER volume ls --filter "label=com.docker.compose.project=$project" \
    --format '{{.Name}}:{{.Label "com.docker.compose.volume"}}' | sed -n 's/:logs$//p' | head -n 1)
  # shellcheck disable=SC2086
  if [ -z "$volume" ] || ! timeout 20 $DOCKER image inspect "$tools" >/dev/null 2>&1; then
    stop 'there is nowhere to keep logs yet: make up first'
  fi
}

patience=
# tool ACCESS WORDS...: logs.py in a container of its own; ACCESS is ",readonly" or nothing.
# shellcheck disable=SC2086
tool() {
  access=$1
  shift
  $patience $DOCKER run --rm --interactive --pull never --network none --read-only --user "$(fact log_user)" --cap-drop ALL \
    --security-opt no-new-privileges --pids-limit 64 --memory 512m --log-driver none \
    --mount "type=volume,source=$volume,target=/var/lib/stack-logs$access" "$tools" python3 /opt/stack/logs.py "$@"
}

# Docker's own failures have codes of their own.
ended() { case $1 in 0 | 1 | 2) exit "$1" ;; *) stop "the tool container ended with $1" ;; esac; }

# Service, id and state of each container of the stack, but for those of `docker compose run`.
# shellcheck disable=SC2086
listed() {
  timeout 20 $DOCKER ps --all --no-trunc --filter "label=com.docker.compose.project=$project" \
    --format '{{.Label "com.docker.compose.service"}} {{.ID}} {{.State}} {{.Label "com.docker.compose.oneoff"}}' | awk '$NF != "True" { print $1, $2, $3 }'
}

# What log_store.py reads. The log of a container may hold any bytes, but not a number that is drawn after it was written.
# shellcheck disable=SC2086
sections() {
  while read -r service id state; do
    since=$(printf '%s\n' "$from" | awk -v service="$service" '$1 == service { print $2; exit }')
    [ -n "$since" ] || continue
    printf '%s begin %s %s %s\n' "$nonce" "$service" "$id" "$state"
    timeout 300 $DOCKER logs --timestamps --since "$since" "$id" </dev/null 2>&1
    printf '\n%s end %s\n' "$nonce" "$?"
  done
  printf '%s done\n' "$nonce"
}

collect() {
  find_volume
  # One that hangs must not keep all later ones from their work.
  patience='timeout -k 10 900'
  rows=$(listed)
  [ -n "$rows" ] || stop 'there are no containers: make up first'
  from=$(printf '%s\n' "$rows" | awk '{ print $1 }' | tool ,readonly positions "$days") || stop 'the kept logs cannot be read'
  nonce=$(cat /proc/sys/kernel/random/uuid) || stop 'there is no /proc/sys/kernel/random/uuid'
  printf '%s\n' "$rows" | sections | tool '' store "$nonce" "$days"
  ended $?
}

search() {
  case ${1:-} in fixed | regex) ;; *) stop 'say fixed or regex, and what to look for' ;; esac
  find_volume
  printf '%s\n%s\n' "$1" "${2:-}" | tool ,readonly search "${3:-}" "${4:-}" "${5:-}"
  ended $?
}

unit=stacks-signer-logs-$stack
units=${LOGS_UNITS:-/etc/systemd/system}

status() {
  find_volume
  tool ,readonly status "$days" "$@" </dev/null || ended $?
  [ -z "${1:-}" ] || exit 0
  if command -v systemctl >/dev/null && systemctl is-active --quiet "$unit.timer"; then say "$unit.timer collects every five minutes"
  else say "$unit.timer does not run: sudo make logs-install, unless cron collects"; fi
}

by_cron() {
  say "$1; the same by cron, with an account that may use Docker:" >&2
  # For the shell, and for cron, to which a percent sign is the end of a line.
  printf "  */5 * * * * cd '%s' && sh docker/host/logs.sh collect >/dev/null\n" "$(printf '%s' "$PWD" | sed "s/'/'\\\\''/g; s/%/\\\\%/g")" >&2
  exit 2
}

install() {
  if ! command -v systemctl >/dev/null || [ ! -d "$units" ]; then by_cron 'there is no systemd here'; fi
  [ -w "$units" ] || by_cron 'needs root: sudo make logs-install'
  # What runs is written by whoever owns this directory, and so runs as nobody else.
  owner=$(stat -c %U .)
  case "$owner $(id -nG "$owner" 2>/dev/null) " in
    'root '* | *' docker '*) ;;
    *) by_cron "$owner, who owns this directory, is not in the group docker" ;;
  esac
  case $PWD in *[!A-Za-z0-9_./-]*) by_cron "$PWD holds a character that a unit would have to quote" ;; esac
  cat >"$units/$unit.service" <<UNIT || stop "cannot write $units/$unit.service"
# Written by make logs-install in $PWD
[Unit]
Description=Keep the logs of the Stacks signer stack $stack
After=docker.service

[Service]
Type=oneshot
User=$owner
WorkingDirectory=$PWD
ExecStart=/bin/sh docker/host/logs.sh collect
TimeoutStartSec=20min
Nice=10
IOSchedulingClass=idle
UNIT
  cat >"$units/$unit.timer" <<UNIT || stop "cannot write $units/$unit.timer"
# Written by make logs-install in $PWD
[Unit]
Description=Keep the logs of the Stacks signer stack $stack every five minutes

[Timer]
OnBootSec=2min
OnUnitInactiveSec=5min

[Install]
WantedBy=timers.target
UNIT
  for step in 'daemon-reload' "enable --quiet $unit.timer" "restart $unit.timer"; do
    # shellcheck disable=SC2086
    systemctl $step || stop "systemctl $step failed; journalctl -e says why"
  done
  say "$unit.timer collects every five minutes, as $owner; journalctl -u $unit says how it went"
}

remove() {
  [ -e "$units/$unit.timer" ] || { say "$unit.timer is not installed"; exit 0; }
  [ -w "$units" ] || stop 'needs root: sudo make logs-remove'
  systemctl disable --quiet --now "$unit.timer"
  rm -f "$units/$unit.timer" "$units/$unit.service"
  systemctl daemon-reload
  say "$unit.timer is gone; what was kept stays in its volume"
}

shift
"$what" "$@"
