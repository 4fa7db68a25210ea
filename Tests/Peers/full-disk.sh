#!/bin/sh
# Fills the disk of the database in the middle of a run, and frees it again.
# usage: full-disk.sh NETWORK PORT    (needs a mount namespace: says so and ends well where there is none)
set -eu
network=$1 port=$2
if [ "${3-}" != inside ]; then
    unshare --map-root-user --mount true 2>/dev/null || {
        echo 'skipped: no mount namespaces here'
        exit 0
    }
    exec unshare --map-root-user --mount sh "$0" "$network" "$port" inside
fi
mkdir small
mount -t tmpfs -o size=8m none small
export PHONEFLEET_DATABASE="$PWD/small/a.db"
phonefleet virtual-phones run --count 60 --types optipoint-410-standard-hfa --listen "$network.1-$network.60" --port "$port" >ready &
phones=$!
trap 'kill $phones' EXIT
until grep -q ready ready; do :; done
phonefleet scan "$network.1-$network.60" --port "$port" --quiet >/dev/null
phonefleet trust learn --last-scan --yes --quiet 2>/dev/null
phonefleet config set sntp-addr=192.0.2.10 --quiet
echo 123456 | phonefleet config password --quiet

phonefleet deploy --all --yes --quiet --concurrency 1 2>said &
run=$!
until grep -qs device-finished small/logs/*.jsonl; do kill -0 $run; done
dd if=/dev/zero of=small/ballast bs=4096 2>/dev/null || echo 'the disk is full'
code=0
wait $run || code=$?
echo "exit code $code"
sed "s#$PWD/##" said

rm small/ballast
phonefleet runs list --format json | jq -r '.runs[0] | [.id, .state] | join(" ")'
phonefleet runs resume --quiet --format json >result
jq -c '[.totals.verified, .totals.failed, (.devices | length)]' result
phonefleet verify --all --quiet --format json | jq -c .totals.unchanged
