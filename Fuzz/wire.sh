#!/bin/sh
# Fuzzes the wire with libFuzzer and the address sanitizer; called by ManagementXML/run.sh and WPI/run.sh.
# usage: wire.sh harness property seeds [runs] [further libFuzzer options]
#   harness: a folder beside this file; property: a file of the tests' support; seeds: a folder below docs/reference/examples
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
harness=$1 property=$2 seeds=$3
shift 3
runs=${1:-1000000}
[ $# -gt 0 ] && shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One module out of the wire, the values it needs and the property of the tests: no package build is needed.
find "$root/Sources/ManagementXML" "$root/Sources/DeploymentModel/Items" -name '*.swift' >"$work/list"
cat >>"$work/list" <<LIST
$root/Sources/DeploymentModel/Messages/Fault.swift
$root/Sources/DeploymentModel/Messages/StatusCode.swift
$root/Sources/DeploymentModel/Catalogue/SoftwareVersion.swift
$root/Sources/DeploymentModel/Values/SecretText.swift
$root/Tests/ManagementXMLTests/Support/$property.swift
$root/Fuzz/$harness/Fuzz.swift
LIST
while read -r file; do
    grep -vE '^(public )?import (DeploymentModel|ManagementXML)$' "$file" >"$work/$(basename "$file")"
done <"$work/list"
sed -n '/^public struct FileKind/,/^}/p' "$root/Sources/DeploymentModel/Catalogue/PhoneType.swift" >"$work/FileKind.swift"
swiftc -O -wmo -parse-as-library -swift-version 6 -module-name Fuzz -sanitize=fuzzer,address \
    -o "$work/fuzz" "$work"/*.swift
corpus=$root/Fuzz/.corpus/$(echo "$harness" | tr '[:upper:]' '[:lower:]')
mkdir -p "$corpus"
"$work/fuzz" -runs="$runs" -max_len=4096 -timeout=5 -dict="$root/Fuzz/$harness/xml.dict" \
    "$@" "$corpus" "$root/docs/reference/$seeds"
