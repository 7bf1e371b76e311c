#!/bin/sh
# Makes sure that chromium and its driver are here: 0 they are, 75 they are not and cannot be (said in one line).
set -u
have() { command -v chromium >/dev/null && command -v chromedriver >/dev/null; }
without() {
  echo "not tried in a browser: chromium and chromedriver are not here, and $1" >&2
  exit 75
}
have && exit 0
test "$(id -u)" = 0 && command -v apt-get >/dev/null || without "only root on Debian can install them"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq >/dev/null 2>&1
apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null 2>&1
have || without "apt-get cannot install them"
