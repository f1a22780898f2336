import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** What the proxy does to connections, each counted in bytes from the beginning of its direction. */
export interface ProxyFaults {
  /** Milliseconds that each chunk waits. */
  readonly latencyMs?: number;
  /** Accepts connections and never answers. */
  readonly blackhole?: boolean;
  /** Resets each connection as soon as it is there. */
  readonly refuse?: boolean;
  /** From the client to the server. */
  readonly up?: DirectionFaults;
  /** From the server to the client. */
  readonly down?: DirectionFaults;
}

export interface DirectionFaults {
  /** Resets the connection after so many bytes. */
  readonly cutAfter?: number;
  /** Goes silent after so many bytes. */
  readonly stallAfter?: number;
  /** Flips one bit of this byte. */
  readonly corruptAt?: number;
}

export interface FaultProxy extends AsyncDisposable {
  readonly port: number;
  /** For connections and bytes from now on. */
  set(faults: ProxyFaults): void;
}

/** A TCP proxy on 127.0.0.1 in front of a server's port, for faults that a server cannot be asked to have. */
export async function startFaultProxy(targetPort: number): Promise<FaultProxy> {
  let faults: ProxyFaults = {};
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    track(client);
    if (faults.refuse) return client.resetAndDestroy();
    if (faults.blackhole) return client.resume();
    const upstream = connect(targetPort, '127.0.0.1');
    track(upstream);
    const cut = (): void => [client, upstream].forEach((socket) => socket.resetAndDestroy());
    forward(client, upstream, () => [faults.latencyMs ?? 0, faults.up ?? {}], cut);
    forward(upstream, client, () => [faults.latencyMs ?? 0, faults.down ?? {}], cut);
  });

  function track(socket: Socket): void {
    sockets.add(socket);
    socket.setNoDelay(true);
    // A reset is what this proxy is for: the other side is told by `close`.
    socket.on('error', () => socket.destroy());
    socket.on('close', () => sockets.delete(socket));
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    set(next) {
      faults = next;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Passes chunks on in order, one at a time, until a fault or the end of either side. */
function forward(
  from: Socket,
  to: Socket,
  faults: () => readonly [latencyMs: number, faults: DirectionFaults],
  cut: () => void,
): void {
  let passed = 0;
  let silent = false;
  from.on('data', (chunk: Buffer) => {
    if (silent) return;
    const [latencyMs, { cutAfter = Infinity, stallAfter = Infinity, corruptAt }] = faults();
    const end = passed + chunk.length;
    if (corruptAt !== undefined && corruptAt >= passed && corruptAt < end) flipBit(chunk, corruptAt - passed);
    const limit = Math.min(cutAfter, stallAfter);
    if (end >= limit) {
      silent = true;
      to.write(chunk.subarray(0, Math.max(0, limit - passed)), () => {
        if (cutAfter <= stallAfter) cut();
      });
      return;
    }
    passed = end;
    if (latencyMs === 0) to.write(chunk);
    else setTimeout(() => to.write(chunk), latencyMs);
  });
  from.on('close', () => to.end());
}

function flipBit(chunk: Buffer, at: number): void {
  chunk[at] = (chunk[at] ?? 0) ^ 1;
}
