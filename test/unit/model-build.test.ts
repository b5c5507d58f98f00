import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';
import { ByteBuffer } from 'flatbuffers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildModel, convertFast } from '../../models/build/build.ts';
import type { BuiltModel } from '../../models/build/build.ts';
import { packPlanes } from '../../models/build/byte-planes.ts';
import { filesOf, MODELS } from '../../models/build/catalogue.ts';
import type { ModelSpec, Part, TfjsSpec, TfliteSpec } from '../../models/build/catalogue.ts';
import { convert } from '../../models/build/convert.ts';
import { readCorrections } from '../../models/build/corrections.ts';
import { densify } from '../../models/build/densify.ts';
import { fuseActivations } from '../../models/build/fuse.ts';
import type { Graph } from '../../models/build/graph.ts';
import { encodeHalvesExactly } from '../../models/build/half.ts';
import { ensureModels } from '../../models/build/index.ts';
import { encodeOnnx, ModelProto } from '../../models/build/onnx.ts';
import { sourceFiles } from '../../models/build/sources.ts';
import { split } from '../../models/build/split.ts';
import { makeSwitchable } from '../../models/build/switchable.ts';
import { readTfjs } from '../../models/build/tfjs.ts';
import { readTflite } from '../../models/build/tflite.ts';
import type { DimensionFormat, TfliteModel } from '../../models/build/tflite.ts';
import manifest from '../../models/manifest.json' with { type: 'json' };
import { toHalfPrecision } from '../../src/runtime/onnx/precision.ts';
import { FIRST_MODEL } from '../../src/runtime/backend/first-model.ts';
import { decodeHalves } from '../../src/runtime/onnx/halves.ts';
import { readEngineGraph } from '../../src/runtime/onnx/engine-graph.ts';
import { widenWeights } from '../../src/runtime/onnx/weights.ts';
import { unpackPlanes } from '../../src/runtime/files/byte-planes.ts';
import passed from '../parity/passed.json' with { type: 'json' };

/** `TensorProto.DataType`. */
const FLOAT = 1;
const INT8 = 3;
const INT64 = 7;
const FLOAT16 = 10;

const built = new Map<ModelSpec, { files: readonly BuiltModel[]; exact: readonly Uint8Array[] }>();

/** A model, converted for the first of the tests that look at it: see {@link buildOnce} and {@link buildExact}. */
function converted(spec: ModelSpec) {
  const found = built.get(spec);
  if (found) return found;
  const graphs = convertFast(spec);
  const files = buildModel(spec, undefined, graphs);
  const exact = filesOf(spec).map(({ name, switchable }, index) => {
    const graph = graphs.find((each) => each.name === name) ?? NO_GRAPH;
    return spec.bits
      ? new Uint8Array(encodeOnnx(switchable ? makeSwitchable(graph).graph : graph, {}))
      : (files[index]?.bytes ?? NO_BYTES);
  });
  const made = { files, exact };
  built.set(spec, made);
  return made;
}

/** A model's files. */
function buildOnce(spec: ModelSpec): readonly BuiltModel[] {
  return converted(spec).files;
}

/** The same files as they would be with every weight as it is in the source: of the same graphs, not rounded. */
function buildExact(spec: ModelSpec): readonly Uint8Array[] {
  return converted(spec).exact;
}

const FILES = MODELS.flatMap((spec) => filesOf(spec).map(({ name, file }) => ({ spec, name, file })));

