export type ModelName = 'detector' | 'lite' | 'full' | 'heavy' | 'person';

interface Source {
  name: ModelName;
  /** Written into `models/`. */
  file: string;
  /** The npm package that has the weights. */
  package: string;
  licence: string;
  /** A file of that package. */
  source: string;
  /** Name of the input in the ONNX file. */
  input: string;
}

export interface TfliteOutput {
  /** Position among the outputs of the TFLite file. */
  position: number;
  /** Name in the ONNX file, and so in the pipeline. */
  name: string;
}

export interface TfliteSpec extends Source {
  format: 'tflite';
  /** What only an output not in this list needs is left out of the graph. */
  outputs: readonly TfliteOutput[];
}

export interface TfjsOutput {
  /** The node of the graph that gives it. */
  node: string;
  /** Name in the ONNX file, and so in the pipeline. */
  name: string;
  /** The only one of its channels that is computed; all of them when absent. */
  channel?: number;
}

export interface TfjsSpec extends Source {
  format: 'tfjs';
  outputs: readonly TfjsOutput[];
}

export type ModelSpec = TfliteSpec | TfjsSpec;

const MEDIAPIPE = { format: 'tflite', package: '@mediapipe/pose', licence: 'Apache-2.0' } as const;

/** The mask is left out again where nobody asks for it, when the model is loaded. */
const LANDMARK_OUTPUTS: readonly TfliteOutput[] = [
  { position: 0, name: 'landmarks' },
  { position: 1, name: 'flag' },
  { position: 2, name: 'mask' },
  { position: 3, name: 'heatmap' },
  { position: 4, name: 'world' },
];

function landmarkModel(name: 'lite' | 'full' | 'heavy'): TfliteSpec {
  return {
    ...MEDIAPIPE,
    name,
    file: `pose_landmark_${name}.onnx`,
    source: `pose_landmark_${name}.tflite`,
    input: 'image',
    outputs: LANDMARK_OUTPUTS,
  };
}

export const MODELS: readonly ModelSpec[] = [
  {
    ...MEDIAPIPE,
    name: 'detector',
    file: 'pose_detector.onnx',
    // The package packs its assets into one file and the detector is the only one: the whole file is a TFLite model.
    source: 'pose_solution_packed_assets.data',
    input: 'image',
    outputs: [
      { position: 0, name: 'boxes' },
      { position: 1, name: 'scores' },
    ],
  },
  landmarkModel('lite'),
  landmarkModel('full'),
  landmarkModel('heavy'),
  {
    // CenterNet on MobileNetV3, trained on COCO (github.com/610265158/mobilenetv3_centernet).
    format: 'tfjs',
    name: 'person',
    file: 'person_detector.onnx',
    package: '@vladmandic/human',
    licence: 'MIT',
    source: 'models/centernet.json',
    // Red, green, blue from 0 to 255: the package's `src/object/centernet.ts` hands over its picture as it is,
    // and the origin's division by 255 (`lib/core/model/centernet.py`) is part of the first filters.
    input: 'image',
    // The best hundred places of all classes, which the graph goes on to pick, are left out: they take sorting and
    // whole-number arithmetic, and a picture full of chairs would leave none for people.
    outputs: [
      // How likely each place is the centre of a person, the first of COCO's 80 classes; maxima are not picked yet.
      { node: 'tower_0/keypoints', name: 'peaks', channel: 0 },
      // From each place to the left, top, right and bottom of the box around it, in pixels of the input.
      { node: 'tower_0/wh', name: 'sizes' },
    ],
  },
];
