# Gathers what `make status`, `make doctor` and `make host-check` judge and `make support-bundle` packs, and prints it as one stream:
#   sh evidence.sh status|doctor|host-check|support        from the stack's directory
# Reads only. Of secrets it knows names, modes and owners; lines of logs that could hold one are left out here, and of an
# environment only the names are taken. Needs a POSIX shell, coreutils, sed, grep, awk and Docker; whatever else it asks
# (timedatectl, sshd, ss, git) may be missing, and is then told to be.
#
# The stream: "stack-evidence 1 MODE", then for each question "section NAME EXITCODE BYTES BYTES" with what was said on
# stdout and stderr after it, then "end COUNT". Counted bytes, so that no answer can pretend to be another section.

set -u
umask 077
LC_ALL=C
COMPOSE=${COMPOSE:-docker compose}
DOCKER=${DOCKER:-docker}
export LC_ALL COMPOSE DOCKER

mode=$1
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' HUP INT TERM

# What config/stack.json says, unless look.sh has asked already.
STACK_FACTS=${STACK_FACTS:-$(sh docker/host/program.sh init -- facts <config/stack.json)} || exit 2
fact() { printf '%s\n' "$STACK_FACTS" | sed -n "s/^$1=//p"; }

# limit SECONDS COMMAND...: the words of $COMPOSE and $DOCKER may be several.
limit() { timeout "$@"; }
# shellcheck disable=SC2086
compose() { limit 20 $COMPOSE "$@"; }
# shellcheck disable=SC2086
docker_() { limit 20 $DOCKER "$@"; }
# shellcheck disable=SC2086
inside() { limit "$patience" $DOCKER exec "$@"; }

# take NAME COMMAND...: runs it, and keeps what it says as section NAME.
take() {
  _name=$1
  shift
  { "$@" </dev/null 2>"$work/$_name.err.part"; echo $? >"$work/$_name.code"; } | head -c 4000000 >"$work/$_name.out"
  head -c 4000 "$work/$_name.err.part" >"$work/$_name.err"
}

emit() {
  count=0
  printf 'stack-evidence 1 %s\n' "$mode"
  for code in "$work"/*.code; do
    [ -e "$code" ] || continue
    part=${code%.code}
    count=$((count + 1))
    printf 'section %s %s %s %s\n' "${part##*/}" "$(cat "$code")" "$(($(wc -c <"$part.out")))" "$(($(wc -c <"$part.err")))"
    cat "$part.out" "$part.err"
    echo
  done
  echo "end $count"
}

# --- the stack's files

facts() { printf '%s\n' "$STACK_FACTS"; }

# What Compose makes of the files, override included: of each service only the keys that the checks look at.
compose_config() {
  compose config --format json | awk '
    /^  "/ { inside = /^  "services": [{]/ }
    /^  "name": / { print }
    inside && /^    "/ { service = $1; gsub(/[":]/, "", service); keep = 0; print "service " service }
    inside && /^      "/ { keep = /^      "(image|user|privileged|network_mode|pid|ipc|read_only|cap_add|cap_drop|security_opt|ports|volumes|logging|restart)":/ }
    inside && /^    [}]/ { keep = 0 }
    inside && keep { print "line " service " " $0 }'
}

