#!/usr/bin/env python3
"""Kills what is done with phones that call (WPI) at random moments, lets it be gone on with, and asks the phones what became of it.

usage: callers.py deploy|secure-mode|renewal|rotation --kills N [--phones N] [--seed N] [--network 127.100.33] [--port N] [--keep]

deploy       values of which one needs a restart: afterwards every phone has them and was restarted exactly once
secure-mode  phones that are new in every round; the command is killed once or more, now and then given twice at one moment, and given again. Afterwards every phone holds the
             certificate that the tool knows it by, is served on the secure port only, and whoever calls as it on the default port is refused
renewal      new certificates for phones in secure mode, killed once or more and given again: afterwards every phone holds the newest one
             that was made for it and is known by it, all earlier ones are superseded and their keys are kept no more
rotation     another certificate for the web server of each phone in secure mode: afterwards each presents its own one to a TLS
             client that is not the tool, and is known by the same certificate as before when it calls
Virtual phones run in a process of their own and keep their state in files, which is what is asked.
"""
import concurrent.futures, hashlib, http.client, json, shutil, socket, ssl, subprocess, sys

from campaign import Campaign, Wrong, options, run
from crash import CLAIM, Crash

FAST = {"schema": "phonefleet.phone-type-catalogue/1",
        "parameters": {"sntp-addr-backup.wpi": {"extends": "sntp-addr-backup.wpi", "needsRestart": True}},
        "types": {"fast-caller": {"extends": "openstage-60", "name": "Fast caller", "deviceType": "fast", "alsoAnswers": [],
                                  "durations": {"transfer": 0.1, "restart": 0.4}}}}
CALL = """<WorkpointMessage><Message nonce="%032X"><ReasonForContact>start-up</ReasonForContact><ItemList><Item name="mac-addr">%s</Item>
<Item name="e164">1</Item><Item name="device-type">fast</Item></ItemList></Message></WorkpointMessage>"""
ALL = ("--all", "--yes", "--quiet", "--concurrency", "8")
WEB, DEFAULT, SECURE = 20443, 20464, 20465


class Callers(Campaign):
    """Phones that call, and a tool that listens at an address of its own."""
    types = FAST

    def command(self, *words):
        words = super().command(*words, "--catalogue", f"{self.directory}/fast.json")
        listening = ["--wpi-listen", f"{self.options.network}.250", "--wpi-port", f"{DEFAULT}"]
        secure = ["--wpi-secure-port", f"{SECURE}", "--contact-gap", "400ms", "--web-port", f"{WEB}"]
        if words[1] == "scan":
            return words + ["--contact-me"] + listening
        works = words[1] in ("deploy", "verify", "serve", "secure-mode") or words[2] in ("resume", "rotate")
        return words + listening + secure if works else words

    def start_phones(self, *words):
        super().start_phones("--types", "fast-caller", "--web-port", f"{WEB}", "--speed", "1000", "--restart", "100ms", *words)

    def start(self):
        with open(f"{self.directory}/fast.json", "w") as file:
            json.dump(self.types, file)
        self.tool("config", "server-certificate", "--renew", "--key", "p256", "--yes", "--quiet")
        self.tool("ca", "init", "site", "--quiet")
        self.start_phones()
        self.tool("scan", self.places, "--port", str(self.options.port), "--quiet")
        self.tool("config", "set", "--site", "--quiet", "sntp-addr=192.0.2.10")
        self.tool("deploy", *ALL)

    def devices(self):
        listed = json.loads(self.tool("devices", "list", "--format", "json"))["devices"]
        if len(listed) != self.options.phones:
            raise Wrong(f"{len(listed)} phones are on the list")
        return listed

    def verify(self, when):
        """Every phone is reached by what the database says, and has what it should have."""
        verdict = json.loads(self.tool("verify", "--all", "--quiet", "--format", "json"))
        if verdict["totals"]["unchanged"] != self.options.phones:
            raise Wrong(f"{when}: verify says {verdict['totals']}")


class Deploy(Callers, Crash):
    name = "caller-deploy"
    needs_restart = "sntp-addr-backup"
    claim = CLAIM

    def prepare(self):
        self.start()
        self.choose(0)
        self.time("deploy", *ALL)


