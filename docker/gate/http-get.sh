# Prints the body of GET: sh http-get.sh HOST PORT PATH [status]
# Ends with another code than 0 if the answer is not 200, ends early or has more than 8 MiB.
# With the word status it prints no body, and gives up after 8 seconds: for health checks.
# The client is written here because the images hold none that keeps to one host and to a bounded memory: redirects are not
# followed. bash makes the connection where there is one, else the nc of busybox.

case $1 in *:*) name="[$1]" ;; *) name=$1 ;; esac
seconds=30 only=${4:-}
[ "$only" != status ] || seconds=8

# Its stdin and stdout are the connection, 4 is the real stdout: NAME PORT PATH SECONDS
client='
  LC_ALL=C
  export LC_ALL
  end=$(printf "\r")
  total=0
  fail() { echo "http-get: $1" >&2; exit 1; }

  read_line() {
    IFS= read -r -n 8192 line || fail "the answer ended early"
    [ "${#line}" -lt 8192 ] || fail "the answer has too long a line"
    line=${line%"$end"}
  }

  # Exactly so many bytes.
  copy() {
    total=$((total + $1))
    [ "$total" -le 8388608 ] || fail "the answer has more than 8 MiB"
    [ "$1" -eq 0 ] || take "$1" || fail "the answer ended early"
  }

  # What dd says of a block tells whether it was whole. A killed shell must not leave it waiting for ever.
  take() {
    case $(timeout "$seconds" dd bs="$1" count=1 iflag=fullblock 2>&1 >&4) in *"1+0 records in"*) ;; *) return 1 ;; esac
  }

  name=$1 port=$2 path=$3 seconds=$4 only=${6:-}
  printf "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$path" "$name" "$port"
  IFS=" " read -r -t 8 -n 8192 version status rest || fail "no answer"
  status=${status%"$end"}
  case "$version $status" in HTTP/1.[01]\ [1-5][0-9][0-9]) ;; *) fail "not an HTTP answer" ;; esac
  [ "$status" = 200 ] || fail "status $status"
  [ "$only" != status ] || exit 0

  length= chunked= lines=0
  while read_line; [ -n "$line" ]; do
    lines=$((lines + 1))
    [ "$lines" -le 100 ] || fail "the answer has too long a head"
    case $line in
      [Cc]ontent-[Ll]ength:*) length=${line#*:} length=${length# } ;;
      [Tt]ransfer-[Ee]ncoding:*[Cc]hunked*) chunked=yes ;;
    esac
  done

  if [ "$chunked" ]; then
    while read_line; do
      size=${line%%[; ]*}
      case $size in "" | *[!0-9A-Fa-f]*) fail "a chunk without a size" ;; ????????*) fail "the answer has more than 8 MiB" ;; esac
      [ "$((0x$size))" -gt 0 ] || exit 0
      copy "$((0x$size))"
      read_line
    done
  elif [ "$length" ]; then
    case $length in *[!0-9]*) fail "a length that is no number" ;; ????????*) fail "the answer has more than 8 MiB" ;; esac
    copy "$length"
  else
    ! take 8388609 || fail "the answer has more than 8 MiB"
  fi
'

exec 4>&1
if command -v bash >/dev/null; then
  # shellcheck disable=SC2016
  exec timeout "$seconds" bash -c 'exec <>"/dev/tcp/$5/$2" >&0 || exit 1
'"$client" http-get "$name" "$2" "$3" "$seconds" "$1" "$only"
fi
exec timeout "$seconds" nc "$1" "$2" -e sh -c "$client" http-get "$name" "$2" "$3" "$seconds" "$1" "$only"
