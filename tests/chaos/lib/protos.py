"""The contracts in Python: compiled from proto/ by protoc, so that event bodies are read by the published contract
alone."""
import importlib, subprocess, sys, tempfile

from .common import CannotRun, TOP

_classes = {}


class Unlawful(Exception):
    """An answer that its contract does not have; says why."""


def load():
    """Compiles and imports all contracts, once."""
    if _classes:
        return
    from google.protobuf import message_factory, symbol_database
    out = tempfile.TemporaryDirectory(prefix="loomline-protos-")
    files = sorted(
        str(f.relative_to(TOP / "proto")) for f in (TOP / "proto").rglob("*.proto") if "/state/" not in str(f))
    try:
        made = subprocess.run(["protoc", f"--proto_path={TOP / 'proto'}", f"--python_out={out.name}", *files],
                              capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotRun("there is no protoc; deploy/install build") from None
    if made.returncode:
        raise CannotRun(f"protoc: {made.stderr.strip()}")
    sys.path.insert(0, out.name)
    for file in files:
        importlib.import_module(file.removesuffix(".proto").replace("/", ".").replace("-", "_") + "_pb2")
    sys.path.remove(out.name)
    pool, factory = symbol_database.Default().pool, message_factory.MessageFactory(symbol_database.Default().pool)
    for file in files:
        for message in pool.FindFileByName(file).message_types_by_name.values():
            _classes[message.full_name] = factory.GetPrototype(message)


def decode(type_name, value):
    """The body as a dict, by field name, enums by name, without what is at its default. None: unknown or unreadable."""
    from google.protobuf.json_format import MessageToDict
    from google.protobuf.message import DecodeError
    load()
    if type_name not in _classes:
        return None
    try:
        return MessageToDict(_classes[type_name].FromString(value), preserving_proto_field_name=True)
    except DecodeError:
        return None


def normal(type_name, body):
    """What the edge answered as JSON, written as decode() would; Unlawful where the contract does not have it."""
    from google.protobuf.json_format import MessageToDict, ParseDict, ParseError
    load()
    try:
        message = ParseDict(body, _classes[type_name](), ignore_unknown_fields=True)
    except (ParseError, TypeError, ValueError, AttributeError) as why:
        raise Unlawful(f"{type_name.rpartition('.')[2]}: {why}") from None
    return MessageToDict(message, preserving_proto_field_name=True)
