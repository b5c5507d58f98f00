import { BodyAnalysisError } from '../schema/errors.ts';
import { LANDMARK_MODELS } from '../schema/loading.ts';
import type { LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { OpenOptions } from '../worker/protocol.ts';

/** How a client is made. Everything has a default. */
export interface BodyAnalysisClientOptions {
  /** Which landmark model to use. Default `full`. */
  model?: LandmarkModel;
  /**
   * The folder that hosts the model and runtime files (`assets/` of the package) where they are not beside the
   * worker. Relative to the page.
   */
  baseUrl?: string | URL;
  /** The worker's script where it is not beside the library's own file. Relative to the page, and of its origin. */
  workerUrl?: string | URL;
  /** WASM threads, an integer from 1 to 32. Default: the cores, at most 4. A page that is not cross-origin isolated gets 1. */
  threads?: number;
  /** Told how far loading has come. */
  onProgress?: (progress: LoadProgress) => void;
  /** Cancels loading. */
  signal?: AbortSignal;
}

/** The options after the check at the door. */
export interface CheckedOptions {
  open: OpenOptions;
  workerUrl: URL | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/**
 * Checks the options; inside, they are trusted.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkOptions(options: BodyAnalysisClientOptions): CheckedOptions {
  const { model = 'full', baseUrl, workerUrl, threads, onProgress } = options;
  if (!LANDMARK_MODELS.includes(model)) {
    throw invalid(
      `options.model must be one of ${LANDMARK_MODELS.join(', ')}, not ${JSON.stringify(model)}.`,
    );
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 32)) {
    throw invalid(`options.threads must be an integer from 1 to 32, not ${String(threads)}.`);
  }
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('options.onProgress must be a function.');
  }
  const base = baseUrl === undefined ? undefined : resolveUrl('baseUrl', baseUrl).href;
  return {
    open: { model, threads, baseUrl: base === undefined || base.endsWith('/') ? base : `${base}/` },
    workerUrl: workerUrl === undefined ? undefined : resolveUrl('workerUrl', workerUrl),
    onProgress: onProgress ?? (() => {}),
  };
}

function resolveUrl(name: string, url: string | URL): URL {
  try {
    return new URL(url, document.baseURI);
  } catch (cause) {
    throw invalid(`options.${name} must be a URL, not ${String(url)}.`, cause);
  }
}

function invalid(message: string, cause?: unknown): BodyAnalysisError {
  return new BodyAnalysisError('invalid-option', message, cause);
}
