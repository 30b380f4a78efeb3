# Prints the body of GET; not 0 if the answer is not 200 or ends early: sh http-get.sh HOST PORT PATH
# Uses bash where there is one, else busybox; images hold no other client.

case $1 in *:*) name="[$1]" ;; *) name=$1 ;; esac

if ! command -v bash >/dev/null; then
  exec timeout 30 wget -q -O - "http://$name:$2$3"
fi

exec timeout 30 bash -c '
  LC_ALL=C
  fail() { echo "http-get: $1" >&2; exit 1; }

  exec 3<>"/dev/tcp/$0/$1" || exit 1
  printf "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$2" "$3" "$1" >&3
  IFS=" " read -r -t 8 version status rest <&3 || fail "no answer"
  [[ $version == HTTP/1.* ]] || fail "not an HTTP answer"
  status=${status%$'\''\r'\''}

  length= chunked=
  while IFS= read -r line <&3 && line=${line%$'\''\r'\''} && [[ $line ]]; do
    shopt -s nocasematch
    [[ $line =~ ^content-length:[[:space:]]*([0-9]+)[[:space:]]*$ ]] && length=${BASH_REMATCH[1]}
    [[ $line =~ ^transfer-encoding:.*chunked ]] && chunked=yes
    shopt -u nocasematch
  done
  [[ $status == 200 ]] || fail "status $status"

  # Exactly so many bytes; bodies here are text, so no byte is zero.
  copy() {
    (($1 == 0)) && return
    IFS= read -r -d "" -N "$1" part <&3 || { printf "%s" "$part"; fail "the answer ended early"; }
    printf "%s" "$part"
  }

  if [[ $chunked ]]; then
    while IFS= read -r size <&3 || fail "the answer ended early"; do
      size=${size%%[;$'\''\r'\'' ]*}
      [[ $size =~ ^[0-9A-Fa-f]+$ ]] || fail "a chunk without a size"
      ((16#$size)) || exit 0
      copy "$((16#$size))"
      read -r rest <&3
    done
  elif [[ $length ]]; then
    copy "$length"
  else
    cat <&3
  fi
' "$1" "$2" "$3" "$name"
