# Waits inside the container until what the node needs is there, then becomes the node:
#   sh stacks-node.sh PROGRAM [ARGUMENT]...
# WAIT_SNAPSHOT  not empty: until chain data is in place
# WAIT_BITCOIN   host:port  until bitcoind takes connections
# WAIT_SIGNER    host:port, or several with blanks between  until the signer does: a node without its signer hangs, and is then deaf to SIGTERM
# WAIT_SIGNER_STATUS  host:port of the node's TLS sidecar  until the signer answers through it
# ALONE_CONFIG   a config without an observer. A signer may itself wait for what only a running node can tell its guard, or
#   not come at all on a standby: after ALONE_AFTER seconds without it the program, then PROGRAM start --config FILE, runs
#   with this config instead, and is stopped and started with its own as soon as the signer is there.
# Nothing here needs more than a POSIX shell and either bash or busybox.

marker="${STACK_ROOT:-}/var/lib/stacks-node/.snapshot.json"
child=
node=
starting=

# Only what stands in the background can be interrupted: a shell obeys its traps between commands.
stop() {
  trap '' TERM INT HUP
  # The signal may come when a process has started and has no name yet.
  [ -z "$starting" ] || eval "$starting=\$!"
  [ -z "$child" ] || kill "$child" 2>/dev/null
  if [ -n "$node" ]; then
    # A node that is killed may leave half a block behind.
    kill "$node" 2>/dev/null
    wait "$node"
    exit $?
  fi
  exit "$1"
}
trap 'stop 143' TERM
trap 'stop 130' INT
trap 'stop 129' HUP

# begin NAME COMMAND...; NAME becomes the number of its process
begin() {
  starting=$1
  shift
  "$@" &
  eval "$starting=\$!"
  starting=
}

background() {
  begin child "$@"
  wait "$child"
  result=$?
  child=
  return "$result"
}

snapshot_is_there() {
  [ -f "$marker" ]
}

# host:port, where host may be an IPv6 address in brackets
connects() {
  host=${1%:*}
  host=${host#\[}
  host=${host%\]}
  if command -v bash >/dev/null; then
    background timeout 5 bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$host" "${1##*:}" 2>/dev/null
  else
    # Some builds of nc know no -z, but they all run a program once they are connected.
    background timeout 5 sh -c 'nc -z "$0" "$1" || nc "$0" "$1" -e true' "$host" "${1##*:}" >/dev/null 2>&1
  fi
}

signer_answers() {
  background sh "${0%/*}/http-get.sh" "${1%:*}" "${1##*:}" /status status 2>/dev/null
}

# Longer each time, so that what is away for hours is not asked every second, and its logs are not filled.
pause=1
back_off() {
  background sleep "$pause"
  [ "$pause" -ge 16 ] || pause=$((pause * 2))
}

# wait_for WHAT COMMAND...
wait_for() {
  what=$1
  shift
  said=0
  pause=1
  until "$@"; do
    now=$(date +%s)
    if [ "$((now - said))" -ge 60 ]; then
      echo "gate: waiting for $what"
      said=$now
    fi
    back_off
  done
  [ "$said" -eq 0 ] || echo "gate: $what: there"
}

# wait_for_signer WHAT COMMAND...; the node's own arguments are in $program, $verb and $option.
wait_for_signer() {
  if [ -z "${ALONE_CONFIG:-}" ]; then
    wait_for "$@"
    return
  fi
  what=$1
  shift
  began=$(date +%s)
  said=0
  pause=1
  until "$@"; do
    if [ "$said" -eq 0 ]; then
      echo "gate: waiting for $what"
      said=1
    fi
    if [ -z "$node" ] && [ "$(($(date +%s) - began))" -ge "${ALONE_AFTER:-30}" ]; then
      echo "gate: $what is away: the node follows without its event observer until it is there"
      begin node "$program" "$verb" "$option" "$ALONE_CONFIG"
    fi
    if [ -n "$node" ] && ! kill -0 "$node" 2>/dev/null; then
      wait "$node"
      exit $?
    fi
    back_off
  done
  if [ -n "$node" ]; then
    echo "gate: $what: there; stopping the node, to start it with its event observer"
    kill "$node" 2>/dev/null
    wait "$node"
    node=
  elif [ "$said" -ne 0 ]; then
    echo "gate: $what: there"
  fi
}

program=${1:-} verb=${2:-} option=${3:-}
[ -z "${WAIT_SNAPSHOT:-}" ] || wait_for "the snapshot ($WAIT_SNAPSHOT)" snapshot_is_there
[ -z "${WAIT_BITCOIN:-}" ] || wait_for "bitcoind at $WAIT_BITCOIN" connects "$WAIT_BITCOIN"
# Only the signer itself may wait for what a running node can tell; a second observer does not.
[ -z "${WAIT_SIGNER_STATUS:-}" ] || { wait_for_signer "the signer behind $WAIT_SIGNER_STATUS" signer_answers "$WAIT_SIGNER_STATUS"; ALONE_CONFIG=; }
for one in ${WAIT_SIGNER:-}; do
  wait_for_signer "the signer at $one" connects "$one"
  ALONE_CONFIG=
done

exec "$@"
