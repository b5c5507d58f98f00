import { env, InferenceSession } from 'onnxruntime-web/webgpu';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { scriptTrouble } from '../../schema/script-trouble.ts';
import type { ScriptTrouble } from '../../schema/script-trouble.ts';
import { FIRST_MODEL } from './first-model.ts';

/** Where ONNX Runtime finds itself. */
export interface OrtRuntime {
  /** The address of its script, from which its threads are started as well. */
  script: string;
  /** The address of its WASM binary. */
  binary: string;
  threads: number;
}

/**
 * Points ONNX Runtime at its files, before any session: a failed start poisons it for the worker's life. Its
 * script drives the plain, the JSPI and the Asyncify WASM file alike.
 */
export function configureRuntime({ script, binary, threads }: OrtRuntime): void {
  env.wasm.wasmPaths = { mjs: script, wasm: binary };
  env.wasm.numThreads = threads;
  // The runtime's own warnings are about choices made here on purpose.
  env.logLevel = 'error';
}

/**
 * After so long it is looked whether the runtime's threads may start at all, in milliseconds: where they may
 * not, browsers say nothing and the runtime waits for ever.
 */
const THREADS_MS = 2000;

/**
 * Fetches, compiles and starts the runtime.
 * @throws BodyAnalysisError `backend-failed`
 */
export async function startRuntime({
  script,
  threads,
}: Pick<OrtRuntime, 'script' | 'threads'>): Promise<void> {
  const trouble = () =>
    scriptTrouble({
      url: script,
      isForeign: new URL(script).origin !== globalThis.origin,
      starter:
        threads > 1
          ? { href: globalThis.location.href, isIsolated: globalThis.crossOriginIsolated }
          : undefined,
      ask: (url) => fetch(url),
    });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    if (threads === 1) return;
    timer = setTimeout(() => {
      // What only may be the matter may pass; and where it does not, the runtime says so itself.
      void trouble().then((found) => found?.isCertain && reject(new Error('The threads do not start.')));
    }, THREADS_MS);
  });
  try {
    const starting = InferenceSession.create(FIRST_MODEL, { executionProviders: ['wasm'] });
    const first = await Promise.race([starting, stuck]);
    await first.release();
  } catch (cause) {
    const found = await trouble();
    throw notStarted(cause, found && { ...found, words: `its script ${script} ${found.words}` });
  } finally {
    clearTimeout(timer);
  }
}

/** What is thrown where the runtime does not start a session, or itself. */
export function notStarted(cause: unknown, trouble?: ScriptTrouble): BodyAnalysisError {
  const general =
    "Check that its .wasm and .mjs files are deployed beside the models, and that the page's Content-Security-Policy allows `wasm-unsafe-eval`, for files of another origin also `blob:`.";
  return new BodyAnalysisError(
    'backend-failed',
    `The inference runtime could not be started${trouble ? `: ${trouble.words}` : '.'}${trouble?.isCertain ? '' : ` ${general}`}`,
    cause,
  );
}
