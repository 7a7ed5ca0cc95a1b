#!/bin/bash
# Starts Tidemark as the image is told to that it stands in for:
#
#   (nothing)                                 LocalStack: one port for all, 4566
#   -jar DynamoDBLocal.jar -inMemory ...      DynamoDB Local, port 8000; also `java -jar ...`, or its flags alone
#   minio server DIR --address :9000          MinIO; also `server DIR`
#   serve ..., another command of tidemark    Tidemark
#   anything else                             is run as it is
#
# Executable scripts (.sh, others by their first line) in /etc/localstack/init/{boot,start,ready,shutdown}.d run before the
# server starts, when it has started, when it answers, and before it ends; in the order of their names. One that fails is
# reported and does not stop the others.
set -u
init=/etc/localstack/init

run_scripts() {
  local stage=$1 script status
  for script in "$init/$stage.d"/*; do
    [ -f "$script" ] || continue
    case "$script" in
      *.sh) bash "$script" ;;
      *.py) python3 "$script" ;;
      *) [ -x "$script" ] && "$script" ;;
    esac
    status=$?
    [ $status -eq 0 ] || echo "docker-entrypoint.sh: $script ended with status $status" >&2
  done
}

has_scripts() {
  [ -n "$(find "$init" -mindepth 2 -type f -print -quit 2>/dev/null)" ]
}

# The value behind one of the given flags, in `-port 8001` or `--port=8001`, or the last argument.
value_of() {
  local flag=$1 otherwise=$2 argument previous=
  shift 2
  for argument in "$@"; do
    [ "$previous" = "$flag" ] && otherwise=$argument
    case "$argument" in "$flag="*) otherwise=${argument#*=} ;; esac
    previous=$argument
  done
  echo "${otherwise##*:}"
}

case "${1:-}" in
  healthcheck)
    TIDEMARK_HOST=127.0.0.1 TIDEMARK_PORT=$(cat /run/tidemark.port 2>/dev/null || echo 8000) exec tidemark "$@"
    ;;
  '')
    port=4566
    case "${GATEWAY_LISTEN:-}" in *:*) port=$(cut -d, -f1 <<<"$GATEWAY_LISTEN" | sed 's/.*://') ;; esac
    command=(tidemark localstack)
    ;;
  java)
    shift
    port=$(value_of -port 8000 "$@")
    command=(java "$@")
    ;;
  -*)
    port=$(value_of -port 8000 "$@")
    command=(java "$@")
    ;;
  minio | server)
    [ "$1" = minio ] && shift
    port=$(value_of --address 9000 "$@")
    command=(tidemark "$@")
    ;;
  serve)
    port=$(value_of --port "${TIDEMARK_PORT:-8000}" "$@")
    command=(tidemark "$@")
    ;;
  *)
    if command -v "$1" >/dev/null; then exec "$@"; else exec tidemark "$@"; fi
    ;;
esac
# For the health check, and for awslocal.
echo "$port" 2>/dev/null >/run/tidemark.port || true

has_scripts || exec "${command[@]}"

run_scripts boot
"${command[@]}" &
server=$!
# shellcheck disable=SC2317 # by the trap
stop() {
  run_scripts shutdown
  kill -TERM "$server" 2>/dev/null
}
trap stop TERM INT
run_scripts start
until TIDEMARK_HOST=127.0.0.1 TIDEMARK_PORT=$port tidemark healthcheck 2>/dev/null; do
  kill -0 "$server" 2>/dev/null || break
  sleep 0.05
done
kill -0 "$server" 2>/dev/null && run_scripts ready
# A signal ends the first `wait`; the server's own end comes later.
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  status=$?
done
exit "${status:-1}"
