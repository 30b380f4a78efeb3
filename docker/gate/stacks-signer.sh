# Waits until this host may sign with this key, then runs the signer: sh stacks-signer.sh PROGRAM [ARGUMENT]...
# The guard writes what it has cleared beside the signer's database, init writes beside the config what must be cleared:
# the role, this host and the public key. As long as the two differ, the database comes from a backup, or the machine was
# started anew since, nothing starts. When the guard takes back what it has cleared, the signer is stopped.
# Nothing here needs more than a POSIX shell.

wanted="${STACK_ROOT:-}/etc/stacks-signer/guard"
data="${STACK_ROOT:-}/var/lib/stacks-signer"
boot="${STACK_ROOT:-}/proc/sys/kernel/random/boot_id"
child=
signer=
watcher=
starting=

# Only what stands in the background can be interrupted: a shell obeys its traps between commands.
stop() {
  trap '' TERM INT HUP
  # The signal may come when a process has started and has no name yet.
  [ -z "$starting" ] || eval "$starting=\$!"
  [ -z "$child" ] || kill "$child" 2>/dev/null
  [ -z "$watcher" ] || kill "$watcher" 2>/dev/null
  [ -n "$signer" ] || exit "$1"
  kill "$signer" 2>/dev/null
  wait "$signer"
  exit $?
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

line() {
  found=
  [ -f "$1" ] && IFS= read -r found <"$1"
  printf '%s' "$found"
}

# Without a process of its own: it is asked every few seconds for as long as the signer runs.
cleared() {
  asked='' given='' when='' now=''
  [ ! -e "$data/restored" ] || return 1
  [ -f "$wanted" ] && IFS= read -r asked <"$wanted"
  [ -f "$data/guard/cleared" ] && { IFS= read -r given; IFS= read -r when; } <"$data/guard/cleared"
  [ -f "$boot" ] && IFS= read -r now <"$boot"
  case $asked in 'v1 active '*) ;; *) return 1 ;; esac
  [ "$asked" = "$given" ] && [ -n "$now" ] && [ "$now" = "$when" ]
} 2>/dev/null

reason() {
  case $(line "$wanted") in
    'v1 standby '*) echo 'this host is the standby, and has no key in its signer: make promote' ;;
    'v1 active '*)
      said=
      [ -f "$data/guard/verdict" ] && said=$(sed -n 2p "$data/guard/verdict")
      echo "the guard: ${said:-no word yet}" ;;
    *) echo 'init has not said what this host is: docker compose up -d' ;;
  esac
}

pause() {
  begin child sleep "$1"
  wait "$child"
  child=
}

wait_for_guard() {
  told=
  at=0
  until cleared; do
    now=$(date +%s)
    why=$(reason)
    if [ "$why" != "$told" ] || [ "$((now - at))" -ge 600 ]; then
      echo "gate: the signer is not started: $why"
      told=$why
      at=$now
    fi
    pause 1
  done
  [ -z "$told" ] || echo 'gate: cleared by the guard'
}

# Stops the program of that number when it is cleared no more; ends with it too, since a signal that comes at once may be lost.
watch_over() {
  while cleared; do
    kill -0 "$1" 2>/dev/null && sleep 2 || return
  done
  kill "$1" 2>/dev/null || return
  sleep 5
  kill -9 "$1" 2>/dev/null
}

while :; do
  wait_for_guard
  begin signer "$@"
  begin watcher watch_over "$signer"
  wait "$signer"
  result=$?
  kill "$watcher" 2>/dev/null
  signer=
  cleared && exit "$result"
  echo 'gate: the guard has taken back what it had cleared: the signer was stopped'
done
