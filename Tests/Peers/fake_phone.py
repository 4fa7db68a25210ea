#!/usr/bin/env python3
"""A phone in plain Python, written from docs/reference/management-interface.md alone.

usage: fake_phone.py ADDRESS PORT CHAIN.pem KEY.pem    (SIGUSR1: the phone forgets what it was told)
It knows Identify, Status, ReadItems, ReadAllItems and WriteItems. It judges the tool; it is no example of how to build one.
"""
import hashlib, http.server, re, secrets, signal, ssl, sys
import xml.etree.ElementTree as ET

URN = "urn:phonefleet:management:1"
ET.register_namespace("", URN)
IDENTITY = {"device-type": "410standardHFA", "software-version": "V5.1", "mac-addr": "00:01:E3:FA:4E:01"}
FACTORY = {"sntp-addr": "", "sntp-tz-offset": "0", "e164": ""}
PASSWORD = "123456"
items, nonces, wrong = dict(FACTORY), {}, 0


def sha(text):
    return hashlib.sha256(text.encode()).hexdigest()


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
        root = ET.fromstring(body)
        assert root.tag == f"{{{URN}}}ManagementRequest" and len(root) == 1
        action = root[0].tag.removeprefix(f"{{{URN}}}")
        if action not in ("Identify", "Status") and (refusal := self.refused()):
            return self.answer(refusal[0], b"the administrator password is needed\n", "text/plain", refusal[1])
        reply = ET.Element(f"{{{URN}}}ManagementResponse", id=root.get("id"), action=action, status="accepted")
        asked = [(item.get("name"), item.get("index"), item.text or "") for item in root.iter(f"{{{URN}}}Item")]
        self.perform(action, asked, reply)
        fresh = self.challenge() if "Authorization" not in self.headers else []
        self.answer(200, ET.tostring(reply, encoding="utf-8"), "application/xml; charset=utf-8", fresh)

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
            reply.set("status", "failed")
            ET.SubElement(reply, f"{{{URN}}}Reason").text = "this phone cannot do that"
        if not answers:
            return
        listing = ET.SubElement(reply, f"{{{URN}}}ItemList")
        for name, index, text, status in answers:
            item = ET.SubElement(listing, f"{{{URN}}}Item", name=name)
            item.text = text
            for attribute, value in (("index", index), ("status", status)):
                if value is not None:
                    item.set(attribute, value)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    address, port, chain, key = sys.argv[1:]
    server = http.server.ThreadingHTTPServer((address, int(port)), Phone)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])  # whoever started this may have blocked some
    signal.signal(signal.SIGUSR1, lambda *_: items.update(FACTORY))
    print("ready", flush=True)
    server.serve_forever()
