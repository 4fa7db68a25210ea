#!/usr/bin/env python3
"""A WPI server that says what it is told: plain standard library, no code of the product.

usage: told_wpi_server.py ADDRESS CERTIFICATE.pem KEY.pem [CLIENT-CA.pem]

Prints its port on the first line. Of each message of a phone it prints one line of JSON (reason, attributes, items by
`name` or `name[index]`, statuses, cookie, client, connection number) and waits for a line with the answer: an XML text in
which NONCE stands for the nonce of the message, or one of
  EMPTY       200 without a body
  CODE 503    this status without a body
  CHUNKED XML the text in chunks
  SILENCE     no answer
  CLOSE       closes the connection
"""

import http.server
import json
import ssl
import sys
import threading
import xml.etree.ElementTree as ET

NAMESPACE = "{http://www.siemens.com/DLS}"
lock = threading.Lock()
connections = 0


def describe(body, handler):
    root = ET.fromstring(body)
    message = root.find(NAMESPACE + "Message")
    reason = message.find(NAMESPACE + "ReasonForContact")
    items, statuses = {}, {}
    for item in message.iter(NAMESPACE + "Item"):
        name = item.get("name")
        if item.get("index") is not None:
            name += "[%s]" % item.get("index")
        items[name] = item.text or ""
        if item.get("status"):
            statuses[name] = item.get("status")
    peer = handler.connection.getpeercert() if handler.server.asks else None
    subject = "/".join(value for part in (peer or {}).get("subject", ()) for _, value in part)
    return {
        "root": root.tag.removeprefix(NAMESPACE), "nonce": message.get("nonce"), "fragment": message.get("fragment") or "",
        "reason": (reason.text or "").strip(), "action": reason.get("action") or "", "status": reason.get("status") or "",
        "items": items, "statuses": statuses, "cookie": handler.headers.get("Cookie") or "",
        "client": subject, "connection": handler.number, "path": handler.path, "bytes": len(body),
        "address": handler.client_address[0],
    }


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def setup(self):
        global connections
        super().setup()
        with lock:
            connections += 1
            self.number = connections

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with lock:
            try:
                told = describe(body, self)
            except ET.ParseError:
                told = {"reason": "garbage", "bytes": len(body), "connection": self.number}
            print(json.dumps(told), flush=True)
            order = sys.stdin.readline()
        if not order:
            sys.exit(0)
        self.answer(order.strip().replace("NONCE", str(told.get("nonce"))))

    def answer(self, order):
        if order == "SILENCE":
            self.rfile.read(1)
            return
        if order == "CLOSE":
            self.close_connection = True
            return
        status, text, chunked = 200, "", False
        if order.startswith("CODE "):
            status = int(order[5:])
        elif order.startswith("CHUNKED "):
            text, chunked = order[8:], True
        elif order != "EMPTY":
            text = order
        data = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Set-Cookie", "JSESSIONID=0123456789ABCDEF; Path=/DeploymentService; Secure")
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
            self.end_headers()
            half = len(data) // 2
            for part in (data[:half], data[half:], b""):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        else:
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address, context, asks):
        self.context, self.asks = context, asks
        super().__init__((address, 0), Handler)

    def finish_request(self, request, client):
        # The handshake belongs to the connection's own thread: a silent peer must keep nobody waiting.
        try:
            secured = self.context.wrap_socket(request, server_side=True)
        except (ssl.SSLError, OSError):
            return
        super().finish_request(secured, client)

    def handle_error(self, *_):
        pass


def main():
    address, certificate, key, *authority = sys.argv[1:]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    if authority:
        context.load_verify_locations(authority[0])
        context.verify_mode = ssl.CERT_REQUIRED
    server = Server(address, context, bool(authority))
    print(server.server_address[1], flush=True)
    server.serve_forever()


main()
