#!/usr/bin/env python3
"""A WorkPoint Interface server in plain Python, written from docs/reference/wpi.md alone; its XML is made by hand.

usage: fake_wpi_server.py ADDRESS PORT CHAIN.pem KEY.pem [--ca PEM] [--form FORM] [--log FILE] ACTION...
  ACTION     ReadAllItems | ReadItems:name,name[1] | WriteItems:name=value,name[1]=value | Restart | FileDeployment:... |
             SoftwareDeployment:... | CleanUp | CleanUp:send-solicited=true; a value may hold %2C for a comma
  --ca PEM   want a certificate of the phone that this CA has signed
  --form     plain (default) | bare (no namespace) | outside (list beside the message) | signed (in an envelope)
PORT may be 0; it is named in the first line of output, `ready PORT`.
The actions are given in order to whoever calls, CleanUp when none is left (and at the end of each call that needs one);
GetNextFragment is asked by itself. What came is printed: `<- reason action status name=value ...`.
"""
import argparse, http.server, re, ssl, sys, urllib.parse
from xml.sax.saxutils import escape, quoteattr
from xml.etree import ElementTree

parser = argparse.ArgumentParser()
parser.add_argument("address"), parser.add_argument("port", type=int), parser.add_argument("chain"), parser.add_argument("key")
parser.add_argument("--ca"), parser.add_argument("--form", default="plain"), parser.add_argument("--log")
parser.add_argument("actions", nargs="*")
options = parser.parse_intermixed_args()
jobs, seen = list(options.actions), set()
URN = "http://www.siemens.com/DLS"
SIGNED = """<Signature xmlns="http://www.w3.org/2000/09/xmldsig#"><SignedInfo>
<CanonicalizationMethod Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>
<SignatureMethod Algorithm="http://www.w3.org/2000/09/xmldsig#rsa-sha1"/><Reference URI="#DLSMessage">
<DigestMethod Algorithm="http://www.w3.org/2000/09/xmldsig#sha1"/><DigestValue>AAAA</DigestValue></Reference></SignedInfo>
<SignatureValue>AAAA</SignatureValue><Object Id="DLSMessage">%s</Object></Signature>"""


def log(*words):
    print(*words, flush=True)
    if options.log:
        with open(options.log, "a") as file:
            print(*words, file=file)


def answer(nonce, job):
    action, _, rest = job.partition(":")
    listing = ""
    for pair in rest.split(",") if rest else []:
        key, _, value = pair.partition("=")
        name, _, index = key.rstrip("]").partition("[")
        number = f' index="{index}"' if index else ""
        listing += f"<Item name={quoteattr(name)}{number}>{escape(urllib.parse.unquote(value))}</Item>"
    listing = f"<ItemList>{listing}</ItemList>" if rest else ""
    inner, outer = ("", listing) if options.form == "outside" else (listing, "")
    space = "" if options.form in ("bare", "outside") else f' xmlns="{URN}"'
    text = f'<DLSMessage{space}><Message nonce="{nonce}"><Action>{action}</Action>{inner}</Message>{outer}</DLSMessage>'
    return ('<?xml version="1.0" encoding="UTF-8"?>\n' + (SIGNED % text if options.form == "signed" else text)).encode()


def understand(body):
    """Nonce, reason, answered action, status, fragment and items of a phone's message, which must be as described."""
    root = ElementTree.fromstring(body)
    assert root.tag == f"{{{URN}}}WorkpointMessage", root.tag
    (message,) = root
    assert set(message.attrib) <= {"nonce", "maxItems", "fragment"} and len(body) <= 50_000
    nonce = message.get("nonce")
    assert re.fullmatch("[0-9A-F]{32}", nonce) and nonce not in seen, "a nonce of another form, or one used before"
    seen.add(nonce)
    reason, listing = message
    assert reason.tag == f"{{{URN}}}ReasonForContact" and listing.tag == f"{{{URN}}}ItemList"
    words = []
    for item in listing:
        index = f'[{item.get("index")}]' if item.get("index") else ""
        status = f'!{item.get("status")}' if item.get("status") else ""
        words.append(f'{item.get("name")}{index}{status or "=" + (item.text or "")}')
    if reason.text.strip() in ("start-up", "solicited", "local-changes", "inventory-changes", "status"):
        assert not reason.attrib and any(word.startswith("mac-addr=") for word in words), "who calls?"
    return nonce, reason.text.strip(), reason.get("action"), reason.get("status"), message.get("fragment"), words


class Server(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        assert self.headers["Content-Type"].startswith("text/xml"), "another content type"
        nonce, reason, action, status, fragment, words = understand(body)
        log("<-", *(word for word in (reason, action, status) if word), *words)
        if fragment == "next":
            job = "GetNextFragment"
        elif status == "busy":
            job = "CleanUp:send-solicited=true"
        elif reason == "clean-up" or not jobs:
            job = "CleanUp"
        else:
            job = jobs.pop(0)
        log("->", job)
        text = answer(nonce, job)
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(text)))
        self.send_header("Set-Cookie", "JSESSIONID=0123456789ABCDEF0123456789ABCDEF; Path=/DeploymentService; Secure")
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *arguments):
        pass


class Listener(http.server.ThreadingHTTPServer):
    """Does its handshakes in the thread of the connection, so that nobody waits for a slow phone."""
    daemon_threads, request_queue_size = True, 128

    def finish_request(self, request, client_address):
        with context.wrap_socket(request, server_side=True) as line:
            super().finish_request(line, client_address)

    def handle_error(self, request, client_address):
        log("!!", repr(sys.exc_info()[1]))


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(options.chain, options.key)
if options.ca:
    context.load_verify_locations(options.ca)
    context.verify_mode = ssl.CERT_REQUIRED
server = Listener((options.address, options.port), Server)
print("ready", server.server_address[1], flush=True)
server.serve_forever()
