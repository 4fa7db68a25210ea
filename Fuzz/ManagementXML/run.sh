#!/bin/sh
# Fuzzes the decoders of the management messages with libFuzzer and the address sanitizer.
# usage: run.sh [runs] [further libFuzzer options]     (1,000,000 runs unless told; the corpus is kept in Fuzz/.corpus)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
runs=${1:-1000000}
[ $# -gt 0 ] && shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# One module out of the wire, the values it needs and the property of the tests: no package build is needed.
find "$root/Sources/ManagementXML" "$root/Sources/DeploymentModel/Items" -name '*.swift' >"$work/list"
cat >>"$work/list" <<LIST
$root/Tests/ManagementXMLTests/Support/WireProperty.swift
$root/Fuzz/ManagementXML/Fuzz.swift
LIST
while read -r file; do
    grep -vE '^(public )?import (DeploymentModel|ManagementXML)$' "$file" >"$work/$(basename "$file")"
done <"$work/list"
sed -n '/^public struct FileKind/,/^}/p' "$root/Sources/DeploymentModel/Catalogue/PhoneType.swift" >"$work/FileKind.swift"
swiftc -O -wmo -parse-as-library -swift-version 6 -module-name Fuzz -sanitize=fuzzer,address \
    -o "$work/fuzz" "$work"/*.swift
mkdir -p "$root/Fuzz/.corpus/management-xml"
"$work/fuzz" -runs="$runs" -max_len=4096 -timeout=5 -dict="$root/Fuzz/ManagementXML/xml.dict" \
    "$@" "$root/Fuzz/.corpus/management-xml" "$root/docs/reference/examples"
