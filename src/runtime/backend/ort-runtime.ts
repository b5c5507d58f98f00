import type * as Ort from 'onnxruntime-web/webgpu';
import { BodyAnalysisError } from '../../schema/errors.ts';
import { scriptTrouble } from '../../schema/script-trouble.ts';
import type { ScriptTrouble } from '../../schema/script-trouble.ts';
import { assetUrl, RUNTIME_FILES, RUNTIME_MODULE } from '../files/assets.ts';
import type { OrtBuild } from '../files/assets.ts';
import { sendPacked } from '../files/wasm-binary.ts';
import { FIRST_MODEL } from './first-model.ts';

/** How ONNX Runtime is to be started. */
export interface OrtOptions {
  build: OrtBuild;
  /** The folder that hosts the files; the package itself where `undefined`. */
  baseUrl: string | undefined;
  threads: number;
  /** Told that more of it has come. */
  onPiece: () => void;
}

/**
 * After so long it is looked whether the runtime's threads may start at all, in milliseconds: where they may
 * not, browsers say nothing and the runtime waits for ever.
 */
const THREADS_MS = 2000;

/** ONNX Runtime, of which a worker can load one build in its life, with files of megabytes. */
export class OrtRuntime {
  readonly build: OrtBuild;
  readonly #options: OrtOptions;
  #started: Promise<typeof Ort> | undefined;

  constructor(options: OrtOptions) {
    this.build = options.build;
    this.#options = options;
  }

  /**
   * Fetches, compiles and starts it, the first time that it is asked for: a failed start poisons
   * it for the worker's life.
   * @returns its module
   * @throws BodyAnalysisError `backend-failed`
   */
  start(): Promise<typeof Ort> {
    this.#started ??= startRuntime(this.#options);
    return this.#started;
  }
}

async function startRuntime({ build, baseUrl, threads, onPiece }: OrtOptions): Promise<typeof Ort> {
  const { mjs, wasm, packed } = RUNTIME_FILES[build];
  const script = assetUrl(mjs, baseUrl);
  const binary = assetUrl(wasm ?? packed, baseUrl);
  const module = assetUrl(RUNTIME_MODULE, baseUrl);
  const trouble = (url: string) =>
    scriptTrouble({
      url,
      isForeign: new URL(url).origin !== globalThis.origin,
      starter:
        threads > 1
          ? { href: globalThis.location.href, isIsolated: globalThis.crossOriginIsolated }
          : undefined,
      ask: (asked) => fetch(asked),
    });
  const failed = async (cause: unknown, url: string) => {
    const found = await trouble(url);
    return notStarted(cause, found && { ...found, words: `its script ${url} ${found.words}` });
  };
  let ort: typeof Ort;
  try {
    ort = await importModule(module);
  } catch (cause) {
    throw await failed(cause, module);
  }
  const { env, InferenceSession } = ort;
  env.wasm.wasmPaths = { mjs: script, wasm: binary };
  env.wasm.numThreads = threads;
  // The runtime's own warnings are about choices made here on purpose.
  env.logLevel = 'error';
  sendPacked(binary, assetUrl(packed, baseUrl), onPiece);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stuck = new Promise<never>((_resolve, reject) => {
    if (threads === 1) return;
    timer = setTimeout(() => {
      // What only may be the matter may pass; and where it does not, the runtime says so itself.
      void trouble(script).then(
        (found) => found?.isCertain && reject(new Error('The threads do not start.')),
      );
    }, THREADS_MS);
  });
  try {
    const starting = InferenceSession.create(FIRST_MODEL, { executionProviders: ['wasm'] });
    const first = await Promise.race([starting, stuck]);
    await first.release();
    return ort;
  } catch (cause) {
    throw await failed(cause, script);
  } finally {
    clearTimeout(timer);
  }
}

/** By its address, as a file of its own: who runs on WASM does not load it, nor do the engine's threads. */
function importModule(url: string): Promise<typeof Ort> {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it is the file of that package
  return import(/* webpackIgnore: true */ /* @vite-ignore */ url) as Promise<typeof Ort>;
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
