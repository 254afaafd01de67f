#!/usr/bin/env bash
# Builds the wheel, installs it beside the locked dependencies, and serves from it.
set -euo pipefail
here=$(cd "$(dirname "$0")/.." && pwd)
work=$(mktemp -d)
server=""
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$work"' EXIT
unset BIHUAN_HOME DATABASE_URL DJANGO_SETTINGS_MODULE
"$here/.venv/bin/pip" wheel -q --no-deps --no-build-isolation --no-index -w "$work" "$here"
wheel=$(ls "$work"/bihuan-*.whl)
python3 - "$wheel" <<'PY'
import sys, zipfile
names = zipfile.ZipFile(sys.argv[1]).namelist()
for wanted in ("bihuan/base/ui/static/dist/app.js", "bihuan/base/ui/static/dist/app.css",
               "bihuan/locale/zh_Hans/LC_MESSAGES/django.mo"):
    assert wanted in names, f"the wheel lacks {wanted}"
assert not [n for n in names if "/tests/" in n], "the wheel carries tests"
print(f"{len(names)} files, {wanted} among them")
PY
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install -q --require-hashes -r "$here/requirements.txt"
"$work/venv/bin/pip" install -q --no-deps --no-index "$wheel"
cd "$work"
port=$(( 20000 + RANDOM % 20000 ))
"$work/venv/bin/bihuan" serve --port "$port" > serve.log 2>&1 &
server=$!
for _ in $(seq 1 60); do curl -fs -o page.html "http://127.0.0.1:$port/sign-in/" && break; sleep 0.5; done
grep -q "dist/app.css" page.html
curl -fs -o /dev/null "http://127.0.0.1:$port/static/dist/app.js"
echo "bihuan serve answers from the installed wheel"
