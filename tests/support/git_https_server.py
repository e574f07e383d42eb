"""A git server over https for tests: git http-backend behind TLS and Basic auth.

usage: git_https_server.py FOLDER CERTIFICATE KEY [REDIRECT]

Prints "listening on port N", then one line a request: method, path, Authorization header. The
repositories of FOLDER are served to the user "oauth2" with the password "good-token"; everything
is redirected to the base URL REDIRECT when that is given.
"""
import base64
import http.server
import os
import ssl
import subprocess
import sys

GOOD = "Basic " + base64.b64encode(b"oauth2:good-token").decode()


class Git(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, headers, body=b""):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def body(self):
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        parts = []
        while True:
            size = int(self.rfile.readline(), 16)
            parts.append(self.rfile.read(size))
            self.rfile.readline()
            if size == 0:
                return b"".join(parts)

    def handle_git(self):
        folder, _, _, *redirect = sys.argv[1:]
        given = self.headers.get("Authorization", "-")
        print(self.command, self.path, given, flush=True)
        body = self.body()
        if redirect:
            return self.answer(302, [("Location", redirect[0] + self.path)])
        if given != GOOD:
            return self.answer(401, [("WWW-Authenticate", 'Basic realm="git"')])
        path, _, query = self.path.partition("?")
        environment = dict(
            os.environ,
            GIT_PROJECT_ROOT=folder,
            GIT_HTTP_EXPORT_ALL="1",
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0="safe.directory",
            GIT_CONFIG_VALUE_0="*",
            PATH_INFO=path,
            QUERY_STRING=query,
            REQUEST_METHOD=self.command,
            REMOTE_USER="oauth2",
            REMOTE_ADDR="127.0.0.1",
            CONTENT_TYPE=self.headers.get("Content-Type", ""),
            HTTP_CONTENT_ENCODING=self.headers.get("Content-Encoding", ""),
            HTTP_GIT_PROTOCOL=self.headers.get("Git-Protocol", ""),
            CONTENT_LENGTH=str(len(body)),
        )
        done = subprocess.run(
            ["git", "http-backend"], input=body, capture_output=True, env=environment, check=True
        )
        head, _, content = done.stdout.partition(b"\r\n\r\n")
        headers = [tuple(line.split(": ", 1)) for line in head.decode().split("\r\n")]
        status = int(dict(headers).get("Status", "200").split()[0])
        return self.answer(status, [h for h in headers if h[0] != "Status"], content)

    do_GET = do_POST = handle_git


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Git)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
print("listening on port", server.server_port, flush=True)
server.serve_forever()
