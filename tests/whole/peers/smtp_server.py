# SPDX-License-Identifier: ISC
"""smtp_server.py PORT CERT KEY: SMTP as far as STARTTLS and a greeting under it, one client after another."""

import socket
import ssl
import sys

port, cert, key = sys.argv[1:]
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(cert, key)


def talk(client):
    """Answers until the client has gone."""
    lines = client.makefile("rb")
    client.sendall(b"220 localhost ESMTP\r\n")
    for line in lines:
        word = line.split()[0].upper() if line.split() else b""
        if word == b"EHLO":
            client.sendall(b"250-localhost\r\n250 STARTTLS\r\n")
        elif word == b"STARTTLS":
            client.sendall(b"220 go ahead\r\n")
            client = context.wrap_socket(client, server_side=True)
            lines = client.makefile("rb")
            while True:
                line = lines.readline()
                if not line or line.upper().startswith(b"QUIT"):
                    client.sendall(b"221 bye\r\n")
                    return
                client.sendall(b"250 localhost\r\n")
        elif word == b"QUIT":
            client.sendall(b"221 bye\r\n")
            return


with socket.create_server(("127.0.0.1", int(port))) as server:
    while True:
        connection, _ = server.accept()
        with connection:
            try:
                talk(connection)
            except OSError:
                pass
