#!/usr/bin/env python3
"""Loads a running `irgan serve`: requests a second and their times, hostile requests, slow clients, and the memory of the process.

usage: serve_load.py URL QUERIES.tsv [--ranker bm25] [--requests 2000] [--clients 4] [--hostile 0] [--slow 0]

Requests go over kept-alive connections, one a client. Hostile requests are damaged at random; none may be answered by a status of 500 or
more, and the service must answer afterwards. Slow clients send a byte a second while others search.
"""

import argparse
import http.client
import random
import socket
import statistics
import threading
import time
import urllib.parse


def memory(host):
    """Returns the resident memory of the service in MiB."""
    connection = http.client.HTTPConnection(host, timeout=60)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    value = next(line.split()[1] for line in text.splitlines() if line.startswith("process_resident_memory_bytes "))
    return float(value) / 2**20


def search(host, queries, arguments, times, failures):
    """Sends searches over one connection until the shared list of queries is empty."""
    connection = http.client.HTTPConnection(host, timeout=120)
    while True:
        try:
            query = queries.pop()
        except IndexError:
            return
        begun = time.perf_counter()
        connection.request("GET", f"/search?k=10&ranker={arguments.ranker}&q={urllib.parse.quote_plus(query)}")
        answer = connection.getresponse()
        answer.read()
        times.append(time.perf_counter() - begun)
        if answer.status != 200:
            failures.append(answer.status)


def load(host, texts, arguments):
    """Tells requests a second, and the times of requests."""
    queries = [texts[i % len(texts)] for i in range(arguments.requests)]
    times, failures = [], []
    workers = [
        threading.Thread(target=search, args=(host, queries, arguments, times, failures)) for _ in range(arguments.clients)
    ]
    begun = time.perf_counter()
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    seconds = time.perf_counter() - begun
    times.sort()
    milliseconds = [1000 * times[int(share * (len(times) - 1))] for share in (0.5, 0.99)]
    print(
        f"{arguments.ranker}: {len(times)} requests by {arguments.clients} clients, {len(times) / seconds:.0f} a second, "
        f"p50 {milliseconds[0]:.1f} ms, p99 {milliseconds[1]:.1f} ms, mean {1000 * statistics.mean(times):.1f} ms, failed: {len(failures)}"
    )


def hostile(host, count):
    """Sends damaged requests, and counts what comes back."""
    name, port = host.split(":")
    chance = random.Random(1)
    good = [
        f"GET /search?q=salt&k=3 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        f"GET /documents/d1 HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n",
        f"POST /rank HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 37\r\nConnection: close\r\n\r\n"
        '{"queries": [{"id": "1", "text": "a"}]}',
        f"POST /judgements HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 44\r\nConnection: close\r\n\r\n"
        '{"query": "t1", "document": "d1", "grade": 9}',
    ]
    seen = {}
    for _ in range(count):
        damaged = bytearray(chance.choice(good).encode())
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(damaged))
            damaged[place : place + chance.randrange(3)] = bytes(chance.randrange(256) for _ in range(chance.randrange(4)))
        with socket.create_connection((name, int(port)), timeout=60) as connection:
            try:
                connection.sendall(damaged)
                connection.shutdown(socket.SHUT_WR)
                answer = connection.recv(4096)
            except OSError:
                answer = b""
        status = answer[9:12].decode("latin-1") if answer.startswith(b"HTTP/1.") else "closed"
        seen[status] = seen.get(status, 0) + 1
    print(f"{count} damaged requests:", ", ".join(f"{status} {number}" for status, number in sorted(seen.items())))
    assert not any(status.startswith("5") for status in seen), "a damaged request made the service fail"


def slow(host, count, seconds, texts, arguments):
    """Holds slow clients open while others search."""
    name, port = host.split(":")
    connections = [socket.create_connection((name, int(port)), timeout=60) for _ in range(count)]
    stop = threading.Event()

    def drip():
        sent = 0
        line = f"GET / HTTP/1.1\r\nHost: {host}\r\nX: {'x' * 1000}".encode()
        while not stop.is_set():
            for connection in connections:
                try:
                    connection.sendall(line[sent : sent + 1])
                except OSError:
                    pass
            sent += 1
            stop.wait(1)

    dripping = threading.Thread(target=drip)
    dripping.start()
    print(f"beside {count} slow clients, ", end="")
    load(host, texts, arguments)
    begun = time.perf_counter()
    while time.perf_counter() - begun < seconds:
        open_ones = 0
        for connection in connections:
            connection.setblocking(False)
            try:
                open_ones += connection.recv(4096) != b"" or 0
            except BlockingIOError:
                open_ones += 1
            except OSError:
                pass
        if open_ones == 0:
            break
        time.sleep(1)
    stop.set()
    dripping.join()
    print(f"{count} slow clients: {open_ones} still open after {time.perf_counter() - begun:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("url")
    parser.add_argument("queries")
    parser.add_argument("--ranker", default="bm25")
    parser.add_argument("--requests", type=int, default=2000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--hostile", type=int, default=0)
    parser.add_argument("--slow", type=int, default=0)
    parser.add_argument("--slow-seconds", type=int, default=60)
    arguments = parser.parse_args()
    host = arguments.url.removeprefix("http://").rstrip("/")
    texts = [line.rstrip("\n").split("\t", 1)[1] for line in open(arguments.queries, encoding="utf-8")]
    print(f"memory {memory(host):.0f} MiB")
    load(host, texts, arguments)
    print(f"memory {memory(host):.0f} MiB")
    if arguments.hostile:
        hostile(host, arguments.hostile)
        print(f"memory {memory(host):.0f} MiB")
    if arguments.slow:
        slow(host, arguments.slow, arguments.slow_seconds, texts, arguments)
        print(f"memory {memory(host):.0f} MiB")


main()
