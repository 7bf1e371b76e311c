#!/bin/sh
# Makes sure that chromium and its driver are here: 0 they are, 75 they are not and cannot be (said in one line).
set -eu
have() { command -v chromium >/dev/null && command -v chromedriver >/dev/null; }
have && exit 0
if test "$(id -u)" != 0 || ! command -v apt-get >/dev/null; then
  echo "not tried in a browser: chromium and chromedriver are not here, and only root on Debian can install them" >&2
  exit 75
fi
apt-get update -qq
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium chromium-driver fonts-dejavu-core >/dev/null
have