class SecureMode(Callers):
    name = "secure-mode"
    claim = "every phone secure with its own certificate, refused in default mode, nobody locked out"

    def __init__(self, options):
        super().__init__(options, counts=("rounds", "looks between", "rivals", "rivals refused"))

    @property
    def database(self):
        return self.environment["PHONEFLEET_DATABASE"]

    def prepare(self):
        self.start()
        for suffix in ("", ".key"):
            shutil.copy(self.database + suffix, f"{self.directory}/new{suffix}")
        shutil.copytree(f"{self.directory}/phones", f"{self.directory}/new-phones")
        self.time("secure-mode", "start", *ALL)
        self.judge(0)

    def renew(self):
        """Phones and tool as they were before any of the phones was secure."""
        self.end_phones()
        for suffix in ("-wal", "-shm"):
            subprocess.run(["rm", "-f", self.database + suffix], check=True)
        for suffix in ("", ".key"):
            shutil.copy(f"{self.directory}/new{suffix}", self.database + suffix)
        shutil.rmtree(f"{self.directory}/phones")
        shutil.copytree(f"{self.directory}/new-phones", f"{self.directory}/phones")
        self.start_phones()

    def round(self, number):
        self.renew()
        self.counts["rounds"] += 1
        for _ in range(self.random.randint(1, 5)):
            rival = self.rival() if self.random.random() < 0.3 else None
            hit = self.killed("secure-mode", "start", *ALL)
            self.counts["kills" if hit else "too late"] += 1
            if rival:
                said = rival.communicate()[1]
                self.counts["rivals refused"] += "(device.leased)" in said
                if "(call.port-taken)" in said:
                    raise Wrong(f"round {number}: a second command came as far as the ports: {said}")
            if not hit:
                break
            if self.random.random() < 0.3:
                self.verify(f"round {number}, after a kill")
                self.counts["looks between"] += 1
        self.tool("secure-mode", "start", *ALL)
        self.judge(number)

    def rival(self):
        """The same command at the same moment."""
        self.counts["rivals"] += 1
        return subprocess.Popen(self.command("secure-mode", "start", *ALL), env=self.environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)

    def judge(self, number):
        states = self.states()
        for device in self.devices():
            if not device["authenticated"] or device["calls"]["mode"] != "secure":
                raise Wrong(f"round {number}: {device} is not secure")
            secure = states[device["mac"]]["wpi"].get("secure") or {}
            if secure.get("port") != SECURE:
                raise Wrong(f"round {number}: {device['mac']} is in secure mode at port {secure.get('port')}")
            if leaf(bytes(secure["clientCertificate"])) != (device["fingerprint"], device["mac"]):
                raise Wrong(f"round {number}: {device['mac']} has another certificate than the tool knows it by")
        self.verify(f"round {number}")
        self.refused(number, list(states))

    def refused(self, number, macs):
        """Whoever calls as one of them on the default port hears nothing but that."""
        serve = subprocess.Popen(self.command("serve", "--quiet"), env=self.environment, stdout=subprocess.PIPE, text=True)
        try:
            serve.stdout.readline()
            for mac in macs:
                answer = self.call(mac)
                if ">refused<" not in answer or "CleanUp" not in answer:
                    raise Wrong(f"round {number}: a call as {mac} on the default port hears {answer}")
        finally:
            serve.terminate()
            serve.wait()

    def call(self, mac):
        place = (f"{self.options.network}.250", DEFAULT)
        line = http.client.HTTPSConnection(*place, timeout=20, context=anybody(), source_address=(f"{self.options.network}.200", 0))
        line.request("POST", "/", CALL % (self.random.getrandbits(128), mac), {"Content-Type": "text/xml"})
        answer = line.getresponse().read().decode()
        line.close()
        return answer


class Renewal(SecureMode):
    name = "renewal"
    claim = "every phone calls with the new certificate of its order, all earlier ones are superseded, nobody locked out"

    def prepare(self):
        self.start()
        self.tool("secure-mode", "start", *ALL)
        self.known = {}
        self.time("secure-mode", "renew", "--ca", "site", *ALL)
        self.judge(0)

    def round(self, number):
        self.counts["rounds"] += 1
        for _ in range(self.random.randint(1, 5)):
            hit = self.killed("secure-mode", "renew", "--ca", "site", *ALL)
            self.counts["kills" if hit else "too late"] += 1
            if not hit:
                break
            if self.random.random() < 0.3:
                self.verify(f"round {number}, after a kill")
                self.counts["looks between"] += 1
        self.tool("secure-mode", "renew", "--ca", "site", *ALL)
        self.judge(number)

    def judge(self, number):
        super().judge(number)
        known = {device["id"]: device["fingerprint"] for device in self.devices()}
        if set(known.values()) & set(self.known.values()):
            raise Wrong(f"round {number}: of {known} some are known from before")
        for entry in json.loads(self.tool("ca", "list", "--issued", "--format", "json"))["certificates"]:
            isNewest = known[entry["device"]] == entry["fingerprint"]
            if entry["state"] != ("held" if isNewest else "superseded") or entry["keyKept"] != isNewest:
                raise Wrong(f"round {number}: {entry}, and the phone is known by {known[entry['device']]}")
        self.known = known


