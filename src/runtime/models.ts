import { InferenceSession, Tensor } from 'onnxruntime-web/webgpu';
import { BodyAnalysisError } from '../schema/errors.ts';
import type { BackendInfo, LandmarkModel, LoadProgress } from '../schema/loading.ts';
import { DETECTOR_FILE, MODEL_FILES, PERSON_DETECTOR_FILE } from './assets.ts';
import type { AssetFile } from './assets.ts';
import { chooseBackend } from './backend.ts';
import { dropOutdatedModels, loadModel, modelEntry } from './model-store.ts';
import { sampleSquare } from './pixels.ts';
import { keepOutputs } from './prune.ts';
import type { InputFormat, PixelPyramid, Square } from './pixels.ts';

/** How to load the models. */
export interface LoadOptions {
  model: LandmarkModel;
  /** Whether the second person detector is needed. */
  personDetector: boolean;
  /** The folder that hosts models and runtime; the package itself where `undefined`. */
  baseUrl: string | undefined;
  /** WASM threads asked for; chosen from the cores where `undefined`. */
  threads: number | undefined;
}

/** Input side 224, −1 … 1, black beyond the edge: what BlazePose's detector was trained on (MediaPipe's `pose_detection_cpu.pbtxt`). */
const DETECTOR_INPUT: InputFormat = { side: 224, range: [-1, 1], border: 'black' };
/** Input side 512, 0 … 255: what the model is fed where its weights come from; black borders as its authors have them. */
const PERSON_INPUT: InputFormat = { side: 512, range: [0, 255], border: 'black' };
/** Input side 256, 0 … 1 (`pose_landmark_cpu.pbtxt`); the edge's last pixel goes on, which measures best on people cut off by it. */
const LANDMARK_INPUT: InputFormat = { side: 256, range: [0, 1], border: 'replicate' };

/** What every picture needs of the landmark model; the mask is for those who ask. */
const LANDMARK_OUTPUTS = ['landmarks', 'flag', 'heatmap', 'world'];

/** The landmark model's outputs, as the pipeline takes them. */
interface LandmarkData {
  landmarks: Float32Array;
  flag: number;
  heatmap: Float32Array;
  world: Float32Array;
  mask?: Float32Array;
}

/** One model: a session, and the input tensor that every run fills anew. */
class Model {
  readonly #session: InferenceSession;
  readonly #format: InputFormat;
  readonly #input: Float32Array<ArrayBuffer>;
  readonly #feeds: { image: Tensor };

  constructor(session: InferenceSession, format: InputFormat) {
    this.#session = session;
    this.#format = format;
    this.#input = new Float32Array(3 * format.side ** 2);
    this.#feeds = { image: new Tensor('float32', this.#input, [1, 3, format.side, format.side]) };
  }

  /** Runs once on black, so that the first picture does not pay for the runtime's allocations. */
  async warmUp(): Promise<void> {
    await this.#session.run(this.#feeds);
  }

  /** @throws BodyAnalysisError `inference-failed` */
  async run(pixels: PixelPyramid, square: Square): Promise<(output: string) => Float32Array> {
    sampleSquare(pixels, square, this.#format, this.#input);
    try {
      const outputs = await this.#session.run(this.#feeds);
      return (name) => {
        const data = outputs[name]?.data;
        if (!(data instanceof Float32Array)) throw new TypeError(`the model has no float32 output ${name}`);
        return data;
      };
    } catch (cause) {
      throw new BodyAnalysisError(
        'inference-failed',
        'The model failed on this picture. Try again, or another picture.',
        cause,
      );
    }
  }
}

/** The detectors and one landmark model, ready to run. One at a time: the runtime has one queue. */
export class Models {
  readonly backend: BackendInfo;
  readonly #detector: Model;
  readonly #personDetector: Model | undefined;
  readonly #landmarks: Model;
  readonly #loadMasked: () => Promise<Model>;
  #masked: Model | undefined;

  private constructor(
    backend: BackendInfo,
    models: { detector: Model; personDetector: Model | undefined; landmarks: Model },
    loadMasked: () => Promise<Model>,
  ) {
    this.backend = backend;
    this.#detector = models.detector;
    this.#personDetector = models.personDetector;
    this.#landmarks = models.landmarks;
    this.#loadMasked = loadMasked;
  }