# Owner, mode and size; what is in them is not looked at.
files_of_stack() { stat -L -c '%a %u %g %s %F|%n' . secrets secrets/* certs certs/* answers.env docker-compose.override.yml 2>/dev/null; }

# Only lines that are known to hold no secret.
config_lines() {
  for file in config/node-config.toml config/signer-config.toml config/bitcoin.conf; do
    [ -e "$file" ] || continue
    echo "file $file"
    grep -E '^[[:space:]]*(\[[[a-z_.0-9]+\]\]?[[:space:]]*$|(endpoint|events_keys|stacker|mode|network|node_host|peer_host|peer_port|rpc_bind|p2p_bind|p2p_address|public_ip_address|metrics_endpoint|db_path|disable_retries|event_dispatcher_blocking|private_neighbors|chain|prune|bind|whitebind|listen|rpcbind)[[:space:]]*=|(auth_token|auth_password|stacks_private_key)[[:space:]]*=[[:space:]]*"@[A-Z_]+@"[[:space:]]*$)' "$file"
  done
}

tracked() {
  command -v git >/dev/null || { echo 'git is not installed' >&2; return 3; }
  git rev-parse --is-inside-work-tree >/dev/null 2>&1 || return 0
  git ls-files -- secrets | head -n 20
}

# --- containers

# shellcheck disable=SC2016
container='{"id":{{json .ID}},"name":{{json .Name}},"path":{{json .Path}},"image":{{json .Config.Image}},"imageId":{{json .Image}},"user":{{json .Config.User}},"labels":{{json .Config.Labels}},"env":[{{range $i, $e := .Config.Env}}{{if $i}},{{end}}{{json (index (split $e "=") 0)}}{{end}}],"status":{{json .State.Status}},"running":{{json .State.Running}},"restarting":{{json .State.Restarting}},"oom":{{json .State.OOMKilled}},"exit":{{json .State.ExitCode}},"error":{{json .State.Error}},"started":{{json .State.StartedAt}},"finished":{{json .State.FinishedAt}},"health":{{if .State.Health}}{{json .State.Health.Status}}{{else}}""{{end}},"restarts":{{json .RestartCount}},"privileged":{{json .HostConfig.Privileged}},"readonly":{{json .HostConfig.ReadonlyRootfs}},"network":{{json .HostConfig.NetworkMode}},"pid":{{json .HostConfig.PidMode}},"ipc":{{json .HostConfig.IpcMode}},"capAdd":{{json .HostConfig.CapAdd}},"capDrop":{{json .HostConfig.CapDrop}},"security":{{json .HostConfig.SecurityOpt}},"log":{{json .HostConfig.LogConfig}},"ulimits":{{json .HostConfig.Ulimits}},"restart":{{json .HostConfig.RestartPolicy.Name}},"published":{{json .HostConfig.PortBindings}},"networks":[{{$first := true}}{{range $n, $v := .NetworkSettings.Networks}}{{if $first}}{{$first = false}}{{else}},{{end}}{{json $n}}{{end}}],"mounts":{{json .Mounts}}}'

# Every container of the engine with its mounts: another stack may use our volumes, or our key. A signer behind its gate is
# one too; other arguments are nobody's business.
neighbour='{"id":{{json .ID}},"name":{{json .Name}},"path":{{if .Args}}{{if eq (index .Args 0) "/etc/stacks-signer/stacks-signer.sh"}}"/bin/stacks-signer"{{else}}{{json .Path}}{{end}}{{else}}{{json .Path}}{{end}},"image":{{json .Config.Image}},"running":{{json .State.Running}},"restart":{{json .HostConfig.RestartPolicy.Name}},"project":{{json (index .Config.Labels "com.docker.compose.project")}},"service":{{json (index .Config.Labels "com.docker.compose.service")}},"directory":{{json (index .Config.Labels "com.docker.compose.project.working_dir")}},"oneoff":{{json (index .Config.Labels "com.docker.compose.oneoff")}},"mounts":{{json .Mounts}}}'

listed() {
  docker_ ps --all --no-trunc --filter "label=com.docker.compose.project=$project" \
    --format '{{.Label "com.docker.compose.service"}} {{.ID}} {{.State}} {{.Label "com.docker.compose.oneoff"}}' | awk '$NF != "True"'
}

# The id of a running container of the service; nothing when there is none.
id_of() { awk -v service="$1" '$1 == service && $3 == "running" { print $2; exit }' "$work/listed.out"; }
any_id_of() { awk -v service="$1" '$1 == service { print $2; exit }' "$work/listed.out"; }

containers() {
  ids=$(awk '{ print $2 }' "$work/listed.out")
  # shellcheck disable=SC2086
  [ -z "$ids" ] || docker_ inspect --type container --format "$container" $ids
}

neighbours() {
  ids=$(docker_ ps --all --quiet --no-trunc) || return
  # One that ends meanwhile is no fault.
  # shellcheck disable=SC2086
  [ -z "$ids" ] || docker_ inspect --type container --format "$neighbour" $ids || true
}

other_signers() {
  # shellcheck disable=SC2016
  sed -n 's/^{"id":"\([0-9a-f]*\)","name":"\([^"]*\)","path":"[^"]*stacks-signer","image":"[^"]*","running":true,.*/\1 \2/p' "$work/neighbours.out" | while read -r id name; do
    # Its own, whatever it does just now.
    [ "$id" = "$(any_id_of stacks-signer)" ] && continue
    answer=$(inside "$id" sh /etc/stacks-signer/http-get.sh 127.0.0.1 "$(fact signer_metrics)" /info 2>/dev/null </dev/null | tr -d '\n')
    printf '%s %s\n' "${name#/}" "$answer"
  done
}