describe.each(FILES)('$file', ({ spec, name: fileName }) => {
  let model: BuiltModel;
  let onnx: Onnx;
  let exact: Onnx;
  beforeAll(() => {
    const at = filesOf(spec).findIndex(({ name }) => name === fileName);
    const [found, unrounded] = [buildOnce(spec)[at], buildExact(spec)[at]];
    if (!found || !unrounded) throw new Error(`nothing was built for ${fileName}`);
    model = found;
    onnx = decode(model.bytes);
    exact = decode(unrounded);
  });

  // Which was built at another time: a model's bytes hang on nothing but its sources.
  test('is what the manifest says', () => {
    expect(model.entry).toEqual(manifest.models.find(({ name }) => name === fileName));
    expect(model.bytes.length).toBe(model.entry.bytes);
  });

  test('is what was compared with its source, in the runtime that this is for', () => {
    const hash: unknown = Object.getOwnPropertyDescriptor(passed, model.entry.file)?.value;
    expect(hash, 'other bytes than have passed: run npm test -- parity').toBe(model.entry.sha256);
  });

  test('takes and gives any number of pictures', () => {
    const { graph } = onnx;
    for (const [values, listed] of [
      [graph.input, model.entry.inputs],
      [graph.output, model.entry.outputs],
    ] as const) {
      expect(values.map(({ name }) => name)).toEqual(listed.map(({ name }) => name));
      for (const [k, { type }] of values.entries()) {
        const [first, ...others] = type.tensorType.shape.dim;
        expect(first).toEqual({ dimParam: 'batch' });
        expect([1, ...others.map(({ dimValue }) => dimValue)]).toEqual(listed[k]?.shape);
      }
    }
  });

  test('has every weight of the source, bit by bit where it is not rounded', () => {
    const find = weightsOf(spec);
    const weights = exact.graph.initializer.filter(({ dataType }) => dataType === FLOAT16);
    expect(weights.length).toBeGreaterThan(fileName.startsWith('mask_') ? 10 : 70);
    for (const { name, dims, rawData } of weights) {
      const { shape, data, sparsity } = find(name);
      expect(rawData.length / 2).toBe(dims.reduce((total, size) => total * size, 1));
      expect(dims.toSorted(byNumber)).toEqual(shape.toSorted(byNumber));
      const [stored, expected] = [countHalves(rawData), countHalves(data)];
      // A sparse tensor leaves out most of its zeros.
      if (sparsity) stored[0] = expected[0] = 0;
      expect(Buffer.compare(bytesOf(stored), bytesOf(expected)), name).toBe(0);
    }
  });

  test('rounds weights as the catalogue says, and changes nothing else', () => {
    const { codes, rest } = apart(onnx.graph);
    const originals = new Map(exact.graph.initializer.map((tensor) => [tensor.name, tensor]));
    expect(codes.size > 0).toBe(spec.bits === 8 && !fileName.startsWith('mask_'));
    for (const [name, { rounded, scales, values }] of codes) {
      const original = originals.get(`${name}_f16`);
      const wanted = decodeHalves(original?.rawData ?? NO_BYTES);
      expect(wanted.length, name).toBeGreaterThan(4000);
      expect([original?.dims, values.length]).toEqual([rounded.dims, wanted.length]);
      expect(scales.length).toBe(rounded.dims[0]);
      const size = wanted.length / scales.length;
      const wrong: number[] = [];
      for (const [row, scale] of scales.entries()) {
        let [most, worst] = [0, 0];
        for (let at = row * size; at < (row + 1) * size; at++) {
          const value = wanted[at] ?? NaN;
          most = Math.max(most, Math.abs(value));
          worst = Math.max(worst, Math.abs(value - (values[at] ?? NaN) * scale));
        }
        // The whole of the eight bits is used.
        const isUsed = most === 0 || Math.abs(scale * 127 - most) <= most * 1e-6;
        if (!isUsed || !(worst <= (scale / 2) * (1 + 1e-4))) wrong.push(row);
      }
      expect(wrong, `filters of ${name}`).toEqual([]);
    }
    const corrections = spec.bits && readCorrections(fileName);
    const corrected = new Map(
      exact.graph.node.flatMap(({ input: [, name = '', bias] }) => {
        const values = codes.has(name) && corrections ? corrections.get(name) : undefined;
        return values ? [[`${bias}_f16`, values] as [string, Float32Array]] : [];
      }),
    );
    expect(corrected.size).toBe(corrections ? codes.size : 0);
    for (const tensor of rest.initializer) {
      const correction = corrected.get(tensor.name);
      const [before, after] = [originals.get(tensor.name), tensor].map((each) =>
        decodeHalves(each?.rawData ?? NO_BYTES),
      );
      const wrong = [...(correction ?? [])].flatMap((by, k) => {
        const wanted = (before?.[k] ?? NaN) + by;
        const off = Math.abs((after?.[k] ?? NaN) - wanted);
        return off <= Math.max(Math.abs(wanted), 2 ** -14) * 2 ** -11 ? [] : [k];
      });
      expect(wrong, `biases of ${tensor.name}`).toEqual([]);
      // What is changed as it should be need not be compared again.
      if (correction) tensor.rawData = originals.get(tensor.name)?.rawData ?? NO_BYTES;
    }
    const kept = (name: string) => !codes.has(name.replace(/_f16$/, ''));
    expectSameTensors(
      rest.initializer,
      exact.graph.initializer.filter(({ name }) => kept(name)),
    );
    expect(rest.node.map(shapeOfNode)).toEqual(
      exact.graph.node
        .filter(({ opType, output }) => opType !== 'Cast' || rest.casts.has(output[0] ?? ''))
        .map(shapeOfNode),
    );
    const [halves = 0, eights = 0] = [FLOAT16, INT8].map((type) =>
      onnx.graph.initializer
        .filter(({ dataType }) => dataType === type)
        .reduce((total, { dims }) => total + dims.reduce((one, other) => one * other, 1), 0),
    );
    expect(model.entry.weights).toEqual({ float16: halves, ...(eights > 0 && { int8: eights }) });
  });

  test('rounds no depthwise filters', () => {
    const { codes } = apart(onnx.graph);
    const depthwise = onnx.graph.node.filter(({ attribute }) =>
      attribute.some(({ name, i = 1 }) => name === 'group' && i > 1),
    );
    expect(depthwise.length > 0).toBe(fileName !== 'nanodet');
    for (const { input } of depthwise) expect(codes.has(input[1] ?? '')).toBe(false);
  });

  test('stores no weight in single precision', () => {
    const scales = new Set(
      onnx.graph.node.filter(({ opType }) => opType === 'DequantizeLinear').map(({ input }) => input[1]),
    );
    const others = onnx.graph.initializer.filter(({ dataType }) => dataType !== FLOAT16 && dataType !== INT8);
    for (const { name, rawData } of others)
      if (!scales.has(name)) expect(rawData.length, name).toBeLessThanOrEqual(8 * 8);
  });

  test('is nothing but what the outputs need', () => {
    const { graph } = onnx;
    expectAllNeeded(
      graph,
      graph.output.map((each) => each.name),
    );
    const moving = graph.node.filter(({ opType }) => ['Transpose', 'Pad', 'Split'].includes(opType));
    // The sources in TensorFlow.js move numbers to and fro, which here nothing asks for.
    if (spec.format === 'tfjs') expect(moving).toEqual([]);
  });

  test('has nodes in an order in which they can run, and whole numbers for shapes and paddings only', () => {
    const { graph } = onnx;
    const known = new Set([
      '',
      ...graph.input.map(({ name }) => name),
      ...graph.initializer.map(({ name }) => name),
    ]);
    const whole = new Set(
      graph.initializer.filter(({ dataType }) => dataType === INT64).map(({ name }) => name),
    );
    for (const { opType, input, output } of graph.node) {
      for (const [position, name] of input.entries()) {
        expect(known).toContain(name);
        if (whole.has(name)) expect([opType, position]).toEqual([opType === 'Pad' ? 'Pad' : 'Reshape', 1]);
      }
      for (const name of output) {
        expect(known).not.toContain(name);
        known.add(name);
      }
    }
    for (const { name } of graph.output) expect(known).toContain(name);
  });
});

/** Under which names NOTICE has the licences that a model may have. */
const LICENCES = new Map([
  ['Apache-2.0', 'Apache License'],
  ['MIT', 'MIT License'],
]);

test.each(manifest.models)('NOTICE names origin and licence of $file', ({ file, licence, source }) => {
  const notice = readFileSync(new URL('../../NOTICE', import.meta.url), 'utf8');
  const about = notice.split('\n\n').filter((paragraph) => paragraph.includes(`assets/${file}`));
  expect(about).toHaveLength(1);
  const text = about.join().replaceAll(/\s+/g, ' ');
  expect(text).toContain(LICENCES.get(licence) ?? `a licence like ${licence}`);
  expect(text).toContain(source.split(' ').slice(0, 2).join(' '));
});

