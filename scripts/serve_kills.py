#!/usr/bin/env python3
"""Kills `irgan serve` in the middle of judgements, again and again: none that was acknowledged may be lost, and no line be torn.

usage: serve_kills.py INDEX FOLDER [ROUNDS]    (an index; a folder for the judgements; 200). Needs irgan on the path.
"""

import http.client
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time


def post(host, documents, grades, acknowledged):
    """Posts grades by one connection until it breaks; notes those that were acknowledged."""
    connection = http.client.HTTPConnection(host, timeout=30)
    try:
        for document in documents:
            grade = grades.randrange(5)
            acknowledged.pop(document, None)  # until the answer comes, the old grade may hold or the new one
            body = json.dumps({"query": "t1", "document": document, "grade": grade})
            connection.request("POST", "/judgements", body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            answer.read()
            if answer.status == 200:
                acknowledged[document] = grade
    except (OSError, http.client.HTTPException):
        pass


def main():
    index, folder, rounds = os.path.abspath(sys.argv[1]), sys.argv[2], int(sys.argv[3]) if len(sys.argv) > 3 else 200
    os.makedirs(folder)
    os.chdir(folder)
    chance, all_of_them, torn = random.Random(1), 0, 0
    last = {}
    for number in range(rounds):
        server = subprocess.Popen(
            ["irgan", "serve", "--index", index, "--judgements", "q.txt", "--port", "0", "-q"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        host = server.stdout.readline().decode().split("http://")[1].strip()
        if number == 0:
            connection = http.client.HTTPConnection(host)
            headers = {"Content-Type": "application/json"}
            connection.request("POST", "/judgements/queries", json.dumps({"text": "heat transfer in a layer"}), headers)
            assert connection.getresponse().status == 200
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/search?q=heat+flow+layer+wing&k=400&ranker=bm25")
        documents = [hit["id"] for hit in json.loads(connection.getresponse().read())["hits"]]
        parts = [documents[start::3] for start in range(3)]
        noted = [{} for _ in parts]
        workers = [
            threading.Thread(target=post, args=(host, chance.sample(part, len(part)), random.Random(number), one))
            for part, one in zip(parts, noted)
        ]
        [worker.start() for worker in workers]
        time.sleep(chance.uniform(0.01, 0.25))
        server.send_signal(signal.SIGKILL)
        [worker.join() for worker in workers]
        server.wait()
        acknowledged = {document: grade for one in noted for document, grade in one.items()}
        data = open("q.txt", encoding="utf-8").read()
        whole = data[: data.rfind("\n") + 1]
        torn += whole != data
        found = {}
        for line in whole.splitlines():
            query, zero, document, grade = line.split(" ")
            assert (query, zero) == ("t1", "0") and document not in found, line
            found[document] = int(grade)
        for document, grade in acknowledged.items():
            assert found.get(document) == grade, f"round {number}: {document} {grade} is lost: {found.get(document)}"
        assert set(last) <= set(found), f"round {number}: a judgement of an earlier round is lost"
        last, all_of_them = found, all_of_them + len(acknowledged)
    print(f"{rounds} kills, {all_of_them} judgements acknowledged, none lost; {len(last)} lines, torn at the end: {torn} times")


main()
