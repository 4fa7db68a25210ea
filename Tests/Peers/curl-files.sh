#!/bin/sh
# curl, openssl and xmllint hand files to a phone, read them back and delete them, and look at what it serves in between.
# usage: curl-files.sh ADDRESS PORT SCHEMA.xsd
#
# Whatever the phone presents is accepted here; what it presents is the matter that is judged.
set -eu
address=$1 port=$2 schema=$(realpath "$3")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
failed=0

# say NAME EXPECTED SEEN
say() {
    if [ "$2" = "$3" ]; then echo "ok   $1"; else
        echo "FAIL $1: expected '$2', got '$3'"
        failed=1
    fi
}

# post BODY: prints the HTTP status, leaves the answer in answer
post() {
    printf '<ManagementRequest xmlns="urn:phonefleet:management:1" id="f-1">%s</ManagementRequest>' "$1" >request
    curl --silent --max-time 20 --insecure --digest -u admin:123456 -o answer -w '%{http_code}' \
        -H 'Content-Type: application/xml; charset=utf-8' --data-binary @request "https://$address:$port/management" || echo "curl $?"
}
value() { xmllint --xpath "string($1)" answer 2>/dev/null; }
status() { value '/*/@status'; }
file() { value "//*[local-name()='File'][@kind='$1']/@$2"; }
valid() {
    xmllint --noout --schema "$schema" "$1" 2>lint && say "the $2 is valid by the schema" yes yes \
        || say "the $2 is valid by the schema" yes "$(head -1 lint)"
}
transfer() { post "<TransferFile kind=\"$1\"><Content>$(base64 -w0 "$2")</Content></TransferFile>"; }
# The subject and the length of the chain that a new connection is shown.
shown() {
    openssl s_client -connect "$address:$port" -showcerts </dev/null 2>/dev/null >handshake || true
    openssl x509 -in handshake -noout -subject -nameopt RFC2253 2>/dev/null | sed 's/^subject=//'
}
reason() { [ -n "$(value "//*[local-name()='Reason']")" ] && echo given; }

curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
openssl req -x509 $curve -keyout ca.key -out ca.pem -days 30 -subj '/O=Judges/CN=New CA' \
    -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign 2>/dev/null
openssl req $curve -keyout phone.key -out phone.csr -subj '/O=Judges/CN=new phone' 2>/dev/null
printf 'basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n' >leaf.ext
openssl x509 -req -in phone.csr -CA ca.pem -CAkey ca.key -days 20 -extfile leaf.ext -out phone.pem 2>/dev/null
plain='-keypbe NONE -certpbe NONE -nomac -passout pass:'
openssl pkcs12 -export $plain -inkey phone.key -in phone.pem -certfile ca.pem -out material.p12
openssl pkcs12 -export $plain -nokeys -in ca.pem -out trusted.p12
openssl pkcs12 -export -passout pass:secret -inkey phone.key -in phone.pem -out locked.p12
head -c 300 material.p12 >half.p12

factory=$(shown)
say 'the phone shows a chain' yes "$([ -n "$factory" ] && echo yes)"

# Server key material: used for the next connection, given back, and gone after it is deleted.
say 'transfer of key material' 200 "$(transfer server-key-material material.p12)"
valid request 'request'
valid answer 'answer to the transfer'
say 'the transfer is accepted' accepted "$(status)"
say 'the answer has the fingerprint' "$(sha256sum <material.p12 | cut -d' ' -f1)" "$(file server-key-material fingerprint)"
say 'the next connection shows the new chain' 'CN=new phone,O=Judges' "$(shown)"
say 'the whole new chain is shown' 2 "$(grep -c 'BEGIN CERTIFICATE' handshake)"
openssl s_client -connect "$address:$port" -CAfile ca.pem -verify_return_error </dev/null >/dev/null 2>&1 \
    && say 'the new chain verifies by the new CA' yes yes || say 'the new chain verifies by the new CA' yes no
say 'identify' 200 "$(post '<Identify/>')"
valid answer 'answer to identify'
say 'identify lists the file' "$(stat -c %s material.p12)" "$(file server-key-material size)"
say 'read the key material' 200 "$(post '<ReadFile kind="server-key-material"/>')"
valid answer 'answer to read file'
value "//*[local-name()='Content']" | base64 -di >back.p12
openssl pkcs12 -in back.p12 -nodes -nocerts -passin pass: 2>/dev/null | openssl pkey -pubout >back.pub
openssl pkey -in phone.key -pubout >phone.pub
say 'the same key comes back' same "$(cmp -s back.pub phone.pub && echo same)"
openssl pkcs12 -in back.p12 -nokeys -passin pass: 2>/dev/null | grep -c 'BEGIN CERTIFICATE' >count || true
say 'the same chain comes back' 2 "$(cat count)"

# What is damaged or unsuitable is refused with a reason and changes nothing.
for bad in half.p12 locked.p12 trusted.p12 phone.pem; do
    say "transfer of $bad as key material" 200 "$(transfer server-key-material $bad)"
    say "$bad is refused as key material" 'failed given' "$(status) $(reason)"
done
valid answer 'refusal'
say 'the new chain is shown still' 'CN=new phone,O=Judges' "$(shown)"

say 'deletion' 200 "$(post '<DeleteFile kind="server-key-material"/>')"
valid answer 'answer to the deletion'
say 'the next connection shows the old chain' "$factory" "$(shown)"
say 'a second deletion' 200 "$(post '<DeleteFile kind="server-key-material"/>')"
say 'there is nothing to delete' failed "$(status)"
say 'reading what is not there' 200 "$(post '<ReadFile kind="server-key-material"/>')"
say 'there is nothing to read' failed "$(status)"

# Client trusted certificates.
say 'transfer of trusted certificates' 200 "$(transfer client-trusted-certificates trusted.p12)"
say 'they are accepted' accepted "$(status)"
say 'transfer of a key among them' 200 "$(transfer client-trusted-certificates material.p12)"
say 'a key is refused there' 'failed given' "$(status) $(reason)"
say 'read the trusted certificates' 200 "$(post '<ReadFile kind="client-trusted-certificates"/>')"
value "//*[local-name()='Content']" | base64 -di >back.p12
openssl pkcs12 -in back.p12 -nokeys -passin pass: 2>/dev/null | openssl x509 -outform der >back.der
openssl x509 -in ca.pem -outform der >ca.der
say 'the same certificate comes back' same "$(cmp -s back.der ca.der && echo same)"
say 'the chain is not touched by that' "$factory" "$(shown)"
say 'deletion of the trusted certificates' 200 "$(post '<DeleteFile kind="client-trusted-certificates"/>')"
say 'they are gone' accepted "$(status)"
exit $failed
