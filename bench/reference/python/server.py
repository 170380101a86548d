"""A reference to measure against: the JSON server as one writes it with Python's standard library.

ThreadingHTTPServer, json.loads on each POST, json.dumps on each GET, a lock for the two slots. It is
given its best: HTTP/1.1 keeps connections open, and an answer leaves in one segment, so that neither
connection setup nor a delayed acknowledgement decides a comparison.
"""

import argparse
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

lock = threading.Lock()
slots = {"/player1": {}, "/player2": {}}


class AvatarHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = 256 * 1024  # headers and body are buffered and leave together

    def do_GET(self):
        if self.path not in slots:
            return self.answer(404, {"error": "not found"})
        with lock:
            avatar = slots[self.path]
        self.answer(200, avatar)

    def do_POST(self):
        if self.path not in slots:
            return self.answer(404, {"error": "not found"})
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        try:
            avatar = json.loads(body)
        except ValueError as error:
            return self.answer(400, {"error": str(error)})
        avatar["server_timestamp"] = time.time()
        with lock:
            slots[self.path] = avatar
        self.answer(200, {"status": "success", "server_timestamp": avatar["server_timestamp"]})

    def answer(self, status, value):
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Access-Control-Allow-Origin", "*")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format, *args):
        pass


class AvatarServer(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A client that hangs up in the middle of an answer is the end of every measurement.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    server = AvatarServer((arguments.host, arguments.port), AvatarHandler)
    print(f"http://{arguments.host}:{server.server_port}", flush=True)
    server.serve_forever()
