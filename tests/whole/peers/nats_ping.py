# SPDX-License-Identifier: ISC
"""nats_ping.py PORT CA CERT KEY: talks to a NATS server with a client certificate; exits 0 on PONG."""

import socket
import ssl
import sys

port, ca, cert, key = sys.argv[1:]
context = ssl.create_default_context(cafile=ca)
context.load_cert_chain(cert, key)
with socket.create_connection(("127.0.0.1", int(port)), timeout=20) as plain:
    # The server speaks first, in clear, as far as one line.
    greeting = b""
    while not greeting.endswith(b"\r\n"):
        greeting += plain.recv(1)
    with context.wrap_socket(plain, server_hostname="localhost") as tls:
        tls.sendall(b'CONNECT {"verbose":false}\r\nPING\r\n')
        answer = b""
        while b"PONG" not in answer:
            piece = tls.recv(4096)
            if not piece:
                sys.exit("closed: " + answer.decode())
            answer += piece