# Docker unpacks every rotated file that may hold what is asked for onto its disk: three days are enough of a container that runs.
recent() { awk -v id="$1" '$2 == id && $3 == "running" { print "--since 72h" }' "$work/listed.out"; }
# Lines that could show a secret are not taken: a node that debugs prints its whole configuration.
hide='auth_token|auth_password|private_key|mnemonic|peer_seed|rpcpassword|rpcauth|password|seed"?[ :=]'
# What is long enough to be a key is shortened before the line is cut, which could cut it in two.
without_secrets() { grep -avEi "$hide" | sed -E 's/([0-9a-fA-F]{10})[0-9a-fA-F]{30,}/\1.../g' | cut -c1-"$longest"; }
# The keys that a program would have taken instead of an unknown one are names, and would hide the line that counts.
# shellcheck disable=SC2046
logs() { docker_ logs --timestamps $(recent "$1") --tail "$2" "$1" 2>&1 | sed 's/, expected one of .*//' | without_secrets; }
# The newest lines that tell of a program's work: 20 of its registration, 20 of the blocks that would push those out, and 20 of a
# signer that cannot begin. All of them come again and again, so that none is missed where the log is rotated.
marks() {
  docker_ logs --timestamps "$@" 2>&1 | grep -aE 'registered for reward cycle|registered_for_current|Broadcasting block response to stacks node|Advanced to new tip|Failed to initialize signer runloop' \
    | without_secrets | awk '
      { kind = /Broadcasting block response|Advanced to new tip/ + 2 * /Failed to initialize/; last[kind, count[kind]++ % 20] = $0 }
      END { for (kind in count) for (i = count[kind] > 20 ? count[kind] - 20 : 0; i < count[kind]; i++) print last[kind, i % 20] }' | sort
}

# --- what the programs answer

node_get() { inside "$node" sh /etc/stacks-node/http-get.sh 127.0.0.1 "$(fact node_rpc)" "$1"; }
signer_get() { inside "$signer" sh /etc/stacks-signer/http-get.sh 127.0.0.1 "$(fact signer_metrics)" "$1"; }
# shellcheck disable=SC2046
bitcoin_cli() { inside "$bitcoind" bitcoin-cli $(fact bitcoin_cli) "$@"; }

node_chain() {
  take node.pox node_get /v2/pox
  cycle=$(sed -n 's/.*"reward_cycle_id": *\([0-9][0-9]*\).*/\1/p' "$work/node.pox.out" | head -n 1)
  [ -n "$cycle" ] || return 0
  take node.set node_get "/v3/stacker_set/$cycle" &
  take node.next-set node_get "/v3/stacker_set/$((cycle + 1))" &
  key=$(fact public_key)
  [ -z "$key" ] || take node.signed node_get "/v3/signer/$key/$cycle" &
  wait
}

# The disk of a volume as its own container sees it.
volume_disks() {
  for pair in bitcoind:/var/lib/bitcoin stacks-node:/var/lib/stacks-node stacks-signer:/var/lib/stacks-signer; do
    id=$(id_of "${pair%%:*}")
    [ -n "$id" ] || continue
    inside "$id" df -Pk "${pair#*:}" | sed -n "2s/^/${pair%%:*} /p"
  done
}
volume_inodes() {
  for pair in bitcoind:/var/lib/bitcoin stacks-node:/var/lib/stacks-node stacks-signer:/var/lib/stacks-signer; do
    id=$(id_of "${pair%%:*}")
    [ -n "$id" ] || continue
    inside "$id" df -Pi "${pair#*:}" | sed -n "2s/^/${pair%%:*} /p"
  done
}
open_files() {
  for service in bitcoind stacks-node stacks-signer node-tls signer-tls; do
    id=$(id_of "$service")
    # shellcheck disable=SC3045
    [ -z "$id" ] || printf '%s %s\n' "$service" "$(inside "$id" sh -c 'ulimit -n')"
  done
}

