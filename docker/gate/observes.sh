# Ends with 0 if the node of this container runs with its event observer: sh observes.sh CONFIG ENDPOINT
# 1: its config names no such observer. 3: it is not started yet. 4: it runs without, until its signer is there.
# The running process is asked, and not the log, which says this once at each start and is rotated.

runs=
for one in "${STACK_ROOT:-}"/proc/[0-9]*/cmdline; do
  case $(tr '\0' ' ' <"$one" 2>/dev/null) in
    "/bin/stacks-node start --config $1 ") runs=$1 ;;
    "/bin/stacks-node start --config "*) runs=${runs:-another} ;;
  esac
done

case $runs in
  '') echo 'the node is not started yet' >&2; exit 3 ;;
  another) echo 'the node follows without its event observer until its signer is there' >&2; exit 4 ;;
esac
grep -qxF "endpoint = \"$2\"" "$1" || { echo "$1 names no event observer at $2" >&2; exit 1; }
echo "the node runs with its event observer at $2"
