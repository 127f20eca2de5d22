"""A receiver of webhooks with Python's own modules:  WEBHOOK_SECRET=whsec_… PORT=8000 python3 receiver.py"""

import base64
import hmac
import json
import os
import re
import sqlite3
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

KEY = base64.b64decode(os.environ["WEBHOOK_SECRET"].removeprefix("whsec_"))
DATABASE = os.environ.get("INBOX", "inbox.sqlite")
TOLERANCE_SECONDS = 300
MAX_BODY_BYTES = 4 * 1024 * 1024
something_waits = threading.Event()


def inbox():
    connection = sqlite3.connect(DATABASE, timeout=5)
    connection.execute(
        "CREATE TABLE IF NOT EXISTS inbox (webhook_id TEXT PRIMARY KEY, body BLOB NOT NULL, handled_at REAL)"
    )
    return connection


def is_genuine(headers, body):
    """Whether one of the signatures (several while a secret is rotated) is ours, over the very bytes that came, and of now."""
    webhook_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not webhook_id or not re.fullmatch(r"[0-9]{1,12}", timestamp):
        return False
    if abs(time.time() - int(timestamp)) > TOLERANCE_SECONDS:
        return False
    expected = hmac.digest(KEY, f"{webhook_id}.{timestamp}.".encode() + body, "sha256")
    return any(
        hmac.compare_digest(expected, decoded(one.removeprefix("v1,")))
        for one in headers.get("webhook-signature", "").split(" ")
        if one.startswith("v1,")
    )


def decoded(text):
    try:
        return base64.b64decode(text)
    except ValueError:
        return b""


def store(webhook_id, body):
    """False when this id was here before: the primary key holds it once."""
    with inbox() as connection:
        row = (webhook_id, body)
        return connection.execute("INSERT OR IGNORE INTO inbox (webhook_id, body) VALUES (?, ?)", row).rowcount == 1


def handle(webhook_id, event):
    """What the events are for. After a crash it is called again for the one that it was at."""
    print(f"handled {webhook_id} {event['type']}", flush=True)


def handle_what_waits():
    connection = inbox()
    while True:
        something_waits.clear()
        for webhook_id, body in connection.execute(
            "SELECT webhook_id, body FROM inbox WHERE handled_at IS NULL ORDER BY rowid"
        ).fetchall():
            try:
                handle(webhook_id, json.loads(body))
                with connection:
                    done = "UPDATE inbox SET handled_at = ? WHERE webhook_id = ?"
                    connection.execute(done, (time.time(), webhook_id))
            except Exception as error:
                print(f"{webhook_id} waits for the next time: {error!r}", file=sys.stderr)
        something_waits.wait()


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        length = int(self.headers.get("content-length", 0))
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            return self.answer(413)
        body = self.rfile.read(length)
        if not is_genuine(self.headers, body):
            return self.answer(401)
        # Kept before the answer, handled after it: the sender waits for neither your work nor your errors.
        if store(self.headers["webhook-id"], body):
            something_waits.set()
        self.answer(204)

    def answer(self, status):
        self.send_response(status)
        if status != 204:
            self.send_header("content-length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


threading.Thread(target=handle_what_waits, daemon=True).start()
server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", 8000))), Receiver)
print(f"listening on {server.server_port}", flush=True)
server.serve_forever()