# --- what only the volumes tell

# Compares what init has filled in with what the files now say. Root with the one right to read, all of it read-only; it
# answers with yes, no and public keys.
filled() {
  set --
  for entry in $(docker_ volume ls --filter "label=com.docker.compose.project=$project" --format '{{.Name}}:{{.Label "com.docker.compose.volume"}}'); do
    volume=${entry#*:}
    case $volume in
      bitcoin-data) place=/var/lib/bitcoin ;;
      bitcoin-config) place=/etc/bitcoin ;;
      stacks-node-data | stacks-signer-data) place=/var/lib/${volume%-data} ;;
      stacks-node-config | stacks-signer-config | node-tls-config | signer-tls-config) place=/etc/${volume%-config} ;;
      *) continue ;;
    esac
    # A volume that a folder of this machine has replaced is left over.
    case " $(fact data_folders)" in *" $place="*) continue ;; esac
    set -- "$@" --mount "type=volume,source=${entry%%:*},target=$place,readonly"
  done
  for entry in $(fact data_folders); do set -- "$@" --mount "type=bind,source=${entry#*=},target=${entry%%=*},readonly"; done
  for folder in config docker certs; do
    [ ! -d "$folder" ] || set -- "$@" --mount "$(bound "$folder" "/stack/$folder")"
  done
  for name in $(fact secrets); do
    [ ! -f "secrets/$name" ] || set -- "$@" --mount "$(bound "secrets/$name" "/run/secrets/$name")"
  done
  limit 20 sh docker/host/program.sh init --user 0:0 --cap-add DAC_READ_SEARCH "$@" -- compare
}

# A mount of something of this directory. Its fields are those of CSV: a comma or a quote in the directory's name is no end of one.
bound() { printf 'type=bind,"source=%s",target=%s,readonly' "$(printf '%s/%s' "$PWD" "$1" | sed 's/"/""/g')" "$2"; }

wire() {
  sidecar=$(id_of "$(fact tls_first)")
  [ -n "$sidecar" ] || { echo 'the sidecar does not run' >&2; return 3; }
  # shellcheck disable=SC2046
  limit 20 sh docker/host/program.sh inspect --network "container:$sidecar" --mount "$(bound certs /certs)" -- certs /certs/ca.pem $(fact "$1")
}

# --- the host

block_devices() {
  for device in /sys/class/block/*; do
    real=$(readlink -f "$device")
    [ -e "$real/queue" ] || real=${real%/*}
    printf '%s %s %s %s %s\n' "${device##*/}" "$(cat "$real/queue/rotational" 2>/dev/null || echo ?)" \
      "$(cat "$device/dm/name" 2>/dev/null || echo -)" "$(cut -c1-5 "$device/dm/uuid" 2>/dev/null || echo -)" "$(cat "$real/device/vendor" 2>/dev/null || echo -)"
  done
}
clock() {
  if command -v timedatectl >/dev/null; then limit 5 timedatectl show --property NTPSynchronized --property NTP
  elif command -v chronyc >/dev/null; then limit 5 chronyc -n tracking
  else echo 'neither timedatectl nor chronyc is installed' >&2; return 3
  fi
}
root_of_docker() { docker_ info --format '{{.DockerRootDir}}'; }
engine() { docker_ version --format '{{json .Server.Version}} {{json .Client.Version}}' && docker_ info --format '{{json .SecurityOptions}}' && compose version --short; }
host_disk() { root=$(root_of_docker) && { df -Pk "$root" | sed 1d; df -Pi "$root" | sed 1d; df -Pk . | sed 1d; }; }
processor() { uname -m; grep -m 1 '^flags' /proc/cpuinfo; }
memory() { cat /proc/meminfo; sed 1d /proc/swaps; }

