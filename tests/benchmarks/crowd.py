"""Hostile clients of one kind, many at once: `crowd.py KIND COUNT PORT`. Prints "ready" when all stand.

Ends when its standard input does. Kinds: idle (connect and say nothing), heads (a byte of a head a second),
bodies (a whole head, then a byte of the body a second), floods (bodies of the largest size a forge sends, as
fast as they go in, again and again), keepers (floods that stop before their last byte)."""

import selectors
import socket
import sys
import time

FLOOD_BYTES = 25 * 1024 * 1024
BLOCK = memoryview(bytes(256 * 1024))
DRIP_BODY_BYTES = 8 * 1024
CONNECTING_AT_ONCE = 500


def head(length):
    # Looks signed; nobody knows before the last byte of the body.
    return (f"POST /hooks/churn HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            f"X-GitHub-Event: push\r\nX-Hub-Signature-256: sha256={'0' * 64}\r\n"
            f"Content-Length: {length}\r\n\r\n").encode()


class Client:
    def __init__(self, port, kind):
        self.port, self.kind = port, kind
        self.connect()

    def connect(self):
        self.socket = socket.socket()
        self.socket.setblocking(False)
        self.socket.connect_ex(("127.0.0.1", self.port))
        flood = self.kind in ("floods", "keepers")
        self.head = head(FLOOD_BYTES if flood else DRIP_BODY_BYTES)
        self.left = FLOOD_BYTES - (1 if self.kind == "keepers" else 0)
        self.sent = 0

    def begin(self):
        """What is sent at once when the connection stands."""
        if self.kind in ("bodies", "floods", "keepers"):
            self.socket.send(self.head)

    def drip(self):
        byte = self.head[self.sent % 40:self.sent % 40 + 1] if self.kind == "heads" else b"["
        self.sent += 1
        self.socket.send(byte)

    def flood(self):
        if self.left > 0:
            self.left -= self.socket.send(BLOCK[:min(len(BLOCK), self.left)])


def connect_all(kind, count, port):
    clients = []
    while len(clients) < count:
        batch = [Client(port, kind) for _ in range(min(CONNECTING_AT_ONCE, count - len(clients)))]
        waiting = selectors.DefaultSelector()
        for client in batch:
            waiting.register(client.socket, selectors.EVENT_WRITE, client)
        open_ = len(batch)
        while open_:
            for key, _ in waiting.select():
                waiting.unregister(key.fileobj)
                open_ -= 1
                try:
                    key.data.begin()
                    clients.append(key.data)
                except OSError:
                    pass
    return clients


def drip_on(clients, ended):
    while not ended():
        begun = time.monotonic()
        for client in clients:
            try:
                client.drip()
            except OSError:
                client.socket.close()  # the server has had enough of it: come again
                client.connect()
        time.sleep(max(0.0, 1.0 - (time.monotonic() - begun)))


def flood_on(clients, ended):
    poll = selectors.DefaultSelector()
    for client in clients:
        poll.register(client.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, client)
    while not ended():
        for key, events in poll.select(0.1):
            client = key.data
            try:
                if events & selectors.EVENT_READ:
                    raise ConnectionError("answered")
                client.flood()
                if client.left == 0:
                    poll.modify(client.socket, selectors.EVENT_READ, client)
            except OSError:
                poll.unregister(client.socket)
                client.socket.close()
                client.connect()
                try:
                    client.socket.setblocking(True)
                    client.begin()
                    client.socket.setblocking(False)
                except OSError:
                    client.left = 0
                poll.register(client.socket, selectors.EVENT_READ | selectors.EVENT_WRITE, client)


def main():
    kind, count, port = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    clients = connect_all(kind, count, port)
    print("ready", flush=True)
    leave = selectors.DefaultSelector()
    leave.register(sys.stdin, selectors.EVENT_READ)

    def ended():
        return bool(leave.select(0))

    if kind in ("heads", "bodies"):
        drip_on(clients, ended)
    elif kind in ("floods", "keepers"):
        flood_on(clients, ended)
    else:
        leave.select()


if __name__ == "__main__":
    main()
