#!/usr/bin/env bash
# Installs Debian's Java 17 if there is none.
set -eu
command -v java >/dev/null && exit 0
sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
echo "No Java on this machine; installing Debian's …"
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq openjdk-17-jre-headless >/dev/null
