#!/usr/bin/env bash
# Installs what builds and runs images without a Docker engine, once per machine. Needs root and Debian.
#   install.sh        buildah, podman and their parts
#   install.sh compose    prints the path of docker-compose v2, unpacked below the test cache
set -euo pipefail
CACHE=${FLOWKEEP_TEST_CACHE:-/var/tmp/flowkeep-test}

install_tools() {
  command -v buildah >/dev/null && command -v podman >/dev/null && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
    buildah podman crun runc netavark aardvark-dns mmdebstrap >/dev/null
}

# Debian 12 has version 1 only, so the package of testing is unpacked beside the system, not into it.
install_compose() {
  local found=$CACHE/compose/usr/libexec/docker/cli-plugins/docker-compose
  if [ ! -x "$found" ]; then
    local mirror path
    mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -1)
    mkdir -p "$CACHE/compose"
    # What lies there is run: in a folder that anybody can make, it must not be somebody else's.
    [ -O "$CACHE" ] || { echo "install.sh: $CACHE belongs to another user: set FLOWKEEP_TEST_CACHE" >&2; exit 1; }
    path=$(curl -fsSL "$mirror/dists/testing/main/binary-amd64/Packages.xz" | xz -dc |
      awk '/^Package: /{name=$2} name == "docker-compose" && /^Filename:/{print $2}')
    curl -fsSL "$mirror/$path" -o "$CACHE/compose/package.deb"
    dpkg -x "$CACHE/compose/package.deb" "$CACHE/compose"
  fi
  echo "$found"
}

case ${1:-tools} in
  tools) install_tools ;;
  compose) install_compose ;;
  *) echo "usage: install.sh [tools|compose]" >&2; exit 2 ;;
esac
