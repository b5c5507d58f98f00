import { LIMITS } from '../schema/limits.ts';
import type { PictureLimits } from '../schema/limits.ts';
import type { BackendInfo, BackendName, LandmarkModel, LoadProgress } from '../schema/loading.ts';
import type { Frame } from '../source/frame.ts';
import { DETECTOR_FILE, LANDMARK_FILES, MASK_FILES, PERSON_DETECTOR_FILE } from './assets.ts';
import type { AssetFile } from './assets.ts';
import { chooseBackend, withoutGpu } from './backend.ts';
import type { Backend, BackendOptions } from './backend.ts';
import { drawFigure, FIGURE_SQUARE } from './figure.ts';
import type { Gpu } from './gpu.ts';
import { LandmarkLooks } from './landmark-looks.ts';
import type { LandmarkBytes, LandmarkData } from './landmark-looks.ts';
import { numbers, PictureModel, startRuntime } from './model.ts';
import { loadModel, modelEntry, tidyCache } from './model-store.ts';
import { readPicture } from './picture.ts';
import type { Picture, PictureSurface } from './picture.ts';
import { PixelMemory } from './pixel-memory.ts';
import type { InputFormat, Square } from './pixels.ts';
import { OtherModels } from './other-models.ts';
import type { ReadyLooks } from './other-models.ts';
import { tryGpu } from './trial.ts';
import type { Figures } from './trial.ts';

/** How to load the models. */
export interface LoadOptions extends BackendOptions {
  model: LandmarkModel;
  /** Whether the person detector may come when it is asked for the first time, instead of with the others. */
  personLater: boolean;
}

/** Who wants to know how loading goes. */
export interface LoadListeners {
  onProgress: (progress: LoadProgress) => void;
  /** Told before each step, with what the models run on or are tried on. */
  onBeat: (backend: BackendName) => void;
}

/** Input side 224, −1 … 1, black beyond the edge: what BlazePose's detector was trained on (MediaPipe's `pose_detection_cpu.pbtxt`). */
const DETECTOR_INPUT: InputFormat = { side: 224, range: [-1, 1], border: 'black' };
/** Input side 512, 0 … 255: what the model is fed where its weights come from; black borders as its authors have them. */
const PERSON_INPUT: InputFormat = { side: 512, range: [0, 255], border: 'black' };

/** The model files of one choice of model, on their way. */
type Fetched = Record<'detector' | 'landmarks' | 'mask', Promise<Uint8Array<ArrayBuffer>>> & {
  person?: Promise<Uint8Array<ArrayBuffer>>;
};

/** The models of one backend. */
interface Running {
  detector: PictureModel;
  /** `undefined` until it is needed. */
  personDetector: PictureModel | undefined;
  looks: LandmarkLooks;
}

/** What models are made with, besides. */
interface MoreOfModels {
  options: LoadOptions;
  slowestRunMs: number;
  onBeat: LoadListeners['onBeat'];
}

