import { BodyAnalysisError } from '../schema/errors.ts';
import { trustScripts } from '../worker/trusted-scripts.ts';
import { baseUrl } from './environment.ts';

const OPTIONS = { type: 'module', name: 'body21' } as const;

/** A worker, and where its script is. */
export interface Started {
  worker: Worker;
  url: URL;
}

/**
 * Starts the library's worker.
 * @param url its script; the package's own where `undefined`
 * @throws BodyAnalysisError `worker-load`
 */
export function startWorker(url: URL | undefined): Started {
  const putBack = trustScripts();
  try {
    if (!url) return startOwn();
    return { worker: isForeign(url) ? startForeign(url) : new Worker(url, OPTIONS), url };
  } catch (cause) {
    throw new BodyAnalysisError(
      'worker-load',
      "The worker could not be started: the page's Content-Security-Policy must allow its script by `worker-src`, that of another origin also `blob:`, and where it requires Trusted Types, the policy of this name by `trusted-types body21`.",
      cause,
    );
  } finally {
    putBack();
  }
}

/** Whether a script is of another origin than the page. */
export function isForeign({ origin, protocol }: URL): boolean {
  if (protocol === 'blob:' || protocol === 'data:') return false;
  // A frame's `srcdoc` has the origin of its page, which its address does not show.
  return origin !== globalThis.origin && origin !== location.origin;
}

/** Thrown, and caught, where a script turns out to be of another origin. */
const FOREIGN = new Error('The script is of another origin.');

/** Starts the package's own worker, whose address only the bundler knows. */
function startOwn(): Started {
  const Original = globalThis.Worker;
  let url = new URL(baseUrl());
  globalThis.Worker = class extends Original {
    constructor(address: string | URL, options?: WorkerOptions) {
      url = new URL(address, baseUrl());
      // Not every browser would throw: some make a worker of it that tells of an error later.
      if (isForeign(url)) throw FOREIGN;
      super(address, options);
    }
  };
  try {
    // Spelled out here, because bundlers find the worker by exactly this form.
    const worker = new Worker(new URL('../worker/entry.ts', import.meta.url), {
      type: 'module',
      name: 'body21',
    });
    return { worker, url };
  } catch (error) {
    if (error !== FOREIGN) throw error;
  } finally {
    globalThis.Worker = Original;
  }
  // The library itself comes from elsewhere: from a CDN, or with an extension's script into the page.
  return { worker: startForeign(url), url };
}

/**
 * The addresses of scripts of the page's own, by what they import. They are kept: a worker starts its threads
 * from the address that it was started from.
 */
const trampolines = new Map<string, string>();

/**
 * Browsers start no worker from another origin's script, but from one of the page's own that imports it. The
 * script finds its files beside itself all the same.
 */
function startForeign({ href }: URL): Worker {
  let trampoline = trampolines.get(href);
  if (trampoline === undefined) {
    const script = new Blob([`import ${JSON.stringify(href)};`], { type: 'text/javascript' });
    trampoline = URL.createObjectURL(script);
    trampolines.set(href, trampoline);
  }
  return new Worker(trampoline, OPTIONS);
}
