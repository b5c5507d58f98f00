import type { BackendInfo, LandmarkModel, LoadProgress } from '../schema/loading.ts';
import { DETECTOR_FILE, LANDMARK_FILES, MASK_FILES, PERSON_DETECTOR_FILE } from './assets.ts';
import type { AssetFile } from './assets.ts';
import { chooseBackend } from './backend.ts';
import { dropOutdatedModels, loadModel, modelEntry } from './model-store.ts';
import { Model, numbers, PictureModel } from './model.ts';
import type { InputFormat, PixelPyramid, Square } from './pixels.ts';

/** How to load the models. */
export interface LoadOptions {
  model: LandmarkModel;
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

/** What every look at a person needs; the features that a mask is made of are copied out of the runtime only then. */
const LANDMARK_OUTPUTS = ['landmarks', 'flag', 'heatmap', 'world'];

/** The landmark model's outputs, as the pipeline takes them. */
interface LandmarkData {
  landmarks: Float32Array;
  flag: number;
  heatmap: Float32Array;
  world: Float32Array;
  mask?: Float32Array;
}

/** The detectors and one landmark model, ready to run. One at a time: the runtime has one queue. */
export class Models {
  readonly backend: BackendInfo;
  readonly #detector: PictureModel;
  readonly #personDetector: PictureModel;
  readonly #landmarks: PictureModel;
  readonly #mask: Model;

  private constructor(
    backend: BackendInfo,
    models: {
      detector: PictureModel;
      personDetector: PictureModel;
      landmarks: PictureModel;
      mask: Model;
    },
  ) {
    this.backend = backend;
    this.#detector = models.detector;
    this.#personDetector = models.personDetector;
    this.#landmarks = models.landmarks;
    this.#mask = models.mask;
  }

  /**
   * Fetches the models side by side, starts the runtime as soon as the first is there, and runs each once so
   * that the first picture does not pay for it.
   * @throws BodyAnalysisError `model-fetch`, `model-integrity` or `backend-failed`
   */
  static async load(options: LoadOptions, onProgress: (progress: LoadProgress) => void): Promise<Models> {
    const landmarkFile = LANDMARK_FILES[options.model];
    const maskFile = MASK_FILES[options.model];
    const files = [DETECTOR_FILE, landmarkFile, maskFile, PERSON_DETECTOR_FILE];
    const total = files.reduce((sum, file) => sum + modelEntry(file).bytes, 0);
    const loadedOf = new Map<AssetFile, number>();
    const fetchModel = (file: AssetFile) =>
      loadModel(file, options.baseUrl, (bytes) => {
        loadedOf.set(file, bytes);
        const loaded = [...loadedOf.values()].reduce((sum, each) => sum + each, 0);
        onProgress({ phase: loaded < total ? 'download' : 'start', file, loaded, total });
      });
    const { info, sessionOptions } = chooseBackend(options);
    const startOnPictures = async (file: AssetFile, bytes: Uint8Array, format: InputFormat) =>
      new PictureModel(await Model.start(file, bytes, sessionOptions), format);
    const [detector, landmarkBytes, maskBytes, personBytes] = await Promise.all([
      fetchModel(DETECTOR_FILE).then((bytes) => startOnPictures(DETECTOR_FILE, bytes, DETECTOR_INPUT)),
      fetchModel(landmarkFile),
      fetchModel(maskFile),
      fetchModel(PERSON_DETECTOR_FILE),
    ]);
    // Not earlier: the runtime makes one session at a time.
    const landmarks = await startOnPictures(landmarkFile, landmarkBytes, LANDMARK_INPUT);
    const mask = await Model.start(maskFile, maskBytes, sessionOptions);
    const personDetector = await startOnPictures(PERSON_DETECTOR_FILE, personBytes, PERSON_INPUT);
    await dropOutdatedModels();
    onProgress({ phase: 'ready', loaded: total, total });
    return new Models(info, { detector, personDetector, landmarks, mask });
  }

  /** The detector's raw output for a square of the picture. */
  async detect(pixels: PixelPyramid, square: Square): Promise<{ boxes: Float32Array; scores: Float32Array }> {
    const values = await this.#detector.run(pixels, square);
    return { boxes: numbers(values, 'boxes'), scores: numbers(values, 'scores') };
  }

  /** The person detector's raw output for a square of the picture. */
  async detectPersons(
    pixels: PixelPyramid,
    square: Square,
  ): Promise<{ peaks: Float32Array; sizes: Float32Array }> {
    const values = await this.#personDetector.run(pixels, square);
    return { peaks: numbers(values, 'peaks'), sizes: numbers(values, 'sizes') };
  }

  /** The landmark model's raw output for a square of the picture. */
  async landmarks(pixels: PixelPyramid, square: Square, withMask: boolean): Promise<LandmarkData> {
    const values = await this.#landmarks.run(pixels, square, withMask ? undefined : LANDMARK_OUTPUTS);
    return {
      landmarks: numbers(values, 'landmarks'),
      flag: numbers(values, 'flag')[0] ?? 0,
      heatmap: numbers(values, 'heatmap'),
      world: numbers(values, 'world'),
      ...(withMask ? { mask: numbers(await this.#mask.run(values), 'mask') } : {}),
    };
  }
}
