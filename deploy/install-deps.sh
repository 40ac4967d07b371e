#!/usr/bin/env bash
# Installs what a build needs on Debian 12, and any packages named as arguments. Does nothing when
# everything is there.
set -euo pipefail

packages=(
  build-essential cmake ninja-build pkg-config ccache mold
  libboost1.81-dev libabsl-dev librocksdb-dev libyaml-cpp-dev libspdlog-dev libcli11-dev
  libre2-dev libxxhash-dev
  libgtest-dev libgmock-dev
  zlib1g-dev libsnappy-dev liblz4-dev libzstd-dev libisal-dev
)

missing=()
for package in "${packages[@]}" "$@"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing packages, and installing them needs root: ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi
echo "Installing: ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
