"""The edge's public port, by hand on the wire: what no decent client would send."""
import gzip, json, socket, struct, time, urllib.parse, urllib.request


class Wire:
    """A plain connection."""

    def __init__(self, url, patience=20):
        address = urllib.parse.urlsplit(url)
        self.socket = socket.create_connection((address.hostname, address.port), timeout=patience)

    def send(self, data):
        """False where the other end has closed: it may say why before it has read everything."""
        try:
            self.socket.sendall(data.encode() if isinstance(data, str) else data)
            return True
        except OSError:
            return False

    def read(self):
        """(status, reason, retry_after) of the next answer; status 0: closed without one."""
        data = b""
        try:
            while b"\r\n\r\n" not in data:
                piece = self.socket.recv(65536)
                if not piece:
                    return 0, "closed", None
                data += piece
            head, _, body = data.partition(b"\r\n\r\n")
            fields = dict(line.lower().split(": ", 1) for line in head.decode().split("\r\n")[1:])
            while len(body) < int(fields.get("content-length", 0)):
                piece = self.socket.recv(65536)
                if not piece:
                    break
                body += piece
        except socket.timeout:
            return 0, "no answer", None
        except OSError as error:
            return 0, type(error).__name__, None
        try:
            reason = json.loads(body)["reason"]
        except (ValueError, KeyError, TypeError):
            reason = ""
        return int(head.split()[1]), reason, fields.get("retry-after")

    def close(self):
        self.socket.close()


def say(url, data, patience=20):
    wire = Wire(url, patience)
    try:
        wire.send(data)
        return wire.read()
    finally:
        wire.close()


def request(method, target, token=None, body=b"", **fields):
    lines = [f"{method} {target} HTTP/1.1", "Host: x", "Connection: close"]
    if token:
        lines.append(f"Authorization: {token}")
    if body:
        lines.append(f"Content-Length: {len(body)}")
    if body and "Content_Type" not in fields:
        lines.append("Content-Type: application/json")
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body if isinstance(body, bytes) else body.encode())


def alive(url):
    """An honest caller over a connection of its own: how long it took, or None."""
    begin = time.monotonic()
    return time.monotonic() - begin if say(url, request("GET", "/healthz"))[0] == 200 else None


# --- what is sent once and answered once ---------------------------------------------------------------------------


def malformed(verdicts, url, staff):
    """What is no HTTP/1.1, or tries to be read as two requests."""
    for attack, data, expected in [
            ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(200), (400, 0)),
            ("HTTP/2 with prior knowledge", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400,)),
            ("two Host fields", "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", (400,)),
            ("two lengths", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
             (400,)),
            ("length and chunks", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                                  "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n", (400,)),
            ("negative length", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", (400,)),
            ("chunk of 2^64 bytes", "POST /v1/orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
                                    "FFFFFFFFFFFFFFFFF\r\n", (400, 413)),
            ("control characters in a field", b"GET / HTTP/1.1\r\nHost: x\r\nA: b\x00c\r\n\r\n", (400,)),
            ("a target of 100,000 bytes", "GET /" + "a" * 100_000 + " HTTP/1.1\r\nHost: x\r\n\r\n", (431, 414)),
            ("a broken percent code", "GET /v1/orders/%zz HTTP/1.1\r\nHost: x\r\n\r\n", (400,)),
            ("a NUL in the path", request("GET", "/v1/orders/%00", staff), (400, 404)),
            ("out of the folder", "GET /assets/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n", (404,)),
            ("an unknown method", "BREW /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n", (405, 400)),
            ("TRACE", "TRACE /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n", (405,)),
            ("PATCH", request("PATCH", "/v1/orders", staff, b"{}"), (405,)),
    ]:
        status, reason, _ = say(url, data)
        verdicts.add("http", attack, " or ".join(str(e) if e else "closed" for e in expected), f"{status} {reason}",
                     status in expected)


def header_bombs(verdicts, url):
    for attack, fields in [("10,000 header fields", "".join(f"A{n}: b\r\n" for n in range(10_000))),
                           ("a field of 10 MB", "A: " + "b" * 10_000_000 + "\r\n"),
                           ("fields without end", None)]:
        wire = Wire(url)
        wire.send("GET / HTTP/1.1\r\nHost: x\r\n")
        if fields is None:
            sent = 0
            while sent < 50_000_000 and wire.send("A: b\r\n" * 1000):
                sent += 6000
        else:
            wire.send(fields + "\r\n")
        status, reason, _ = wire.read()
        # Where the answer came while we were still sending, the reset may have overtaken it.
        verdicts.add("http", attack, "431, or cut off", f"{status} {reason}",
                     status == 431 or (fields is None and status == 0))
        wire.close()


