#!/usr/bin/env python3
"""Kills the change of the program's certificate at random moments, and asks the phones in secure mode whom they believe.

usage: trust.py --kills N [--phones N] [--seed N] [--network 127.100.35] [--port N] [--keep]

Each round changes from one of two authorities to the other: keep beside, trust-server, switch, drop, trust-server. Any of these is killed now and then, or
given while another one is at work, and what is next is decided by what the program says of itself. All the time nothing may be noted of a phone that is not
so, and in the end of each round every phone is deployed to, and believes the new authority alone.
"""
import hashlib, json, sqlite3, subprocess, sys, time

from callers import ALL, SECURE, Callers
from campaign import Wrong, options, run

CERTIFICATE = ("config", "server-certificate")
START = ("secure-mode", "start")
TELL = ("secure-mode", "trust-server", *ALL)
EXTENSIONS = ("-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign")
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


class Trust(Callers):
    name = "server-trust"
    claim = "every phone believes the certificate in use and is deployed to, nothing was noted that was not so"

    def __init__(self, options):
        super().__init__(options, counts=("rounds", "looks between", "rivals", "rivals that did their work"))
        self.spans = {}

    def command(self, *words):
        # Ports of this campaign's own.
        ports = {"scan": ["--wpi-secure-port", f"{SECURE}"], "secure-mode": ["--proof-port", f"{SECURE + 1}"]}
        return super().command(*words) + (ports.get(words[0], []) if words[:2] != START else [])

    def prepare(self):
        self.start()
        self.files = [self.certificate(name) for name in ("One", "Two")]
        self.tool(*CERTIFICATE, self.files[0][0], "--yes")
        self.tool(*START, *ALL)
        self.value = 10
        self.change(1)
        self.judge(0, 1)
        self.usual = max(self.spans.values())

    def certificate(self, name):
        """A file with key and chain by an authority of this name, and the fingerprint of that."""
        base = f"{self.directory}/{name}"
        with open(f"{base}.ext", "w") as file:
            file.write("basicConstraints=CA:FALSE\nextendedKeyUsage=serverAuth\n")
        for words in (("req", "-x509", *CURVE, "-keyout", f"{base}.ca.key", "-out", f"{base}.ca", "-days", "300", "-subj", f"/CN={name} CA", *EXTENSIONS),
                      ("req", *CURVE, "-keyout", f"{base}.key", "-out", f"{base}.csr", "-subj", f"/CN={name}"),
                      ("x509", "-req", "-in", f"{base}.csr", "-CA", f"{base}.ca", "-CAkey", f"{base}.ca.key", "-days", "200", "-extfile", f"{base}.ext",
                       "-out", f"{base}.pem")):
            subprocess.run(("openssl", *words), check=True, capture_output=True)
        with open(f"{base}.all", "w") as file:
            file.writelines(open(f"{base}.{part}").read() for part in ("key", "pem", "ca"))
        der = subprocess.run(("openssl", "x509", "-in", f"{base}.ca", "-outform", "DER"), check=True, capture_output=True).stdout
        return f"{base}.all", hashlib.sha256(der).hexdigest()

    def shown(self):
        """The certificates that are kept, by their use."""
        return {one["use"]: one for one in json.loads(self.tool(*CERTIFICATE, "--format", "json"))["server-certificates"]}

    def next(self, goal):
        """What is to be done now to come to a certificate; None when nothing is left."""
        file, wanted = self.files[goal]
        shown = self.shown()
        used, beside = shown["in-use"], shown.get("beside")
        if used["anchorFingerprint"] == wanted:
            if used["believing"] < used["phones"]:
                return TELL
            if beside:
                return (*CERTIFICATE, "--drop", "--yes")
            told = all(self.believed(phone) == {wanted} for phone in self.states().values())
            return None if told and self.noted() == dict.fromkeys(self.ids(), {wanted}) else TELL
        if not beside or beside["anchorFingerprint"] != wanted:
            return (*CERTIFICATE, file, "--beside", "--yes")
        return TELL if beside["believing"] < beside["phones"] else (*CERTIFICATE, "--switch")

    def change(self, goal, number=0):
        for _ in range(200):
            words = self.next(goal)
            if words is None:
                return
            self.work(words, number)
            self.truthful(number)
        raise Wrong(f"round {number}: it does not get on: {self.shown()}")

    def work(self, words, number):
        """Gives a command: whole, or killed; now and then beside another one."""
        begun = time.monotonic()
        if not number:
            self.tool(*words)
            self.spans[words[1]] = time.monotonic() - begun
            return
        rival = self.rival() if self.random.random() < 0.3 else None
        if self.random.random() < 0.6:
            self.usual = self.spans[words[1]]
            self.counts["kills" if self.killed(*words) else "too late"] += 1
        else:
            # A rival may have done it, or have the phones or the ports.
            self.tool(*words, wants=(0, 1, 2) if rival else (0,))
        if rival:
            self.counts["rivals that did their work"] += rival.wait() == 0

    def rival(self):
        self.counts["rivals"] += 1
        words = self.random.choice([TELL, (*CERTIFICATE, "--switch"), (*CERTIFICATE, "--drop", "--yes"), (*CERTIFICATE, "--renew", "--beside", "--key", "p256", "--yes")])
        return subprocess.Popen(self.command(*words), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def round(self, number):
        goal = (number + 1) % 2
        self.change(goal, number)
        self.counts["rounds"] += 1
        self.judge(number, goal)
        self.usual = max(self.spans.values())

    def judge(self, number, goal):
        self.value += 1
        self.tool("config", "set", "--site", "--quiet", f"sntp-addr=192.0.{self.value // 250}.{self.value % 250 + 1}")
        self.tool("deploy", *ALL)
        for mac, phone in self.states().items():
            if self.believed(phone) != {self.files[goal][1]}:
                raise Wrong(f"round {number}: {mac} believes {self.believed(phone)}")
        self.verify(f"round {number}")

    def truthful(self, number):
        """What is noted of a phone it believes; now and then that all of them can be worked with."""
        ids = self.ids()
        noted = self.noted()
        known = {phone: self.believed(state) for phone, state in self.states().items()}
        shown = self.shown()
        for phone, mac in ids.items():
            if not noted.get(phone, set()) <= known[mac]:
                raise Wrong(f"round {number}: {mac} is noted to believe {noted[phone]}, and believes {known[mac]}")
            if shown["in-use"]["anchorFingerprint"] not in known[mac]:
                raise Wrong(f"round {number}: {mac} is lost: it believes {known[mac]}, and {shown} is there")
        if number and self.random.random() < 0.2:
            self.counts["looks between"] += 1
            self.verify(f"round {number}, between")

    def ids(self):
        return {int(device["id"][1:]): device["mac"] for device in self.devices()}

    def noted(self):
        """The authorities that phones are noted to believe without doubt, by their number."""
        found = {}
        with sqlite3.connect(f"file:{self.environment['PHONEFLEET_DATABASE']}?mode=ro", uri=True) as database:
            columns = [row[1] for row in database.execute("PRAGMA table_info(serverTrust)")]
            sure = "isSure" if "isSure" in columns else "1"
            for device, authority in database.execute(f"SELECT device, authority FROM serverTrust WHERE {sure}"):
                found.setdefault(device, set()).add(authority)
        return found

    @staticmethod
    def believed(phone):
        return {hashlib.sha256(bytes(authority)).hexdigest() for authority in phone["wpi"]["secure"]["authorities"]}


if __name__ == "__main__":
    sys.exit(run(Trust(options(8, "127.100.35", port=20085).parse_args()), Trust.claim))