# The last line that the snapshot has said: it ends when it is done.
snapshot_state() { docker_ logs --tail 1 "$snapshot" 2>&1 | sed 's/^snapshot: //; s/; nothing more to do$//'; }

gather_stack() {
  take facts facts
  take config compose_config
  project=$(sed -n '1s/^  "name": "\([^"]*\)".*/\1/p' "$work/config.out")
  project=${project:-$(fact stack)}
  take listed listed
  node=$(id_of stacks-node) signer=$(id_of stacks-signer) bitcoind=$(id_of bitcoind) snapshot=$(any_id_of snapshot) guard=$(id_of guard)
  take containers containers &
  take disk.volumes volume_disks &
  if [ -n "$node" ]; then
    take node.info node_get /v2/info &
    take node.health node_get /v3/health &
    node_chain &
  fi
  if [ -n "$signer" ]; then
    take signer.info signer_get /info &
    take signer.metrics signer_get /metrics &
  fi
  [ -z "$bitcoind" ] || take bitcoin.chain bitcoin_cli getblockchaininfo &
  [ -z "$bitcoind" ] || take bitcoin.network bitcoin_cli getnetworkinfo &
  [ -z "$guard" ] || take guard.verdict inside "$guard" cat /var/lib/stacks-signer/guard/verdict &
  sbtc=$(id_of sbtc-watch)
  if [ -n "$sbtc" ]; then
    take sbtc.state inside "$sbtc" node /stack/programs/sbtc-watch.mjs --state &
    take sbtc.set inside "$sbtc" node /stack/programs/sbtc-watch.mjs --set &
  fi
  second=$(id_of sbtc-bitcoind)
  # shellcheck disable=SC2046
  [ -z "$second" ] || take sbtc.bitcoin inside "$second" bitcoin-cli $(fact sbtc_bitcoin_cli) getblockchaininfo &
  backup=$(id_of backup)
  [ -z "$backup" ] || take backup.state inside "$backup" cat /var/lib/backup/state.json &
  dumps=$(id_of sbtc-backup)
  [ -z "$dumps" ] || take sbtc-backup.state inside "$dumps" cat /var/lib/sbtc-backup/state.json &
  [ -z "$snapshot" ] || take snapshot.status snapshot_state &
  take disk.docker host_disk &
  [ -z "$(fact log_days)" ] || take journal limit 20 env STACK="$(fact stack)" sh docker/host/logs.sh check &
}

gather_status() {
  gather_stack
  signer=$(any_id_of stacks-signer)
  [ -z "$signer" ] || take marks.stacks-signer marks --since 3h "$signer" &
  [ -z "$(fact tls_own)" ] || take tls.own wire tls_own &
  wait
}

gather_doctor() {
  gather_stack
  take engine engine &
  take hashes compose config --hash '*' &
  take files files_of_stack &
  take config.lines config_lines &
  take tracked tracked &
  take clock clock &
  take processor processor &
  take memory memory &
  take devices block_devices &
  take inodes volume_inodes &
  take open-files open_files &
  take filled filled &
  take volumes docker_ volume ls --format '{{.Name}} {{.Label "com.docker.compose.project"}} {{.Label "com.docker.compose.volume"}}' &
  [ -z "$(fact tls_first)" ] || take tls.wire wire tls_targets &
  [ -z "$node" ] || take node.sortitions node_get /v3/sortitions/latest_and_last &
  [ -z "$node" ] || take node.observes inside "$node" sh /etc/stacks-node/observes.sh /etc/stacks-node/node-config.toml "$(fact observer)" &
  [ -z "$signer" ] || take signer.heartbeat signer_get /heartbeat &
  for service in $(fact services); do
    id=$(any_id_of "$service")
    [ -n "$id" ] || continue
    take "logs.$service" logs "$id" 3000 &
    # shellcheck disable=SC2046
    case $service in stacks-node | stacks-signer) take "marks.$service" marks $(recent "$id") "$id" & ;; esac
  done
  wait
  take neighbours neighbours
  take other-signers other_signers
}

# --- the host's own hardening

