// Serves /metrics, /status and a live page on 127.0.0.1 while a run goes on. Main thread. Read-only: GET and
// HEAD. The Host header must name this machine, so that a web page elsewhere can't reach in by a DNS trick.
// Never keeps the process alive.
import { randomBytes } from 'node:crypto';
import type { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { FerrowError } from '../errors/ferrow-error.ts';
import type { TransferEventMap } from './events.ts';
import { livePage } from './page.ts';
import { measure } from './prometheus.ts';
import { RunStatus } from './run-status.ts';

export interface MetricsServer {
  readonly port: number;
  /** `http://127.0.0.1:9464/` */
  readonly url: string;
  /** Ends connections and listeners. Idempotent. */
  close(): Promise<void>;
}

const ADDRESS = '127.0.0.1';

/**
 * @param port 0 takes any free one
 * @throws FerrowError E_USAGE where the port can't be had
 */
export async function serveMetrics(
  events: EventEmitter<TransferEventMap>,
  port: number,
): Promise<MetricsServer> {
  const metrics = measure(events);
  const status = new RunStatus(events);
  const server = createServer({ requestTimeout: 10_000 }, (request, response) => {
    answer(request, response, (server.address() as AddressInfo | null)?.port ?? port).catch(() => {
      if (!response.headersSent) send(response, 500, 'text/plain; charset=utf-8', 'could not be measured\n');
      else response.destroy();
    });
  });

  async function answer(request: IncomingMessage, response: ServerResponse, own: number): Promise<void> {
    request.resume();
    const plain = 'text/plain; charset=utf-8';
    if (!isOwnHost(request.headers.host, own)) {
      return send(
        response,
        403,
        plain,
        `only http://localhost:${own}/ and http://${ADDRESS}:${own}/ are served\n`,
      );
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD');
      return send(response, 405, plain, 'only GET and HEAD\n');
    }
    switch ((request.url ?? '/').split('?')[0]) {
      case '/metrics':
        return send(response, 200, metrics.contentType, await metrics.text());
      case '/status':
        return send(
          response,
          200,
          'application/json; charset=utf-8',
          `${JSON.stringify(status.document())}\n`,
        );
      case '/': {
        const nonce = randomBytes(16).toString('base64url');
        response.setHeader(
          'Content-Security-Policy',
          `default-src 'none'; script-src 'nonce-${nonce}'; style-src 'nonce-${nonce}'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
        );
        return send(response, 200, 'text/html; charset=utf-8', livePage(nonce));
      }
      default:
        return send(response, 404, plain, 'try /metrics, /status or /\n');
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      metrics.close();
      const why = error.code === 'EADDRINUSE' ? 'another program uses it' : 'it may not be used';
      reject(
        new FerrowError('E_USAGE', `--metrics-port ${port}: the port can not be opened, ${why}`, {
          hint: 'give another port, or 0 for any free one',
          cause: error,
        }),
      );
    });
    server.listen(port, ADDRESS, resolve);
  });
  server.unref();
  server.on('connection', (socket) => socket.unref());
  const own = (server.address() as AddressInfo).port;
  return {
    port: own,
    url: `http://${ADDRESS}:${own}/`,
    close: () =>
      new Promise((resolve) => {
        metrics.close();
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, type: string, body: string): void {
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
  });
  // Node leaves the body out of an answer to HEAD by itself.
  response.end(body);
}

function isOwnHost(host: string | undefined, port: number): boolean {
  const names = ['localhost', ADDRESS, '[::1]'];
  const lower = host?.toLowerCase();
  return names.some((name) => lower === `${name}:${port}` || (port === 80 && lower === name));
}
