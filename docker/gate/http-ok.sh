# Ends with 0 only if GET answers 200 within 8 seconds: sh http-ok.sh HOST PORT PATH
# Uses bash where there is one, else busybox; images hold no other client.

case $1 in *:*) name="[$1]" ;; *) name=$1 ;; esac

if command -v bash >/dev/null; then
  exec timeout 8 bash -c '
    exec 3<>"/dev/tcp/$0/$1" || exit 1
    printf "GET %s HTTP/1.1\r\nHost: %s:%s\r\nConnection: close\r\n\r\n" "$2" "$3" "$1" >&3
    IFS=" " read -r version status rest <&3
    [[ $version == HTTP/1.* && ${status%$'\''\r'\''} == 200 ]]
  ' "$1" "$2" "$3" "$name" 2>/dev/null
fi

# wget follows redirects and takes other codes for success, so the first answer is looked at.
timeout 8 wget -S -q -O /dev/null "http://$name:$2$3" 2>&1 \
  | awk '/^ *HTTP\/1\.[01] / { found = $2; exit } END { exit found != 200 }'