describe('docs/models.md', () => {
  const [head = [], , ...rows] = readFileSync(new URL('../../docs/models.md', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => {
      const cells = line.split('|').slice(1, -1);
      return cells.map((cell) => cell.trim());
    });
  const cell = (row: readonly string[], column: string) => row[head.indexOf(column)] ?? '';

  test.each(manifest.models)('has origin and licence of $file', ({ file, licence, source }) => {
    const about = rows.filter((row) => cell(row, 'network').includes(`\`${file}\``));
    expect(about).toHaveLength(1);
    const [row = []] = about;
    expect(cell(row, 'licence')).toBe(licence);
    expect(cell(row, 'origin').replaceAll('`', '')).toContain(source.split(' ').slice(0, 2).join(' '));
  });

  test('leaves nothing open, and has no network that is not there', () => {
    const columns = ['network', 'origin', 'licence', 'authors', 'trained on', 'known limits'];
    expect(head).toEqual(expect.arrayContaining(columns));
    for (const row of rows) for (const column of columns) expect(cell(row, column)).not.toBe('');
    const named = rows.flatMap((row) => cell(row, 'network').match(/\w+\.onnx/g) ?? []);
    expect(named.toSorted()).toEqual(manifest.models.map(({ file }) => file).toSorted());
  });
});

const FEATURES = ['mask_features_0', 'mask_features_1'];

describe.each(['lite', 'full', 'heavy'])('the two files of %s', (name) => {
  const spec = tfliteSpec(name);
  let whole: Graph;
  let landmarks: Onnx['graph'];
  let mask: Onnx['graph'];
  beforeAll(() => {
    const { part: _, ...unsplit } = spec;
    [whole = NO_GRAPH] = convert(readTflite(sourceFiles(spec)(spec.source), spec.source), unsplit);
    [landmarks = NO_ONNX, mask = NO_ONNX] = buildOnce(spec).map(({ bytes }) => decode(bytes).graph);
  });

  test('have every node once', () => {
    const names = [...computed(landmarks), ...computed(mask)];
    const wanted = fuseActivations(whole).nodes.flatMap(({ outputs }) => outputs);
    expect(names).toHaveLength(wanted.length);
    // Once each, and only the values between the files have other names.
    expect(wanted.filter((value) => !names.includes(value))).toHaveLength(FEATURES.length);
    expect(names.filter((value) => !wanted.includes(value)).toSorted()).toEqual(FEATURES);
  });

  test('have every weight once', () => {
    const names = [...weightNames(landmarks), ...weightNames(mask)];
    expect(names.toSorted()).toEqual(
      whole.constants
        .filter((constant) => constant.weights)
        .map((constant) => constant.name)
        .toSorted(),
    );
  });

  test('have nothing that only the other one needs', () => {
    expect(landmarks.output.map((output) => output.name)).toEqual([
      'landmarks',
      'flag',
      'heatmap',
      'world',
      ...FEATURES,
    ]);
    expect(mask.output.map((output) => output.name)).toEqual(['mask']);
    // But for what gives the features out.
    const ends = new Set(FEATURES.flatMap((feature) => [feature, `${feature}_cast`]));
    const node = landmarks.node.filter(({ output }) => !output.some((value) => ends.has(value)));
    expectAllNeeded({ ...landmarks, node }, ['landmarks', 'flag', 'heatmap', 'world']);
    expectAllNeeded(mask, ['mask']);
  });

  test('fit together: what the second reads, the first gives in the same shape', () => {
    expect(mask.input.map((input) => input.name)).toEqual(FEATURES);
    const given = landmarks.output.filter((output) => FEATURES.includes(output.name));
    expect(mask.input).toEqual(given);
    for (const { type } of given) expect(type.tensorType.shape.dim).toHaveLength(4);
  });
});

const SWITCHABLE = new Set(['lite', 'full', 'heavy', 'thunder']);

describe.each(FILES.filter(({ name }) => SWITCHABLE.has(name)))(
  'the precision of $file',
  ({ spec, name }) => {
    let bytes: Uint8Array<ArrayBuffer>;
    let halfCasts: number | undefined;
    beforeAll(() => {
      const found = buildOnce(spec).find(({ entry }) => entry.name === name);
      bytes = widenWeights(Uint8Array.from(found?.bytes ?? []));
      halfCasts = found?.entry.halfCasts;
    });

    test('is switched by the Casts that the file begins with', () => {
      const { graph } = decode(bytes);
      const first = graph.node.findIndex(({ opType }) => opType !== 'Cast');
      expect(halfCasts).toBe(first);
      const read = graph.node.slice(0, first).flatMap(({ input }) => input);
      const scales = new Set(
        graph.node.filter(({ opType }) => opType === 'Resize').flatMap(({ input }) => input.slice(1)),
      );
      const operands = graph.initializer.filter(
        (constant) => constant.dataType !== INT64 && !scales.has(constant.name),
      );
      expect(scales.size).toBeGreaterThan(0);
      expect(read.toSorted()).toEqual([...operands.map((constant) => constant.name), 'image'].toSorted());
      // Nothing else reads them, not even in part.
      const others = new Set(graph.node.slice(first).flatMap(({ input }) => input));
      expect(read.filter((value) => others.has(value))).toEqual([]);
    });

    test('is float16 after that for all but what goes in and out', () => {
      const plain = decode(bytes).graph;
      const switched = Uint8Array.from(bytes);
      toHalfPrecision(switched, halfCasts ?? 0);
      const half = decode(switched).graph;
      const casts = half.node.filter(({ opType }) => opType === 'Cast');
      expect(casts.map(castType)).toEqual([
        ...Array.from({ length: halfCasts ?? 0 }, () => FLOAT16),
        ...plain.output.map(() => FLOAT),
      ]);
      const leaving = casts.slice(halfCasts).flatMap(({ output }) => output);
      expect(half.node.filter(({ opType }) => opType === 'Identity')).toMatchObject(
        plain.output.map((output, k) => ({ input: [leaving[k]], output: [output.name] })),
      );
      // The rest is as it was.
      for (const node of [...half.node, ...plain.node]) if (node.opType === 'Cast') node.attribute = [];
      expect(half.node).toEqual(plain.node);
      expect({ ...half, node: [], initializer: [] }).toEqual({ ...plain, node: [], initializer: [] });
      for (const [k, { rawData }] of plain.initializer.entries())
        expect(Buffer.compare(rawData, half.initializer[k]?.rawData ?? new Uint8Array())).toBe(0);
    });

    test('cannot be switched with another number of Casts', () => {
      const right = halfCasts ?? 0;
      for (const wrong of [right - 1, right + 1, 0])
        expect(() => toHalfPrecision(bytes, wrong)).toThrow(
          `begins with ${right} casts to switch to float16, expected ${wrong}`,
        );
      const switched = Uint8Array.from(bytes);
      toHalfPrecision(switched, right);
      expect(() => toHalfPrecision(switched, right)).toThrow(`expected ${right}`);
    });
  },
);

describe.each(FILES)('$file for a runtime', ({ spec, name }) => {
  let bytes: Uint8Array<ArrayBuffer>;
  let stored: Onnx;
  beforeAll(() => {
    bytes = Uint8Array.from(buildOnce(spec).find(({ entry }) => entry.name === name)?.bytes ?? []);
    stored = decode(widenWeights(bytes));
  });

  test('has its 8-bit weights unpacked, whatever it is to run on', () => {
    const copy = bytes.slice();
    const original = decode(bytes);
    const wide = decode(widenWeights(bytes));
    expect(Buffer.compare(bytes, copy), 'the original is left alone').toBe(0);
    const { codes, rest } = apart(original.graph);
    const unpacked = wide.graph.initializer.filter(
      (tensor) => !original.graph.initializer.some((one) => one.name === tensor.name),
    );
    expect(unpacked).toHaveLength(codes.size);
    for (const { name: tensor, dims, dataType, rawData } of unpacked) {
      const { rounded, scales, values } = codes.get(tensor.replace(/_f32$/, '')) ?? {};
      expect([dims, dataType]).toEqual([rounded?.dims, FLOAT]);
      const size = (values?.length ?? 0) / (scales?.length ?? 0);
      const wanted = new Float32Array(values ?? []);
      for (let k = 0; k < wanted.length; k++)
        wanted[k] = (wanted[k] ?? NaN) * (scales?.[Math.floor(k / size)] ?? NaN);
      expect(Buffer.compare(rawData, new Uint8Array(wanted.buffer)), tensor).toBe(0);
    }
    expect(wide.graph.node).toEqual(
      original.graph.node.filter(({ opType }) => opType !== 'DequantizeLinear'),
    );
    const names = new Set(unpacked.map((tensor) => tensor.name));
    expectSameTensors(
      wide.graph.initializer.filter((tensor) => !names.has(tensor.name)),
      rest.initializer,
    );
    expect({ ...wide.graph, node: [], initializer: [] }).toEqual({
      ...original.graph,
      node: [],
      initializer: [],
    });
  });

  test('is to the engine the same weights, in single precision, and the same nodes but for those of weights', () => {
    const copy = bytes.slice();
    const graph = readEngineGraph(bytes);
    expect(Buffer.compare(bytes, copy), 'the original is left alone').toBe(0);
    const { initializer, node, input, output } = stored.graph;
    const tensors = new Map(initializer.map((tensor) => [tensor.name, tensor]));
    expect(graph.constants.size).toBe(initializer.length);
    for (const [each, { shape, values: make }] of graph.constants) {
      const values = make();
      const original = tensors.get(each);
      expect(shape, each).toEqual(original?.dims ?? []);
      const isHalf = original?.dataType === FLOAT16;
      const again =
        isHalf && values instanceof Float32Array
          ? encodeHalvesExactly(values)
          : new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      expect(Buffer.compare(again ?? NO_BYTES, original?.rawData ?? NO_BYTES), each).toBe(0);
    }
    const others = node.filter(({ opType }) => opType !== 'Cast' && opType !== 'Identity');
    expect(graph.nodes.map(({ operator, attributes }) => ({ operator, attributes }))).toEqual(
      others.map(({ opType, attribute }) => ({
        operator: opType,
        attributes: Object.fromEntries(attribute.map((each) => [each.name, valueOf(each)])),
      })),
    );
    // Every value is there when it is read.
    const known = new Set([...graph.constants.keys(), ...graph.inputs.map((each) => each.name), '']);
    for (const { inputs, outputs } of graph.nodes) {
      expect(inputs.filter((each) => !known.has(each))).toEqual([]);
      for (const each of outputs) known.add(each);
    }
    expect(graph.outputs).toEqual(output.map((each) => each.name));
    expect(graph.outputs.filter((each) => !known.has(each))).toEqual([]);
    expect(graph.inputs).toEqual(
      input.map(({ name: own, type }) => ({
        name: own,
        shape: type.tensorType.shape.dim.map(({ dimValue = 1 }) => dimValue),
      })),
    );
  });
});

/** What an attribute says, by its type. */
function valueOf({ type, f, i, s, floats, ints }: OnnxNode['attribute'][number]): unknown {
  const values: Record<number, unknown> = {
    1: f,
    2: i,
    3: s && new TextDecoder().decode(s),
    6: floats,
    7: ints,
  };
  return values[type];
}

test('the first model gives what it is given', () => {
  const { graph } = decode(FIRST_MODEL);
  expect(graph.node).toMatchObject([{ opType: 'Identity', input: ['x'], output: ['y'] }]);
  expect(graph.input.map(({ name }) => name)).toEqual(['x']);
  expect(graph.output.map((each) => each.name)).toEqual(['y']);
});

test.each(FILES.filter(({ name }) => !SWITCHABLE.has(name)))(
  '$file has no other precision',
  ({ spec, name }) => {
    const found = buildOnce(spec).find(({ entry }) => entry.name === name);
    const bytes = Uint8Array.from(found?.bytes ?? []);
    expect(bytes.length).toBeGreaterThan(0);
    expect(found?.entry).not.toHaveProperty('halfCasts');
    for (const wrong of [0, 1000]) expect(() => toHalfPrecision(bytes, wrong)).toThrow(`expected ${wrong}`);
  },
);

test('what is no model cannot be switched to float16', () => {
  expect(() => toHalfPrecision(new Uint8Array(), 1)).toThrow('begins with 0 casts');
  expect(() => toHalfPrecision(new Uint8Array(), 0)).toThrow('begins with 0 casts');
  const cut = new TextEncoder().encode('"\x04Cast*\t\n\x02to');
  expect(() => toHalfPrecision(Uint8Array.from(cut), 1)).toThrow('begins with 0 casts');
});

describe('split', () => {
  /** `both` leads to the two outputs; each has a node of its own besides. */
  const graph: Graph = {
    name: 'lite',
    inputs: [{ name: 'image', shape: [1] }],
    outputs: ['kept', 'moved'].map((name) => ({ name, shape: [1] })),
    nodes: [
      { operator: 'Sigmoid', inputs: ['image'], outputs: ['both'], attributes: {} },
      { operator: 'Clip', inputs: ['both', '', 'six'], outputs: ['moved'], attributes: {} },
      { operator: 'Add', inputs: ['both', 'weights'], outputs: ['kept'], attributes: {} },
    ],
    constants: ['six', 'weights'].map((name) => ({
      name,
      shape: [],
      values: Float32Array.of(6),
      weights: false,
    })),
  };
  const part: Part = { name: 'mask_lite', file: 'mask.onnx', outputs: ['moved'], features: ['between'] };
  const shapeOf = (name: string): number[] => [1, name.length];

  test('gives each its own nodes and constants, and a name to what goes from one to the other', () => {
    const between = { name: 'between', shape: [1, 4] };
    const [own, others] = split(graph, part, shapeOf);
    expect(own).toMatchObject({
      name: 'lite',
      inputs: [{ name: 'image' }],
      outputs: [{ name: 'kept' }, between],
      nodes: [
        { inputs: ['image'], outputs: ['between'] },
        { inputs: ['between', 'weights'], outputs: ['kept'] },
      ],
      constants: [{ name: 'weights' }],
    });
    expect(others).toMatchObject({
      name: 'mask_lite',
      inputs: [between],
      outputs: [{ name: 'moved' }],
      nodes: [{ inputs: ['between', '', 'six'], outputs: ['moved'] }],
      constants: [{ name: 'six' }],
    });
  });

  test('refuses another number of values than the catalogue names', () => {
    expect(() => split(graph, { ...part, features: ['one', 'two'] }, shapeOf)).toThrow(
      '“mask_lite”: reads 1 values (both), the catalogue names 2',
    );
  });

  test('refuses an output that is there anyway, or nowhere', () => {
    const chain: Graph = {
      ...graph,
      nodes: graph.nodes.map((node) => ({
        ...node,
        inputs: node.inputs.map((name) => (name === 'weights' ? 'moved' : name)),
      })),
    };
    expect(() => split(chain, part, shapeOf)).toThrow('nothing computes “moved” that is not needed anyway');
    expect(() => split(graph, { ...part, outputs: ['hands'] }, shapeOf)).toThrow('nothing computes “hands”');
  });

  test('refuses to rename an input or an output', () => {
    const direct: Graph = {
      ...graph,
      nodes: graph.nodes.map((node) =>
        node.operator === 'Clip' ? { ...node, inputs: ['image', '', 'six'] } : node,
      ),
    };
    expect(() => split(direct, part, shapeOf)).toThrow('reads “image”, which has a name already');
  });
});

const lite = tfliteSpec('lite');

describe('byte planes', () => {
  const KINDS = ['bytes', 'codes', 'sparse', 'halves'] as const;
  const file = Uint8Array.from({ length: 4 * 210 }, (_, at) => (at % 3 === 0 ? 0 : at % 251));
  const packed = (kinds: readonly (typeof KINDS)[number][]) => {
    const length = file.length / kinds.length;
    const segments = kinds.map((kind, index) => ({ kind, start: index * length, end: (index + 1) * length }));
    return new Uint8Array(Buffer.concat(packPlanes(file, segments)));
  };

  test.each([
    ...KINDS.map((kind) => [kind]),
    [...KINDS],
    KINDS.toReversed(),
    [...KINDS, ...KINDS, 'sparse', 'sparse'] as const,
  ])('hold a file of %s, %s, %s, %s', (...kinds) => {
    expect(Buffer.compare(unpackPlanes(packed(kinds), file.length), file)).toBe(0);
  });

  test('of something else hold what is told apart by its length or its sum', () => {
    const good = packed(KINDS);
    for (const size of [0, 1, file.length - 1, file.length + 1, 2 * file.length])
      expect(Buffer.compare(unpackPlanes(good, size), file), String(size)).not.toBe(0);
    for (const other of [new Uint8Array(), good.subarray(0, 3), good.subarray(0, -400), good.toReversed()]) {
      const { length } = unpackPlanes(other, file.length);
      expect([0, file.length]).toContain(length);
    }
    expect(unpackPlanes(new Uint8Array(100).fill(255), file.length)).toHaveLength(0);
    expect(unpackPlanes(new Uint8Array(100), file.length)).toHaveLength(0);
    expect(unpackPlanes(new Uint8Array(), 0)).toHaveLength(0);
  });
});

test('an output that the file does not have is an error', () => {
  const wrong = { ...lite, outputs: [{ position: 7, name: 'hands' }] };
  expect(() => buildModel(wrong)).toThrow('pose_landmark_lite.tflite: has no output 7 to be “hands”');
});

describe('ensureModels', () => {
  // What is said of all here is told of all above: that each can be built, of the same bytes.
  const directory = mkdtempSync(join(tmpdir(), 'body21-models-'));
  const manifestFile = join(directory, 'manifest.json');
  const program = join(directory, 'program.wasm');
  const files = filesOf(lite);
  const run = (): string[] => {
    const lines: string[] = [];
    ensureModels({
      directory,
      log: (line) => lines.push(line),
      models: [lite],
      programs: [program],
      build: buildOnce,
    });
    return lines;
  };
  beforeAll(() => writeFileSync(program, 'a program'));
  afterAll(() => rmSync(directory, { recursive: true }));

  test('has built what is in models/: the files of the manifest, each packed as well, and the runtime', () => {
    const whole = join(directory, 'whole');
    mkdirSync(whole);
    const folder = fileURLToPath(new URL('../../models/', import.meta.url));
    const there = readdirSync(folder).filter((file) => /\.(?:json|onnx|gz)$/.test(file));
    for (const file of there) symlinkSync(join(folder, file), join(whole, file));
    const lines: string[] = [];
    // Were anything not as it should be, it would be made anew.
    ensureModels({ directory: whole, log: (line) => lines.push(line), build: buildOnce });
    expect(lines, 'run npm run build').toEqual([`models: ${FILES.length} files are up to date`]);
    expect(there.filter((file) => file.endsWith('.wasm.gz'))).toHaveLength(2);
  });

  test('builds what is missing, with the bytes of the committed manifest', () => {
    const lines = run();
    expect(lines).toHaveLength(files.length + 2);
    expect(lines[0]).toMatch(/pose_landmark_lite\.onnx \d\.\d+ MB/);
    expect(lines.at(-2)).toContain('manifest.json rewritten');
    const names: string[] = files.map(({ name }) => name);
    const models = manifest.models.filter(({ name }) => names.includes(name));
    expect(JSON.parse(readFileSync(manifestFile, 'utf8'))).toEqual({ models });
    expect(lines.at(-1)).toBe('models: packed 3 files');
    for (const { file } of files) {
      const [whole, packed] = [file, `${file}.planes.gz`].map((name) => readFileSync(join(directory, name)));
      if (!whole || !packed) throw new Error('two files');
      expect(Buffer.compare(unpackPlanes(gunzipSync(packed), whole.length), whole), file).toBe(0);
    }
    expect(gunzipSync(readFileSync(`${program}.gz`)).toString()).toBe('a program');
  });

  test('then does nothing', () => {
    expect(run()).toEqual(['models: 2 files are up to date']);
  });

  test('packs again what is damaged or was made of another file', () => {
    const mask = join(directory, 'pose_mask_lite.onnx.planes.gz');
    const good = readFileSync(mask);
    writeFileSync(mask, good.subarray(1));
    writeFileSync(`${program}.gz`, gzipSync('an older version'));
    expect(run()).toEqual(['models: 2 files are up to date', 'models: packed 2 files']);
    expect(readFileSync(mask).equals(good)).toBe(true);
    expect(gunzipSync(readFileSync(`${program}.gz`)).toString()).toBe('a program');
    expect(run()).toHaveLength(1);
  });

  test('mends a damaged file, the second of a model too, and leaves the manifest alone', () => {
    const path = join(directory, 'pose_mask_lite.onnx');
    const good = readFileSync(path);
    writeFileSync(path, good.subarray(1));
    expect(run()).toHaveLength(files.length);
    expect(readFileSync(path).equals(good)).toBe(true);
  });
});

describe('what the build does not know', () => {
  test.each([
    [
      'an operator',
      (file: Patch) => file.operatorCode('LOGISTIC', 25),
      /^pose_landmark_lite\.tflite: unknown operator: BuiltinOperator 25$/,
    ],
    [
      'a tensor type',
      (file: Patch) => file.firstTensorType(9),
      /^pose_landmark_lite\.tflite: unknown tensor type: TensorType 9 \(INT8\) of tensor “.+”$/,
    ],
    [
      'a tensor type that is not in the list',
      (file: Patch) => file.firstTensorType(77),
      /^pose_landmark_lite\.tflite: unknown tensor type: TensorType 77 \(not in the list\)/,
    ],
    [
      'options of another kind',
      (file: Patch) => file.firstOptionsType('ADD', 12),
      /^pose_landmark_lite\.tflite: operator 19, ADD: unknown options: BuiltinOptions 12 of ADD/,
    ],
    [
      'an activation',
      (file: Patch) => file.firstOption('ADD', 0, 4),
      /^pose_landmark_lite\.tflite: operator 19, ADD: unknown activation: ActivationFunctionType 4$/,
    ],
    [
      'a padding',
      (file: Patch) => file.firstOption('CONV_2D', 0, 2),
      /^pose_landmark_lite\.tflite: operator 3, CONV_2D: unknown padding: Padding 2$/,
    ],
  ])('%s', (_, change, message) => {
    const file = new Patch();
    change(file);
    expect(() => buildModel(lite, () => file.bytes)).toThrow(message);
  });

  test('a file that is not TFLite, or cut short', () => {
    const bytes = sourceFiles(lite)(lite.source);
    expect(() => readTflite(bytes.subarray(4), 'some.file')).toThrow(
      'some.file: the file does not have the identifier TFL3',
    );
    expect(() => readTflite(bytes.subarray(0, bytes.length - 100_000), 'some.file')).toThrow(
      /^some\.file: the file is cut short or damaged/,
    );
  });
});

describe('what the build does not know of TensorFlow.js', () => {
  const thunder = tfjsSpec('thunder');
  const json = new TextDecoder().decode(sourceFiles(thunder)(thunder.source));
  const withText = (from: string | RegExp, to: string): (() => readonly BuiltModel[]) => {
    const changed = json.replace(from, to);
    expect(changed).not.toBe(json);
    return () =>
      buildModel(thunder, (file) =>
        file === thunder.source ? new TextEncoder().encode(changed) : sourceFiles(thunder)(file),
      );
  };
  const start = String.raw`^models/movenet-thunder\.json: `;

  test.each([
    ['another format', '"graph-model"', '"layers-model"', 'unknown format: layers-model$'],
    [
      'an operator',
      '"op":"ResizeBilinear"',
      '"op":"ResizeBicubic"',
      'node “.+ResizeBilinear”, ResizeBicubic: unknown operator$',
    ],
    [
      'an attribute',
      '"align_corners":{"b":false}',
      '"anti_alias":{"b":false}',
      'node “.+ResizeBilinear”, ResizeBilinear: unknown attribute: anti_alias = false$',
    ],
    [
      'a value of an attribute',
      '"align_corners":{"b":false}',
      '"align_corners":{"b":true}',
      'node “.+ResizeBilinear”, ResizeBilinear: unknown attribute: align_corners = true, expected false$',
    ],
    [
      'a kind of attribute',
      '"align_corners":{"b":false}',
      '"align_corners":{"func":{}}',
      'unknown kind of attribute: “align_corners” of “.+ResizeBilinear” is func$',
    ],
    [
      // “U0FNRQ==” is SAME, “RVhQTElDSVQ=” is EXPLICIT.
      'a padding',
      /("op":"_FusedConv2D".*?"padding":\{"s":")U0FNRQ==/,
      '$1RVhQTElDSVQ=',
      'node “.+”, _FusedConv2D: unknown attribute: padding = EXPLICIT$',
    ],
    [
      'another fused step',
      // “UmVsdTY=” is Relu6, “RWx1” is Elu.
      /("op":"_FusedConv2D".*?"fused_ops":\{"list":\{"s":\["Qmlhc0FkZA==",")UmVsdTY=/,
      '$1RWx1',
      'node “.+”, _FusedConv2D: unknown attribute: fused_ops = BiasAdd,Elu$',
    ],
    [
      'a type of weights',
      /"quantization":\s*\{\s*"dtype":\s*"float16"/,
      '"quantization":{"dtype":"uint8"',
      'unknown type of weights: float32 stored as uint8, of “.+”$',
    ],
    [
      'a size of weights',
      /("name":\s*"StatefulPartitionedCall\/Reshape_11\/shape",\s*"shape":\s*\[)3/,
      '$14',
      'damaged weights: the list says 12477116 bytes, there are 12477112$',
    ],
  ])('%s', (_, from, to, message) => {
    expect(withText(from, to)).toThrow(new RegExp(start + message));
  });

  test('an output that the file does not have', () => {
    const outputs = [{ node: 'hands', name: 'hands' }];
    expect(() => buildModel({ ...thunder, outputs })).toThrow(/“hands”: there is no node “hands”$/);
  });
});

describe('what the build does not know of a TensorFlow.js graph of planes', () => {
  const nanodet = tfjsSpec('nanodet');
  const json = new TextDecoder().decode(sourceFiles(nanodet)(nanodet.source));
  const PREFIX = 'PartitionedCall/';

  test.each([
    [
      'an order of dimensions',
      `"${PREFIX}Pad","${PREFIX}transpose_1/perm"`,
      `"${PREFIX}Pad","${PREFIX}transpose_2/perm"`,
      'transpose_1”, Transpose: unknown kind of transpose: NCHW by 0,3,1,2$',
    ],
    [
      'a border that is not what nothing is more than',
      `"op":"PadV2"`,
      `"op":"Pad"`,
      'MaxPool2d”, MaxPool: unknown kind of padding: with 0, expected -Infinity$',
    ],
    [
      'a border around what no window is laid over',
      `"op":"LeakyRelu","input":["${PREFIX}transpose_7"]`,
      `"op":"LeakyRelu","input":["${PREFIX}Pad_1"]`,
      'LeakyRelu_4”, LeakyRelu: “.+Pad_1” is a padded picture, which only a window can be laid over$',
    ],
    [
      'a bias of another length',
      '"unknown_0"],"attr"',
      '"unknown_50"],"attr"',
      String.raw`Add”, Add: unknown kind of bias: \[128\] for \[1,32,208,208\], NHWC$`,
    ],
    [
      'a second bias',
      `"${PREFIX}transpose_2","op":"Transpose","input":["${PREFIX}Add"`,
      `"${PREFIX}twice","op":"Add","input":["${PREFIX}Add","unknown_0"],"attr":{"T":{"type":"DT_FLOAT"}}},
       {"name":"${PREFIX}transpose_2","op":"Transpose","input":["${PREFIX}twice"`,
      'twice”, Add: unknown kind of bias: after Conv$',
    ],
    [
      'a concatenation of rows',
      `"${PREFIX}onnx_tf_prefix_Concat_9/axis"],"attr"`,
      `"${PREFIX}Cast_1"],"attr"`,
      'Concat_9”, ConcatV2: unknown kind of concatenation: along dimension 26,26$',
    ],
    [
      'a split of other sizes',
      `"${PREFIX}Const_56","${PREFIX}onnx_tf_prefix_Split_153/split_dim"`,
      `"${PREFIX}Cast_1","${PREFIX}onnx_tf_prefix_Split_153/split_dim"`,
      'Split_153”, SplitV: damaged split: of 124 channels into 26,26$',
    ],
    [
      'a split of other channels',
      `"op":"SplitV","input":["${PREFIX}transpose_99"`,
      `"op":"SplitV","input":["${PREFIX}onnx_tf_prefix_LeakyRelu_151"`,
      'Split_153”, SplitV: damaged split: of 128 channels into 80,44$',
    ],
    [
      'a pooling with a step between channels',
      `"ksize":{"list":{"i":["1","3","3","1"]}}`,
      `"ksize":{"list":{"i":["1","3","3","2"]}}`,
      'MaxPool2d”, MaxPool: unknown attribute: ksize = 1,3,3,2$',
    ],
  ])('%s', (_, from, to, message) => {
    const changed = json.replace(from, to);
    expect(changed).not.toBe(json);
    const build = () =>
      buildModel(nanodet, (file) =>
        file === nanodet.source ? new TextEncoder().encode(changed) : sourceFiles(nanodet)(file),
      );
    expect(build).toThrow(new RegExp(String.raw`^models/nanodet\.json: node “.*${message}`));
  });

  test('one channel of what is no split, or what other nodes read in full', () => {
    const [first, ...others] = nanodet.outputs;
    if (!first) throw new Error('there are outputs');
    const build = (outputs: TfjsSpec['outputs']) => () => buildModel({ ...nanodet, outputs });
    expect(build([{ ...first, node: `${PREFIX}onnx_tf_prefix_LeakyRelu_151` }])).toThrow(
      /cannot keep one channel: “.+” is neither a split nor elementwise$/,
    );
    expect(build([first, ...others, { node: 'Identity', name: 'all' }])).toThrow(
      /cannot keep one channel: other nodes read “.+Sigmoid_154” as well$/,
    );
  });

  test('an input, an output or a channel that the graph does not have', () => {
    const outputs = (node: string, channel: number) => () =>
      buildModel({ ...nanodet, outputs: [{ node: PREFIX + node, channel, name: 'hands' }] });
    expect(outputs('onnx_tf_prefix_Sigmoid_154', 80)).toThrow(/there is no channel 80 among 80$/);
    expect(outputs('onnx_tf_prefix_Split_153:2', 0)).toThrow(/there is no node “.+Split_153:2”$/);
    const entered = () => buildModel({ ...nanodet, entry: { node: 'hands' } });
    expect(entered).toThrow(/there is no node “hands” to be the input$/);
  });
});

describe('densify', () => {
  const rows: DimensionFormat = { kind: 'dense', size: 3 };

  test('puts values where the indices say', () => {
    const sparse: DimensionFormat = { kind: 'csr', segments: [0, 2, 2, 3], indices: [0, 3, 1] };
    const dense = densify(Float32Array.of(5, 6, 7), [3, 4], { traversal: [0, 1], levels: [rows, sparse] });
    expect([...dense]).toEqual([5, 0, 0, 6, 0, 0, 0, 0, 0, 7, 0, 0]);
  });

  test('follows another order of dimensions', () => {
    // Column by column: 5 in row 1 of column 0, 6 in row 0 of column 2.
    const levels: DimensionFormat[] = [rows, { kind: 'csr', segments: [0, 1, 1, 2], indices: [1, 0] }];
    const dense = densify(Float32Array.of(5, 6), [2, 3], { traversal: [1, 0], levels });
    expect([...dense]).toEqual([0, 0, 6, 5, 0, 0]);
  });

  test('takes filters as the detector has them: only channels are sparse', () => {
    const one: DimensionFormat = { kind: 'dense', size: 1 };
    const channels: DimensionFormat = { kind: 'csr', segments: [0, 1, 3], indices: [2, 0, 1] };
    const levels: DimensionFormat[] = [{ kind: 'dense', size: 2 }, one, one, channels];
    const dense = densify(Float32Array.of(1, 2, 3), [2, 1, 1, 3], { traversal: [0, 1, 2, 3], levels });
    expect([...dense]).toEqual([0, 0, 1, 2, 3, 0]);
  });

  test('refuses what does not fit together', () => {
    const sparse: DimensionFormat = { kind: 'csr', segments: [0, 1, 1, 1], indices: [0] };
    const levels = [rows, sparse];
    expect(() => densify(Float32Array.of(1, 2), [3, 4], { traversal: [0, 1], levels })).toThrow(
      '2 values for 1 places',
    );
    expect(() => densify(new Float32Array(), [3, 4], { traversal: [0, 1], levels })).toThrow('no entry 0');
    expect(() => densify(Float32Array.of(1), [3, 4], { traversal: [0, 0], levels })).toThrow(
      'unknown sparsity',
    );
  });
});

describe('half precision', () => {
  test.each([
    [0x0000, 0],
    [0x8000, -0],
    [0x3c00, 1],
    [0xc000, -2],
    [0x3555, 0.333251953125],
    [0x7bff, 65504],
    [0x0400, 2 ** -14],
    [0x03ff, 2 ** -14 - 2 ** -24],
    [0x0001, 2 ** -24],
    [0xfc00, -Infinity],
  ])('%i is %d', (bits, value) => {
    const bytes = bytesOf(Uint16Array.of(bits));
    expect(decodeHalves(bytes)).toEqual(Float32Array.of(value));
    expect(encodeHalvesExactly(Float32Array.of(value))).toEqual(bytes);
  });

  test('every number comes back as it was', () => {
    const all = Uint16Array.from({ length: 0x1_0000 }, (_, bits) => bits);
    const numbers = bytesOf(all.filter((bits) => (bits & 0x7fff) <= 0x7c00));
    const encoded = encodeHalvesExactly(decodeHalves(numbers));
    expect(encoded && Buffer.compare(encoded, numbers)).toBe(0);
  });

  test.each([0.1, 65520, 65505, 2 ** -25, 3 * 2 ** -25, 1 + 2 ** -11, 1e-40, Number.NaN])(
    '%d is not rounded to one',
    (value) => {
      expect(encodeHalvesExactly(Float32Array.of(1, value))).toBeUndefined();
    },
  );
});

interface Onnx {
  graph: {
    node: OnnxNode[];
    initializer: { name: string; dims: number[]; dataType: number; rawData: Uint8Array }[];
    input: OnnxValue[];
    output: OnnxValue[];
  };
}

interface OnnxNode {
  opType: string;
  input: string[];
  output: string[];
  attribute: {
    name: string;
    type: number;
    f?: number;
    i?: number;
    s?: Uint8Array;
    floats?: number[];
    ints?: number[];
  }[];
}

interface OnnxValue {
  name: string;
  type: { tensorType: { shape: { dim: { dimValue?: number; dimParam?: string }[] } } };
}

const NO_BYTES = new Uint8Array();
const NO_GRAPH: Graph = { name: '', inputs: [], outputs: [], nodes: [], constants: [] };
const NO_ONNX: Onnx['graph'] = { node: [], initializer: [], input: [], output: [] };

/** The 8-bit weights of a graph by the names under which nodes read them, and all that is not about them. */
function apart({ initializer, node }: Onnx['graph']) {
  const tensors = new Map(initializer.map((tensor) => [tensor.name, tensor]));
  const scalings = node.filter(({ opType }) => opType === 'DequantizeLinear');
  const codes = new Map(
    scalings.map(({ input: [codesName = '', scalesName = ''], output: [name = ''] }) => {
      const [rounded, scale] = [tensors.get(codesName), tensors.get(scalesName)];
      if (rounded?.dataType !== INT8 || scale?.dataType !== FLOAT)
        throw new Error(`${name} is not made of codes`);
      const values = new Int8Array(rounded.rawData);
      const scales = new Float32Array(new Uint8Array(scale.rawData).buffer);
      return [name.replace(/_f32$/, ''), { rounded, values, scales }] as const;
    }),
  );
  const used = new Set(scalings.flatMap(({ input }) => input));
  const others = node.filter(({ opType }) => opType !== 'DequantizeLinear');
  return {
    codes,
    rest: {
      initializer: initializer.filter(({ name }) => !used.has(name)),
      node: others,
      casts: new Set(others.flatMap(({ opType, output }) => (opType === 'Cast' ? output : []))),
    },
  };
}

/** Not by `toEqual`, which looks at each of millions of bytes. */
function expectSameTensors(some: Onnx['graph']['initializer'], others: Onnx['graph']['initializer']): void {
  const withoutData = others.map((tensor) => ({ ...tensor, rawData: NO_BYTES }));
  expect(some.map((tensor) => ({ ...tensor, rawData: NO_BYTES }))).toEqual(withoutData);
  for (const [k, { name, rawData }] of some.entries())
    expect(Buffer.compare(rawData, others[k]?.rawData ?? NO_BYTES), name).toBe(0);
}

/** A node but for what its weights are called before they are unpacked. */
function shapeOfNode({ opType, input, output, attribute }: OnnxNode) {
  return { opType, input: input.map((name) => name.replace(/_f(?:16|32)$/, '')), output, attribute };
}

/** The values that nodes compute; a Cast only unpacks a weight, or stands where values enter and leave. */
function computed({ node }: Onnx['graph']): string[] {
  return node
    .filter(({ opType }) => !['Cast', 'Identity', 'DequantizeLinear'].includes(opType))
    .flatMap(({ output }) => output.map((name) => name.replace(/_uncast$/, '')));
}

/** The type that a Cast gives. */
function castType({ opType, attribute }: OnnxNode): number | undefined {
  return opType === 'Cast' ? attribute.find(({ name }) => name === 'to')?.i : undefined;
}

function weightNames({ initializer }: Onnx['graph']): string[] {
  return initializer
    .filter(({ dataType }) => dataType === FLOAT16 || dataType === INT8)
    .map(({ name }) => name.replace(/_(?:f16|codes)$/, ''));
}

/** Every node, constant and input of the graph leads to one of these outputs. */
function expectAllNeeded({ node, initializer, input }: Onnx['graph'], outputs: readonly string[]): void {
  const needed = new Set(outputs);
  for (const { input: read, output } of node.toReversed()) {
    expect(
      output.some((name) => needed.has(name)),
      output.join(),
    ).toBe(true);
    for (const name of read) needed.add(name);
  }
  for (const { name } of [...initializer, ...input]) expect(needed).toContain(name);
}

function decode(bytes: Uint8Array): Onnx {
  const message = ModelProto.decode(bytes);
  const { graph } = ModelProto.toObject(message, { longs: Number, arrays: true });
  return { graph };
}

interface SourceWeights {
  shape: readonly number[];
  /** Halves, in the source's order. */
  data: Uint8Array;
  sparsity?: TfliteModel['tensors'][number]['sparsity'];
}

/** Gives what the source has for an initializer. */
function weightsOf(spec: ModelSpec): (name: string) => SourceWeights {
  if (spec.format === 'tflite') {
    const model = readTflite(sourceFiles(spec)(spec.source), spec.source);
    return (name) => unpackedFrom(model, name);
  }
  const { weights } = readTfjs(sourceFiles(spec), spec.source);
  return (name) => {
    const found = weights.get(name.replace(/_f16$/, ''));
    if (found?.type === 'float16') return found;
    // Some of a layer's filters, which is then two layers.
    const [, layer = '', from, count] = /^(.+)_(\d+)_(\d+)_f16$/.exec(name) ?? [];
    const whole = weights.get(layer);
    if (whole?.type !== 'float16') throw new Error(`${name} does not come from a float16 constant`);
    return columnsOf(whole, Number(from), Number(count));
  };
}

/** The entries that belong to some of the last dimension, in which TensorFlow counts the filters. */
function columnsOf({ shape, data }: SourceWeights, from: number, count: number): SourceWeights {
  const all = shape.at(-1) ?? 0;
  const isKept = (column: number) => column >= from && column < from + count;
  const halves = new Uint16Array(new Uint8Array(data).buffer);
  const kept = halves.filter((_, at) => isKept(at % all));
  return { shape: [...shape.slice(0, -1), count], data: bytesOf(kept) };
}

/** The tensor of the source that holds the numbers of an initializer, `t12_f16` being those of tensor 12. */
function unpackedFrom(model: TfliteModel, name: string) {
  let index = Number(/^t(\d+)_f16$/.exec(name)?.[1]);
  for (;;) {
    const current = index;
    const unpacking = model.operators.find(
      ({ name: operator, outputs }) =>
        (operator === 'DEQUANTIZE' || operator === 'DENSIFY') && outputs.includes(current),
    );
    const [packed] = unpacking?.inputs ?? [];
    if (packed === undefined) break;
    index = packed;
  }
  const tensor = model.tensors[index];
  if (tensor?.type !== 'FLOAT16') throw new Error(`${name} does not come from a float16 tensor`);
  return tensor;
}

/** How often there is each of the 65,536 halves: the same for two tensors in whichever order. */
function countHalves(bytes: Uint8Array): Uint32Array<ArrayBuffer> {
  const counts = new Uint32Array(0x1_0000);
  for (let at = 0; at < bytes.length; at += 2) {
    const half = (bytes[at] ?? 0) + 256 * (bytes[at + 1] ?? 0);
    counts[half] = (counts[half] ?? 0) + 1;
  }
  return counts;
}

function bytesOf(numbers: Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>): Uint8Array {
  return new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength);
}

function byNumber(one: number, other: number): number {
  return one - other;
}

function tfliteSpec(name: string): TfliteSpec {
  const spec = MODELS.find((model) => model.name === name);
  if (spec?.format !== 'tflite') throw new Error(`no TFLite model ${name}`);
  return spec;
}

function tfjsSpec(name: string): TfjsSpec {
  const spec = MODELS.find((model) => model.name === name);
  if (spec?.format !== 'tfjs') throw new Error(`no TensorFlow.js model ${name}`);
  return spec;
}

/** `BuiltinOperator` numbers that the patches look for. */
const CODES = { ADD: 0, CONV_2D: 3, LOGISTIC: 14 };

/**
 * A copy of the source of `lite` with single numbers overwritten; fields are counted as in the TFLite schema.
 */
class Patch {
  readonly bytes: Uint8Array;
  readonly #buffer: ByteBuffer;
  readonly #root: number;

  constructor() {
    this.bytes = Uint8Array.from(sourceFiles(lite)(lite.source));
    this.#buffer = new ByteBuffer(this.bytes);
    this.#root = this.#buffer.readInt32(0);
  }

  operatorCode(name: keyof typeof CODES, code: number): void {
    const entry = this.#codes()[this.#codeIndex(name)] ?? 0;
    this.#buffer.writeInt8(this.#at(entry, 0), code);
    this.#buffer.writeInt32(this.#at(entry, 3), code);
  }

  firstTensorType(type: number): void {
    // Float32 is the default, which files leave out, so the first tensor
    // with a type in the file is a constant.
    const tensor = this.#tables(this.#graph(), 0).find((table) => this.#offset(table, 1) !== 0) ?? 0;
    this.#buffer.writeInt8(this.#at(tensor, 1), type);
  }

  firstOptionsType(name: keyof typeof CODES, type: number): void {
    this.#buffer.writeInt8(
      this.#at(
        this.#operator(name, () => true),
        3,
      ),
      type,
    );
  }

  firstOption(name: keyof typeof CODES, field: number, value: number): void {
    const hasField = (operator: number): boolean => this.#offset(this.#options(operator), field) !== 0;
    this.#buffer.writeInt8(this.#at(this.#options(this.#operator(name, hasField)), field), value);
  }

  #graph(): number {
    return this.#tables(this.#root, 2)[0] ?? 0;
  }

  #codes(): number[] {
    return this.#tables(this.#root, 1);
  }

  #codeIndex(name: keyof typeof CODES): number {
    return this.#codes().findIndex((entry) => {
      const offset = this.#offset(entry, 3);
      return (offset ? this.#buffer.readInt32(entry + offset) : 0) === CODES[name];
    });
  }

  #operator(name: keyof typeof CODES, accepts: (operator: number) => boolean): number {
    const index = this.#codeIndex(name);
    const found = this.#tables(this.#graph(), 3).find((operator) => {
      const offset = this.#offset(operator, 0);
      return (offset ? this.#buffer.readUint32(operator + offset) : 0) === index && accepts(operator);
    });
    if (found === undefined) throw new Error(`no ${name} to patch`);
    return found;
  }

  #options(operator: number): number {
    const at = this.#at(operator, 4);
    return at + this.#buffer.readInt32(at);
  }

  #tables(table: number, field: number): number[] {
    const at = this.#at(table, field);
    const vector = at + this.#buffer.readInt32(at);
    return Array.from({ length: this.#buffer.readInt32(vector) }, (_, k) => {
      const entry = vector + 4 + 4 * k;
      return entry + this.#buffer.readInt32(entry);
    });
  }

  #at(table: number, field: number): number {
    const offset = this.#offset(table, field);
    if (offset === 0) throw new Error(`no field ${field} to patch`);
    return table + offset;
  }

  #offset(table: number, field: number): number {
    // oxlint-disable-next-line no-underscore-dangle
    return this.#buffer.__offset(table, 4 + 2 * field);
  }
}
