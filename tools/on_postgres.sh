#!/usr/bin/env bash
# Runs a command with DATABASE_URL set to a PostgreSQL that answers: the one named, a running one, or one started here.
set -eu
if [ -z "${DATABASE_URL:-}" ]; then
  sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
  if ! command -v pg_ctlcluster >/dev/null; then
    echo "No PostgreSQL on this machine; installing Debian's …"
    $sudo apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq postgresql >/dev/null
  fi
  read -r version cluster < <(pg_lsclusters -h | awk '{print $1, $2; exit}')
  if ! pg_lsclusters -h | awk '$4 ~ /online/ {found=1} END {exit !found}'; then
    echo "Starting PostgreSQL $version …"
    $sudo pg_ctlcluster "$version" "$cluster" start || $sudo pg_ctlcluster --skip-systemctl-redirect "$version" "$cluster" start
  fi
  port=$(pg_lsclusters -h | awk '{print $3; exit}')
  for _ in $(seq 1 40); do pg_isready -q -p "$port" && break; sleep 0.25; done
  as_postgres() { if [ "$(id -u)" = 0 ]; then su postgres -c "$1"; else sudo -u postgres sh -c "$1"; fi; }
  as_postgres "psql -qp $port -c \"DO \\\$\\\$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname='bihuan_test') THEN CREATE ROLE bihuan_test LOGIN SUPERUSER PASSWORD 'bihuan_test'; END IF; END \\\$\\\$\"" >/dev/null
  as_postgres "psql -qtAp $port -c \"SELECT 1 FROM pg_database WHERE datname='bihuan_test_base'\"" | grep -q 1 || as_postgres "createdb -p $port -O bihuan_test bihuan_test_base"
  export DATABASE_URL="postgresql://bihuan_test:bihuan_test@127.0.0.1:$port/bihuan_test_base"
  echo "Using PostgreSQL on port $port."
fi
exec "$@"
