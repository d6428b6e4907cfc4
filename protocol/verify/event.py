#!/usr/bin/env python3
"""Verifies signed events with their parts, by protocol/README.md alone: none of Cunji's code.

Usage: event.py FILE.json

FILE holds {"events": [...], "refused": [...]} as protocol/vectors/event.json does, or one event:
{"signed_event": hex, "body": {"bytes": hex}}. Every event must verify and every refused one must
not. Needs Python 3 and, for Ed25519, the openssl command (1.1.1 or newer).
"""
import hashlib
import hmac
import json
import subprocess
import sys
import tempfile

SEQUENCE_MAX = 2**53 - 1
TIME_MAX = 253402300799999  # The end of the year 9999.
HEADER = [("suite", 1), ("county", 6), ("author", 32), ("sequence", 8), ("previous", 32),
          ("seen size", 8), ("seen digest", 32), ("recorded", 8), ("division", 12), ("subject", 16),
          ("kind", 2), ("body length", 4), ("commitment", 32)]
NUMBERS = {"suite", "sequence", "seen size", "recorded", "kind", "body length"}
FOUNDING, GOVERNANCE = 64, range(64, 71)


class Refused(Exception):
    pass


def need(condition, what):
    if not condition:
        raise Refused(what)


def sha256(*pieces):
    return hashlib.sha256(b"".join(pieces)).digest()


def ed25519_verifies(key, message, signature):
    with tempfile.TemporaryDirectory() as folder:
        names = [f"{folder}/{name}" for name in ("key", "message", "signature")]
        public = bytes.fromhex("302a300506032b6570032100") + key  # SubjectPublicKeyInfo, RFC 8410.
        for name, content in zip(names, (public, message, signature)):
            with open(name, "wb") as file:
                file.write(content)
        return subprocess.run(
            ["openssl", "pkeyutl", "-verify", "-pubin", "-keyform", "DER", "-inkey", names[0],
             "-rawin", "-in", names[1], "-sigfile", names[2]], capture_output=True).returncode == 0


def header_of(data):
    fields, at = {}, 0
    for name, size in HEADER:
        value = data[at:at + size]
        fields[name] = int.from_bytes(value, "big") if name in NUMBERS else value
        at += size
    need(fields["suite"] == 1, "suite")
    need(fields["county"].isdigit(), "county")
    need(1 <= fields["sequence"] <= SEQUENCE_MAX, "sequence")
    need((fields["seen size"] == 0) == (fields["kind"] == FOUNDING), "seen size")
    need(fields["seen size"] <= SEQUENCE_MAX, "seen size")
    need(fields["seen size"] > 0 or fields["seen digest"] == bytes(32), "seen digest")
    need(fields["recorded"] <= TIME_MAX, "recorded")
    need(fields["division"].isdigit() and fields["division"][:6] == fields["county"], "division")
    need(fields["kind"] not in GOVERNANCE or fields["division"][6:] == b"000000",
         "division of a governance event")
    need(fields["kind"] > 0, "kind")
    length = fields["body length"]
    need(0 < length <= 524288 and length % 16 == 0, "body length")
    return fields


def check_body(header, data):
    """part count 1 | salt there 1 [salt 16] | each: state 1, then bytes or a commitment."""
    at = 0

    def take(size):
        nonlocal at
        need(at + size <= len(data), "body is cut")
        at += size
        return data[at - size:at]

    count, has_salt = take(1)[0], take(1)[0]
    need(count <= 32 and has_salt <= 1 and not (count == 0 and has_salt), "body")
    body_salt = take(16) if has_salt else None
    commitments, length, present = [], 0, 0
    for number in range(1, count + 1):
        state = take(1)[0]
        need(state <= 3 and not (state and has_salt), "part state")
        if state:  # Withheld, erased or lost: its commitment only.
            commitments.append(take(32))
            continue
        salt = hmac.digest(body_salt, bytes([number]), "sha256")[:16] if has_salt else take(16)
        padded = take(int.from_bytes(take(4), "big"))
        content = padded.rstrip(b"\0")
        need(len(padded) % 16 == 0 and len(padded) <= 262144 and content.endswith(b"\x80") and
             len(padded) - len(content) < 16, "padding")
        commitments.append(sha256(salt, padded))
        length, present = length + len(padded), present + 1
    need(at == len(data), "bytes after the body")
    if count == 0:  # Lost as a whole: nothing is left to compare.
        return
    need(sha256(bytes([count]), *commitments) == header["commitment"], "commitment")
    whole = present == count
    need(length == header["body length"] if whole else length < header["body length"], "body length")


def check_event(event):
    data = bytes.fromhex(event["signed_event"])
    need(len(data) == 257, "size")
    header = header_of(data[:193])
    need(ed25519_verifies(header["author"], b"cunji/event/v1\n" + data[:193], data[193:]), "signature")
    if "digest" in event:
        need(sha256(data).hex() == event["digest"], "digest")
    check_body(header, bytes.fromhex(event["body"]["bytes"]))


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as file:
        content = json.load(file)
    wrong = 0
    good = content.get("events", []) if "signed_event" not in content else [content]
    refused = content.get("refused", [])
    for event, expected in [(e, True) for e in good] + [(e, False) for e in refused]:
        try:
            check_event(event)
            verified, reason = True, "verified"
        except Refused as refusal:
            verified, reason = False, f"refused: {refusal}"
        wrong += verified != expected
        mark = "" if verified == expected else "  <-- NOT AS EXPECTED"
        print(f"{event.get('name', 'event')}: {reason}{mark}")
    print(f"{len(good)} to verify, {len(refused)} to refuse, {wrong} not as expected")
    sys.exit(1 if wrong or not good else 0)


if __name__ == "__main__":
    main()
