"""The inner gRPC port: calls as bytes, without generated code, so that they may be wrong."""
import socket, subprocess, threading, time

import grpc

JOURNEY = "/loomline.tracking.v1.TrackingService/GetJourney"
WATCH = "/loomline.tracking.v1.TrackingService/WatchJourney"
HEALTH = "/grpc.health.v1.Health/Check"


def call(address, method, body, timeout=10, metadata=(), channel=None):
    """The status code's name; "OK"."""
    own = channel or grpc.insecure_channel(address, options=[("grpc.max_send_message_length", -1)])
    try:
        own.unary_unary(method)(body, timeout=timeout, metadata=metadata)
        return "OK"
    except grpc.RpcError as error:
        return error.code().name
    finally:
        if channel is None:
            own.close()


def text_field(number, text):
    """A protobuf string field."""
    data, out, length = text.encode(), bytes([number << 3 | 2]), len(text.encode())
    while length > 127:
        out, length = out + bytes([length & 127 | 128]), length >> 7
    return out + bytes([length]) + data


def calls(verdicts, address):
    for attack, expected, arguments in [
            ("a message of 9 MB", "RESOURCE_EXHAUSTED", (JOURNEY, text_field(1, "a" * 9_000_000))),
            ("bytes that are no message", "INVALID_ARGUMENT", (JOURNEY, b"\xff" * 100)),
            ("a truncated message", "INVALID_ARGUMENT", (JOURNEY, text_field(1, "ord_1")[:-2])),
            ("groups nested 100,000 deep", "INVALID_ARGUMENT", (JOURNEY, b"\x0b" * 100_000)),
            ("text that is not UTF-8", "INVALID_ARGUMENT", (JOURNEY, b"\x0a\x02\xff\xfe")),
            ("an unknown method", "UNIMPLEMENTED", ("/loomline.tracking.v1.TrackingService/NoSuch", b"")),
            ("an unknown service", "UNIMPLEMENTED", ("/no.such.Service/Method", b"")),
            ("a method without a service", "UNIMPLEMENTED", ("/", b"")),
            ("an id that is there for nobody", "NOT_FOUND", (JOURNEY, text_field(1, "ord_nobody"))),
            ("nothing in the message", "INVALID_ARGUMENT", (JOURNEY, b""))]:
        verdicts.same("grpc", attack, expected, call(address, *arguments))
    verdicts.same("grpc", "a deadline that is over", "DEADLINE_EXCEEDED",
                  call(address, JOURNEY, text_field(1, "ord_1"), timeout=0))
    verdicts.same("grpc", "a header of 300 characters where 200 fit", "INVALID_ARGUMENT",
                  call(address, JOURNEY, text_field(1, "ord_1"), metadata=[("idempotency-key", "a" * 300)]))
    got = call(address, JOURNEY, text_field(1, "ord_1"), metadata=[("a", "b" * 100_000)])
    verdicts.add("grpc", "headers of 100 kB", "RESOURCE_EXHAUSTED or UNAVAILABLE", got,
                 got in ("RESOURCE_EXHAUSTED", "UNAVAILABLE", "INTERNAL"))


def cancelled(verdicts, address, count=500):
    """Streams and calls that are begun and given up at once; afterwards everything is answered as before."""
    channel = grpc.insecure_channel(address)
    for _ in range(count):
        stream = channel.unary_stream(WATCH)(text_field(1, "ord_1"), timeout=30)
        one = channel.unary_unary(JOURNEY).future(text_field(1, "ord_1"), timeout=30)
        stream.cancel()
        one.cancel()
    begin = time.monotonic()
    got = call(address, HEALTH, b"", channel=channel)
    took = time.monotonic() - begin
    channel.close()
    verdicts.add("grpc", f"{count} streams and calls cancelled", "OK afterwards", f"{got} after {1000 * took:.0f} ms",
                 got == "OK")


