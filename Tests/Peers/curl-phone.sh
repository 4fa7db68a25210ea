#!/bin/sh
# curl and xmllint against a phone: what docs/reference/management-interface.md says, seen from outside.
# usage: curl-phone.sh ADDRESS PORT CA.pem SCHEMA.xsd
#
# A phone's certificate names a type and no host. So openssl verifies the chain by the CA, and curl is held to the key that it saw.
set -eu
address=$1 port=$2 ca=$3 schema=$4
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0

# say NAME EXPECTED SEEN
say() {
    if [ "$2" = "$3" ]; then echo "ok   $1"; else
        echo "FAIL $1: expected '$2', got '$3'"
        failed=1
    fi
}

# post BODY [curl options]: prints the HTTP status, leaves the answer in $work/answer and the fields in $work/fields
post() {
    body=$1
    shift
    printf '%s' "$body" >"$work/request"
    curl --silent --max-time 10 $trusted -D "$work/fields" -o "$work/answer" -w '%{http_code}' \
        -H 'Content-Type: application/xml; charset=utf-8' --data-binary @"$work/request" "$@" "https://$address:$port/management" || echo "curl $?"
}

request() { printf '<ManagementRequest xmlns="urn:phonefleet:management:1" id="c-1">%s</ManagementRequest>' "$1"; }
# The text of an expression in the last answer, names without their namespace.
value() { xmllint --xpath "string($1)" "$work/answer" 2>/dev/null; }
item() { value "//*[local-name()='Item'][@name='$1']"; }
status() { value "//*[local-name()='Item'][@name='$1']/@status"; }
valid() {
    xmllint --noout --schema "$schema" "$work/$1" 2>"$work/lint" && say "the $2 is valid by the schema" yes yes \
        || say "the $2 is valid by the schema" yes "$(head -1 "$work/lint")"
}
right="--digest -u admin:123456"

openssl s_client -connect "$address:$port" -CAfile "$ca" -verify_return_error </dev/null >"$work/handshake" 2>&1 \
    && say 'the chain verifies by the CA' yes yes || say 'the chain verifies by the CA' yes "$(grep -i verif "$work/handshake")"
pin=$(openssl x509 -in "$work/handshake" -noout -pubkey | openssl pkey -pubin -outform der | openssl dgst -sha256 -binary | base64)
trusted="--insecure --pinnedpubkey sha256//$pin"

# Identify needs no password; the answer carries a challenge all the same.
say 'identify' 200 "$(post "$(request '<Identify/>')")"
valid request 'request'
valid answer 'answer to identify'
say 'identify echoes the id' c-1 "$(value '/*/@id')"
say 'identify names the type' 410standardHFA "$(item device-type)"
say 'a challenge comes along' 1 "$(grep -ci '^www-authenticate: digest .*algorithm=sha-256' "$work/fields")"
say 'the content type' 'application/xml; charset=utf-8' "$(sed -n 's/^content-type: *//Ip' "$work/fields" | tr -d '\r')"

say 'status' 200 "$(post "$(request '<Status/>')")"
valid answer 'answer to status'
boots=$(value "//*[local-name()='PhoneStatus']/@bootCount")

# Reading needs the password.
read='<ReadItems><ItemList><Item name="sntp-addr"/><Item name="no-such-item"/><Item name="admin-pwd"/><Item name="dhcp" index="4"/></ItemList></ReadItems>'
say 'read without a password' 401 "$(post "$(request "$read")")"
say 'read' 200 "$(post "$(request "$read")" $right)"
valid answer 'answer to read'
say 'an unknown item is named' 'unknown item' "$(status no-such-item)"
say 'a secret is never given' 'failed' "$(status admin-pwd)"
say 'an index that does not exist is named' 'invalid index' "$(status dhcp)"

