#!/usr/bin/env bash
# Clones the last commit into an empty folder: `make demo` must answer on the workbench, a second start must be quick.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
port=$(( 20000 + RANDOM % 20000 ))
server=""
stop() {  # a server that does not stop when it is told to is a failure, not something to wait for
  local group=$server
  server=""
  [ -n "$group" ] || return 0
  kill -- -"$group" 2>/dev/null || true
  for _ in $(seq 1 60); do kill -0 -- -"$group" 2>/dev/null || { wait "$group" 2>/dev/null || true; return 0; }; sleep 0.5; done
  echo "the server did not stop within 30 s:"; tail -30 demo.log
  kill -9 -- -"$group" 2>/dev/null || true
  exit 1
}
trap 'stop; rm -rf "$work"' EXIT
unset BIHUAN_HOME DATABASE_URL DJANGO_SETTINGS_MODULE
git clone -q "$here" "$work/bihuan"
cd "$work/bihuan"

start() {  # start SECONDS: make demo must answer within that time, signed in through its own link
  local began=$SECONDS
  setsid make --no-print-directory demo PORT="$port" > demo.log 2>&1 &
  server=$!
  until curl -fs -o /dev/null "http://127.0.0.1:$port/sign-in/"; do
    kill -0 "$server" 2>/dev/null || { echo "make demo ended:"; tail -30 demo.log; exit 1; }
    [ $((SECONDS - began)) -lt "$1" ] || { echo "make demo did not answer within $1 s:"; tail -30 demo.log; exit 1; }
    sleep 0.5
  done
  echo "make demo answered after $((SECONDS - began)) s"
  local link
  link=$(grep -o "http://127.0.0.1:$port/sign-in/[^ ]*" demo.log | head -1)
  token=$(curl -fs -c jar "$link" | grep -o 'csrfmiddlewaretoken" value="[^"]*' | head -1 | cut -d'"' -f3)
  curl -fs -b jar -c jar -o /dev/null -e "$link" -d "csrfmiddlewaretoken=$token" "$link"
  code=$(curl -s -b jar -o page.html -w '%{http_code}' "http://127.0.0.1:$port/")
  [ "$code" = 200 ] && grep -q 'id="needs"' page.html || { echo "the workbench answered $code"; exit 1; }
  echo "the workbench answered 200"
}

start 420
stop
start 10
PORT="$port" make --no-print-directory demo > taken.log 2>&1 && { echo "a taken port was not refused"; exit 1; }
grep -q "Cannot listen on" taken.log
stop
if [ "${FRESH_TESTS:-fast}" = all ]; then make --no-print-directory test; else
  make --no-print-directory dev
  .venv/bin/python -m pytest bihuan/know -m "not browser and not torture" -n 2
fi
