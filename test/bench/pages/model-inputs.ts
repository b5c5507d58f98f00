/** What the bare models are given, and what is read from them: the same for all runtimes. */

import { BLAZEPOSE } from '../../../src/networks/blazepose.ts';
import { MOVENET } from '../../../src/networks/movenet.ts';
import { NANODET } from '../../../src/networks/nanodet.ts';
import type { Network } from '../../../src/networks/network.ts';
import { POSE_DETECTOR } from '../../../src/networks/pose-detector.ts';

/** A model by the name of its figure. */
export interface BenchModel {
  /** Ours, with the outputs that the library reads. */
  network: Network;
  /** The file it was made from, where that is a TFLite file: nothing else could LiteRT run. */
  tflite?: {
    file: string;
    /** The positions of the outputs. The mask, which it computes as well, is not among them. */
    outputs: readonly number[];
  };
}

const LANDMARKS = [0, 1, 3, 4];

/** By the names of their figures. */
export const BENCH_MODELS: Readonly<Record<string, BenchModel>> = {
  detector: {
    network: POSE_DETECTOR,
    tflite: { file: 'pose_solution_packed_assets.data', outputs: [0, 1] },
  },
  lite: { network: BLAZEPOSE.lite, tflite: { file: 'pose_landmark_lite.tflite', outputs: LANDMARKS } },
  full: { network: BLAZEPOSE.full, tflite: { file: 'pose_landmark_full.tflite', outputs: LANDMARKS } },
  heavy: { network: BLAZEPOSE.heavy, tflite: { file: 'pose_landmark_heavy.tflite', outputs: LANDMARKS } },
  nanodet: { network: NANODET },
  movenet_thunder: { network: MOVENET },
};

/** The sample picture in a model's input, channels last. */
export async function makeInput({ input }: Network): Promise<Float32Array> {
  const { side, channels, mean, deviation } = input;
  const picture = await createImageBitmap(await (await fetch('/samples/stand.jpg')).blob());
  const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('no 2D canvas');
  context.fillRect(0, 0, side, side);
  const scale = side / Math.max(picture.width, picture.height);
  const [width, height] = [scale * picture.width, scale * picture.height];
  context.drawImage(picture, (side - width) / 2, (side - height) / 2, width, height);
  const { data } = context.getImageData(0, 0, side, side);
  return Float32Array.from({ length: 3 * side * side }, (_, at) => {
    const colour = channels === 'rgb' ? at % 3 : 2 - (at % 3);
    const value = data[4 * Math.floor(at / 3) + colour] ?? Number.NaN;
    return (value - (mean[colour] ?? Number.NaN)) / (deviation[colour] ?? Number.NaN);
  });
}
