// A TCP proxy before a PostgreSQL server that does to connections what networks do: cuts, resets, silence, thin lines, and an
// answer to COMMIT that never arrives.
import { connect, createServer, type Socket } from 'node:net';

export interface Fault {
  /** up: what the client sends; down: what the server answers. */
  readonly direction: 'up' | 'down';
  /** It happens in the first connection that has carried so many bytes. */
  readonly afterBytes?: number;
  /** It happens at the n-th COMMIT, over all connections: the server gets it, the client gets no answer. */
  readonly atCommit?: number;
  /**
   * end: both sides see an orderly end. reset: both see a reset. stall: nothing passes any more, not even the end of the
   * connection, until `restore`.
   */
  readonly action: 'end' | 'reset' | 'stall';
}

export interface FaultProxy {
  readonly url: string;
  /** Arms one fault; it happens once. */
  arm(fault: Fault): void;
  /** True when the armed fault has happened. */
  readonly happened: boolean;
  /** Lets what is stalled pass again. */
  restore(): void;
  /** From now on nobody gets a new connection, or everybody does again. */
  refuse(isRefusing: boolean): void;
  /** Connections that were made since `arm`. */
  readonly connections: number;
  /** Bytes in a second for each connection, to the server. */
  limit(bytesPerSecond: number): void;
  close(): Promise<void>;
}

/** A simple query of one word, as the protocol has it. */
const COMMIT = Buffer.from('Q\0\0\0\x0bCOMMIT\0', 'latin1');

export async function startFaultProxy(url: string): Promise<FaultProxy> {
  const server = new URL(url);
  const open = new Set<Socket>();
  /** Each with its other side. */
  const stalled = new Map<Socket, Socket>();
  let fault: Fault | null = null;
  let happened = false;
  let commits = 0;
  let connections = 0;
  let refusing = false;
  let perSecond = Number.POSITIVE_INFINITY;

  const strike = (action: Fault['action'], sides: readonly [Socket, Socket]) => {
    fault = null;
    happened = true;
    for (const [which, side] of sides.entries()) {
      if (action === 'end') side.destroy();
      else if (action === 'reset') side.resetAndDestroy();
      else {
        side.pause();
        stalled.set(side, sides[1 - which]);
      }
    }
  };

  const carry = (from: Socket, to: Socket, direction: Fault['direction']) => {
    let bytes = 0;
    from.on('data', (data: Buffer) => {
      bytes += data.length;
      if (direction === 'up' && data.includes(COMMIT)) commits++;
      to.write(data);
      if (fault?.direction === direction && fault.afterBytes !== undefined && bytes >= fault.afterBytes)
        return strike(fault.action, [from, to]);
      if (direction === 'up' && fault?.atCommit !== undefined && commits >= fault.atCommit) {
        const { action } = fault;
        fault = null;
        // Its answer shows that the server has done it, and goes no further.
        to.removeAllListeners('data');
        to.once('data', () => strike(action, [from, to]));
        return;
      }
      if (perSecond < Number.POSITIVE_INFINITY && direction === 'up') {
        from.pause();
        setTimeout(() => from.resume(), (data.length / perSecond) * 1000);
      } else if (to.writableNeedDrain) {
        from.pause();
        to.once('drain', () => stalled.has(from) || from.resume());
      }
    });
    from.on('error', () => {});
    const end = () => stalled.has(from) || to.end();
    from.on('end', end);
    from.on('close', () => {
      open.delete(from);
      end();
    });
  };

  const listener = createServer({ allowHalfOpen: true }, (client) => {
    connections++;
    if (refusing) return void client.resetAndDestroy();
    const upstream = connect({ port: Number(server.port), host: server.hostname, allowHalfOpen: true });
    open.add(client).add(upstream);
    carry(client, upstream, 'up');
    carry(upstream, client, 'down');
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  const proxied = new URL(url);
  proxied.port = String((listener.address() as { port: number }).port);

  return {
    url: proxied.toString(),
    arm(next) {
      fault = next;
      happened = false;
      commits = 0;
      connections = 0;
    },
    get happened() {
      return happened;
    },
    restore() {
      const sides = [...stalled];
      stalled.clear();
      for (const [side, other] of sides) {
        side.resume();
        if (side.readableEnded || side.destroyed) other.end();
      }
    },
    refuse(isRefusing) {
      refusing = isRefusing;
    },
    get connections() {
      return connections;
    },
    limit(bytesPerSecond) {
      perSecond = bytesPerSecond;
    },
    async close() {
      for (const side of open) side.destroy();
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** The same database, by way of the proxy. */
export function through(proxy: FaultProxy, url: string): string {
  const proxied = new URL(url);
  proxied.port = new URL(proxy.url).port;
  return proxied.toString();
}
