import { withDefaults } from '../schema/defaults.ts';
import type { Options } from '../schema/defaults.ts';
import { inWords } from '../schema/errors.ts';
import { DEFAULT_LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import { BACKENDS, DEFAULT_MODELS, LANDMARK_MODELS } from '../schema/loading.ts';
import type { BackendChoice, LandmarkModel, LoadProgress, Quality } from '../schema/loading.ts';
import type { OwnNetwork } from '../schema/own-networks.ts';
import { VERSION } from '../worker/protocol.ts';
import type { OpenOptions } from '../worker/protocol.ts';
import {
  asFolder,
  checkIsObject,
  checkLandmarks,
  checkQuality,
  checkSignal,
  invalid,
  resolveUrl,
} from './option-checks.ts';

/** How a client is made. Everything has a default. */
export interface BodyAnalysisClientOptions {
  /** Which landmark model to use. Default `lite`; with the quality `best`, `heavy`. */
  model?: LandmarkModel | undefined;
  /**
   * How much is done to find everyone, small people, people who overlap or are cut off, and to place their
   * points: `fast`, `balanced` or `best`, of which each takes longer than the one before; `docs/quality.md`
   * has the figures. Default `balanced`.
   */
  quality?: Quality | undefined;
  /**
   * What to run the models on. `auto` takes WebGPU where there is a real GPU and it measures faster than
   * WASM; `webgpu` takes any adapter, software and iOS included; `wasm` takes none. Where there is no WebGPU,
   * and where it fails, WASM takes its place; `client.backend` says what was chosen and why. Default `auto`.
   */
  backend?: BackendChoice | undefined;
  /**
   * The folder that hosts worker, models and what WebGPU needs, as `npx body21 copy-assets` fills it:
   * `worker.js` and `assets/`. Relative to the page, or in a worker to its script. It may be of another
   * origin, such as a CDN's, which then must send CORS headers, and the page's Content-Security-Policy must
   * allow workers from `blob:` and from there. Default: where the bundler has put the package's own.
   */
  assets?: string | URL | undefined;
  /**
   * A worker's script of the app's own, which imports the package's `worker.js`. Relative as `assets` is.
   * Default: that of {@link BodyAnalysisClientOptions.assets}.
   */
  workerUrl?: string | URL | undefined;
  /**
   * WASM threads, an integer from 1 to 32. Default: the cores, at most 4. A page
   * that is not cross-origin isolated gets 1.
   */
  threads?: number | undefined;
  /**
   * On WASM, whether to try pictures while nobody asks for one, so that the browser compiles the code for
   * speed meanwhile: four seconds of work at most, once. A call ends it and does not wait for it, but for the
   * model run that is under way. Default `true`.
   */
  warmUp?: boolean | undefined;
  /**
   * A network of the app's own, in ONNX format, that looks at photos: the parts that it gives are the
   * answer's, all others stay those of body21. Of the kinds `simcc`, `heatmap` and `movenet` it looks at each
   * person who was found, of the others it finds them itself. ONNX Runtime runs it, which is loaded for it;
   * the network is fetched after those of body21, and the first photo waits for it. `docs/own-networks.md`
   * says more. Default: none.
   */
  landmarks?: OwnNetwork | undefined;
  /** Which pictures are taken, where that is other than {@link DEFAULT_LIMITS}. */
  limits?: Options<PictureLimits> | undefined;
  /**
   * Told how far loading has come of what is waited for: until `create` resolves, and again whenever a call
   * waits for networks that are not there yet, such as the first photo.
   */
  onProgress?: ((progress: LoadProgress) => void) | undefined;
  /** Cancels loading. */
  signal?: AbortSignal | undefined;
}

/** The options after the check at the door. */
export interface CheckedOptions {
  open: Omit<OpenOptions, 'skipped'>;
  workerUrl: URL | undefined;
  onProgress: (progress: LoadProgress) => void;
}

/**
 * Checks the options; inside, they are trusted.
 * @throws BodyAnalysisError `invalid-option`
 */
export function checkOptions(options: BodyAnalysisClientOptions): CheckedOptions {
  checkIsObject(options);
  const {
    quality = 'balanced',
    backend = 'auto',
    assets,
    workerUrl,
    threads,
    warmUp = true,
    landmarks,
    onProgress,
    signal,
  } = options;
  const limits = withDefaults(DEFAULT_LIMITS, options.limits);
  checkQuality(quality);
  const { model = DEFAULT_MODELS[quality] } = options;
  if (!LANDMARK_MODELS.includes(model)) {
    throw invalid(`options.model must be one of ${LANDMARK_MODELS.join(', ')}, not ${inWords(model)}.`);
  }
  if (!BACKENDS.includes(backend)) {
    throw invalid(`options.backend must be one of ${BACKENDS.join(', ')}, not ${inWords(backend)}.`);
  }
  if (threads !== undefined && !(Number.isInteger(threads) && threads >= 1 && threads <= 32)) {
    throw invalid(`options.threads must be an integer from 1 to 32, not ${inWords(threads)}.`);
  }
  if (typeof warmUp !== 'boolean') throw invalid('options.warmUp must be true or false.');
  if (onProgress !== undefined && typeof onProgress !== 'function') {
    throw invalid('options.onProgress must be a function.');
  }
  checkSignal(signal);
  if (options.limits !== undefined) checkIsObject(options.limits, 'options.limits');
  for (const [name, value] of Object.entries(limits)) {
    if (!(name in DEFAULT_LIMITS) || typeof value !== 'number' || !(value >= 1)) {
      throw invalid(
        `options.limits must be of ${Object.keys(DEFAULT_LIMITS).join(', ')}, each a number from 1; ${name} is not.`,
      );
    }
  }
  const folder = assets === undefined ? undefined : asFolder(resolveUrl('assets', assets));
  const script =
    workerUrl === undefined ? folder && new URL('worker.js', folder) : resolveUrl('workerUrl', workerUrl);
  return {
    open: {
      version: VERSION,
      model,
      quality,
      backend,
      threads,
      warmUp,
      limits,
      landmarks: landmarks && checkLandmarks(landmarks),
      baseUrl: folder && new URL('assets/', folder).href,
    },
    workerUrl: script,
    onProgress: onProgress ?? (() => {}),
  };
}
