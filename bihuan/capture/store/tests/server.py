"""A door of HTTP before ClickHouse's real engine, as a server has one: `python server.py FOLDER USER:PASSWORD`.

It speaks as much of the protocol as our client does, prints its port, and is killed by the test that started it.
"""

import re
import sys
import tempfile
import threading
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

import chdb
from clickhouse_connect.driver._backend.chdb_backend import _decompress

ENGINE = chdb.connect(sys.argv[1])
WHO = tuple(sys.argv[2].split(":"))
ALONE = threading.Lock()
TRAILING = re.compile(r"\s+FORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
NOT_SETTINGS = {"database", "query", "query_id", "session_id", "user", "password", "compress", "decompress", "log_comment",
                "client_protocol_version", "buffer_size", "wait_end_of_query", "send_progress_in_http_headers",
                "http_headers_progress_interval_ms", "enable_http_compression", "cancel_http_readonly_queries_on_client_close"}  # fmt: skip


class Door(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(b"")

    def do_POST(self):
        if self.headers.get("Transfer-Encoding") == "chunked":
            body = b"".join(iter(self.chunk, b""))
        else:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        encoding = self.headers.get("Content-Encoding")
        self.answer(_decompress(body, encoding) if encoding else body)

    def chunk(self):
        size = int(self.rfile.readline(), 16)
        data = self.rfile.read(size)
        self.rfile.readline()
        return data

    def answer(self, body):
        fields = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
        if urlsplit(self.path).path == "/ping":
            return self.say(200, b"Ok.\n")
        if (
            self.headers.get("X-ClickHouse-User"),
            self.headers.get("X-ClickHouse-Key"),
        ) != WHO and self.basic() != WHO:
            return self.say(401, b"Code: 516. DB::Exception: Authentication failed", code="516")
        kind = self.headers.get("Content-Type", "")
        if kind.startswith("multipart/form-data"):
            message = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
            for part in message.get_payload():
                name = part.get_param("name", header="Content-Disposition")
                fields[name] = part.get_payload(decode=True).decode()
            body = b""
        try:
            with ALONE:
                return self.say(200, *run(fields, body))
        except Exception as error:
            code = re.search(r"Code: (\d+)", str(error))
            return self.say(400, str(error).encode(), code=code[1] if code else "1001")

    def basic(self):
        import base64

        word = self.headers.get("Authorization", "").removeprefix("Basic ")
        return tuple(base64.b64decode(word).decode().split(":", 1)) if word else None

    def say(self, status, body, form="", code=""):
        self.send_response(status)
        for name, value in (("X-ClickHouse-Format", form), ("X-ClickHouse-Exception-Code", code)):
            if value:
                self.send_header(name, value)
        self.send_header("X-ClickHouse-Timezone", "UTC")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def run(fields, body):
    """The answer and its format."""
    params = {name[6:]: value for name, value in fields.items() if name.startswith("param_")}
    if fields.get("database"):
        ENGINE.query(f"USE `{fields['database']}`")
    for name, value in fields.items():
        if name not in NOT_SETTINGS and not name.startswith("param_"):
            ENGINE.query(f"SET {name} = '{value}'")
    sql = fields.get("query", "")
    if not sql:
        head, _, rest = body.partition(b"\n") if body.lstrip()[:6].upper() == b"INSERT" else (body, b"", b"")
        sql, body = head.decode(), rest
    form = TRAILING.search(sql)
    if sql.lstrip()[:6].upper() == "INSERT" and form:
        with tempfile.NamedTemporaryFile() as file:
            file.write(body)
            file.flush()
            sql = f"{sql[: form.start()]} FROM INFILE '{file.name}' FORMAT {form[1]}"
            ENGINE.query(sql, "TabSeparated", params=params)
        return b"", ""
    found = ENGINE.query(sql, form[1] if form else "TabSeparated", params=params).bytes() or b""
    return found, form[1] if form else "TabSeparated" if found else ""


if __name__ == "__main__":
    door = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[3]) if len(sys.argv) > 3 else 0), Door)
    sys.stdout.write(f"{door.server_port}\n")
    sys.stdout.flush()
    door.serve_forever()
