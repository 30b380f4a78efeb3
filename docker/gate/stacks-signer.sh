# Waits until this host may sign with this key, then becomes the signer: sh stacks-signer.sh PROGRAM [ARGUMENT]...
# The guard writes what it has cleared beside the signer's database, init writes beside the config what must be cleared:
# the role, this host and the public key. As long as the two differ, or the database comes from a backup, nothing starts.
# Nothing here needs more than a POSIX shell.

wanted="${STACK_ROOT:-}/etc/stacks-signer/guard"
data="${STACK_ROOT:-}/var/lib/stacks-signer"
child=

# Only what stands in the background can be interrupted: a shell obeys its traps between commands.
stop() {
  [ -z "$child" ] || kill "$child" 2>/dev/null
  exit "$1"
}
trap 'stop 143' TERM
trap 'stop 130' INT
trap 'stop 129' HUP

line() {
  found=
  [ -f "$1" ] && IFS= read -r found <"$1"
  printf '%s' "$found"
}

cleared() {
  [ ! -e "$data/restored" ] || return 1
  case $(line "$wanted") in 'v1 active '*) ;; *) return 1 ;; esac
  [ "$(line "$wanted")" = "$(line "$data/guard/cleared")" ]
}

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
  sleep 1 &
  child=$!
  wait "$child"
  child=
done
[ -z "$told" ] || echo 'gate: cleared by the guard'

exec "$@"