# Writing, and reading it back.
write='<WriteItems><ItemList><Item name="sntp-addr">192.0.2.77</Item><Item name="file-path">Grüße &amp; &lt;2&gt;</Item><Item name="mac-addr">00:00:00:00:00:01</Item><Item name="display-contrast">99</Item></ItemList></WriteItems>'
say 'write' 200 "$(post "$(request "$write")" $right)"
valid answer 'answer to write'
say 'a read-only item is refused' 'read only' "$(status mac-addr)"
say 'a wrong value is refused' 'invalid data' "$(status display-contrast)"
say 'what was taken is not listed' '' "$(status sntp-addr)"
back='<ReadItems><ItemList><Item name="sntp-addr"/><Item name="file-path"/></ItemList></ReadItems>'
say 'read back' 200 "$(post "$(request "$back")" $right)"
say 'the value was kept' 192.0.2.77 "$(item sntp-addr)"
say 'the text was kept' 'Grüße & <2>' "$(item file-path)"

# All items, in fragments on one connection.
next=$(request '<GetNextFragment/>')
say 'read all' 200 "$(post "$(request '<ReadAllItems/>')" $right)"
valid answer 'answer to read all'
say 'no answer to continue on a new connection' 200 "$(post "$next" $right)"
valid answer 'answer to get next fragment'
say 'get next fragment fails then' failed "$(value '/*/@status')"

# Bad input is named and changes nothing.
say 'bad XML' 400 "$(post '<ManagementRequest xmlns="urn:phonefleet:management:1" id="c-1"><Identify></ManagementRequest>' $right)"
valid answer 'refusal'
say 'bad XML is malformed' xml.malformed "$(value '/*/@code')"
say 'a document type' 400 "$(post '<!DOCTYPE x [<!ENTITY e "x">]><ManagementRequest xmlns="urn:phonefleet:management:1" id="c-1"><Identify/></ManagementRequest>' $right)"
say 'a document type is malformed' xml.malformed "$(value '/*/@code')"
say 'an unknown action' 400 "$(post "$(request '<Explode/>')" $right)"
say 'an unknown action is unexpected' xml.unexpected "$(value '/*/@code')"
say 'a later version' 400 "$(post '<ManagementRequest xmlns="urn:phonefleet:management:2" id="c-1"><Identify/></ManagementRequest>' $right)"
say 'a later version is named' xml.newer-version "$(value '/*/@code')"
valid answer 'refusal of a later version'
say 'another content type' 415 "$(post "$(request '<Identify/>')" -H 'Content-Type: text/plain')"
say 'another path' 404 "$(curl --silent $trusted -o "$work/answer" -w '%{http_code}' -d x "https://$address:$port/elsewhere")"
say 'another method' 405 "$(curl --silent $trusted -o "$work/answer" -w '%{http_code}' "https://$address:$port/management")"
say 'the web page' 200 "$(curl --silent $trusted -o "$work/answer" -w '%{http_code}' "https://$address:$port/")"
head -c 1100000 /dev/zero | tr '\0' ' ' >"$work/large"
say 'too large' 413 "$(curl --silent $trusted -o "$work/answer" -w '%{http_code}' -H 'Expect:' -H 'Content-Type: application/xml' --data-binary @"$work/large" "https://$address:$port/management")"

# Wrong passwords: 401, and after the third in a row a pause.
for try in 1 2 3; do say "wrong password $try" 401 "$(post "$(request "$read")" --digest -u admin:999999)"; done
say 'a pause after three' 429 "$(post "$(request "$read")" --digest -u admin:999999)"
say 'the pause has a length' 1 "$(grep -ci '^retry-after: [0-9]' "$work/fields")"
say 'identify needs no password then either' 200 "$(post "$(request '<Identify/>')")"

# Restart, last of all.
until [ "$(post "$(request "$back")" $right)" = 200 ]; do :; done
say 'restart' 200 "$(post "$(request '<Restart/>')" $right)"
valid answer 'answer to restart'
until [ "$(post "$(request '<Status/>')")" = 200 ]; do :; done
say 'one more start' $((boots + 1)) "$(value "//*[local-name()='PhoneStatus']/@bootCount")"
exit $failed