/** The detectors and one landmark model, ready to run. One at a time: the runtime has one queue. */
export class Models {
  readonly backend: BackendInfo;
  /** The longest that a model's first run took on a GPU, in milliseconds; 0 on WASM, where nothing was run. */
  readonly slowestRunMs: number;
  readonly #gpu: Backend['gpu'];
  readonly #running: Running;
  readonly #options: LoadOptions;
  readonly #memory = new PixelMemory();
  readonly #onBeat: LoadListeners['onBeat'];
  readonly #others = new OtherModels({
    fetch: (model) => this.#fetchOther(model),
    start: (model, bytes) => this.#startOther(model, bytes),
  });

  private constructor(
    backend: Backend,
    running: Running,
    info: BackendInfo,
    { options, slowestRunMs, onBeat }: MoreOfModels,
  ) {
    this.#gpu = backend.gpu;
    this.#running = running;
    this.#options = options;
    this.#onBeat = onBeat;
    this.backend = info;
    this.slowestRunMs = slowestRunMs;
  }

  /**
   * Fetches the models side by side and makes them ready on the backend that is best here.
   * @throws BodyAnalysisError `model-fetch`, `model-integrity`, `backend-failed` or `gpu-failed`
   */
  static async load(options: LoadOptions, { onProgress, onBeat }: LoadListeners): Promise<Models> {
    const fetched = fetchModels(options, onProgress);
    let fetchedAt = performance.now();
    // What fails is thrown where it is waited for.
    const all = Promise.all(Object.values(fetched)).then(
      () => (fetchedAt = performance.now()),
      () => {},
    );
    const beat = () => onBeat('wasm');
    beat();
    const chosen = await chooseBackend(options, beat);
    try {
      // While the models are on their way.
      await startRuntime(chosen);
    } catch (error) {
      // Where these cannot be had either, that is what has to be put right first.
      await Promise.all(Object.values(fetched));
      throw error;
    }
    beat();
    const { backend, running, precision, batch, slowestRunMs } = await startModels(
      chosen,
      fetched,
      options,
      onBeat,
    );
    await all;
    const { gpu, runtime, threads, threadsReason, skipped } = backend;
    const info: BackendInfo = {
      name: gpu ? 'webgpu' : 'wasm',
      threads,
      ...(threadsReason !== undefined && { threadsReason }),
      runtime,
      ...(gpu && { adapter: gpu.adapter }),
      precision,
      batch,
      warmupMs: Math.round(performance.now() - fetchedAt),
      skipped,
    };
    await tidyCache();
    return new Models(backend, running, info, { options, slowestRunMs, onBeat });
  }

  /**
   * Reads a frame's pixels to where the models run. The picture holds memory until it is released.
   * @throws BodyAnalysisError `empty-image`, `image-format` or `image-size`
   */
  read(frame: Frame, limits: Readonly<PictureLimits>): Promise<Picture> {
    return readPicture(frame, limits, { device: this.#gpu?.device, memory: this.#memory });
  }

  /** The detector's raw output for a square of the picture. */
  async detect(
    surface: PictureSurface,
    square: Square,
  ): Promise<{ boxes: Float32Array; scores: Float32Array }> {
    const values = await this.#running.detector.run(surface, [square]);
    return { boxes: numbers(values, 'boxes'), scores: numbers(values, 'scores') };
  }

  /**
   * The person detector's raw output for a square of the picture.
   * @param onBytes told that more of the model is there, where it has to be fetched first
   * @throws BodyAnalysisError in that case what {@link Models.load} throws, and the next call tries again
   */
  async detectPersons(
    surface: PictureSurface,
    square: Square,
    onBytes: () => void,
  ): Promise<{ peaks: Float32Array; sizes: Float32Array }> {
    this.#running.personDetector ??= await startPersonDetector(
      await loadModel(PERSON_DETECTOR_FILE, this.#options.baseUrl, onBytes),
      this.#gpu,
    );
    const values = await this.#running.personDetector.run(surface, [square]);
    return { peaks: numbers(values, 'peaks'), sizes: numbers(values, 'sizes') };
  }

  /**
   * A landmark model's raw output for squares of the picture.
   * @param squares at most {@link batchOf} of them
   * @param model the one that was loaded, or one that {@link prepare} has made `ready`
   */
  landmarks(
    surface: PictureSurface,
    squares: readonly Square[],
    withMask: boolean,
    model = this.#options.model,
  ): Promise<LandmarkData[]> {
    const { looks } = this.#others.get(model) ?? this.#running;
    return looks.look(surface, squares, withMask);
  }

  /** How many squares {@link landmarks} looks at in one run with that model. */
  batchOf(model: LandmarkModel): number {
    return (this.#others.get(model) ?? this.backend).batch;
  }

  /** Sees to another landmark model: see {@link OtherModels.prepare}. */
  async prepare(model: LandmarkModel): Promise<'ready' | 'fetching' | 'failed'> {
    return model === this.#options.model ? 'ready' : this.#others.prepare(model);
  }

  /**
   * Starts the smallest of the models once more and lets it go: what the runtime goes through then is the same for all.
   * @throws BodyAnalysisError `backend-failed`, or on a GPU `gpu-failed`
   */
  startAgain(): Promise<void> {
    return this.#running.looks.startAgain();
  }

  async #fetchOther(model: LandmarkModel): Promise<LandmarkBytes> {
    const { baseUrl } = this.#options;
    const [landmarks, mask] = await Promise.all([
      loadModel(LANDMARK_FILES[model], baseUrl, () => {}),
      loadModel(MASK_FILES[model], baseUrl, () => {}),
    ]);
    return { landmarks, mask };
  }

  async #startOther(model: LandmarkModel, bytes: LandmarkBytes): Promise<ReadyLooks | undefined> {
    const gpu = this.#gpu;
    if (!gpu) return { looks: await LandmarkLooks.start(model, bytes, { gpu }), batch: 1 };
    // What one model computes right in half precision, and how many at once are quickest, need not be so with another.
    const { backend: choice } = this.#options;
    const trial = await withFigures(gpu, (figures) =>
      tryGpu(gpu, { name: model, bytes, choice, figures, hasRival: false }, () => this.#onBeat('webgpu')),
    );
    return 'reason' in trial ? undefined : trial;
  }
}

/** What there is to load, in bytes. */
export function totalBytes(options: Pick<LoadOptions, 'model' | 'personLater'>): number {
  return Object.values(filesOf(options)).reduce((sum, file) => sum + modelEntry(file).packedBytes, 0);
}

function filesOf({ model, personLater }: Pick<LoadOptions, 'model' | 'personLater'>): Record<
  'detector' | 'landmarks' | 'mask',
  AssetFile
> & {
  person?: AssetFile;
} {
  return {
    detector: DETECTOR_FILE,
    landmarks: LANDMARK_FILES[model],
    mask: MASK_FILES[model],
    ...(!personLater && { person: PERSON_DETECTOR_FILE }),
  };
}

function fetchModels(options: LoadOptions, onProgress: (progress: LoadProgress) => void): Fetched {
  const files = filesOf(options);
  const total = totalBytes(options);
  const loadedOf = new Map<AssetFile, number>();
  const fetchModel = (file: AssetFile) =>
    loadModel(file, options.baseUrl, (bytes) => {
      loadedOf.set(file, bytes);
      const loaded = [...loadedOf.values()].reduce((sum, each) => sum + each, 0);
      onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
    });
  return {
    detector: fetchModel(files.detector),
    landmarks: fetchModel(files.landmarks),
    mask: fetchModel(files.mask),
    ...(files.person && { person: fetchModel(files.person) }),
  };
}

interface Started {
  backend: Backend;
  running: Running;
  precision: BackendInfo['precision'];
  batch: number;
  slowestRunMs: number;
}

/**
 * Makes sessions: on the GPU where there is one and it proves its worth, with each run once, since a first run compiles
 * a GPU's programs; else on WASM.
 */
async function startModels(
  backend: Backend,
  fetched: Fetched,
  { model, backend: choice }: Pick<LoadOptions, 'model' | 'backend'>,
  onBeat: LoadListeners['onBeat'],
): Promise<Started> {
  const { gpu } = backend;
  if (!gpu) {
    const detectors = await startDetectors(fetched, gpu, onBeat);
    onBeat('wasm');
    const looks = await LandmarkLooks.start(model, await landmarkBytes(fetched), { gpu });
    return { backend, running: { looks, ...detectors }, precision: 'float32', batch: 1, slowestRunMs: 0 };
  }
  const beat = () => onBeat('webgpu');
  beat();
  return withFigures(gpu, async (figures) => {
    const bytes = await landmarkBytes(fetched);
    const trial = await tryGpu(gpu, { name: model, bytes, choice, figures, hasRival: true }, beat);
    if ('reason' in trial) {
      gpu.device.destroy();
      const without = withoutGpu(backend, trial.reason);
      return startModels(without, fetched, { model, backend: choice }, onBeat);
    }
    const detectors = await startDetectors(fetched, gpu, onBeat);
    const slowestRunMs = await runOnce(detectors, figures.gpu, beat);
    return {
      backend,
      running: { looks: trial.looks, ...detectors },
      ...trial,
      slowestRunMs: Math.max(slowestRunMs, trial.slowestRunMs),
    };
  });
}

/** Has work done with the drawn figure, as each backend sees it. */
async function withFigures<Done>(gpu: Gpu, work: (figures: Figures) => Promise<Done>): Promise<Done> {
  const figure: Frame = { kind: 'pixels', pixels: drawFigure() };
  const onWasm = await readPicture(figure, LIMITS);
  const onGpu = await gpu.run(() => readPicture(figure, LIMITS, { device: gpu.device }));
  try {
    return await work({ gpu: onGpu.pixels, wasm: onWasm.pixels });
  } finally {
    onGpu.release();
  }
}

async function landmarkBytes({ landmarks, mask }: Fetched): Promise<LandmarkBytes> {
  return { landmarks: await landmarks, mask: await mask };
}

async function startDetectors(
  fetched: Fetched,
  gpu: Backend['gpu'],
  onBeat: LoadListeners['onBeat'],
): Promise<Omit<Running, 'looks'>> {
  const beat = () => onBeat(gpu ? 'webgpu' : 'wasm');
  beat();
  const first = await PictureModel.start(DETECTOR_FILE, await fetched.detector, DETECTOR_INPUT, { gpu });
  beat();
  // Not side by side: the runtime makes one session at a time.
  const second = fetched.person && (await startPersonDetector(await fetched.person, gpu));
  return { detector: first, personDetector: second };
}

function startPersonDetector(bytes: Uint8Array<ArrayBuffer>, gpu: Backend['gpu']): Promise<PictureModel> {
  return PictureModel.start(PERSON_DETECTOR_FILE, bytes, PERSON_INPUT, { gpu });
}

/**
 * Runs the detectors once on the figure.
 * @returns the longer run in milliseconds
 */
async function runOnce(
  { detector, personDetector }: Omit<Running, 'looks'>,
  surface: PictureSurface,
  onBeat: () => void,
): Promise<number> {
  let slowest = 0;
  for (const model of [detector, personDetector]) {
    if (!model) continue;
    onBeat();
    const start = performance.now();
    // oxlint-disable-next-line no-await-in-loop -- the runtime has one queue
    await model.run(surface, [FIGURE_SQUARE]);
    slowest = Math.max(slowest, performance.now() - start);
  }
  return slowest;
}
