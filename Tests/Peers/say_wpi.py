#!/usr/bin/env python3
"""Says one message of a phone to a WPI server and prints what the server answers: its action and what it says with it.

usage: say_wpi.py SERVER PORT [--from ADDRESS] [--jar FILE] [--nonce NONCE] [--to ACTION] [--next] REASON [ITEM=VALUE...]
  --jar FILE   keeps the cookie of the conversation, and shows it where there is one
  --to ACTION  answers that action; --next: with a part, of which there are more
Plain standard library, no code of the product.
"""
import argparse, http.client, os, re, secrets, ssl
from xml.sax.saxutils import escape, quoteattr

parser = argparse.ArgumentParser()
parser.add_argument("server"), parser.add_argument("port", type=int), parser.add_argument("reason")
parser.add_argument("items", nargs="*")
parser.add_argument("--from", dest="place", default="127.0.0.1"), parser.add_argument("--jar"), parser.add_argument("--to")
parser.add_argument("--nonce", default=secrets.token_hex(16).upper()), parser.add_argument("--next", action="store_true")
options = parser.parse_intermixed_args()
about = f' action="{options.to}" status="accepted"' if options.to else ""
part = f' fragment="{"next" if options.next else "final"}"' if options.to else ""
items = "".join(f"<Item name={quoteattr(item.partition('=')[0])}>{escape(item.partition('=')[2])}</Item>" for item in options.items)
body = (f'<WorkpointMessage xmlns="http://www.siemens.com/DLS"><Message nonce="{options.nonce}"{part}><ReasonForContact{about}>{options.reason}'
        f"</ReasonForContact><ItemList>{items}</ItemList></Message></WorkpointMessage>")
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
headers = {"Content-Type": "text/xml"}
if options.jar and os.path.exists(options.jar):
    with open(options.jar) as jar:
        headers["Cookie"] = jar.read()
line = http.client.HTTPSConnection(options.server, options.port, timeout=60, context=context, source_address=(options.place, 0))
line.request("POST", "/DeploymentService/LoginService", body.encode(), headers)
answer = line.getresponse()
text = answer.read().decode()
if options.jar and answer.headers.get("Set-Cookie"):
    with open(options.jar, "w") as jar:
        jar.write(answer.headers["Set-Cookie"])
words = re.findall(r"<Action>(\w+)", text) + re.findall(r'<Item name="[^"]*"[^>]*>([^<]*)', text)
print(" ".join(words) if answer.status == 200 else answer.status)