def past_deadline(verdicts, address, count=200):
    channel, codes = grpc.insecure_channel(address), {}
    futures = [channel.unary_unary(JOURNEY).future(text_field(1, "ord_nobody"), timeout=0.0005) for _ in range(count)]
    for future in futures:
        error = future.exception()
        name = "OK" if error is None else error.code().name
        codes[name] = codes.get(name, 0) + 1
    channel.close()
    verdicts.add("grpc", f"{count} calls with half a millisecond", "DEADLINE_EXCEEDED, or answered", codes,
                 set(codes) <= {"DEADLINE_EXCEEDED", "NOT_FOUND"})


def garbage(verdicts, address, count=200):
    """What is no HTTP/2, and what begins like it and says no more."""
    host, port = address.rsplit(":", 1)
    silent, closed = [], 0
    for n in range(count):
        wire = socket.create_connection((host, int(port)), timeout=20)
        if n % 2:
            wire.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            silent.append(wire)
            continue
        try:
            wire.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + bytes(range(256)) * 40)
            while wire.recv(65536):
                pass
            closed += 1
        except socket.timeout:
            pass
        except OSError:
            closed += 1
        wire.close()
    verdicts.same("grpc", f"{count // 2} times bytes that are no HTTP/2", f"{count // 2} closed", f"{closed} closed")
    verdicts.same("grpc", f"beside {len(silent)} connections that say nothing", "OK", call(address, HEALTH, b""))
    for wire in silent:
        wire.close()


def many_at_once(verdicts, address, count=2000):
    """More calls than there is room for: each is answered, and none with a fault."""
    channel, codes, lock = grpc.insecure_channel(address), {}, threading.Lock()
    futures = [channel.unary_unary(JOURNEY).future(text_field(1, "ord_nobody"), timeout=30) for _ in range(count)]
    for future in futures:
        error = future.exception()
        name = "OK" if error is None else error.code().name
        with lock:
            codes[name] = codes.get(name, 0) + 1
    channel.close()
    verdicts.add("grpc", f"{count} calls at once", "answered, or RESOURCE_EXHAUSTED", codes,
                 set(codes) <= {"NOT_FOUND", "RESOURCE_EXHAUSTED"} and sum(codes.values()) == count)


# --- certificates --------------------------------------------------------------------------------------------------


def certificates(folder):
    """An authority, a certificate of it, and one of somebody else's authority."""
    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True, cwd=folder)

    (folder / "names").write_text("subjectAltName=IP:127.0.0.1,DNS:localhost\n")
    for who in ("ours", "theirs"):
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                "-subj", f"/CN={who}", "-keyout", f"{who}.ca.key", "-out", f"{who}.ca.pem")
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", f"/CN={who}",
                "-keyout", f"{who}.key", "-out", f"{who}.csr")
        openssl("x509", "-req", "-in", f"{who}.csr", "-CA", f"{who}.ca.pem", "-CAkey", f"{who}.ca.key",
                "-CAcreateserial", "-days", "2", "-extfile", "names", "-out", f"{who}.pem")
    return {name: str(folder / name) for name in ("ours.ca.pem", "ours.pem", "ours.key")}


def credentials(verdicts, address, folder):
    """A port with mutual TLS."""
    def channel(who):
        read = lambda name: (folder / name).read_bytes()
        own = (read(f"{who}.key"), read(f"{who}.pem")) if who else (None, None)
        return grpc.secure_channel(address, grpc.ssl_channel_credentials(read("ours.ca.pem"), *own))

    verdicts.same("grpc", "TLS port, without TLS", "UNAVAILABLE", call(address, HEALTH, b"", 5))
    for attack, who, expected in [("without a certificate", None, "UNAVAILABLE"),
                                  ("with a certificate of another authority", "theirs", "UNAVAILABLE"),
                                  ("with its own", "ours", "OK")]:
        own = channel(who)
        verdicts.same("grpc", f"TLS port, {attack}", expected, call(address, HEALTH, b"", 5, channel=own))
        own.close()
