/** What the bare models are given, and what is read from them: the same for both runtimes. */

import type { AssetFile } from '../../../src/runtime/assets.ts';

/** A model by the name of its figure. */
export interface BenchModel {
  /** Ours. */
  onnx: AssetFile;
  /** The file it was made from, where it was a TFLite file. */
  tflite?: string;
  /** Height and width of the input. */
  side: number;
  /** The input's values for black and white. */
  range: readonly [black: number, white: number];
  /** The outputs that the library reads, by our names. */
  outputs: readonly string[];
  /** Their positions in the TFLite file. The mask, which it computes as well, is not among them. */
  tfliteOutputs?: readonly number[];
}

const LANDMARKS = {
  side: 256,
  range: [0, 1],
  outputs: ['landmarks', 'flag', 'heatmap', 'world'],
  tfliteOutputs: [0, 1, 3, 4],
} as const;

/** By the names of their figures. */
export const BENCH_MODELS: Readonly<Record<string, BenchModel>> = {
  detector: {
    onnx: 'pose_detector.onnx.words.gz',
    tflite: 'pose_solution_packed_assets.data',
    side: 224,
    range: [-1, 1],
    outputs: ['boxes', 'scores'],
    tfliteOutputs: [0, 1],
  },
  lite: { onnx: 'pose_landmark_lite.onnx.words.gz', tflite: 'pose_landmark_lite.tflite', ...LANDMARKS },
  full: { onnx: 'pose_landmark_full.onnx.words.gz', tflite: 'pose_landmark_full.tflite', ...LANDMARKS },
  heavy: { onnx: 'pose_landmark_heavy.onnx.words.gz', tflite: 'pose_landmark_heavy.tflite', ...LANDMARKS },
  // Made from a TensorFlow.js model: nothing that LiteRT could run.
  person_detector: {
    onnx: 'person_detector.onnx.words.gz',
    side: 512,
    range: [0, 255],
    outputs: ['peaks', 'sizes'],
  },
};

/** The sample picture in a model's input, channels last. */
export async function makeInput({ side, range: [black, white] }: BenchModel): Promise<Float32Array> {
  const picture = await createImageBitmap(await (await fetch('/samples/stand.jpg')).blob());
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.fillRect(0, 0, side, side);
  const scale = side / Math.max(picture.width, picture.height);
  const [width, height] = [scale * picture.width, scale * picture.height];
  context.drawImage(picture, (side - width) / 2, (side - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, side, side);
  return Float32Array.from(
    data.filter((_, at) => at % 4 < 3),
    (colour) => black + (colour / 255) * (white - black),
  );
}
