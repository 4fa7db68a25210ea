#!/usr/bin/env python3
"""One directory over HTTPS and FTP (passive): plain standard library, no code of the product.

usage: file_servers.py ADDRESS DIRECTORY CERTIFICATE.pem KEY.pem [--no-epsv] [--ports FILE] [--log FILE]

Prints the two ports on the first line, and into a file where one is named. FTP wants the user `phone` with the password `secret`.
The log has a line for every request over HTTPS: who asked, and for what.
"""

import functools
import http.server
import os
import socket
import socketserver
import ssl
import sys
import threading

address, directory, certificate, key = sys.argv[1:5]
knows_epsv = "--no-epsv" not in sys.argv


def named(option):
    return sys.argv[sys.argv.index(option) + 1] if option in sys.argv else None


log = named("--log")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        if log:
            with open(log, "a") as file:
                print(self.client_address[0], self.path, file=file)


class FTP(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        user, known, passive = "", False, None
        self.say("220-two lines")
        self.say("220 ready")
        for line in self.rfile:
            command, _, argument = line.decode().rstrip("\r\n").partition(" ")
            if command == "USER":
                user = argument
                self.say("331 password")
            elif command == "PASS":
                known = (user, argument) == ("phone", "secret")
                self.say("230 welcome" if known else "530 no")
            elif command == "QUIT":
                return self.say("221 bye")
            elif not known:
                self.say("530 no")
            elif command == "TYPE":
                self.say("200 ok")
            elif command == "EPSV" and knows_epsv or command == "PASV":
                passive = socket.create_server((address, 0))
                port = passive.getsockname()[1]
                if command == "EPSV":
                    self.say("229 Entering Extended Passive Mode (|||%d|)" % port)
                else:
                    # The address is none on purpose: a client should stay with the server that it knows.
                    self.say("227 Entering Passive Mode (192,0,2,1,%d,%d)" % (port // 256, port % 256))
            elif command == "RETR" and passive:
                self.send(passive, argument)
                passive = None
            else:
                self.say("502 what")

    def send(self, passive, name):
        path = os.path.join(directory, name.lstrip("/"))
        if not os.path.isfile(path):
            return self.say("550 no such file")
        self.say("150 here it comes")
        data, _ = passive.accept()
        with open(path, "rb") as file, data:
            data.sendfile(file)
        self.say("226 done")


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        pass


class FTPServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(certificate, key)
web = Server((address, 0), functools.partial(Quiet, directory=directory))
web.socket = context.wrap_socket(web.socket, server_side=True)
ftp = FTPServer((address, 0), FTP)
threading.Thread(target=ftp.serve_forever, daemon=True).start()
ports = f"{web.server_address[1]} {ftp.server_address[1]}"
if named("--ports"):
    with open(named("--ports"), "w") as file:
        print(ports, file=file)
print(ports, flush=True)
web.serve_forever()
