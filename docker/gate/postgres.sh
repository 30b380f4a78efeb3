# Makes the database of the sBTC signer once, whole or not at all, then becomes PostgreSQL: sh postgres.sh
# Uses what the image holds: a POSIX shell, coreutils, sed, and PostgreSQL's own programs on the PATH or in its folder.

set -eu
umask 077
data=${STACK_ROOT:-}/var/lib/postgresql/data
config=${STACK_ROOT:-}/etc/postgres
cluster=$data/cluster
making=$data/making

for folder in /usr/lib/postgresql/*/bin; do
  [ -d "$folder" ] && PATH=$PATH:$folder
done

say() { echo "postgres: $*" >&2; }

# 16.15 is of major 16, and so is what it has written.
major=$(postgres --version | sed 's/[^0-9]*\([0-9][0-9]*\).*/\1/')

if [ ! -d "$cluster" ]; then
  password=$(cat "$config/postgres-password")
  # It goes into SQL as it stands.
  case $password in
    '' | *[!A-Za-z0-9._~-]*) say 'the password is empty or holds what it may not'; exit 1 ;;
  esac
  say 'making the database'
  # What is left of a start that was killed is no database yet.
  rm -rf "$making"
  initdb --pgdata "$making" --username postgres --auth-local peer --auth-host reject --encoding UTF8 --locale C --data-checksums >/dev/null
  # The superuser enters by the socket alone; the signer owns its database, in which its migrations make what they need.
  printf "CREATE ROLE signer LOGIN PASSWORD '%s';\nCREATE DATABASE signer OWNER signer;\n" "$password" \
    | postgres --single -D "$making" -c exit_on_error=on postgres >/dev/null
  unset password
  sync
  mv "$making" "$cluster"
  say 'made'
fi

if [ "$(cat "$cluster/PG_VERSION")" != "$major" ]; then
  say "the database is of PostgreSQL $(cat "$cluster/PG_VERSION"), and this is $major: restore a backup into a new volume"
  exit 1
fi

exec postgres -D "$cluster" -c "config_file=$config/postgresql.conf"
