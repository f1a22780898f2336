#!/bin/bash
# A real S3 server for the end-to-end tests: Ceph's RADOS Gateway on 127.0.0.1, one node, in memory, from Debian's
# packages in a chroot of its own. Needs root and Debian (or Ubuntu). test/support/s3/rgw.ts drives it.
#
#   rgw.sh install           build the chroot, once (about 35 s, 680 MB)
#   rgw.sh start             start it and print its endpoint and keys as KEY=VALUE lines (about 2 s, 0.4 GB of memory)
#   rgw.sh stop              stop it; everything runs in one pid namespace, so nothing is left behind
#   rgw.sh down|paused|up    an outage: killed with its data kept | accepts connections, never answers | back
#   rgw.sh adm ARGS...       radosgw-admin: quotas, rate limits, users
#
# RGW_PORT   the port; servers on different ports run side by side (default 7480)
# RGW_ROOT   the chroot (default /var/cache/flowkeep-rgw)
# RGW_SUITE  the Debian release that the packages come from (default forky; trixie has the older 18.2)
set -euo pipefail

ROOT=${RGW_ROOT:-/var/cache/flowkeep-rgw}
SUITE=${RGW_SUITE:-forky}
PORT=${RGW_PORT:-7480}
ACCESS_KEY=testaccess
SECRET_KEY=testsecret0123456789
STATE=/run/rgw-$PORT # inside the chroot
HERE=$(dirname "$(readlink -f "$0")")

fail() {
  echo "rgw.sh: $*" >&2
  exit 1
}

install_chroot() {
  [ -f "$ROOT/.installed" ] && return
  [ "$(id -u)" = 0 ] || fail "needs root to build $ROOT"
  if ! command -v mmdebstrap >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends mmdebstrap
  fi
  local mirror
  mirror=$(sed -n 's/^URIs: *//p' /etc/apt/sources.list.d/*.sources 2>/dev/null | head -1)
  rm -rf "$ROOT"
  mkdir -p "$(dirname "$ROOT")"
  # The Release file of Debian testing carries a Valid-Until that a lagging mirror can have passed.
  mmdebstrap --quiet --variant=apt \
    --aptopt='Acquire::Check-Valid-Until "false"' --aptopt='APT::Install-Recommends "false"' \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
    --include=ceph-mon,ceph-osd,radosgw "$SUITE" "$ROOT" "${mirror:-http://deb.debian.org/debian}"
  touch "$ROOT/.installed"
}

start() {
  [ -f "$ROOT/.installed" ] || fail "not installed in $ROOT: run rgw.sh install first"
  stop
  mkdir -p "$ROOT$STATE"
  cp "$HERE/rgw-inside.sh" "$ROOT$STATE.sh"
  setsid unshare --mount --propagation private --pid --fork --kill-child --mount-proc="$ROOT/proc" \
    env RGW_PORT="$PORT" RGW_ACCESS_KEY=$ACCESS_KEY RGW_SECRET_KEY=$SECRET_KEY \
    chroot "$ROOT" bash "$STATE.sh" </dev/null >"$ROOT$STATE.out" 2>&1 &
  echo $! >"$ROOT$STATE.pid"
  wait_until_ready
  printf 'ENDPOINT=http://127.0.0.1:%s\nACCESS_KEY=%s\nSECRET_KEY=%s\n' "$PORT" $ACCESS_KEY $SECRET_KEY
}

wait_until_ready() {
  local pid
  pid=$(cat "$ROOT$STATE.pid")
  for _ in $(seq 900); do
    [ -f "$ROOT$STATE/ready" ] && return
    if ! kill -0 "$pid" 2>/dev/null; then
      tail -n 20 "$ROOT$STATE.out" "$ROOT$STATE"/log/*.out >&2 || true
      stop
      fail "the gateway ended while it started"
    fi
    sleep 0.1
  done
  stop
  fail "the gateway was not ready after 90 s"
}

stop() {
  [ -f "$ROOT$STATE.pid" ] || return 0
  local pid
  pid=$(cat "$ROOT$STATE.pid")
  # The pid may have been given to another process since: only our own unshare is ended.
  if grep -qs unshare "/proc/$pid/comm"; then
    kill -9 "$pid" || true
    for _ in $(seq 50); do
      [ -d "/proc/$pid" ] || break
      sleep 0.1
    done
  fi
  rm -rf "$ROOT$STATE" "$ROOT$STATE.pid" "$ROOT$STATE.sh" "$ROOT$STATE.out"
}

switch_to() {
  echo "$1" >"$ROOT$STATE/wanted.tmp"
  mv "$ROOT$STATE/wanted.tmp" "$ROOT$STATE/wanted"
  for _ in $(seq 600); do
    [ "$(cat "$ROOT$STATE/state" 2>/dev/null)" = "$1" ] && return
    sleep 0.05
  done
  fail "the gateway did not become $1"
}

case ${1:-} in
  install) install_chroot ;;
  start) start ;;
  stop) stop ;;
  down | paused | up) switch_to "$1" ;;
  adm)
    shift
    exec chroot "$ROOT" env CEPH_CONF="$STATE/ceph.conf" radosgw-admin "$@"
    ;;
  *)
    sed -n '2,15p' "$0"
    exit 2
    ;;
esac
