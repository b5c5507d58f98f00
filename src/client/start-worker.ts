import { BodyAnalysisError } from '../schema/errors.ts';
import { trustScripts } from '../worker/trusted-scripts.ts';

const OPTIONS = { type: 'module', name: 'body21' } as const;

/**
 * Starts the library's worker.
 * @param url its script; the package's own where `undefined`
 * @throws BodyAnalysisError `worker-load`
 */
export function startWorker(url: URL | undefined): Worker {
  const putBack = trustScripts();
  try {
    if (url) return url.origin === location.origin ? new Worker(url, OPTIONS) : startForeign(url);
    // Spelled out here, because bundlers find the worker by exactly this form.
    return new Worker(new URL('../worker/entry.ts', import.meta.url), { type: 'module', name: 'body21' });
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

/**
 * Browsers start no worker from another origin's script, but from one of the page's own that imports it. The script finds
 * its files beside itself all the same.
 */
function startForeign(url: URL): Worker {
  const trampoline = URL.createObjectURL(
    new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }),
  );
  const worker = new Worker(trampoline, OPTIONS);
  const revoke = () => URL.revokeObjectURL(trampoline);
  // Whatever it says, it has been read by then.
  worker.addEventListener('message', revoke, { once: true });
  worker.addEventListener('error', revoke, { once: true });
  return worker;
}
