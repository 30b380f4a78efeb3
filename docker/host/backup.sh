# What of the backups needs the host, from the stack's directory:  sh docker/host/backup.sh seal|drill|restore
#   seal                  secrets/ and what belongs to it go sealed beside the next backup; the sealing container has no network. The
#                         key of an sBTC signer is left out: it opens the dumps, and is to be kept elsewhere than they
#   drill [IDENTITY]      the newest backup comes back into a scratch volume and is checked; IDENTITY is a file with an age key
#   restore [SNAPSHOT]    a backup's database takes the place of the signer's, which must be stopped
# 0 done, 1 it is not right, 2 could not do it. make calls it with COMPOSE and DOCKER.

set -u
cd "${0%/*}/../.." || exit 2

what=${1:-}
COMPOSE=${COMPOSE:-docker compose}
DOCKER=${DOCKER:-docker}
say() { echo "$what: $*"; }
stop() { say "$@" >&2; exit 2; }

# run SERVICE WORD...: in a container of its own, which a drill gives its scratch volume. The words of $COMPOSE may be several.
# shellcheck disable=SC2086
run() { $COMPOSE run --rm --no-deps -T ${scratch:+--volume "$scratch:/var/lib/backup-drill"} "$@"; }

# The program in a container of init, with the volumes, the secrets and the rights of init.
beside_init() { run --entrypoint node init /stack/docker/backup.mjs "$@"; }

seal() {
  set --
  for path in secrets certs answers.env images.lock.json docker-compose.override.yml .stack-manifest.json; do
    [ ! -e "$path" ] || set -- "$@" "$path"
  done
  # Once without use: what cannot be read must not be missing in what is sealed.
  tar -c -f - --exclude=secrets/sbtc-signer-private-key "$@" >/dev/null || stop 'not all of that can be read'
  tar -c -f - --exclude=secrets/sbtc-signer-private-key "$@" | beside_init seal
}

# shellcheck disable=SC2086
drill() {
  identity=${1:-}
  [ -z "$identity" ] || [ -r "$identity" ] || stop "cannot read IDENTITY=$identity"
  scratch=$(sed -n 's/^stack=//p' config/backup/backup.env)_restore-drill
  trap '$DOCKER volume rm --force "$scratch" >/dev/null' EXIT
  trap 'exit 2' HUP INT TERM
  $DOCKER volume rm --force "$scratch" >/dev/null || stop "the volume $scratch is in use: does another drill run?"
  run backup drill || exit 1
  if [ -n "$identity" ]; then beside_init check <"$identity" || exit 1
  elif [ -e config/backup/recipients.txt ]; then say 'the sealed secrets were not opened: IDENTITY=FILE says with which age identity'
  fi
}

# shellcheck disable=SC2086
restore() {
  # Not to know whether it runs is no leave to go on.
  running=$($COMPOSE ps --quiet --status running --status restarting --status paused stacks-signer) || stop 'Compose does not say whether the signer runs'
  [ -z "$running" ] || stop 'the signer runs: make stop S=stacks-signer first'
  $COMPOSE run --rm --no-deps -T init || stop 'init failed'
  run backup fetch ${1:+"$1"} && beside_init restore || exit 1
  say 'the signer is still stopped: make start starts it'
}

case $what in
  seal | drill | restore) "$@" ;;
  *) echo 'backup.sh: say seal, drill or restore' >&2; exit 2 ;;
esac
