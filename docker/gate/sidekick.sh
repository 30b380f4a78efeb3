# Runs Signer Sidekick with its token, which it takes from its environment alone: sh sidekick.sh PROGRAM [ARGUMENT]...
# So the token stands in no Compose file and in no answer of docker inspect. Needs a POSIX shell.

set -eu
IFS= read -r SIDEKICK_AUTH_TOKEN <"${STACK_ROOT:-}/etc/sidekick/sidekick-auth-token" || [ -n "$SIDEKICK_AUTH_TOKEN" ]
export SIDEKICK_AUTH_TOKEN
exec "$@"
