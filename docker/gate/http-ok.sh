# Ends with 0 only if GET answers 200 within 8 seconds: sh http-ok.sh HOST PORT PATH

ONLY_STATUS=yes exec sh "${0%/*}/http-get.sh" "$@" 2>/dev/null
