# Looks at this stack, or this host, and says what it sees: sh docker/host/look.sh status|doctor|host-check [--json]
#   sh docker/host/look.sh support        packs what status and doctor look at, and the configuration, for a public report
# The program inspect judges, in a container without network and rights that gets the evidence on its standard input and nothing else.
#   0  healthy   1  something was found   2  could not look
# make turns every failure into 2, so a script that must know calls this file.

set -u
cd "${0%/*}/../.." || exit 2

what=${1:-}
case $what in
  status | doctor | host-check | support) ;;
  *) echo 'look.sh: say status, doctor, host-check or support' >&2; exit 2 ;;
esac
format=${2:-}
case $format in
  '' | --json) ;;
  *) echo "look.sh: the only option is --json, not $format" >&2; exit 2 ;;
esac

COMPOSE=${COMPOSE:-docker compose}
DOCKER=${DOCKER:-docker}
export COMPOSE DOCKER

# shellcheck disable=SC2086
if ! said=$(timeout 20 $DOCKER version --format '{{.Server.Version}}' 2>&1); then
  echo "$what: Docker does not answer: $said" >&2
  echo "$what: start it (systemctl start docker), or use an account that may speak to it" >&2
  exit 2
fi
[ -f config/stack.json ] || { echo "$what: config/stack.json is missing; generate the stack again" >&2; exit 2; }
if ! STACK_FACTS=$(sh docker/host/program.sh init -- facts <config/stack.json); then
  # Without it there is nothing to compare with, but what runs can be listed.
  # shellcheck disable=SC2086
  [ "$what" != status ] || $COMPOSE ps --all --format 'table {{.Service}}\t{{.Status}}'
  exit 2
fi
export STACK_FACTS

# The files that are packed, and the secrets, which the program searches for in everything else. The form is that of evidence.sh.
files() {
  echo 'stack-evidence 1 files'
  {
    find docker-compose.yml answers.env .stack-manifest.json images.lock.json config -type f 2>/dev/null
    find secrets ! -type d
  } | {
    count=0
    while IFS= read -r path; do
      if [ ! -f "$path" ] || [ ! -r "$path" ]; then echo "support: $path cannot be read" >&2; exit 2; fi
      size=$(($(wc -c <"$path")))
      case $path in
        secrets/*) [ "$size" -le 65536 ] || { echo "support: $path is too large for a secret" >&2; exit 2; } ;;
      esac
      printf 'section %s 0 %s 0\n' "$path" "$size"
      cat "$path"
      echo
      count=$((count + 1))
    done
    echo "end $count"
  }
}

support() {
  umask 077
  if [ -e secrets ] && ! { [ -r secrets ] && [ -x secrets ]; }; then echo 'support: secrets/ cannot be read' >&2; exit 2; fi
  bundle=support-$(printf '%s\n' "$STACK_FACTS" | sed -n 's/^stack=//p')-$(date -u +%Y%m%dT%H%M%SZ).tar.gz
  trap 'rm -f "$bundle.part"' EXIT
  trap 'exit 2' HUP INT TERM
  # Without its end, which files leaves out where it fails, the program packs nothing.
  { files && sh docker/host/evidence.sh support; } | sh docker/host/program.sh inspect -- support >"$bundle.part" || exit 2
  mv "$bundle.part" "$bundle" || exit 2
  echo "$bundle has these files:"
  tar -tzf "$bundle"
  echo 'No secret of secrets/ is in it, and of what looks like a key only the first digits. docker-compose.override.yml is left out. Not hidden'
  echo 'are names and addresses: of this machine, its folders, users and peers, and of every container on it. Read it before you publish it.'
}

if [ "$what" = support ]; then
  [ -z "$format" ] || { echo 'look.sh: support has no JSON' >&2; exit 2; }
  support
  exit
fi

# shellcheck disable=SC2086
sh docker/host/evidence.sh "$what" | sh docker/host/program.sh inspect -- "$what" $format
code=$?
# A fault of the program, and what Docker cannot start, have codes of their own.
case $code in 0 | 1 | 2) exit $code ;; *) echo "$what: the program ended with $code" >&2; exit 2 ;; esac