def body_bombs(verdicts, url, staff):
    begin = "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: a\r\n" \
            f"Authorization: {staff}\r\n"
    verdicts.same("http", "a body of 10 GB, announced", (413, "BODY_TOO_LARGE"),
                  say(url, begin + "Content-Length: 10000000000\r\n\r\n")[:2])
    wire = Wire(url)
    wire.send(begin + "Transfer-Encoding: chunked\r\n\r\n")
    piece, sent = b"10000\r\n" + b" " * 65536 + b"\r\n", 0
    while sent < 200_000_000 and wire.send(piece):
        sent += 65536
    status, reason, _ = wire.read()
    verdicts.add("http", "chunks without end", "413, or cut off before 20 MB",
                 f"{status} {reason} after {sent // 1000} kB", status in (413, 0) and sent < 20_000_000)
    wire.close()
    bomb = gzip.compress(b" " * 50_000_000)
    for attack, body, fields in [(f"gzip: {len(bomb) // 1000} kB that are 50 MB", bomb, {"Content_Encoding": "gzip"}),
                                 ("XML", b"<a/>", {"Content_Type": "text/xml"}),
                                 ("JSON that calls itself a form", b"{}",
                                  {"Content_Type": "application/x-www-form-urlencoded"})]:
        verdicts.same("http", attack, (415, "UNSUPPORTED_MEDIA"),
                      say(url, request("POST", "/v1/orders", staff, body, Idempotency_Key="a", **fields))[:2])