  /**
   * Fetches the models side by side, starts the runtime as soon as the first is there, and runs each once so
   * that the first picture does not pay for it.
   * @throws BodyAnalysisError `model-fetch`, `model-integrity` or `backend-failed`
   */
  static async load(options: LoadOptions, onProgress: (progress: LoadProgress) => void): Promise<Models> {
    const landmarkFile = MODEL_FILES[options.model];
    const personFile = options.personDetector ? PERSON_DETECTOR_FILE : undefined;
    const files = [DETECTOR_FILE, landmarkFile, ...(personFile ? [personFile] : [])];
    const total = files.reduce((sum, file) => sum + modelEntry(file).bytes, 0);
    const loadedOf = new Map<AssetFile, number>();
    const fetchModel = (file: AssetFile) =>
      loadModel(file, options.baseUrl, (bytes) => {
        loadedOf.set(file, bytes);
        const loaded = [...loadedOf.values()].reduce((sum, each) => sum + each, 0);
        onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
      });
    const { info, sessionOptions } = chooseBackend(options);
    const start = async (bytes: Uint8Array, format: InputFormat) => {
      try {
        const model = new Model(await InferenceSession.create(bytes, sessionOptions), format);
        await model.warmUp();
        return model;
      } catch (cause) {
        throw new BodyAnalysisError(
          'backend-failed',
          "The inference runtime could not be started. Check that its .wasm and .mjs files are deployed beside the models, and that the page's Content-Security-Policy allows `wasm-unsafe-eval`.",
          cause,
        );
      }
    };
    const [detector, landmarkBytes, personBytes] = await Promise.all([
      fetchModel(DETECTOR_FILE).then((bytes) => start(bytes, DETECTOR_INPUT)),
      fetchModel(landmarkFile),
      personFile && fetchModel(personFile),
    ]);
    // Not earlier: the runtime makes one session at a time.
    const landmarks = await start(keepOutputs(landmarkBytes, LANDMARK_OUTPUTS), LANDMARK_INPUT);
    const personDetector = personBytes && (await start(personBytes, PERSON_INPUT));
    await dropOutdatedModels();
    onProgress({ phase: 'ready', loaded: total, total });
    return new Models(info, { detector, personDetector, landmarks }, async () =>
      start(await loadModel(landmarkFile, options.baseUrl, () => {}), LANDMARK_INPUT),
    );
  }

  /** The detector's raw output for a square of the picture. */
  async detect(pixels: PixelPyramid, square: Square): Promise<{ boxes: Float32Array; scores: Float32Array }> {
    const output = await this.#detector.run(pixels, square);
    return { boxes: output('boxes'), scores: output('scores') };
  }

  /**
   * The second person detector's raw output for a square of the picture.
   * @throws RangeError where it was not loaded
   */
  async detectPersons(
    pixels: PixelPyramid,
    square: Square,
  ): Promise<{ peaks: Float32Array; sizes: Float32Array }> {
    if (!this.#personDetector) throw new RangeError('the person detector was not loaded');
    const output = await this.#personDetector.run(pixels, square);
    return { peaks: output('peaks'), sizes: output('sizes') };
  }

  /**
   * The landmark model's raw output for a square of the picture. The first mask asked for loads the model once
   * more, with that output, so that nobody else pays for it.
   */
  async landmarks(pixels: PixelPyramid, square: Square, withMask: boolean): Promise<LandmarkData> {
    const model = withMask ? await this.#withMask() : this.#landmarks;
    const output = await model.run(pixels, square);
    return {
      landmarks: output('landmarks'),
      flag: output('flag')[0] ?? 0,
      heatmap: output('heatmap'),
      world: output('world'),
      ...(withMask ? { mask: output('mask') } : {}),
    };
  }

  /** The landmark model with its mask; where it could not be loaded, the next call tries anew. */
  async #withMask(): Promise<Model> {
    this.#masked ??= await this.#loadMasked();
    return this.#masked;
  }
}
