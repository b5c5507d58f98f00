import { expose } from 'comlink';
import { vi } from 'vitest';
import { keepErrorsWhole } from '../../src/worker/protocol.ts';
import type { OpenResult, WorkerApi } from '../../src/worker/protocol.ts';

/** What a worker does in a test; what is missing is never answered. */
export type FakeService = Partial<Pick<WorkerApi, 'open' | 'analyse'>> & {
  /** Whether its script cannot be loaded. */
  isStuck?: boolean;
};

/** What a worker has that is open. */
export const OPENED: OpenResult = {
  backend: {
    name: 'wasm',
    threads: 1,
    runtime: 'engine',
    build: 'simd',
    precision: 'float32',
    batch: 1,
    warmupMs: 1,
    skipped: [],
  },
  slowestRunMs: 0,
  totalBytes: 100,
};

/**
 * Workers of a page that does not exist: in Node, with times of their own, for
 * what a browser would take minutes for.
 */
export class FakeWorkers {
  started = 0;
  running = 0;
  /** What each was made from. */
  readonly addresses: string[] = [];
  readonly #started: EventTarget[] = [];

  /**
   * Gives Node a `Worker`, until {@link vi.unstubAllGlobals}.
   * @param serve what the next worker does, of which it is told the number, counted from 1
   */
  constructor(serve: (number: number) => FakeService) {
    keepErrorsWhole();
    // oxlint-disable-next-line typescript/no-this-alias -- the class below has a `this` of its own
    const workers = this;
    class FakeWorker extends EventTarget {
      readonly #port: MessagePort;

      constructor(address: string | URL) {
        super();
        workers.addresses.push(String(address));
        workers.#started.push(this);
        workers.started++;
        workers.running++;
        const { port1, port2 } = new MessageChannel();
        port1.addEventListener('message', ({ data }) => {
          this.dispatchEvent(new MessageEvent('message', { data }));
        });
        port1.start();
        this.#port = port1;
        const { isStuck, ...service } = serve(workers.started);
        expose({ open: never, analyse: never, ...service }, port2);
        if (isStuck) queueMicrotask(() => this.dispatchEvent(new Event('error', { cancelable: true })));
      }

      postMessage(message: unknown, transfer: Transferable[] = []): void {
        this.#port.postMessage(message, transfer);
      }

      terminate(): void {
        workers.running--;
        this.#port.close();
      }
    }
    vi.stubGlobal('Worker', FakeWorker);
    // Of the origin that this module is of, as a page and its library are.
    vi.stubGlobal('location', new URL('file:///page.html'));
    vi.stubGlobal('origin', 'null');
    vi.stubGlobal('crossOriginIsolated', false);
    vi.stubGlobal('navigator', { userAgent: 'a test', maxTouchPoints: 0 });
  }

  /** An error that nobody catches in the worker of that number, counted from 1. */
  crash(number: number): void {
    const error = Object.assign(new Event('error', { cancelable: true }), { message: 'made to crash' });
    this.#started[number - 1]?.dispatchEvent(error);
  }
}

function never(): Promise<never> {
  return new Promise(() => {});
}