class Rotation(Callers):
    name = "caller-rotation"
    claim = "every phone presents its own new certificate, and is known as before when it calls"

    def prepare(self):
        self.start()
        self.tool("secure-mode", "start", *ALL)
        self.known = {device["mac"]: device["fingerprint"] for device in self.devices()}
        self.time("key-material", "rotate", "--ca", "site", *ALL)
        self.presented = {}
        self.judge(0)

    def round(self, number):
        self.carry_out(number, "key-material", "rotate", "--ca", "site", *ALL)
        self.judge(number)

    def judge(self, number):
        shown = json.loads(self.tool("runs", "show", "--format", "json"))
        if [device["outcome"] for device in shown["devices"]] != ["verified"] * self.options.phones:
            raise Wrong(f"round {number}: {shown['totals']}")
        devices = self.devices()
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            presented = dict(pool.map(self.look, devices))
        if len(set(presented.values())) != self.options.phones or set(presented.values()) & set(self.presented.values()):
            raise Wrong(f"round {number}: the phones present {presented}")
        held = json.loads(self.tool("ca", "list", "--issued", "--format", "json"))
        for device in devices:
            if self.known[device["mac"]] != device["fingerprint"]:
                raise Wrong(f"round {number}: {device['mac']} is known by another certificate")
            if presented[device["mac"]] not in json.dumps(held):
                raise Wrong(f"round {number}: nobody issued what {device['mac']} presents")
        for mac, phone in self.states().items():
            if leaf(bytes(phone["wpi"]["secure"]["clientCertificate"]))[0] != self.known[mac]:
                raise Wrong(f"round {number}: {mac} calls with another certificate")
        self.presented = presented
        if number % 5 == 0:
            self.verify(f"round {number}")
        self.tool("runs", "check", shown["run"]["id"])

    def look(self, device):
        """The leaf that the phone's web server shows to a client that knows nothing of the tool; its name is the phone's."""
        text = ssl.DER_cert_to_PEM_cert(shown_leaf(device["address"]))
        subject = subprocess.run(["openssl", "x509", "-noout", "-subject"], input=text, check=True, capture_output=True, text=True).stdout
        if device["mac"] not in subject:
            raise Wrong(f"{device['mac']} presents {subject}")
        return device["mac"], hashlib.sha256(ssl.PEM_cert_to_DER_cert(text)).hexdigest()


def anybody():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def shown_leaf(address):
    with socket.create_connection((address, WEB), timeout=20) as plain, anybody().wrap_socket(plain) as secure:
        return secure.getpeercert(binary_form=True)


def leaf(container):
    """Fingerprint and common name of a phone's own certificate in an unencrypted PKCS#12."""
    pem = subprocess.run(["openssl", "pkcs12", "-nokeys", "-clcerts", "-passin", "pass:"], input=container, check=True, capture_output=True).stdout
    text = subprocess.run(["openssl", "x509", "-noout", "-subject", "-fingerprint", "-sha256", "-nameopt", "multiline"],
                          input=pem, check=True, capture_output=True).stdout.decode()
    lines = [line.partition("=")[2].strip() for line in text.splitlines() if "=" in line and not line.startswith("subject")]
    name, fingerprint = sorted(lines, key=len)
    return fingerprint.replace(":", "").lower(), name


campaigns = {"deploy": Deploy, "secure-mode": SecureMode, "renewal": Renewal, "rotation": Rotation}

if __name__ == "__main__":
    parser = options(20, "127.100.33", port=20085)
    parser.add_argument("what", choices=campaigns)
    chosen = parser.parse_args()
    campaign = campaigns[chosen.what](chosen)
    sys.exit(run(campaign, campaign.claim))
