# What of the sBTC signer's dumps needs the host, from the stack's directory:  sh docker/host/dumps.sh now|drill|restore
#   now [REASON]    a dump now, verified, and stored with the backups
#   drill           the newest dump comes back from the repository and is tried out; IDENTITY is a file with the operator's age key
#   restore         a dump goes into the signer's empty database: DUMP of this host's own, or else the newest of the backup
#                   SNAPSHOT, opened with IDENTITY; DESPITE overrules one verdict: chain-unreachable or stale
# 0 done, 1 it is not right, 2 could not do it. make calls it with COMPOSE, NODE, and of sbtc-backup PROGRAM, STORE and WORK.

set -u
cd "${0%/*}/../.." || exit 2

what=${1:-}
COMPOSE=${COMPOSE:-docker compose}
IDENTITY=${IDENTITY:-} DUMP=${DUMP:-} SNAPSHOT=${SNAPSHOT:-} DESPITE=${DESPITE:-}
say() { echo "$what: $*"; }
stop() { say "$@" >&2; exit 2; }

# dumps WORD...: sbtc-backup in a container of its own. The words of $COMPOSE and of $PROGRAM are several.
# shellcheck disable=SC2086
dumps() { $COMPOSE run --rm --no-deps -T sbtc-backup "$@"; }

# with_identity COMMAND...: with the operator's key on its stdin, where one is given.
with_identity() {
  if [ -z "$IDENTITY" ]; then "$@" </dev/null; else "$@" --identity - <"$IDENTITY"; fi
}

# Proven too are a rotation that is pending, and a chain without a key.
proven() { case $1 in 0 | 10 | 11) ;; *) return 1 ;; esac; }

readable() { [ -z "$IDENTITY" ] || [ -r "$IDENTITY" ] || stop "cannot read IDENTITY=$IDENTITY"; }

# The newest dump of a backup, in a folder that sbtc-backup reads. Says its name.
# shellcheck disable=SC2086
bring() {
  $COMPOSE run --rm --no-deps -T init >/dev/null || stop 'init failed'
  $COMPOSE run --rm --no-deps -T backup fetch ${SNAPSHOT:+"$SNAPSHOT"} >&2 </dev/null || exit 1
  $COMPOSE run --rm --no-deps -T --entrypoint node init /stack/docker/backup.mjs arrive </dev/null || exit 1
}

# shellcheck disable=SC2086
now() {
  $COMPOSE exec -T sbtc-backup $PROGRAM backup --reason "${1:-by-hand}"
  verdict=$?
  # Whatever it was found to be: it goes beside those of before, never in their place.
  [ $verdict = 1 ] || [ $verdict = 2 ] || $COMPOSE exec -T backup node /stack/programs/backup.mjs store --now || exit 1
  proven $verdict || exit 1
}

drill() {
  readable
  bring || exit
  with_identity dumps restore-drill --from "$WORK/fetched"
  verdict=$?
  [ -n "$IDENTITY" ] || say 'it was opened with this host'"'"'s own key: IDENTITY=FILE tries yours, which alone is left when the host is lost'
  proven $verdict || exit 1
}

# shellcheck disable=SC2086
restore() {
  readable
  case $DUMP in */* | *.age) stop 'DUMP is a name as make sbtc-backup-list shows it' ;; esac
  # Not to know whether it runs is no leave to go on.
  running=$($COMPOSE ps --quiet --status running --status restarting --status paused sbtc-signer) || stop 'Compose does not say whether the signer runs'
  [ -z "$running" ] || stop "the signer runs: first make stop S='${NODE:-stacks-node} sbtc-signer'"
  path=$STORE/$DUMP
  if [ -z "$DUMP" ]; then name=$(bring) || exit; path=$WORK/fetched/$name; fi
  $COMPOSE up -d --no-deps --no-recreate postgres || stop 'the database cannot be started'
  tries=0
  until $COMPOSE exec -T postgres pg_isready --quiet --username=signer --dbname=signer </dev/null; do
    tries=$((tries + 1))
    [ $tries -lt 60 ] || stop 'the database does not answer: make logs S=postgres'
    sleep 2
  done
  with_identity dumps restore "$path.dump.age" --confirm signer ${DESPITE:+--despite "$DESPITE"} || exit 1
  say 'the signer is still stopped: make start starts it'
}

case $what in
  now | drill | restore) "$@" ;;
  *) echo 'dumps.sh: say now, drill or restore' >&2; exit 2 ;;
esac
