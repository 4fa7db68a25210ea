#!/usr/bin/env python3
"""A phone with the WorkPoint Interface in plain Python, written from docs/reference/wpi.md alone; its XML is made by hand.

usage: fake_wpi_phone.py SERVER PORT MAC [--listen ADDRESS] [--start-up] [--busy N] [--fragment N] [--mute N] [--modules] [--cert PEM] [--log FILE]
  --listen ADDRESS  hear contact-me at ADDRESS:8085 (with :PORT, there) and call where it says; without, call once and end
  --start-up        call with start-up first; otherwise the call is solicited
  --busy N          answer the first N writes and files with busy
  --fragment N      at most N items in a message; --modules: has two key modules, and with their keys items for many messages
  --mute N          say nothing to the Nth answer and keep the connection, in every interaction
  --cert PEM        show this certificate (with its key); --log FILE: a line for every action
It knows all actions of a server. It judges the tool; it is no example of how to build a phone.
"""
import argparse, http.client, http.server, queue, re, secrets, ssl, sys, threading, time, urllib.parse
from xml.sax.saxutils import escape, quoteattr
from xml.etree import ElementTree

parser = argparse.ArgumentParser()
parser.add_argument("server"), parser.add_argument("port", type=int), parser.add_argument("mac")
parser.add_argument("--listen"), parser.add_argument("--cert"), parser.add_argument("--log")
parser.add_argument("--start-up", action="store_true"), parser.add_argument("--modules", action="store_true")
parser.add_argument("--busy", type=int, default=0), parser.add_argument("--fragment", type=int, default=1000)
parser.add_argument("--mute", type=int, default=0)
options = parser.parse_args()
address, _, listen_port = (options.listen or "127.0.0.1").partition(":")
listen_port = int(listen_port or 8085)
CONTACT = "/contact_dls.html/ContactDLS"
BASIC = {"contact-me-uri": f"http://{address}:{listen_port}{CONTACT}", "mac-addr": options.mac, "e164": "4242",
         "device-type": "OpenStage 60", "software-type": "Siemens SIP", "software-version": "V3 R5.12.0"}
KEYS = [level + key for key in [*range(1, 9), *range(301, 313), *range(401, 413)] for level in (0, 1000)] if options.modules else range(1, 9)
FACTORY = {"sntp-addr": "", "sntp-tz-offset": "0", "display-id-unicode": "", "ringer-melody": "2", "reg-addr": "",
           **{f"{name}[{key}]": "" for key in KEYS for name in ("function-key-def", "key-label-unicode", "select-dial")}}
items, busy, calls = dict(FACTORY), options.busy, queue.Queue()


def log(*words):
    print(*words, flush=True)
    if options.log:
        with open(options.log, "a") as file:
            print(*words, file=file)


def item(key, value=None, status=None):
    name, _, index = key.rstrip("]").partition("[")
    text = f"<Item name={quoteattr(name)}" + (f' index="{index}"' if index else "")
    return text + (f' status="{status}"/>' if status else f">{escape(value)}</Item>")


def message(reason, listing, action=None, status="accepted", fragment=None):
    nonce = secrets.token_hex(16).upper()
    about = f' action="{action}" status="{status}"' if action else ""
    part = f' fragment="{fragment}"' if fragment else ""
    return nonce, (f'<?xml version="1.0" encoding="UTF-8"?>\n<WorkpointMessage xmlns="http://www.siemens.com/DLS" '
                   f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.siemens.com/DLS">\n'
                   f'<Message nonce="{nonce}" maxItems="-1"{part}>\n<ReasonForContact{about}>\n{reason}\n</ReasonForContact>\n'
                   f'<ItemList>{"".join(listing)}</ItemList></Message></WorkpointMessage>').encode()


def understand(body, nonce):
    """Action and items of a server's message, which must be exactly what the description says."""
    urn = "{http://www.siemens.com/DLS}"
    root = ElementTree.fromstring(body)
    assert root.tag == urn + "DLSMessage", root.tag
    (content,) = root
    assert content.tag == urn + "Message" and content.get("nonce") == nonce, "another nonce"
    assert content[0].tag == urn + "Action" and len(content) <= 2, "not an action and a list"
    found = []
    for entry in content[1] if len(content) == 2 else []:
        assert entry.tag == urn + "Item" and set(entry.attrib) <= {"name", "index"}, "not an item"
        index = entry.get("index")
        found.append((entry.get("name") + (f"[{index}]" if index else ""), entry.text or ""))
    assert len(body) <= 50_000, "longer than 50 kB"
    return content[0].text, found