def json_bombs(verdicts, url, staff):
    wish = b'{"channel":"CHANNEL_PORTAL","parties":[],"wishes":[{"model_id":"%s","quantity":%s}]}'
    for attack, body in [
            ("JSON 100,000 deep: arrays", b"[" * 100_000),
            ("JSON 100,000 deep: objects", b'{"a":' * 100_000 + b"1" + b"}" * 100_000),
            ("JSON 100,000 deep, closed, in a known field", b'{"wishes":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
            ("200,000 values", b'{"wishes":[' + b"{}," * 199_999 + b"{}]}"),
            ("invalid UTF-8", wish % (b"\xff\xfe", b"1")),
            ("overlong UTF-8", wish % (b"\xc0\xaf", b"1")),
            ("half a surrogate pair", wish % (b"\\ud800", b"1")),
            ("a NUL in a string", wish % (b"a\\u0000b", b"1")),
            ("a member twice", b'{"channel":"CHANNEL_PORTAL","channel":"CHANNEL_PORTAL"}'),
            ("a member twice, once with an escape", b'{"channel":"CHANNEL_PORTAL","ch\\u0061nnel":"CHANNEL_PORTAL"}'),
            ("20,000 members of one name", b'{' + b'"wishes":[],' * 20_000 + b'"wishes":[]}'),
            ("a number of 10,000 digits", wish % (b"m", b"9" * 10_000)),
            ("1e400", wish % (b"m", b"1e400")), ("-1e400", wish % (b"m", b"-1e400")),
            ("2^64", wish % (b"m", b"18446744073709551616")), ("NaN", wish % (b"m", b"NaN")),
            ("a string where a number stands", wish % (b"m", b'"ten"')),
            ("an array where an object stands", b"[]"), ("null", b"null"), ("two documents", b"{}{}"),
            ("half a document", b'{"channel":'), ("a byte order mark", b"\xef\xbb\xbf{}"),
            ("nothing but spaces", b" " * 1000),
            ("an unknown field", b'{"no_such_field":1}'), ("__proto__", b'{"__proto__":{"a":1}}')]:
        begin = time.monotonic()
        status, reason, _ = say(url, request("POST", "/v1/orders", staff, body, Idempotency_Key="doors"))
        took = time.monotonic() - begin
        verdicts.add("http", attack, "400 with a reason", f"{status} {reason} in {1000 * took:.0f} ms",
                     status == 400 and reason != "")


# --- credentials and rates -----------------------------------------------------------------------------------------


def asked_intake(stack):
    """How often intake was asked for a token, from its metrics; None where they do not say."""
    text = urllib.request.urlopen(f"http://{stack.admin()}/metrics").read().decode()
    counts = [float(line.rsplit(" ", 1)[1]) for line in text.splitlines()
              if "VerifyToken" in line and "_count{" in line]
    return sum(counts) if counts else None


def guessing(verdicts, stack, guesses=1000):
    url, before = stack.url, asked_intake(stack)
    answers, retry = {}, []
    for n in range(guesses):
        status, reason, after = say(url, request("GET", "/v1/orders", f"Bearer lmt_guess{n}"))
        answers[(status, reason)] = answers.get((status, reason), 0) + 1
        if status == 429:
            retry.append(after)
    said = ", ".join(f"{count} times {status} {reason}" for (status, reason), count in sorted(answers.items()))
    verdicts.add("http", f"{guesses} guessed tokens", "401 a few times, then 429 with Retry-After", said,
                 {status for status, _ in answers} == {401, 429} and all(retry) and
                 sum(count for (status, _), count in answers.items() if status == 401) < 50)
    after = asked_intake(stack)
    if before is None or after is None:
        verdicts.skip("http", "what guessing costs intake", "its metrics do not tell")
    else:
        verdicts.add("http", "what guessing costs intake", "fewer than 60 questions", f"{after - before:.0f} questions",
                     after - before < 60)
    verdicts.same("http", "a known token beside the guesses", 200,
                  say(url, request("GET", "/v1/orders", "Bearer " + stack.token))[0])
    for attack, header in [("Basic", "Basic eDp5"), ("a token of 10,000 bytes", "Bearer " + "x" * 10_000),
                           ("an empty token", "Bearer "), ("a token that is no text", "Bearer \x7f")]:
        status, reason, _ = say(url, request("GET", "/v1/orders", header))
        verdicts.add("http", attack, "401 or 400", f"{status} {reason}", status in (400, 401))


def too_often(verdicts, url):
    """Without a credential: the address's bucket."""
    wire, seen, after = Wire(url), {}, None
    for _ in range(600):
        wire.send("GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" if not seen.get(200) else
                  "GET /v1/orders HTTP/1.1\r\nHost: x\r\n\r\n")
        status, reason, retry = wire.read()
        seen[status] = seen.get(status, 0) + 1
        if status == 429:
            after = retry
            break
    verdicts.add("http", "600 calls without a credential", "429 with Retry-After", f"{seen}, Retry-After {after}",
                 after is not None and int(after) >= 1)
    wire.close()


# --- many and slow -------------------------------------------------------------------------------------------------


class Slow:
    """Clients that send one byte of a header or a body each second."""

    def __init__(self, url, count, what, staff):
        head = "POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nIdempotency-Key: a\r\n" \
               f"Authorization: {staff}\r\nContent-Length: 1000\r\n"
        self.what, self.begin = what, time.monotonic()
        self.wires = [Wire(url, 60) for _ in range(count)]
        for wire in self.wires:
            wire.send(head + ("\r\n{" if what == "body" else "A: "))

    def drip(self):
        for wire in self.wires:
            wire.send("a")

    def verdict(self, verdicts):
        """To be asked when the limit is over."""
        answers = {}
        for wire in self.wires:
            status, reason, _ = wire.read()
            answers[(status, reason)] = answers.get((status, reason), 0) + 1
            wire.close()
        took = time.monotonic() - self.begin
        # Dripping into a connection that has been answered may reset it before the answer is read.
        told = answers.get((408, "REQUEST_TIMEOUT"), 0)
        verdicts.add("http", f"{len(self.wires)} clients with a slow {self.what}", "408 for nine of ten, none served",
                     f"{answers} after {took:.0f} s",
                     told >= 0.9 * len(self.wires) and all(status in (0, 408) for status, _ in answers))


def crowd(verdicts, url, count):
    """Opens so many connections that say nothing; the honest must still get in."""
    held, refused = [], 0
    for _ in range(count):
        try:
            held.append(Wire(url, 5))
        except OSError:
            refused += 1
    times = [alive(url) for _ in range(50)]
    good = [t for t in times if t is not None]
    verdicts.add("http", f"{count} connections that say nothing", "others are served",
                 f"{len(good)} of 50 served, the slowest after {1000 * max(good, default=0):.0f} ms; "
                 f"{refused} not opened", len(good) == 50 and refused == 0)
    return held


def half_open(verdicts, url, count=500):
    """Half a request, and then gone without a word (reset), or half gone (no more to send, still reading)."""
    for n in range(count):
        wire = Wire(url, 20)
        wire.send("POST /v1/orders HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
        wire.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        wire.close()
    verdicts.same("http", f"{count} connections reset in the middle of a body", "others are served",
                  "others are served" if alive(url) is not None else "nobody is")
    wire = Wire(url, 20)
    wire.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.socket.shutdown(socket.SHUT_WR)
    status = wire.read()[0]
    verdicts.add("http", "a client that has closed its half", "200", status, status == 200)
    wire.close()
    wire = Wire(url, 20)
    wire.send("GET /healthz HTTP/1.1\r\nHo")
    wire.socket.shutdown(socket.SHUT_WR)
    status, reason, _ = wire.read()
    verdicts.add("http", "half a header, then closed", "closed or 400", f"{status} {reason}", status in (0, 400))
    wire.close()
