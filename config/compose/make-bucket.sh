#!/bin/sh
# Sets up the S3 server of docker-compose.yml with MinIO's own client, which its image brings: the bucket, and a key for
# flowkeep that reaches this bucket alone. What is there already stays as it is.
#   make-bucket.sh ROOT_KEY_FOLDER BUCKET_KEY_FOLDER POLICY
# with S3_HOST (host:port) and S3_BUCKET.
set -eu
ROOT_KEY=$1
BUCKET_KEY=$2
POLICY=$3

# By the environment: anyone who lists the processes sees a secret in an argument.
export MC_HOST_s3="http://$(cat "$ROOT_KEY/user"):$(cat "$ROOT_KEY/password")@$S3_HOST"
key=$(cat "$BUCKET_KEY/access-key-id")

mc mb --ignore-existing "s3/$S3_BUCKET"
# flowkeep's key may delete and overwrite, but no older version: those stay for 30 days.
mc version enable "s3/$S3_BUCKET"
if ! mc ilm rule ls "s3/$S3_BUCKET" >/dev/null 2>&1; then
  mc ilm rule add --noncurrent-expire-days 30 "s3/$S3_BUCKET"
fi
printf '%s\n%s\n' "$key" "$(cat "$BUCKET_KEY/secret-access-key")" | mc admin user add s3
mc admin policy create s3 flowkeep "$POLICY"
# A policy that is attached already is refused by some versions.
mc admin policy attach s3 flowkeep --user "$key" || mc admin user info s3 "$key" | grep -q flowkeep
