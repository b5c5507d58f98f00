import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { beforeAll, expect, test } from 'vitest';
import { Engine } from '../../src/engine/engine.ts';
import { readEngineGraph } from '../../src/runtime/onnx/engine-graph.ts';
import { modelBytes } from '../support/model-bytes.ts';

/*
 * Every network of the package on the engine and on ONNX Runtime, on a drawn picture. Only the order of
 * additions is left between them: the limits are those of the tests against the TFLite files,
 * `test/parity/`.
 */

beforeAll(() => {
  env.wasm.numThreads = 1;
});

const LANDMARKS = { landmarks: 0.01, flag: 1e-4, heatmap: 0.01, world: 1e-3 };

/**
 * By file, the most that outputs may be off; what is not named may be so by
 * a part in 20,000 of the largest number.
 */
const NETWORKS: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  'pose_landmark_lite.onnx': LANDMARKS,
  'pose_mask_lite.onnx': { mask: 0.5 },
  'pose_landmark_full.onnx': LANDMARKS,
  'pose_mask_full.onnx': { mask: 0.5 },
  'pose_detector.onnx': { boxes: 0.01, scores: 0.01 },
  'movenet_thunder.onnx': {},
  'nanodet.onnx': {},
  'pose_landmark_heavy.onnx': { ...LANDMARKS, flag: 3e-4 },
  'pose_mask_heavy.onnx': { mask: 0.5 },
};

test.each(Object.entries(NETWORKS))('%s gives what ONNX Runtime gives', async (file, limits) => {
  const bytes = modelBytes(file);
  const graph = readEngineGraph(bytes);
  const inputs = Object.fromEntries(graph.inputs.map(({ name, shape }) => [name, draw(shape)]));
  const network = new Engine().load(graph);
  const actual = network.run(inputs);
  const session = await InferenceSession.create(bytes, { graphOptimizationLevel: 'disabled' });
  const expected = await session.run(
    Object.fromEntries(
      graph.inputs.map(({ name, shape }) => [name, new Tensor('float32', inputs[name] ?? [], shape)]),
    ),
  );
  await session.release();
  expect(Object.keys(actual)).toEqual(graph.outputs);
  for (const name of graph.outputs) {
    const wanted = expected[name]?.data;
    if (!(wanted instanceof Float32Array)) throw new Error(`no output ${name}`);
    const limit = limits[name] ?? 5e-5 * wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expect(largestDifference(actual[name], wanted), name).toBeLessThanOrEqual(limit);
  }
  // Nothing of a run is left for the next one.
  const again = network.run(inputs);
  for (const name of graph.outputs) expect(largestDifference(again[name], actual[name] ?? []), name).toBe(0);
});

function largestDifference(actual: Float32Array | undefined, wanted: ArrayLike<number>): number {
  if (actual?.length !== wanted.length) return Infinity;
  let most = 0;
  for (const [k, value] of actual.entries()) {
    const off = Math.abs(value - (wanted[k] ?? NaN));
    // NaN too.
    if (!(off <= most)) most = off;
  }
  return most;
}

/** Soft stripes and a bright figure: some structure for every layer. */
function draw([, channels = 1, height = 1, width = 1]: readonly number[]): Float32Array<ArrayBuffer> {
  const values = new Float32Array(channels * height * width);
  for (let k = 0; k < values.length; k++) {
    const [x, y] = [(k % width) / width, (Math.floor(k / width) % height) / height];
    const channel = Math.floor(k / (width * height));
    const isFigure = Math.abs(x - 0.5) < 0.12 + 0.1 * Math.sin(9 * y) && Math.abs(y - 0.5) < 0.4;
    values[k] = 0.4 + 0.2 * Math.sin(20 * x + 7 * y + channel) + (isFigure ? 0.3 : 0);
  }
  return values;
}
