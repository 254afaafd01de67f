#!/usr/bin/env bash
# Finds Chromium, or installs Debian's with a font for Chinese; says what it does.
set -eu
[ -n "$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)" ] && exit 0
echo "No Chromium on this machine; installing Debian's …"
sudo=""; [ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq chromium fonts-noto-cjk >/dev/null
