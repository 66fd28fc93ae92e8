import {
  Agent,
  createServer,
  type IncomingMessage,
  request,
  type Server,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request on its way to LaunchDarkly. */
export interface Passing {
  readonly method: string;
  readonly path: string;
  /** Which read or write of the run it is, from 1. */
  readonly read: number;
  readonly write: number;
}

/** What happens on the way. Each part may wait as long as it wants. */
export interface Journey {
  /** Before the request takes effect. `lost` drops it: no effect and no answer. */
  readonly before?: (passing: Passing) => Promise<'on' | 'lost'> | 'on' | 'lost';
  /** After it took effect. `lost` drops the answer, without closing the connection. */
  readonly after?: (passing: Passing) => 'on' | 'lost';
}

/** A run as the gateway sees it. */
interface Traveller {
  readonly journey: Journey;
  /** Requests that were sent on and not answered yet. */
  open: number;
  onIdle: (() => void) | undefined;
  reads: number;
  writes: number;
}

/** Stands between flagops and the simulator, and can hold requests back, as a slow network does. */
export class Gateway {
  /** By token. */
  readonly #travellers = new Map<string, Traveller>();
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;

  /** @param port of the simulator */
  constructor(port: number) {
    this.#port = port;
    this.#server = createServer((incoming, outgoing) => void this.#pass(incoming, outgoing));
  }

  async start(): Promise<string> {
    await new Promise<void>((listening) => this.#server.listen(0, '127.0.0.1', listening));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  /** Decides what happens to the requests with a token. */
  expect(token: string, journey: Journey): void {
    this.#travellers.set(token, { journey, open: 0, onIdle: undefined, reads: 0, writes: 0 });
  }

  /** Resolves when every request with a token that was sent on has been answered, or was lost. */
  async idle(token: string): Promise<void> {
    const traveller = this.#travellers.get(token);
    if (traveller === undefined || traveller.open === 0) return;
    await new Promise<void>((resolve) => (traveller.onIdle = resolve));
  }

  async #pass(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const traveller = this.#travellers.get(incoming.headers.authorization ?? '');
    const { method = 'GET', url = '/' } = incoming;
    if (traveller !== undefined) traveller[method === 'GET' ? 'reads' : 'writes'] += 1;
    const { reads = 0, writes = 0, journey = {} } = traveller ?? {};
    const passing = { method, path: url, read: reads, write: writes };
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    if ((await journey.before?.(passing)) === 'lost') return;
    if (traveller !== undefined) traveller.open += 1;
    let isOpen = true;
    const close = (): void => {
      if (traveller === undefined || !isOpen) return;
      isOpen = false;
      traveller.open -= 1;
      if (traveller.open === 0) traveller.onIdle?.();
    };
    outgoing.once('close', close);
    const upstream = request({
      agent: this.#agent,
      port: this.#port,
      host: '127.0.0.1',
      method,
      path: url,
      headers: { ...incoming.headers, host: `127.0.0.1:${this.#port}` },
    });
    upstream.once('error', () => outgoing.destroy());
    upstream.once('response', (response) => {
      if (journey.after?.(passing) === 'lost') {
        response.resume();
        close();
        return;
      }
      outgoing.writeHead(response.statusCode ?? 500, response.headers);
      response.once('aborted', () => outgoing.destroy());
      response.once('error', () => outgoing.destroy());
      response.pipe(outgoing);
    });
    upstream.end(Buffer.concat(chunks));
  }
}
