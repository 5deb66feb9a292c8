"""The TCP proxy between the services and their stores. A process of its own, driven by JSON lines on its standard
input:

    {"listen": 20001, "to": 20002, "name": "postgres/intake-1"}
    {"treat": "postgres/", "as": "cut"}         cut: connections are reset, new ones too
    {"treat": "kafka/1", "as": "hang"}          hang: connections stay, and nothing goes through
    {"treat": "", "as": "delay", "seconds": 0.2}
    {"treat": "kafka/", "as": "cut", "of": [1234]}   only what these processes have opened
    {"treat": "", "as": "pass"}

`treat` is the beginning of the names that are meant. Each command is answered with a line once it is in force.
"""
import asyncio, json, os, socket, struct, sys


def ports_of(processes):
    """The local ports of the connections that these processes have open."""
    inodes = set()
    for process in processes:
        try:
            for name in os.listdir(f"/proc/{process}/fd"):
                inodes.add(os.readlink(f"/proc/{process}/fd/{name}").removeprefix("socket:[").rstrip("]"))
        except OSError:
            continue  # it has ended, or closed it just now
    with open("/proc/net/tcp") as table:
        rows = [line.split() for line in table][1:]
    return {int(row[1].split(":")[1], 16) for row in rows if row[9] in inodes}


class Link:
    """The way from a listening port to a server, and how it is treated now."""

    def __init__(self, name, to):
        self.name, self.to, self.how, self.seconds = name, to, "pass", 0.0
        self.ends, self.of, self.ports = set(), None, set()

    def treat(self, how, seconds, of):
        self.how, self.seconds, self.of = how, seconds, of
        self.look()
        for end in list(self.ends):
            if end.how() == "cut":
                end.reset()
            else:
                end.flow()

    def look(self):
        self.ports = ports_of(self.of) if self.of is not None else set()

    def meant(self, port):
        return self.of is None or port in self.ports


class End(asyncio.Protocol):
    """One end of a proxied connection: what it hears goes to `other`, in order, at the earliest after the delay."""

    def __init__(self, link):
        self.link, self.other, self.transport, self.port = link, None, None, 0
        self.kept, self.timer, self.paused, self.over = [], None, False, False

    def connection_made(self, transport):
        self.transport = transport
        self.link.ends.add(self)
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def how(self):
        return self.link.how if self.link.meant(self.port) else "pass"

    def data_received(self, data):
        loop = asyncio.get_running_loop()
        if not self.kept and self.how() == "pass" and self.other and self.other.transport:
            self.other.transport.write(data)
            return
        self.kept.append((loop.time() + self.link.seconds, data))
        if len(self.kept) > 200:
            self.transport.pause_reading()
        self.flow()

    def flow(self):
        """Sends on what may be sent now."""
        if self.timer:
            self.timer.cancel()
            self.timer = None
        if self.how() == "hang" or self.other is None or self.other.transport is None or self.paused:
            return
        loop = asyncio.get_running_loop()
        while self.kept:
            due = self.kept[0][0] if self.how() == "delay" else 0
            if due > loop.time():
                self.timer = loop.call_at(due, self.flow)
                return
            self.other.transport.write(self.kept.pop(0)[1])
        if self.over:
            self.leave()
        elif not self.transport.is_closing():
            self.transport.resume_reading()

    def pause_writing(self):  # the other's words are not taken up by this end's peer
        if self.other:
            self.other.paused = True
            self.other.transport.pause_reading()

    def resume_writing(self):
        if self.other:
            self.other.paused = False
            self.other.flow()

    def connection_lost(self, _):
        """What it said last is still to be sent on, as soon as something may go through again."""
        self.over = True
        self.flow() if self.kept else self.leave()

    def leave(self):
        self.link.ends.discard(self)
        if self.other and self.other.transport:
            self.other.transport.close()

    def reset(self):
        self.kept.clear()
        if self.over:
            self.leave()
            return
        raw = self.transport.get_extra_info("socket")
        if raw is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.transport.abort()


class Front(End):
    """The end towards a service; opens the other one."""

    def connection_made(self, transport):
        super().connection_made(transport)
        self.port = transport.get_extra_info("peername")[1]
        self.link.look()
        if self.how() == "cut":
            self.reset()
        else:
            asyncio.get_running_loop().create_task(self.connect())

    async def connect(self):
        try:
            _, back = await asyncio.get_running_loop().create_connection(lambda: End(self.link), "127.0.0.1",
                                                                         self.link.to)
        except OSError:
            self.reset()
            return
        self.other, back.other, back.port = back, self, self.port
        if self.over:
            back.transport.close()
        self.flow()


class Proxy:
    def __init__(self):
        self.links = []

    async def obey(self, command):
        if "listen" in command:
            link = Link(command["name"], command["to"])
            await asyncio.get_running_loop().create_server(lambda: Front(link), "127.0.0.1", command["listen"])
            self.links.append(link)
        for link in self.links:
            if "treat" in command and link.name.startswith(command["treat"]):
                link.treat(command["as"], command.get("seconds", 0.0), command.get("of"))

    async def run(self):
        loop = asyncio.get_running_loop()
        reader = asyncio.StreamReader()
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
        while line := await reader.readline():
            await self.obey(json.loads(line))
            print("done", flush=True)


if __name__ == "__main__":
    asyncio.run(Proxy().run())
