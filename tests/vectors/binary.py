#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""binary.py: writes the binary form of each share beside it, and a card's object with two of them.

From docs/FORMAT.md alone, sharing no code with Coldspare.
"""

import base64
import datetime
import hashlib
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
ORIGINS = ("offline", "online", "imported")


def b2(data):
    return hashlib.blake2b(data, digest_size=32).digest()


def short_text(text):
    return bytes([len(text)]) + text.encode()


def sealed_record(f):
    return (
        f"coldspare-sealed-1\nkey: {f['key']}\npin: {f['pin']}\nset: {f['set']}\n"
        f"nonce: {f['sealed-nonce']}\ndata: {f['sealed-data']}\n"
    ).encode()


def seconds(text):
    """Since 0000-01-01T00:00:00Z: Python's calendar begins with year 1, and year 0 is a leap year."""
    since_1 = datetime.datetime.fromisoformat(text.rstrip("Z")) - datetime.datetime(1, 1, 1)
    return (since_1.days + 366) * 86400 + since_1.seconds


def binary(text):
    f = dict(line.split(": ", 1) for line in text.splitlines()[1:])
    pin = base64.b64decode(f["pin"])
    flags = ORIGINS.index(f["origin"]) | (0x04 if "rehearsal" in f else 0)
    key, rest = f["key"], b""
    if key.endswith(pin.hex()[:8]):
        key, flags = key[:-8], flags | 0x08
    commitment, sealed_hash = (bytes.fromhex(f[n]) for n in ("commitment", "sealed-hash"))
    payload = base64.b64decode(f["data"])
    if b2(payload) != commitment:
        flags, rest = flags | 0x10, rest + commitment
    if "sealed-data" in f:
        flags |= 0x40
    if "sealed-data" not in f or b2(sealed_record(f)) != sealed_hash:
        flags, rest = flags | 0x80, rest + sealed_hash
    rest += payload
    if "sealed-data" in f:
        data = base64.b64decode(f["sealed-data"])
        rest += bytes.fromhex(f["sealed-nonce"]) + struct.pack(">H", len(data)) + data
    return (
        bytes([1, flags]) + base64.b64decode(f["vault-key"])[2:]
        + short_text(f["vault"]) + short_text(key) + short_text(f["custodian"])
        + pin + bytes.fromhex(f["set"])
        + bytes(int(f[n]) for n in ("threshold", "shares", "number"))
        + seconds(f["created"]).to_bytes(5, "big")
        + base64.b64decode(f["signature"]) + rest
    )


def card_object(records):
    body = b"".join(struct.pack(">BH", kind, len(r)) + r for kind, r in records)
    head = b"\x43\xff\x53\x31" + struct.pack(">HB", len(body) + 15, len(records))
    return head + body + b2(head + body)[:8]


def main():
    shares = {}
    for path in sorted(HERE.glob("*.share")):
        shares[path] = binary(path.read_text())
        path.with_suffix(".sharebin").write_bytes(shares[path])
    pair = [(1, shares[p]) for p in sorted(shares)[-2:]]
    vault_key = base64.b64decode((HERE / "vault.pub").read_text().splitlines()[1])
    lock = b2(b"coldspare test vector: card lock") + vault_key[2:10] + b"custodian-4"
    (HERE / "card.object").write_bytes(card_object(pair + [(2, lock)]))


main()
