#!/usr/bin/env bash
# Builds a Dockerfile without a Docker engine and without a registry of images.
#   build.sh CONTEXT TAG [more buildah arguments]
set -euo pipefail
CONTEXT=$1
TAG=$2
shift 2
HERE=$(dirname "$(readlink -f "$0")")
export STORAGE_DRIVER=${STORAGE_DRIVER:-overlay} BUILDAH_ISOLATION=chroot
export CONTAINERS_CONF=${CONTAINERS_CONF:-$HERE/containers.conf}

# The machine's own npm settings and certificates are mounted for the RUN steps; nothing of them ends up in the image.
settings=$(mktemp)
trap 'rm -f "$settings"' EXIT
{
  grep -v '^nodedir' "$HOME/.npmrc" 2>/dev/null || true
  echo 'cafile=/etc/ssl/certs/ca-certificates.crt'
} >"$settings"
mounts=(--volume "$settings:/root/.npmrc:ro")
if [ -f /etc/ssl/certs/ca-certificates.crt ]; then
  mounts+=(--volume /etc/ssl/certs/ca-certificates.crt:/etc/ssl/certs/ca-certificates.crt:ro)
fi
buildah build --format docker --pull-never --network host "${mounts[@]}" -t "$TAG" "$@" "$CONTEXT"
