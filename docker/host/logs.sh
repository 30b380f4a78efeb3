# The limits of this machine's journal, from the stack's directory:
#   sh docker/host/logs.sh install   puts config/journald.conf in place, as a drop-in for journald; needs root
#   sh docker/host/logs.sh check     prints each setting of config/journald.conf that journald does not have
#   sh docker/host/logs.sh remove    removes that drop-in; needs root
#   0  done   2  could not do it

set -u
cd "${0%/*}/../.." || exit 2
umask 022
LC_ALL=C
export LC_ALL

what=${1:-}
say() { echo "logs-$what: $*"; }
stop() { say "$@" >&2; exit 2; }

stack=${STACK:-}
[ -n "$stack" ] || stop 'STACK must name the stack: make logs-install and make logs-remove do that'
# STACK_ROOT is for tests.
root=${STACK_ROOT:-}
dropin=$root/etc/systemd/journald.conf.d/stacks-signer-$stack.conf
as_root() { [ "$(id -u)" = 0 ] || stop "needs root: sudo make logs-$what"; }

install() {
  as_root
  { mkdir -p "${dropin%/*}" && cp config/journald.conf "$dropin" && chmod 644 "$dropin"; } || stop "cannot write $dropin"
  # The flush takes the journal from memory to the disk, where it was only in memory before.
  { systemctl restart systemd-journald && journalctl --flush; } || stop 'journald did not take it; systemctl status systemd-journald says why'
  say "$dropin is in place. Its limits are for the whole journal of this machine:"
  sed -n '/^[A-Z]/p' "$dropin"
  check
}

# A later drop-in may set the same name: what journald reads last counts.
check() {
  counts=$(systemd-analyze ${root:+--root="$root"} cat-config systemd/journald.conf) || stop 'systemd-analyze does not say how journald is set'
  sed -n 's/^\([A-Z][A-Za-z]*\)=/\1 /p' config/journald.conf | while read -r name value; do
    set_to=$(printf '%s\n' "$counts" | sed -n "s/^$name=//p" | tail -n 1)
    [ "$set_to" = "$value" ] || echo "journald has $name=${set_to:-(its default)}, not $name=$value"
  done
}

remove() {
  as_root
  [ -e "$dropin" ] || { say 'nothing is installed'; exit 0; }
  { rm -f "$dropin" && systemctl restart systemd-journald; } || stop "cannot remove $dropin"
  say "$dropin is removed; the journal has the limits of this machine again"
}

case $what in
  install | check | remove) "$what" ;;
  *) echo 'logs.sh: say install, check or remove' >&2; exit 2 ;;
esac
