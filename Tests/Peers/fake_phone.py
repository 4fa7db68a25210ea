#!/usr/bin/env python3
"""A phone in plain Python, written from docs/reference/management-interface.md alone.

usage: fake_phone.py ADDRESS PORT CHAIN.pem KEY.pem    (SIGUSR1: the phone forgets what it was told)
It knows Identify, Status, ReadItems, ReadAllItems, WriteItems, TransferFile, ReadFile and DeleteFile; openssl reads the files.
It judges the tool; it is no example of how to build one.
"""
import base64, hashlib, http.server, re, secrets, signal, ssl, subprocess, sys, tempfile
import xml.etree.ElementTree as ET

URN = "urn:phonefleet:management:1"
ET.register_namespace("", URN)
IDENTITY = {"device-type": "410standardHFA", "software-version": "V5.1", "mac-addr": "00:01:E3:FA:4E:01"}
FACTORY = {"sntp-addr": "", "sntp-tz-offset": "0", "e164": ""}
PASSWORD = "123456"
KINDS = ("server-key-material", "client-trusted-certificates")
items, nonces, wrong, files = dict(FACTORY), {}, 0, {}


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


def context(pem=None):
    """What a new connection is served with: the PEM text, else the chain that the phone was started with."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if pem is None:
        made.load_cert_chain(*sys.argv[3:])
    else:
        with tempfile.NamedTemporaryFile("w") as file:
            file.write(pem)
            file.flush()
            made.load_cert_chain(file.name)
    return made


def unpack(kind, content):
    """The PEM text of an unencrypted PKCS#12 file that suits its kind; raises for all others."""
    with tempfile.NamedTemporaryFile("wb") as file:
        file.write(content)
        file.flush()
        command = ["openssl", "pkcs12", "-in", file.name, "-nodes", "-passin", "pass:"]
        pem = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert "BEGIN CERTIFICATE" in pem, "no certificate"
    assert ("PRIVATE KEY" in pem) == (kind == KINDS[0]), "a key where none belongs, or none where one does"
    if kind == KINDS[0]:
        context(pem)
    return pem


class Server(http.server.ThreadingHTTPServer):
    def get_request(self):
        plain, peer = super().get_request()
        return self.current.wrap_socket(plain, server_side=True, do_handshake_on_connect=False), peer

    def handle_error(self, request, peer):
        if not isinstance(sys.exc_info()[1], OSError):  # a client that does not like the chain is no news
            super().handle_error(request, peer)


