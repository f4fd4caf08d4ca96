"""In place of ssh: carries standard input and output to and from a Unix socket, where a test is the server.

Run as ``python relay.py SOCKET HOST COMMAND``.
"""

import os
import socket
import sys
import threading

connection = socket.socket(socket.AF_UNIX)
connection.connect(sys.argv[1])


def send() -> None:
    while data := os.read(0, 1 << 16):
        connection.sendall(data)
    connection.shutdown(socket.SHUT_WR)


threading.Thread(target=send, daemon=True).start()
while received := connection.recv(1 << 16):
    os.write(1, received)
