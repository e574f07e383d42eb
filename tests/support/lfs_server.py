"""A git-lfs server over http for tests: the batch API and downloads, behind Basic auth.

usage: lfs_server.py FOLDER

FOLDER holds the objects by their SHA-256. Prints "listening on port N", then one line a request:
method, path, Authorization header. User "oauth2", password "good-token". Anything but
/NAME.git/info/lfs/objects/batch and /objects/SHA256 is not found: no git repository is served.
"""
import base64
import http.server
import json
import os
import re
import sys

GOOD = "Basic " + base64.b64encode(b"oauth2:good-token").decode()
MEDIA = "application/vnd.git-lfs+json"


class Lfs(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind=MEDIA, headers=()):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def path_of(self, oid):
        return os.path.join(sys.argv[1], oid) if re.fullmatch("[0-9a-f]{64}", oid) else ""

    def authorised(self):
        given = self.headers.get("Authorization", "-")
        print(self.command, self.path, given, flush=True)
        if given == GOOD:
            return True
        self.answer(401, b'{"message": "who are you?"}', MEDIA,
                    [("LFS-Authenticate", 'Basic realm="lfs"'),
                     ("WWW-Authenticate", 'Basic realm="lfs"')])
        return False

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.authorised():
            return
        if not re.fullmatch(r"/[a-z]+\.git/info/lfs/objects/batch", self.path):
            return self.answer(404, b'{"message": "not found"}')
        objects = []
        for wanted in json.loads(body)["objects"]:
            answer = {"oid": wanted["oid"], "size": wanted["size"]}
            if os.path.isfile(self.path_of(wanted["oid"])):
                href = "http://%s/objects/%s" % (self.headers["Host"], wanted["oid"])
                answer["authenticated"] = True
                answer["actions"] = {"download": {"href": href, "header": {"Authorization": GOOD}}}
            else:
                answer["error"] = {"code": 404, "message": "Object does not exist"}
            objects.append(answer)
        self.answer(200, json.dumps({"transfer": "basic", "objects": objects}).encode())

    def do_GET(self):
        if not self.authorised():
            return
        path = self.path_of(self.path.rpartition("/")[2])
        if not self.path.startswith("/objects/") or not os.path.isfile(path):
            return self.answer(404, b'{"message": "not found"}')
        with open(path, "rb") as file:
            self.answer(200, file.read(), "application/octet-stream")


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Lfs)
print("listening on port", server.server_address[1], flush=True)
server.serve_forever()