class Phone(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, body, kind, fields=()):
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def challenge(self, stale=False):
        nonce = secrets.token_hex(16)
        nonces[nonce] = 0
        text = f'Digest realm="phonefleet-management", qop="auth", algorithm=SHA-256, nonce="{nonce}"'
        return [("WWW-Authenticate", text + (", stale=true" if stale else ""))]

    def refused(self):
        """None when the request proves the password, else the answer that it gets."""
        global wrong
        given = {name: quoted or bare for name, quoted, bare in
                 re.findall(r'(\w+)=(?:"([^"]*)"|([^\s,]+))', self.headers.get("Authorization", ""))}
        if not given:
            return 401, self.challenge()
        if given["nonce"] not in nonces or int(given["nc"], 16) <= nonces[given["nonce"]]:
            return 401, self.challenge(stale=True)
        nonces[given["nonce"]] = int(given["nc"], 16)
        secret = sha(f'admin:phonefleet-management:{PASSWORD}')
        request = sha(f'{self.command}:{self.path}')
        right = sha(":".join([secret, given["nonce"], given["nc"], given["cnonce"], "auth", request]))
        if given["username"] == "admin" and given["uri"] == self.path and given["response"] == right:
            wrong = 0
            return None
        wrong += 1
        return (429, [("Retry-After", "1")]) if wrong > 3 else (401, self.challenge())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/management":
            return self.answer(404, b"no such page\n", "text/plain")
        if self.headers["Content-Type"] != "application/xml; charset=utf-8":
            return self.answer(415, b"application/xml is wanted\n", "text/plain")
        if not body and "Authorization" not in self.headers:  # curl --digest asks for the challenge first
            return self.answer(401, b"the administrator password is needed\n", "text/plain", self.challenge())
        root = ET.fromstring(body)
        assert root.tag == f"{{{URN}}}ManagementRequest" and len(root) == 1
        action = root[0].tag.removeprefix(f"{{{URN}}}")
        if action not in ("Identify", "Status") and (refusal := self.refused()):
            return self.answer(refusal[0], b"the administrator password is needed\n", "text/plain", refusal[1])
        reply = ET.Element(f"{{{URN}}}ManagementResponse", id=root.get("id"), action=action, status="accepted")
        asked = [(item.get("name"), item.get("index"), item.text or "") for item in root.iter(f"{{{URN}}}Item")]
        if action in ("TransferFile", "ReadFile", "DeleteFile"):
            self.handle_file(action, root[0], reply)
        else:
            self.perform(action, asked, reply)
        fresh = self.challenge() if "Authorization" not in self.headers else []
        self.answer(200, ET.tostring(reply, encoding="utf-8"), "application/xml; charset=utf-8", fresh)

    def fail(self, reply, reason):
        reply.set("status", "failed")
        ET.SubElement(reply, f"{{{URN}}}Reason").text = reason

    def list_file(self, reply, kind, with_content=False):
        listing = reply.find(f"{{{URN}}}FileList")
        if listing is None:
            listing = ET.SubElement(reply, f"{{{URN}}}FileList")
        held = files[kind]
        fingerprint = hashlib.sha256(held).hexdigest()
        file = ET.SubElement(listing, f"{{{URN}}}File", kind=kind, fingerprint=fingerprint, size=str(len(held)))
        if with_content:
            ET.SubElement(file, f"{{{URN}}}Content").text = base64.b64encode(held).decode()

    def handle_file(self, action, request, reply):
        kind = request.get("kind")
        if kind not in KINDS:
            return self.fail(reply, "this phone has no such file")
        if action == "TransferFile":
            content = base64.b64decode(request.find(f"{{{URN}}}Content").text or "")
            try:
                pem = unpack(kind, content)
            except (AssertionError, OSError, subprocess.CalledProcessError, ssl.SSLError):
                return self.fail(reply, "not a file of this kind")
            files[kind] = content
            if kind == KINDS[0]:
                self.server.current = context(pem)
        elif kind not in files:
            return self.fail(reply, "there is no such file")
        if action == "DeleteFile":
            del files[kind]
            if kind == KINDS[0]:
                self.server.current = context()
        else:
            self.list_file(reply, kind, with_content=action == "ReadFile")

    def perform(self, action, asked, reply):
        known = IDENTITY | items
        if action == "Status":
            ET.SubElement(reply, f"{{{URN}}}PhoneStatus", busy="false", registration="not-configured", uptime="7", bootCount="1")
            return
        if action == "WriteItems":
            answers = [(name, index, None, "read only" if name in IDENTITY else "unknown item")
                       for name, index, _ in asked if name not in items]
            items.update({name: text for name, index, text in asked if name in items})
        elif action == "ReadItems":
            answers = [(name, index, known.get(name), None if name in known else "unknown item") for name, index, _ in asked]
        elif action in ("Identify", "ReadAllItems"):
            names = [*IDENTITY, "e164"] if action == "Identify" else known
            answers = [(name, None, known[name], None) for name in names]
        else:
            answers = []
            self.fail(reply, "this phone cannot do that")
        if not answers:
            return
        listing = ET.SubElement(reply, f"{{{URN}}}ItemList")
        for name, index, text, status in answers:
            item = ET.SubElement(listing, f"{{{URN}}}Item", name=name)
            item.text = text
            for attribute, value in (("index", index), ("status", status)):
                if value is not None:
                    item.set(attribute, value)
        if action == "Identify":
            for kind in sorted(files):
                self.list_file(reply, kind)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    server = Server((sys.argv[1], int(sys.argv[2])), Phone)
    server.current = context()
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whoever started this may have blocked some
    signal.signal(signal.SIGUSR1, lambda *_: items.update(FACTORY))
    print("ready", flush=True)
    server.serve_forever()
