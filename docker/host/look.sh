# Looks at this stack, or this host, and says what it sees: sh docker/host/look.sh status|doctor|host-check [--json]
# The program inspect judges, in a container without network and rights that gets the evidence on its standard input and nothing else.
#   0  healthy   1  something was found   2  could not look
# make turns every failure into 2, so a script that must know calls this file.

set -u
cd "${0%/*}/../.." || exit 2

what=${1:-}
case $what in
  status | doctor | host-check) ;;
  *) echo 'look.sh: say status, doctor or host-check' >&2; exit 2 ;;
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

# shellcheck disable=SC2086
sh docker/host/evidence.sh "$what" | sh docker/host/program.sh inspect -- "$what" $format
code=$?
# A fault of the program, and what Docker cannot start, have codes of their own.
case $code in 0 | 1 | 2) exit $code ;; *) echo "$what: the program ended with $code" >&2; exit 2 ;; esac