def converse(reason, place, extra=()):
    """One interaction; returns the next reason to call, or None."""
    global busy
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    if options.cert:
        context.load_cert_chain(options.cert)
    own = (address, 0) if options.listen else None  # a phone calls from where it listens
    line = http.client.HTTPSConnection(*place, timeout=30, context=context, source_address=own)
    rest, cookie, heard = [], None, 0
    nonce, body = message(reason, [item(k, v) for k, v in BASIC.items()] + list(extra))
    while True:
        headers = {"Content-Type": "text/xml"} | ({"Cookie": cookie} if cookie else {})
        line.request("POST", "/DeploymentService/LoginService", body, headers)
        answer = line.getresponse()
        body = answer.read()
        assert answer.status == 200 and int(answer.headers["Content-Length"]) == len(body), answer.status
        cookie = answer.headers.get("Set-Cookie") or cookie  # with its attributes, as real phones do
        action, asked = understand(body, nonce)
        log(action, *(f"{key}={value}" for key, value in asked))
        heard += 1
        if heard == options.mute:
            line.sock.recv(1)
            return None
        if action == "CleanUp":
            return "solicited" if ("send-solicited", "true") in asked else None
        if action == "Restart":
            if ("restart-type", "FactoryReset") in asked and ("restart-password", "124816") in asked:
                items.clear(), items.update(FACTORY)
            return "start-up"
        status = "accepted"
        if action in ("WriteItems", "FileDeployment", "SoftwareDeployment") and busy > 0:
            busy, status, listing = busy - 1, "busy", []
        elif action == "SoftwareDeployment":
            BASIC["software-version"] = dict(asked)["file-sw-version"]
            return "start-up"
        elif action == "FileDeployment":
            return ("status", [item("file-deployment-" + what, value) for what, value in (
                ("date", time.strftime("%d:%m:%Y")), ("time", time.strftime("%H:%M:%S")),
                ("name", dict(asked).get("file-name", "")), ("type", dict(asked).get("file-type", "")), ("status", "ok"))])
        elif action == "WriteItems":
            listing = [item(key, None, "read only" if key in BASIC else "unknown item") for key, _ in asked if key not in items]
            items.update({key: value for key, value in asked if key in items})
        elif action == "GetNextFragment":
            listing = rest
        else:
            known = BASIC | items
            keys = list(known) if action == "ReadAllItems" else [key for key, _ in asked]
            listing = [item(key, known[key]) if key in known else item(key, None, "unknown item") for key in keys]
        listing, rest = listing[:options.fragment], listing[options.fragment:]
        nonce, body = message("reply-to", listing, action, status, "next" if rest else "final")


class Contact(http.server.BaseHTTPRequestHandler):
    protocol_version, server_version, sys_version = "HTTP/1.1", "DlsClient", ""

    def do_POST(self):
        text = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        wanted = dict(urllib.parse.parse_qsl(text))
        good = self.path == CONTACT and wanted.get("ContactMe") == "true"
        self.send_response(204 if good else 404)
        self.send_header("Content-Length", "0")
        self.end_headers()
        if good:
            log("ContactMe")
            calls.put(("solicited", (wanted.get("dls_ip_addr", options.server), int(wanted.get("dls_ip_port", options.port)))))

    def log_message(self, *arguments):
        pass


if options.listen:
    listener = http.server.ThreadingHTTPServer((address, listen_port), Contact)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    print("ready", flush=True)
if options.start_up or not options.listen:
    calls.put(("start-up" if options.start_up else "solicited", (options.server, options.port)))
while True:
    reason, place = calls.get()
    extra = ()
    while reason:
        again = converse(reason, place, extra)
        reason, extra = again if isinstance(again, tuple) else (again, ())
    if not options.listen:
        break
