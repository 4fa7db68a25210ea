#!/usr/bin/env python3
"""Kills deployments at random moments, lets them be resumed, and asks the phones whether all is as planned.

usage: crash.py --kills N [--phones N] [--seed N] [--network 127.100.30] [--port N] [--keep]

Virtual phones run in a process of their own and keep their state in files, so that boot counts and values are theirs to tell and
not the tool's. Each round gives all phones new values, one of which needs a restart, and kills the tool with SIGKILL at a random
moment; half of the rounds kill the resumption as well. After `runs resume` every phone must have exactly the planned values, none
may be missing from the result, and each must have been restarted exactly once.
"""
import json, sys

from campaign import Campaign, Wrong, options, run

FAST = {"schema": "phonefleet.phone-type-catalogue/1",
        "types": {"fast-phone": {"extends": "optipoint-410-standard-hfa", "name": "Fast phone", "deviceType": "fast", "durations": {"transfer": 0.1, "restart": 0.4}}}}


class Crash(Campaign):
    name = "crash"
    needs_restart = "pbx-addr"
    types = FAST

    def __init__(self, options):
        super().__init__(options)
        with open(f"{self.directory}/fast.json", "w") as file:
            json.dump(self.types, file)

    def command(self, *words):
        return super().command(*words, "--catalogue", f"{self.directory}/fast.json")

    def prepare(self):
        self.start("--types", "fast-phone", "--restart", "200ms")
        self.choose(0)
        self.time("deploy", "--all", "--yes", "--quiet", "--concurrency", "8")

    def choose(self, number):
        address = f"{number // 250}.{number % 250 + 1}"
        self.values = {"sntp-addr": f"10.1.{address}", self.needs_restart: f"10.2.{address}"}
        self.tool("config", "set", "--site", "--quiet", *(f"{name}={value}" for name, value in self.values.items()))

    def round(self, number):
        before = {mac: phone["bootCount"] for mac, phone in self.states().items()}
        latest = self.runs()[0]["id"]
        self.choose(number)
        deploy = ("deploy", "--all", "--yes", "--quiet", "--concurrency", "8")
        hit = self.killed(*deploy)
        self.counts["kills" if hit else "too late"] += 1
        if self.runs()[0]["id"] == latest:
            self.counts["before the run"] += 1
            self.tool(*deploy)
        run = self.runs()[0]
        if run["state"] != "finished":
            if run["state"] != "interrupted":
                raise Wrong(f"round {number}: the run is {run['state']}")
            self.resume(run["id"])
        self.judge(number, before)

    def judge(self, number, before):
        run = json.loads(self.tool("runs", "show", "--format", "json"))
        outcomes = [device["outcome"] for device in run["devices"]]
        if outcomes.count("verified") != self.options.phones:
            raise Wrong(f"round {number}: {run['totals']}")
        after = self.states()
        if len(after) != self.options.phones or after.keys() != before.keys():
            raise Wrong(f"round {number}: {len(after)} phones have a state")
        for mac, phone in after.items():
            has = {name: phone["items"].get(name) for name in self.values}
            if has != self.values:
                raise Wrong(f"round {number}: {mac} has {has}, planned is {self.values}")
            if phone["bootCount"] != before[mac] + 1:
                raise Wrong(f"round {number}: {mac} was restarted {phone['bootCount'] - before[mac]} times")
        verdict = json.loads(self.tool("verify", "--all", "--quiet", "--format", "json"))
        if verdict["totals"]["unchanged"] != self.options.phones:
            raise Wrong(f"round {number}: verify says {verdict['totals']}")
        self.tool("runs", "check", run["run"]["id"])


CLAIM = "every phone as planned and restarted once"

if __name__ == "__main__":
    sys.exit(run(Crash(options(40, "127.100.30").parse_args()), CLAIM))
