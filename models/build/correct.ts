import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { env, InferenceSession, Tensor } from 'onnxruntime-web/wasm';
import { chromium } from 'playwright';
import type { Page } from 'playwright';
import { BROWSER_ARGS, ensureBrowser } from '../../scripts/find-browser.ts';
import truth from '../../test/support/sample-truth.json' with { type: 'json' };
import { at, product } from './arrays.ts';
import { convertFast } from './build.ts';
import { MODELS } from './catalogue.ts';
import type { ModelSpec } from './catalogue.ts';
import { CORRECTIONS_FILE, encodeCorrections } from './corrections.ts';
import type { Corrections } from './corrections.ts';
import { replaceFile } from './files.ts';
import type { Constant, Graph } from './graph.ts';
import { encodeOnnx } from './onnx.ts';
import { denseLayers, quantize } from './quantize.ts';

/*
 * `npx tsx models/build/correct.ts` measures what rounding does to the models that look at one person, and
 * writes `corrections.json`; `npm run models -- --force` then builds them with it. It is not part of the
 * build, whose bytes may not depend on a machine's arithmetic.
 */

/** The models that are corrected; the others are no worse without. */
const NAMES: readonly string[] = ['lite', 'full', 'heavy'];

/** Height and width of their inputs. */
const SIDE = 256;

/** A square of a picture: its centre and side, and how far it is turned. */
interface Crop {
  x: number;
  y: number;
  side: number;
  angle: number;
}

/**
 * How each person is looked at: sizes of the square in those of the person,
 * shifts in those of the square, and turns.
 */
const LOOKS = [
  { size: 1.15, right: 0, down: 0.03, angle: -0.35 },
  { size: 1.3, right: -0.05, down: 0, angle: 0 },
  { size: 1.45, right: 0.05, down: -0.04, angle: 0.2 },
  { size: 1.6, right: 0.02, down: 0.04, angle: 0.5 },
];

const pictures = await readPictures();
const models = MODELS.filter(({ name }) => NAMES.includes(name));
const measured: [string, ReturnType<typeof encodeCorrections>][] = [];
env.wasm.numThreads = 1;
for (const spec of models) {
  measured.push([spec.name, encodeCorrections(await measure(spec))]);
  console.log(`models: measured ${spec.name}`);
}
replaceFile(
  fileURLToPath(CORRECTIONS_FILE),
  `${JSON.stringify(Object.fromEntries(measured), undefined, 2)}\n`,
);

/** The people of the sample pictures as the models see them, red, green and blue from 0 to 1. */
async function readPictures(): Promise<Float32Array[]> {
  const executablePath = ensureBrowser();
  const browser = await chromium.launch({ executablePath, args: BROWSER_ARGS });
  try {
    const page = await browser.newPage();
    const crops: Float32Array[] = [];
    for (const { file, persons } of truth) {
      const squares = persons.flatMap(({ box: [left = 0, top = 0, width = 0, height = 0] }) =>
        LOOKS.map(({ size, right, down, angle }): Crop => {
          const side = size * Math.max(width, height);
          const [x, y] = [left + width / 2 + right * side, top + height / 2 + down * side];
          return { x, y, side, angle };
        }),
      );
      crops.push(...(await cut(page, file, squares)));
    }
    return crops;
  } finally {
    await browser.close();
  }
}

async function cut(page: Page, file: string, crops: readonly Crop[]): Promise<Float32Array[]> {
  const jpeg = readFileSync(new URL(`../../public/samples/${file}`, import.meta.url)).toString('base64');
  const pixels = await page.evaluate(
    async ({ url, squares, size }) => {
      const picture = new Image();
      picture.src = url;
      await picture.decode();
      return squares.map(({ x, y, side, angle }) => {
        const canvas = new OffscreenCanvas(size, size);
        const context = canvas.getContext('2d');
        if (!context) throw new Error('no 2D canvas');
        context.imageSmoothingQuality = 'high';
        context.fillRect(0, 0, size, size);
        context.translate(size / 2, size / 2);
        context.scale(size / side, size / side);
        context.rotate(-angle);
        context.drawImage(picture, -x, -y);
        return [...context.getImageData(0, 0, size, size).data];
      });
    },
    { url: `data:image/jpeg;base64,${jpeg}`, squares: crops, size: SIDE },
  );
  return pixels.map((rgba) => {
    const plane = SIDE * SIDE;
    return Float32Array.from({ length: 3 * plane }, (_, k) => {
      const [channel, pixel] = [Math.floor(k / plane), k % plane];
      return at(rgba, 4 * pixel + channel) / 255;
    });
  });
}

/** What each filter's results lose on average by its weights being rounded. */
async function measure(spec: ModelSpec): Promise<Corrections> {
  const graph = convertFast(spec).find(({ name }) => name === spec.name);
  if (!graph) throw new Error(`nothing was converted for ${spec.name}`);
  const layers = denseLayers(graph);
  const rounded = new Map(quantize(graph).constants.map((constant) => [constant.name, constant]));
  const means = await meanInputs(graph, spec.input);
  return new Map(
    layers.map(({ node, filters }) => {
      const inputs = means.get(node.inputs[0] ?? '') ?? [];
      return [filters.name, lossOf(filters, rounded.get(filters.name)?.values, inputs)];
    }),
  );
}

function lossOf(
  { values, shape }: Constant,
  rounded: Constant['values'] | undefined,
  means: ArrayLike<number>,
): Float32Array {
  if (!(values instanceof Float32Array) || !(rounded instanceof Float32Array))
    throw new Error('weights are missing');
  const [count = 0, channels = 0] = shape;
  const window = product(shape.slice(2));
  const losses = new Float32Array(count);
  for (const [k, value] of values.entries()) {
    const filter = Math.floor(k / (channels * window));
    const channel = Math.floor(k / window) % channels;
    losses[filter] = at(losses, filter) + (value - at(rounded, k)) * at(means, channel);
  }
  return losses;
}

/** The mean of each channel that a dense layer reads, over all pictures, by the names of these values. */
async function meanInputs(graph: Graph, input: string): Promise<ReadonlyMap<string, Float64Array>> {
  const channels = new Map(
    denseLayers(graph).map(({ node, filters }) => [node.inputs[0] ?? '', at(filters.shape, 1)]),
  );
  const names = [...channels.keys()];
  const bytes = encodeOnnx(
    {
      ...graph,
      outputs: names.map((name) => ({ name: meanOf(name), shape: [1, channels.get(name) ?? 0, 1, 1] })),
      nodes: [
        ...graph.nodes,
        ...names.map((name) => ({
          operator: 'GlobalAveragePool',
          inputs: [name],
          outputs: [meanOf(name)],
          attributes: {},
        })),
      ],
    },
    {},
  );
  const session = await InferenceSession.create(bytes);
  const sums = new Map(names.map((name) => [name, new Float64Array(channels.get(name) ?? 0)]));
  for (const picture of pictures) {
    const results = await session.run({ [input]: new Tensor('float32', picture, [1, 3, SIDE, SIDE]) });
    for (const [name, sum] of sums) {
      const data = results[meanOf(name)]?.data;
      if (!(data instanceof Float32Array)) throw new Error(`there is no mean of ${name}`);
      for (const [k, value] of data.entries()) sum[k] = at(sum, k) + value / pictures.length;
    }
  }
  await session.release();
  return sums;
}

function meanOf(name: string): string {
  return `${name}_mean`;
}
