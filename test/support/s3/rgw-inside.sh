#!/bin/bash
# The inner half of rgw.sh: pid 1 of a pid namespace of its own, chrooted. It starts one monitor, one in-memory OSD and
# the gateway, then obeys the outage switch. When it ends, the namespace and everything in it ends.
set -euo pipefail

D=/run/rgw-$RGW_PORT
MON_PORT=$((RGW_PORT + 9000))
export CEPH_CONF=$D/ceph.conf

main() {
  rm -rf "$D"
  mkdir -p "$D"/{mon,osd,run,log,rgw}
  cd "$D"
  trap 'exit 0' TERM
  write_config
  start_cluster
  # The first radosgw-admin call also creates the default zone and zonegroup.
  timeout 60 radosgw-admin user create --uid=test --display-name=test \
    --access-key="$RGW_ACCESS_KEY" --secret-key="$RGW_SECRET_KEY" >log/user.out 2>&1
  start_gateway
  echo up >wanted
  echo up >state
  touch ready
  obey_outage_switch
}

write_config() {
  cat >ceph.conf <<CONF
[global]
fsid = $(cat /proc/sys/kernel/random/uuid)
mon host = [v2:127.0.0.1:$((MON_PORT + 1)),v1:127.0.0.1:$MON_PORT]
public addr = 127.0.0.1
cluster addr = 127.0.0.1
ms bind ipv6 = false
ms bind port min = $((MON_PORT + 10))
ms bind port max = $((MON_PORT + 60))
# Without cephx there is no "secure" messenger mode either.
auth cluster required = none
auth service required = none
auth client required = none
ms mon client mode = crc
ms mon cluster mode = crc
ms mon service mode = crc
ms cluster mode = crc
ms service mode = crc
ms client mode = crc
mon allow pool size one = true
mon data avail crit = 1
mon data avail warn = 2
mon max pg per osd = 1000
paxos propose interval = 0.05
paxos min wait = 0.01
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 8589934592
run dir = $D/run
crash dir = $D/run
admin socket = $D/run/\$cluster-\$name.asok
pid file = $D/run/\$name.pid
log file = $D/log/\$name.log
mon cluster log file = $D/log/cluster.log
keyring = $D/keyring
[mon]
mon data = $D/mon
[osd]
osd data = $D/osd
osd class update on start = false
# The built-in default is a relative path, which does not work from another working directory.
osd class dir = $(echo /usr/lib/*-linux-gnu/rados-classes)
[client]
auth client required = none
ms mon client mode = crc
rgw data = $D/rgw
rgw frontends = beast endpoint=127.0.0.1:$RGW_PORT tcp_nodelay=1
rgw thread pool size = 32
rgw crypt require ssl = false
rgw crypt s3 kms backend = testing
rgw crypt s3 kms encryption keys = testkey-1=$(head -c32 /dev/zero | tr '\0' k | base64)
CONF
  : >keyring
}

start_cluster() {
  local fsid osd
  fsid=$(sed -n 's/^fsid = //p' ceph.conf)
  osd=$(cat /proc/sys/kernel/random/uuid)
  monmaptool --create --clobber --fsid "$fsid" \
    --addv a "[v2:127.0.0.1:$((MON_PORT + 1)),v1:127.0.0.1:$MON_PORT]" monmap >/dev/null
  ceph-mon --mkfs -i a --monmap monmap
  ceph-mon -i a -f >log/mon.out 2>&1 &
  timeout 60 ceph osd new "$osd" >/dev/null
  ceph-osd -i 0 --mkfs --osd-uuid "$osd" >log/osd-mkfs.out 2>&1
  timeout 20 ceph osd crush create-or-move osd.0 1.0 root=default host=localhost >/dev/null 2>&1
  ceph-osd -i 0 -f >log/osd.out 2>&1 &
}

start_gateway() {
  radosgw -n client.rgw.a -f >>log/rgw.out 2>&1 &
  GATEWAY=$!
  for _ in $(seq 600); do
    (exec 3<>"/dev/tcp/127.0.0.1/$RGW_PORT") 2>/dev/null && return
    kill -0 $GATEWAY || exit 1
    sleep 0.05
  done
  exit 1
}

# Follows the file `wanted`, and ends, taking the whole namespace along, when the gateway dies unasked.
obey_outage_switch() {
  local current=up wanted
  while :; do
    wanted=$(cat wanted 2>/dev/null || echo $current)
    if [ "$wanted" != "$current" ]; then
      if [ $current = paused ]; then kill -CONT $GATEWAY; fi
      if [ $current = down ]; then start_gateway; fi
      if [ "$wanted" = paused ]; then kill -STOP $GATEWAY; fi
      if [ "$wanted" = down ]; then
        kill -KILL $GATEWAY
        wait $GATEWAY || true
      fi
      current=$wanted
      echo "$current" >state
    fi
    [ "$current" = down ] || kill -0 $GATEWAY 2>/dev/null || exit 1
    sleep 0.05
  done
}

main
