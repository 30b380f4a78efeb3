# The firewall of this host, from the stack's directory:  sh docker/host/firewall.sh apply|confirm|check|remove
# Needs root and nft. Touches one table, that of firewall/firewall.nft, and no file outside /run.
#   0  done; check: what is loaded is the file   1  check, confirm: it is not   2  could not do it, and nothing was changed
# make turns every failure into 2, so a script that must know calls this file.
#
# apply loads the rules on trial: what was loaded before comes back after FIREWALL_SECONDS, 60 unless set, by a process
# that a cut session does not end. confirm keeps the rules.

set -u
cd "${0%/*}/../.." || exit 2
umask 077
LC_ALL=C
PATH=$PATH:/usr/sbin:/sbin
export LC_ALL PATH

what=${1:-}
file=firewall/firewall.nft
say() { echo "firewall-$what: $*"; }
stop() { say "$@" >&2; exit 2; }

case $what in apply | confirm | check | remove) ;; *) echo 'firewall.sh: say apply, confirm, check or remove' >&2; exit 2 ;; esac
[ -r "$file" ] || stop "$file is missing; generate the stack again"
table=$(sed -n 's/^table inet \([A-Za-z0-9_-]*\) {$/\1/p' "$file")
[ -n "$table" ] || stop "$file names no table; generate the stack again"
[ "$(id -u)" = 0 ] || stop "needs root: sudo make firewall-$what"
for program in nft unshare flock setsid; do
  command -v "$program" >/dev/null || stop "$program is not installed: apt-get install nftables util-linux"
done
limit=${FIREWALL_SECONDS:-60}
case $limit in '' | *[!0-9]* | ??????*) stop "FIREWALL_SECONDS=$limit is no number of seconds" ;; esac

state=${FIREWALL_STATE:-/run/stacks-signer-firewall}/$table
case $state in /*) ;; *) stop "FIREWALL_STATE=$FIREWALL_STATE is no absolute path" ;; esac
case $state in *[!A-Za-z0-9_./-]*) stop "FIREWALL_STATE=$FIREWALL_STATE holds a character that a script would have to quote" ;; esac
unit=$table.service
boot=/etc/stacks-signer-firewall/$table.nft

loaded() { nft list table inet "$table" >/dev/null 2>&1; }
# The rules of a file as nft tells them, from a network of their own that ends with the command.
# shellcheck disable=SC2016
meant() { unshare --net sh -c 'nft -f "$1" && nft -s list table inet "$2"' sh "$1" "$table"; }
same() { [ "$(meant "$file" 2>/dev/null)" = "$(nft -s list table inet "$table" 2>/dev/null)" ]; }
on_trial() { [ -s "$state/trial" ]; }
locked() { { exec 9>"$state/lock" && flock 9; } || stop "cannot lock $state"; }

# What brings back the state before, written out whole: the directory may be another one by then.
write_undo() {
  {
    printf 'token=%s state=%s table=%s\n' "$1" "$state" "$table"
    cat <<'UNDO'
PATH=$PATH:/usr/sbin:/sbin
sleep "$1"
exec 9>"$state/lock"
flock 9
[ "$(cat "$state/trial" 2>/dev/null)" = "$token" ] || { rm -f "$0"; exit 0; }
# If what was there cannot be loaded, a host without these rules is one that can be reached.
nft -f "$state/before.nft" || nft delete table inet "$table"
rm -f "$state/trial"
date >"$state/rolled-back"
logger -t stacks-signer-firewall "$table was not confirmed in time: rolled back" 2>/dev/null
rm -f "$0"
UNDO
  } >"$state/undo-$1.sh"
}

# A process that outlives the session: systemd's own, or where there is none, one of a session of its own.
start_undo() {
  if [ -d "${FIREWALL_SYSTEMD:-/run/systemd/system}" ] && command -v systemd-run >/dev/null; then
    systemd-run --quiet --collect --unit "$table-undo-$1" sh "$state/undo-$1.sh" "$limit"
  else
    setsid sh "$state/undo-$1.sh" "$limit" </dev/null >/dev/null 2>&1 9>&- &
  fi
}

# Refuses what would shut out the operator or open the host, as far as that can be seen from here.
fits_host() {
  port=$(sed -n 's/^# *\([0-9]*\)\/tcp SSH, from .*/\1/p' "$file")
  listens=$(ss -Hltnp 2>/dev/null | awk '/"sshd"/ { n = split($4, part, ":"); print part[n] }' | sort -un | tr '\n' ' ')
  case " $listens" in
    ' ' | *" $port "*) ;;
    *) stop "sshd listens on ${listens% }, and the rules keep $port open: write SSH_PORT=${listens%% *} and generate again" ;;
  esac
  for way in $(ip -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p') $(ip -6 -o route show default 2>/dev/null | sed -n 's/.* dev \([^ ]*\).*/\1/p'); do
    case $way in docker* | br-* | ss-*) stop "$way is this host's way out, and has a name that the rules take for one of Docker's networks: rename it" ;; esac
  done
}

