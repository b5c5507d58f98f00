/** Where the files come from, and what the page's host allows. */
import type * as Library from 'body21';
import { GOLDEN, must, mustBeGolden, requested, sampleBlob, Skip, withClient } from './expect.ts';

/** Worker, models and runtime from a host that shares them. */
export async function otherOrigin(): Promise<void> {
  const other = document.querySelector('meta[name=other-origin]')?.getAttribute('content') ?? '';
  must(new URL(other).origin !== location.origin, 'it is the same origin');
  if (!(await canImportInWorker(`${other}/dist/schema.js`))) {
    throw new Skip("On such a page this engine's workers import nothing from another origin.");
  }
  // From there, and not what this origin has kept of its own.
  await caches.delete('body21-models');
  const before = (await requested()).length;
  await withClient({ ...GOLDEN, threads: 2, assets: `${other}/dist/` }, async (client) => {
    mustBeGolden(await client.bodyAnalysis(await sampleBlob('side')), 'side');
    must(
      client.backend.threads === (crossOriginIsolated ? 2 : 1),
      `it runs on ${client.backend.threads} threads: ${client.backend.threadsReason}`,
    );
    const requests = (await requested()).slice(before);
    must(requests.includes('other origin: /dist/worker.js'), 'the worker is not of the other origin');
    const stray = requests.filter((path) => path.startsWith('/dist/'));
    must(stray.length === 0, `this origin was asked for ${stray.join(', ')}`);
  });
  // The library itself from there, which finds its worker beside itself.
  const library = (await import(/* @vite-ignore */ `${other}/dist/index.js`)) as typeof Library;
  const client = await library.BodyAnalysisClient.create(GOLDEN);
  mustBeGolden(await client.bodyAnalysis(await sampleBlob('side')), 'side');
  client.dispose();
}

/** The package's own files under the strict policy. */
export async function policy(): Promise<void> {
  await mustBeUnderPolicy();
  await withClient(GOLDEN, async (client) => {
    mustBeGolden(await client.bodyAnalysis(await sampleBlob('side')), 'side');
  });
}

/** The same with another host's files. */
export async function policyOther(): Promise<void> {
  await mustBeUnderPolicy();
  await otherOrigin();
}

/**
 * Whether a worker that starts from a `blob:`, as the library's of
 * another origin has to, may import a script.
 */
function canImportInWorker(script: string): Promise<boolean> {
  const url = URL.createObjectURL(
    new Blob([`import ${JSON.stringify(script)}; postMessage(true);`], { type: 'text/javascript' }),
  );
  return new Promise((resolve) => {
    const worker = new Worker(url, { type: 'module' });
    const settle = (can: boolean) => {
      worker.terminate();
      URL.revokeObjectURL(url);
      resolve(can);
    };
    worker.addEventListener('message', () => settle(true));
    worker.addEventListener('error', () => settle(false));
  });
}

/** That the page is really under a policy is seen by what that forbids. */
async function mustBeUnderPolicy(): Promise<void> {
  const isForbidden = await new Promise<boolean>((resolve) => {
    const listen = (event: SecurityPolicyViolationEvent) => {
      event.stopImmediatePropagation();
      resolve(true);
    };
    addEventListener('securitypolicyviolation', listen, { once: true, capture: true });
    setTimeout(() => resolve(false), 2000);
    const script = document.createElement('script');
    script.textContent = 'globalThis.ranInline = true;';
    document.body.append(script);
  });
  must(isForbidden, 'the page is not under the policy');
}
