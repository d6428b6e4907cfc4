"""A rural line between node and server: so many bytes a second towards the server, cut again and
again, with the bytes counted that went over it. By hand:

    python3 tests/end_to_end/slow_line.py HOST:PORT --rate 20000 --cut-seconds 10
"""
import argparse
import asyncio
import contextlib
import threading

PIECE = 1_024  # Bytes that leave at once.


class SlowLine:
    """Serves on a port of its own, in a thread, until it is closed."""

    def __init__(self, server, rate, cut_bytes=None, cut_seconds=None, port=0):
        self.host, port_of_server = server.rsplit(":", 1)
        self.port_of_server = int(port_of_server)
        self.rate, self.cut_bytes, self.cut_seconds = rate, cut_bytes, cut_seconds
        self.up = self.down = self.connections = self.cuts = 0
        self.asked_port, self.port = port, None
        self.loop = asyncio.new_event_loop()
        self.ready = threading.Event()
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()
        self.ready.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def serve(self):
        asyncio.set_event_loop(self.loop)
        server = self.loop.run_until_complete(
            asyncio.start_server(self.carry, "127.0.0.1", self.asked_port, limit=4 * PIECE))
        self.port = server.sockets[0].getsockname()[1]
        self.ready.set()
        self.loop.run_forever()
        server.close()
        left = asyncio.all_tasks(self.loop)
        for task in left:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))

    async def carry(self, node_reader, node_writer):
        self.connections += 1
        try:
            server_reader, server_writer = await asyncio.open_connection(
                self.host, self.port_of_server, limit=4 * PIECE)
        except OSError:
            node_writer.transport.abort()
            return
        ways = [asyncio.ensure_future(self.upwards(node_reader, server_writer)),
                asyncio.ensure_future(self.downwards(server_reader, node_writer))]
        try:
            done, _ = await asyncio.wait(ways, timeout=self.cut_seconds,
                                         return_when=asyncio.FIRST_COMPLETED)
            self.cuts += not done or any(way.result() == "cut" for way in done)
            for way in ways:
                way.cancel()
            for writer in (node_writer, server_writer):
                with contextlib.suppress(OSError, asyncio.TimeoutError):
                    if done:  # Closed by one side: the other hears what was said.
                        await asyncio.wait_for(writer.drain(), 1)
        finally:
            for writer in (node_writer, server_writer):
                writer.transport.abort()

    async def upwards(self, reader, writer):
        carried, due = 0, self.loop.time()
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                due = max(due, self.loop.time()) + len(piece) / self.rate
                await asyncio.sleep(due - self.loop.time())
                writer.write(piece)
                self.up += len(piece)
                carried += len(piece)
                if self.cut_bytes is not None and carried >= self.cut_bytes:
                    await asyncio.sleep(0.01)  # What left has arrived; acknowledgements are lost.
                    return "cut"
        return "closed"

    async def downwards(self, reader, writer):
        with contextlib.suppress(OSError):
            while piece := await reader.read(PIECE):
                writer.write(piece)
                self.down += len(piece)
        return "closed"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("server", help="HOST:PORT")
    parser.add_argument("--rate", type=float, default=20_000, help="bytes a second upwards")
    parser.add_argument("--cut-seconds", type=float, help="cut each connection after so long")
    parser.add_argument("--cut-bytes", type=int, help="cut each connection after so many bytes")
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    line = SlowLine(options.server, options.rate, options.cut_bytes, options.cut_seconds,
                    options.port)
    print(line.address, flush=True)
    try:
        line.thread.join()
    except KeyboardInterrupt:
        pass
    print(f"up {line.up} down {line.down} connections {line.connections} cuts {line.cuts}")


if __name__ == "__main__":
    main()
