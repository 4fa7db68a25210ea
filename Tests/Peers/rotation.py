#!/usr/bin/env python3
"""Kills changes of key material at random moments, lets them be resumed, and asks the phones whether any is locked out.

usage: rotation.py --kills N [--phones N] [--seed N] [--network 127.100.31] [--port N] [--faults] [--keep]

Virtual phones run in a process of their own and keep their state in files. Each round gives all phones new key material of another
CA under another trust profile (every third round returns them to the built-in material) and kills the tool with SIGKILL at a
random moment; half of the rounds kill the resumption as well. After the kill the tool must reach every phone by what its
database says and tell what it holds: the old material or the new. After `runs resume` every phone must present the new chain to
a TLS client that is not the tool, be trusted by the new profile alone, and hold the new file.
"""
import concurrent.futures, glob, hashlib, json, ssl, socket, subprocess, sys

from campaign import Campaign, Wrong, options, run

TYPE = "optipoint-410-standard-hfa"


class Material:
    """A CA and one file for all phones, made by openssl."""

    def __init__(self, directory, name):
        self.name, self.authority, self.file = name, f"{directory}/{name}-ca.pem", f"{directory}/{name}.pem"
        key, request, leaf = f"{directory}/{name}.key", f"{directory}/{name}.csr", f"{directory}/{name}-leaf.pem"
        curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        openssl("req", "-x509", *curve, "-keyout", f"{key}-ca", "-out", self.authority, "-days", "100", "-subj", f"/O=Example/CN={name} CA")
        openssl("req", *curve, "-keyout", key, "-out", request, "-subj", "/O=Example/CN=phone")
        openssl("x509", "-req", "-in", request, "-CA", self.authority, "-CAkey", f"{key}-ca", "-days", "90", "-out", leaf)
        with open(self.file, "w") as file:
            for part in (key, leaf, self.authority):
                with open(part) as text:
                    file.write(text.read())
        with open(leaf) as text:
            self.fingerprint = hashlib.sha256(ssl.PEM_cert_to_DER_cert(text.read())).hexdigest()


def openssl(*words):
    subprocess.run(["openssl", *words], check=True, capture_output=True)


class Rotation(Campaign):
    name = "rotation"

    def __init__(self, options):
        super().__init__(options, counts=("found old", "found new"))

    def prepare(self):
        faults = ["--fault", "loses-file-answer@30%", "--fault", "reencodes-files@30%", "--fault", "loses-power:new@20%"] if self.options.faults else []
        self.start("--types", TYPE, *faults)
        self.materials = [Material(self.directory, name) for name in ("one", "two")]
        # The first one has all faults that happen once; the second tells how long a change usually takes.
        for material in reversed(self.materials):
            self.time("key-material", "transfer", material.file, "--all", "--new-profile", material.name, "--yes", "--quiet", "--concurrency", "8")
        self.now = self.materials[0]

    def order(self, number):
        """The next change and what the phones present after it; None is the built-in material."""
        if number % 3 == 0:
            return ("key-material", "delete", "--all", "--trust", TYPE), None
        wanted = next(material for material in self.materials if material is not self.now)
        return ("key-material", "transfer", wanted.file, "--all", "--trust", wanted.name), wanted

    def round(self, number):
        words, wanted = self.order(number)
        self.carry_out(number, *words, "--yes", "--quiet", "--concurrency", "8", after_kill=lambda: self.look(number, wanted))
        self.judge(number, wanted)
        self.now = wanted

    def look(self, number, wanted):
        """Every phone is reached by what the database says, and holds either of the two."""
        known = [material.fingerprint if material else None for material in (self.now, wanted)]
        read = json.loads(self.tool("key-material", "read", "--all", "--quiet", "--format", "json"))
        if len(read["devices"]) != self.options.phones:
            raise Wrong(f"round {number}: {len(read['devices'])} phones after the kill")
        for device in read["devices"]:
            now = device["files"][0]["now"]
            if device["outcome"] != "unchanged" or now.get("fingerprint") not in known:
                raise Wrong(f"round {number}: {device} after the kill")
            self.counts["found new" if now.get("fingerprint") == known[1] else "found old"] += 1

    def presented(self, address):
        """The leaf that a TLS client is shown that trusts nobody and knows nothing of the tool."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with socket.create_connection((address, self.options.port), timeout=20) as plain:
            with context.wrap_socket(plain) as secure:
                return hashlib.sha256(secure.getpeercert(binary_form=True)).hexdigest()

    def judge(self, number, wanted):
        addresses = [f"{self.options.network}.{place + 1}" for place in range(self.options.phones)]
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            shown = set(pool.map(self.presented, addresses))
        others = {material.fingerprint for material in self.materials}
        if len(shown) != 1 or (shown != {wanted.fingerprint} if wanted else shown & others):
            raise Wrong(f"round {number}: the phones present {shown}")
        profile = wanted.name if wanted else TYPE
        listed = json.loads(self.tool("trust", "list", "--format", "json"))["trust"]
        for entry in listed:
            own = [scope for scope in entry["scopes"] if scope.startswith("device ")]
            if len(own) != (self.options.phones if entry["name"] == profile else 0):
                raise Wrong(f"round {number}: {entry['name']} is trusted for {len(own)} phones")
        for path in glob.glob(f"{self.directory}/phones/*.json"):
            with open(path) as file:
                kinds = [held["kind"] for held in json.load(file)["phone"].get("files", [])]
            if kinds != (["server-key-material"] if wanted else []):
                raise Wrong(f"round {number}: {path} holds {kinds}")
        self.tool("runs", "check", self.runs()[0]["id"])


parser = options(20, "127.100.31")
parser.add_argument("--faults", action="store_true", help="phones that lose answers and encode files anew")
sys.exit(run(Rotation(parser.parse_args()), "no phone locked out, every one with the new material under the new profile alone"))
