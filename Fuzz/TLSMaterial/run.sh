#!/bin/sh
# Fuzzes the readers of key material and certificates with libFuzzer and the address sanitizer.
# usage: run.sh [runs] [further libFuzzer options]     (1,000,000 runs unless told; the corpus is kept in Fuzz/.corpus)
set -eu
root=$(cd "$(dirname "$0")/../.." && pwd)
runs=${1:-1000000}
[ $# -gt 0 ] && shift
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The libraries as the package builds them, the readers and the property of the tests as one module with the fuzzer.
(cd "$root" && swift build ${PHONEFLEET_BUILD_OPTIONS:-} -c release --target TLSMaterial)
built="$root/.build/release"
mkdir "$work/sources" "$work/seeds"
find "$root/Sources/TLSMaterial" -name '*.swift' >"$work/list"
echo "$root/Tests/TLSMaterialTests/MaterialProperty.swift" >>"$work/list"
echo "$root/Fuzz/TLSMaterial/Fuzz.swift" >>"$work/list"
while read -r file; do
    grep -vE '^@testable import TLSMaterial$' "$file" >"$work/sources/$(basename "$file")"
done <"$work/list"
maps=""
for map in "$root"/.build/checkouts/swift-crypto/Sources/C*/include/module.modulemap; do
    maps="$maps -Xcc -fmodule-map-file=$map -Xcc -I$(dirname "$map")"
done
find "$built/SwiftASN1.build" "$built/Crypto.build" "$built/CryptoExtras.build" "$built/CryptoBoringWrapper.build" \
    "$built"/CCrypto*.build "$built"/CXKCP*.build -name '*.o' -printf '"%p"\n' >"$work/objects"
# shellcheck disable=SC2086  # the list is meant to be split
swiftc -O -wmo -parse-as-library -swift-version 6 -module-name Fuzz -sanitize=fuzzer,address \
    -I "$built/Modules" $maps -o "$work/fuzz" "$work"/sources/*.swift "@$work/objects" -lstdc++

# Seeds: a chain as every kind of file, with one round of key derivation.
cd "$work/seeds"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 3650 \
    -subj '/CN=Fuzz CA' 2>/dev/null
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out leaf.csr -subj '/CN=phone' 2>/dev/null
openssl x509 -req -in leaf.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -out leaf.pem 2>/dev/null
export="openssl pkcs12 -export -inkey key.pem -in leaf.pem -certfile ca.pem -passout pass:secret -iter 1"
$export -keypbe NONE -certpbe NONE -nomac -out plain.p12
$export -keypbe NONE -certpbe NONE -nomaciter -out mac.p12
$export -nomac -name phone -out aes.p12
$export -nomaciter -out aesmac.p12
$export -keypbe PBE-SHA1-3DES -certpbe PBE-SHA1-3DES -nomac -out des.p12
openssl pkcs12 -export -nokeys -in ca.pem -certpbe NONE -passout pass: -nomac -out trusted.p12
openssl pkcs8 -topk8 -in key.pem -iter 1 -passout pass:secret -out enc.pem
cat enc.pem leaf.pem ca.pem >encrypted.pem
cat ca.pem leaf.pem key.pem >all.pem
{ openssl ec -in key.pem 2>/dev/null; cat leaf.pem; } >traditional.pem
openssl x509 -in leaf.pem -outform DER -out leaf.der
rm -f leaf.csr ca.key ca.srl

mkdir -p "$root/Fuzz/.corpus/tls-material"
cd "$root"
# swift-crypto leaks 320 bytes for each malformed EC key, so leaks are not looked for; the memory as a whole is limited.
ASAN_OPTIONS=detect_leaks=0 "$work/fuzz" -runs="$runs" -max_len=4096 -timeout=10 -rss_limit_mb=1024 -dict="$root/Fuzz/TLSMaterial/material.dict" \
    "$@" "$root/Fuzz/.corpus/tls-material" "$work/seeds"