ssh_settings() {
  sshd=$(command -v sshd || { [ ! -x /usr/sbin/sshd ] || echo /usr/sbin/sshd; })
  [ -n "$sshd" ] || { echo 'none'; return 0; }
  "$sshd" -T | grep -Ei '^(passwordauthentication|kbdinteractiveauthentication|permitrootlogin|permitemptypasswords|pubkeyauthentication|port|allowusers|allowgroups) '
}
people() { id -u; id -un; getent passwd | awk -F : '($3 == 0 || $3 >= 1000) && $3 < 65000 && $7 !~ /(nologin|false|sync)$/ { print "login " $1 " " $3 }'; getent group docker | sed 's/^/group /'; }
listeners() {
  if command -v ss >/dev/null; then ss -Hltn | awk '{ print $4 }'
  elif command -v netstat >/dev/null; then netstat -ltn | awk '/^tcp/ { print $4 }'
  else echo 'neither ss nor netstat is installed' >&2; return 3
  fi
}
docker_socket() {
  stat -L -c '%a %U %G' /var/run/docker.sock
  [ -z "${DOCKER_HOST:-}" ] || echo "DOCKER_HOST $DOCKER_HOST"
  [ ! -r /etc/docker/daemon.json ] || grep -o '"hosts"[^]]*]' /etc/docker/daemon.json
  true
}
firewall() {
  if command -v nft >/dev/null && nft list ruleset 2>/dev/null | awk '/hook input/ { hook = 1 } hook && /policy drop/ { found = 1 } /^}/ { hook = 0 } END { exit !found }'; then echo 'nft: input drops by default'; return 0; fi
  if command -v iptables >/dev/null && iptables -S INPUT 2>/dev/null | grep -q -e '-P INPUT DROP'; then echo 'iptables: input drops by default'; return 0; fi
  if command -v systemctl >/dev/null; then for unit in nftables ufw firewalld; do echo "unit $unit $(systemctl is-active "$unit" 2>/dev/null)"; done; fi
  [ "$(id -u)" = 0 ] && echo 'looked as root'
  true
}
updates() {
  now=$(date +%s)
  [ -e /etc/debian_version ] && echo debian
  if command -v apt-config >/dev/null; then apt-config dump | grep -E '^APT::Periodic::(Update-Package-Lists|Unattended-Upgrade) '; fi
  [ -x /usr/bin/unattended-upgrade ] && echo 'unattended-upgrade installed'
  for stamp in /var/lib/apt/periodic/update-success-stamp /var/lib/apt/lists; do [ ! -e "$stamp" ] || echo "age $(((now - $(stat -c %Y "$stamp")) / 86400)) $stamp"; done
  [ ! -e /var/run/reboot-required ] || echo 'reboot required'
  uname -r
  for kernel in /boot/vmlinuz-*; do [ ! -e "$kernel" ] || echo "kernel ${kernel#/boot/vmlinuz-}"; done
  true
}
kernel_settings() {
  for name in kernel/randomize_va_space kernel/core_pattern fs/suid_dumpable kernel/yama/ptrace_scope vm/swappiness; do printf '%s %s\n' "$name" "$(cat "/proc/sys/$name" 2>/dev/null || echo ?)"; done
}

# The doctor's, and what only status asks.
gather_support() {
  take machine uname -srm
  gather_doctor
  [ -z "$(fact tls_own)" ] || take tls.own wire tls_own
}

gather_host() {
  gather_stack
  take engine engine &
  take files files_of_stack &
  take tracked tracked &
  take clock clock &
  take memory memory &
  take devices block_devices &
  take ssh ssh_settings &
  take people people &
  take listeners listeners &
  take socket docker_socket &
  take firewall firewall &
  take updates updates &
  take kernel kernel_settings &
  take mounts cat /proc/mounts &
  wait
}

patience=8
# The longest line of a log. What is packed is first searched for secrets, which this must not cut in two.
longest=600
[ "$mode" != support ] || longest=65536
take now date +%s
case $mode in
  status) gather_status ;;
  doctor) gather_doctor ;;
  host-check) gather_host ;;
  support) gather_support ;;
  *) echo "evidence.sh: status, doctor, host-check or support, not $mode" >&2; exit 2 ;;
esac
emit
