# SPDX-License-Identifier: ISC
"""say.py PORT TEXT...: to each client the first text, and one more after each line it sends; then
nothing. At the text "hang" it only listens, for ever. Escapes such as \\r\\n are taken as such."""

import socket
import sys
import threading

port, texts = int(sys.argv[1]), [t.encode().decode("unicode_escape") for t in sys.argv[2:]]


def talk(client):
    with client, client.makefile("rb") as lines:
        for text in texts:
            if text == "hang":
                lines.read()
            client.sendall(text.encode())
            if not lines.readline():
                return


with socket.create_server(("127.0.0.1", port)) as server:
    while True:
        threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()
