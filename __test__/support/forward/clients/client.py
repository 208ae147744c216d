"""Everything that a web server has, by Python's requests, and a WebSocket by websockets where it can."""

import hashlib
import json
import sys

import requests

ETAG = '"as it was"'


def visit(session, proxy, base):
    body = session.get(base + "/download").content
    head = session.head(base + "/head")
    seen = {
        "small": session.get(base + "/small").text,
        "download": hashlib.sha256(body).hexdigest(),
        "chunked": session.get(base + "/chunked").text,
        "head": f"{head.status_code} {head.headers['content-length']}",
        "cached": session.get(base + "/cached", headers={"if-none-match": ETAG}).status_code,
        "upload": session.post(base + "/upload", data=body).text,
    }
    if proxy.startswith("http"):
        from websockets.sync.client import connect

        with connect(base.replace("http", "ws") + "/socket", proxy=proxy) as socket:
            socket.send("hi")
            seen["socket"] = socket.recv()
    return seen


def turns(session, urls):
    for url in urls:
        session.get(url).raise_for_status()
    return len(urls)


task, proxy, *urls = sys.argv[1:]
with requests.Session() as session:
    session.trust_env = False
    session.proxies = {"http": proxy}
    print(json.dumps(visit(session, proxy, *urls) if task == "visit" else turns(session, urls)))
