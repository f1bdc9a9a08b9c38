#!/usr/bin/env python3
# SPDX-License-Identifier: ISC
"""make.py: writes the vectors of docs/FORMAT.md beside itself, from their description alone.

A second implementation of the formats, sharing no code with the first: Python's hashlib, the
arithmetic of GF(256) and RFC 8439 spelt out, and `openssl` for Ed25519. Every key in here is made
from a stated label, for tests only: BLAKE2b-256 of "coldspare test vector: <label>".
"""

import base64
import hashlib
import pathlib
import struct
import subprocess

HERE = pathlib.Path(__file__).parent


def seed(label):
    return hashlib.blake2b(b"coldspare test vector: " + label.encode(), digest_size=32).digest()


def b2(data):
    return hashlib.blake2b(data, digest_size=32).hexdigest()


def b64(data):
    return base64.b64encode(data).decode()


# RFC 8439


def rotate(x, n):
    return ((x << n) | (x >> (32 - n))) & 0xFFFFFFFF


def chacha20_block(key, counter, nonce):
    state = [0x61707865, 0x3320646E, 0x79622D32, 0x6B206574]
    state += struct.unpack("<8L", key) + (counter,) + struct.unpack("<3L", nonce)
    w = state[:]

    def quarter(a, b, c, d):
        for x, y, z, n in ((a, b, d, 16), (c, d, b, 12), (a, b, d, 8), (c, d, b, 7)):
            w[x] = (w[x] + w[y]) & 0xFFFFFFFF
            w[z] = rotate(w[z] ^ w[x], n)

    for _ in range(10):
        for i in range(4):
            quarter(i, 4 + i, 8 + i, 12 + i)
        for i in range(4):
            quarter(i, 4 + (i + 1) % 4, 8 + (i + 2) % 4, 12 + (i + 3) % 4)
    return struct.pack("<16L", *((a + b) & 0xFFFFFFFF for a, b in zip(w, state)))


def pad16(data):
    return data + bytes(-len(data) % 16)


def poly1305(key, data):
    r = int.from_bytes(key[:16], "little") & 0x0FFFFFFC0FFFFFFC0FFFFFFC0FFFFFFF
    s = int.from_bytes(key[16:], "little")
    a = 0
    for i in range(0, len(data), 16):
        a = (a + int.from_bytes(data[i : i + 16] + b"\1", "little")) * r % ((1 << 130) - 5)
    return ((a + s) & ((1 << 128) - 1)).to_bytes(16, "little")


def seal(key, nonce, plain, aad):
    stream = b"".join(
        chacha20_block(key, 1 + i, nonce) for i in range((len(plain) + 63) // 64)
    )
    sealed = bytes(a ^ b for a, b in zip(plain, stream))
    mac_data = pad16(aad) + pad16(sealed) + struct.pack("<QQ", len(aad), len(sealed))
    return sealed + poly1305(chacha20_block(key, 0, nonce)[:32], mac_data)


# Shamir over GF(256), polynomial 0x11d, secret as the constant term


def gf_mul(a, b):
    product = 0
    while b:
        if b & 1:
            product ^= a
        a <<= 1
        if a & 0x100:
            a ^= 0x11D
        b >>= 1
    return product


def gf_share(x, coefficients):
    """coefficients: byte strings, the highest power first, the secret last."""
    share = bytes(32)
    for c in coefficients:
        share = bytes(gf_mul(s, x) ^ t for s, t in zip(share, c))
    return share


# Ed25519 and PKCS#8 (RFC 8410)


def ed25519_der(private):
    return bytes.fromhex("302e020100300506032b657004220420") + private


def ed25519_spki(private):
    return subprocess.run(
        ["openssl", "pkey", "-inform", "DER", "-pubout", "-outform", "DER"],
        input=ed25519_der(private), capture_output=True, check=True,
    ).stdout


def ed25519_sign(private, message):
    work = HERE / "tmp"
    work.mkdir()
    try:
        (work / "key").write_bytes(ed25519_der(private))
        (work / "message").write_bytes(message)
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-keyform", "DER",
             "-inkey", work / "key", "-in", work / "message"],
            capture_output=True, check=True,
        ).stdout
    finally:
        for f in work.iterdir():
            f.unlink()
        work.rmdir()


def pem(der):
    return f"-----BEGIN PRIVATE KEY-----\n{b64(der)}\n-----END PRIVATE KEY-----\n"


def lock(text, payload):
    """The same share, locked with a card."""
    signed = text[: text.index("signature: ")]
    head = f"card TEST:00000001 {seed('lock nonce')[:12].hex()} "
    locked = head + b64(seal(seed("card lock"), seed("lock nonce")[:12], payload, (signed + head).encode()))
    return text.replace(f"\ndata: {b64(payload)}\n", f"\nlocked: {locked}\n")


def main():
    private = seed("private key")
    pin = hashlib.sha256(ed25519_spki(private)).digest()
    key_id = f"example.org-ed25519-{pin.hex()[:8]}"
    plain = pem(ed25519_der(private)).encode()
    (HERE / "plain.pem").write_bytes(plain)

    # The sealed record
    set_id = seed("set").hex()[:16]
    kek, nonce = seed("key-encryption key"), seed("nonce")[:12]
    (HERE / "kek.hex").write_text(kek.hex() + "\n")
    head = f"coldspare-sealed-1\nkey: {key_id}\npin: {b64(pin)}\nset: {set_id}\n"
    data = b64(seal(kek, nonce, plain, head.encode()))
    sealed = f"{head}nonce: {nonce.hex()}\ndata: {data}\n"
    (HERE / "sealed.txt").write_text(sealed)

    # The shares: 3 of 5, at x = 1, 2, 3, 200, 255
    vault = seed("vault key")
    vault_raw = ed25519_spki(vault)[12:]
    vault_key = b64(b"Ed" + seed("vault key id")[:8] + vault_raw)
    (HERE / "vault.pub").write_text(f"untrusted comment: test vectors\n{vault_key}\n")
    coefficients = [seed("coefficient 2"), seed("coefficient 1"), kek]
    for i, number in enumerate((1, 2, 3, 200, 255)):
        payload = gf_share(number, coefficients)
        text = (
            f"coldspare-share-1\nvault: Test Vectors\nvault-key: {vault_key}\n"
            f"key: {key_id}\npin: {b64(pin)}\nset: {set_id}\nthreshold: 3\nshares: 5\n"
            f"number: {number}\norigin: offline\ncustodian: custodian-{i + 1}\n"
            f"created: 2026-11-22T10:00:00Z\nrehearsal: yes\ncommitment: {b2(payload)}\n"
            f"sealed-hash: {b2(sealed.encode())}\n"
        )
        text += f"signature: {b64(ed25519_sign(vault, text.encode()))}\n"
        text += f"data: {b64(payload)}\n"
        if number != 255:  # this one is detached
            text += f"sealed-nonce: {nonce.hex()}\nsealed-data: {data}\n"
        (HERE / f"{key_id}.{set_id}.{number:03}.share").write_text(text)
        if number == 1:
            (HERE / f"{key_id}.{set_id}.{number:03}.locked").write_text(lock(text, payload))


main()
