export type ModelName = 'detector' | 'lite' | 'full' | 'heavy';

export interface ModelOutput {
  /** Position among the outputs of the TFLite file. */
  position: number;
  /** Name in the ONNX file, and so in the pipeline. */
  name: string;
}

export interface ModelSpec {
  name: ModelName;
  /** Written into `models/`. */
  file: string;
  /** A file of the npm package `@mediapipe/pose`. */
  source: string;
  input: string;
  /** What only an output not in this list needs is left out of the graph. */
  outputs: readonly ModelOutput[];
}

/** The mask is left out again where nobody asks for it, when the model is loaded. */
const LANDMARK_OUTPUTS: readonly ModelOutput[] = [
  { position: 0, name: 'landmarks' },
  { position: 1, name: 'flag' },
  { position: 2, name: 'mask' },
  { position: 3, name: 'heatmap' },
  { position: 4, name: 'world' },
];

function landmarkModel(name: Exclude<ModelName, 'detector'>): ModelSpec {
  return {
    name,
    file: `pose_landmark_${name}.onnx`,
    source: `pose_landmark_${name}.tflite`,
    input: 'image',
    outputs: LANDMARK_OUTPUTS,
  };
}

export const MODELS: readonly ModelSpec[] = [
  {
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
];