apply() {
  meant "$file" >/dev/null || stop "nft refuses $file"
  fits_host
  mkdir -p "$state" || stop "cannot write to $state"
  locked
  # Applied twice: what was there before the first time is what comes back.
  if ! on_trial; then
    { printf 'table inet %s\ndelete table inet %s\n' "$table" "$table"; nft list table inet "$table" 2>/dev/null; } >"$state/before.nft"
    unshare --net nft -f "$state/before.nft" || stop 'nft cannot read back what is loaded now, so it could not be brought back'
  fi
  token=$(cat /proc/sys/kernel/random/uuid)
  write_undo "$token"
  cp "$file" "$state/trial.nft"
  # First the way back, then the rules. It waits for the lock, and so for the token that makes it the one that counts.
  start_undo "$token" || stop 'cannot start the roll-back, so nothing is loaded'
  echo "$token" >"$state/trial"
  rm -f "$state/rolled-back"
  if ! nft -f "$state/trial.nft"; then
    nft -f "$state/before.nft" && rm -f "$state/trial"
    stop 'nft could not load the rules; what was there before is back'
  fi
  say "loaded on trial; in $limit s what was there before comes back"
  say 'log in a second time now. If that works: make firewall-confirm'
}

confirm() {
  [ -d "$state" ] && locked
  if ! on_trial; then
    [ ! -e "$state/rolled-back" ] || say "too late: rolled back, $(cat "$state/rolled-back")" >&2
    [ -e "$state/rolled-back" ] || say 'no rules are on trial: make firewall-apply' >&2
    exit 1
  fi
  loaded || { say 'the rules on trial are not loaded any more: something took them away' >&2; exit 1; }
  rm -f "$state/trial" "$state/before.nft"
  say 'the rules stay, until the next reboot'
  persistence
}

# Whether the rules come back at a reboot, and what to type so that they do.
persistence() {
  if cmp -s "$file" "$boot" && systemctl is-enabled --quiet "$unit" 2>/dev/null; then
    say "loaded at boot by $unit"
    return
  fi
  say 'a reboot loads nothing, or other rules. So that it loads these:'
  echo "  install -D -m 600 $file $boot"
  echo "  install -m 644 firewall/$unit /etc/systemd/system/"
  echo "  systemctl enable $unit"
}

check() {
  if ! loaded; then
    [ ! -e "$state/rolled-back" ] || say "rolled back, since nobody confirmed: $(cat "$state/rolled-back")"
    say "not loaded: no table $table"
    exit 1
  fi
  if ! same; then
    say "what is loaded is not what $file says; < is loaded, > is the file:"
    scratch=$(mktemp -d) || stop "cannot write to ${TMPDIR:-/tmp}"
    nft -s list table inet "$table" >"$scratch/loaded"
    meant "$file" >"$scratch/file"
    diff "$scratch/loaded" "$scratch/file" | grep '^[<>]'
    rm -rf "$scratch"
    exit 1
  fi
  say "loaded as $file says. Open:"
  sed -n 's/^#   \([0-9]\)/  \1/p' "$file"
  persistence
  if on_trial; then
    say 'on trial: make firewall-confirm, or it is rolled back'
    exit 1
  fi
}

remove() {
  if [ -d "$state" ]; then
    locked
    rm -f "$state/trial" "$state/rolled-back"
  fi
  if loaded; then
    nft delete table inet "$table" || stop "nft could not delete table $table"
    say "table $table is gone: nothing of it filters any more"
  else
    say "not loaded: no table $table"
  fi
  if systemctl is-enabled --quiet "$unit" 2>/dev/null; then say "the next reboot loads it again, unless: systemctl disable $unit"; fi
}

"$what"
