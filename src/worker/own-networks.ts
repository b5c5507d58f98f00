import { worstOf } from '../networks/difference.ts';
import type { Difference, Network, NetworkInput, Outputs } from '../networks/network.ts';
import { inSizes, isShape } from '../networks/own-network.ts';
import type { OutputRole, OwnFormat } from '../networks/own-network.ts';
import { analyseWithOwnPeople } from '../pipeline/photo/own-picture.ts';
import { analyseWithOwnPoses } from '../pipeline/photo/own-person.ts';
import { wrongNumbers, wrongShape } from '../pipeline/photo/own-landmarks.ts';
import { downloadOwn } from '../runtime/files/own-download.ts';
import { FLOAT, FLOAT16 } from '../runtime/onnx/onnx.ts';
import { adaptFile, FileError, readFace } from '../runtime/onnx/own-file.ts';
import type { FileFace, FileValue } from '../runtime/onnx/own-file.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import { check } from './own-network-options.ts';
import type { Checked } from './own-network-options.ts';
import type { AnalysePhoto, OpenOwnNetwork } from './own-networks-script.ts';

/*
 * A script of its own, which is loaded by clients that have a network of the app's own, and by no others. It
 * is complete in itself: what it shares with the worker it has once more, so errors are told by their names.
 */

/** As it is loaded. */
export const open: OpenOwnNetwork = (request) => {
  const checked = check(request);
  const { url, kind, format, names } = checked;
  const outputs = Object.fromEntries(Object.keys(kind.outputs).map((role) => [role, `body21_${role}`]));
  const network: Network = {
    file: url,
    input: inputOf(checked),
    outputs: Object.values(outputs),
    load: async (onBytes) => {
      const bytes = await downloadOwn({ ...checked, option: 'options.landmarks' }, onBytes);
      try {
        const face = readFace(bytes);
        const input = readInput(checked, face);
        Object.assign(format, { width: input.width, height: input.height });
        network.input = inputOf(checked, input.type);
        return adaptFile(bytes, { input, outputs: readOutputs(checked, face, outputs) });
      } catch (error) {
        throw asFormatError(checked, error);
      }
    },
    compare: (seen, wanted) => compare(checked, outputs, seen, wanted),
  };
  const own = { network, kind, format, names, outputs };
  const analyse: AnalysePhoto = (networks, picture, plan, options) =>
    kind.looksAt === 'person'
      ? analyseWithOwnPoses(own, networks, picture, plan, options)
      : analyseWithOwnPeople(own, networks, picture, options);
  return {
    network,
    info: { kind: request.kind, url },
    analyse,
    needed: ({ first, soon, main }) =>
      kind.looksAt === 'person'
        ? { first, soon: [...soon, network], main }
        : { first: [main], soon: [network], main },
  };
};

/** The middle of the square, which is named so in the copy of the file. */
const SQUARE = 'body21_square';
/** Types of numbers that colours can be turned into, as onnx.proto numbers them, and what they are called. */
const TYPES: Readonly<Record<number, string>> = {
  [FLOAT]: 'float32',
  [FLOAT16]: 'float16',
  2: 'uint8',
  6: 'int32',
  7: 'int64',
  11: 'float64',
};
const isWhole = (type: number) => [2, 6, 7].includes(type);

/** What the network is fed; by whole numbers the colours themselves, where nothing else is said. */
function inputOf({ kind, format, input }: Checked, type = FLOAT): NetworkInput {
  const { channels, mean, deviation, border } = kind.input;
  const scale = isWhole(type) ? ({ mean: [0, 0, 0], deviation: [1, 1, 1] } as const) : { mean, deviation };
  return {
    side: Math.max(format.width, format.height),
    channels: input.channels ?? channels,
    mean: input.mean ?? scale.mean,
    deviation: input.deviation ?? scale.deviation,
    border,
    name: SQUARE,
  };
}

/** What the file takes: one picture, of the size that the options say where it says none. */
function readInput(checked: Checked, { inputs }: FileFace) {
  const [found, ...others] = inputs;
  const fail = (what: string) => wrongNumbers({ file: checked.url }, what);
  if (!found || others.length > 0) {
    throw fail(
      `takes ${inputs.length} inputs (${inputs.map(({ name }) => name).join(', ')}), wanted: one picture`,
    );
  }
  const { name, type, dims = [] } = found;
  const { width: askedWidth, height: askedHeight } = checked.input;
  const planes = [1, 3, askedHeight ?? 'height', askedWidth ?? 'width'];
  const interleaved = [1, askedHeight ?? 'height', askedWidth ?? 'width', 3];
  const isInterleaved = !isShape(dims, [planes]);
  if (type === undefined || !(type in TYPES) || (isInterleaved && !isShape(dims, [interleaved]))) {
    throw fail(
      `takes ${name} as ${inSizes(dims)} of ${TYPES[type ?? 0] ?? 'another type'}, wanted: ${inSizes(planes)}, or ${inSizes(interleaved)}, of ${Object.values(TYPES).join(', ')}`,
    );
  }
  const [height, width] = isInterleaved ? dims.slice(1, 3) : dims.slice(2);
  const size = { width: width ?? askedWidth, height: height ?? askedHeight };
  if (size.width === undefined || size.height === undefined) {
    throw fail(
      `takes ${name} as ${inSizes(dims)}: say by options.landmarks.input.width and height of which size`,
    );
  }
  return { name, type, isInterleaved, width: size.width, height: size.height, square: SQUARE };
}

/** Which of what the file gives is what. */
function readOutputs(checked: Checked, { outputs }: FileFace, as: Readonly<Record<string, string>>) {
  const { kind, format } = checked;
  const fail = (what: string) => wrongNumbers({ file: checked.url }, what);
  const all = outputs
    .map(({ name, dims }) => `${name} (${dims ? inSizes(dims) : 'of unknown size'})`)
    .join(', ');
  const found = Object.entries(kind.outputs).map(([role, about], place) => {
    const asked = checked.outputs[role];
    const byName = outputs.find(({ name }) =>
      asked === undefined ? about.names.includes(name) : name === asked,
    );
    const value = byName ?? (asked === undefined && about.byPlace ? outputs[place] : undefined);
    if (value) return { role, about, value };
    const wanted = asked === undefined ? role : `${role}, as ${asked}`;
    throw fail(`gives ${all}, wanted: ${wanted}; say by options.landmarks.outputs which it is`);
  });
  // One number may be that of channels and that of columns: what is so for one output is for all.
  const planes = found.filter(({ about }) => about.isPlanes);
  const isInsideOut =
    planes.some(({ about, value }) => !fits(value, about, format)) &&
    planes.every(({ about, value }) => fits(turned(value), about, format));
  return found.map(({ role, about, value }) => {
    if (!fits(isInsideOut && about.isPlanes ? turned(value) : value, about, format))
      throw fail(
        `${wrongShape(value.name, value.dims ?? [], about.shapes(format))}${about.isPlanes ? `, over its input of ${format.width} × ${format.height} px` : ''}`,
      );
    return { name: value.name, as: as[role] ?? role, isInsideOut: isInsideOut && about.isPlanes === true };
  });
}

/**
 * Whether an output is what it should be, and planes lie over the input; what is left open is seen when it
 * has run.
 */
function fits({ dims }: FileValue, { shapes, isPlanes }: OutputRole, format: OwnFormat): boolean {
  if (!dims) return true;
  if (!isShape(dims, shapes(format))) return false;
  const [, , rows, columns] = dims;
  if (!isPlanes || rows === undefined || columns === undefined) return true;
  return rows * format.width === columns * format.height;
}

function turned({ dims, ...value }: FileValue): FileValue {
  const [batch, rows, columns, channels, ...more] = dims ?? [];
  return { ...value, dims: dims && [batch, channels, rows, columns, ...more] };
}

function asFormatError({ url }: Checked, error: unknown): unknown {
  if (!(error instanceof FileError)) return error;
  const remedy = error.isCutShort
    ? 'Deploy the whole file.'
    : 'Check that options.landmarks.url is the address of a network in ONNX format, and not that of a page.';
  return new BodyAnalysisError(
    error.isCutShort ? 'model-integrity' : 'model-format',
    `${url} ${error.message}. ${remedy}`,
  );
}

/** How far a GPU's numbers may be from WASM's, as a share of the largest of an output. */
const SAME = 0.03;

/** Networks that give people give them in an order that may depend on the last digit, but for the first. */
function compare(
  { kind, format }: Checked,
  names: Readonly<Record<string, string>>,
  seen: Outputs<string>,
  wanted: Outputs<string>,
): Difference {
  return worstOf(
    Object.entries(names).map(([role, name]) => {
      const count = kind.comparable?.(format)[role];
      const expected = wanted[name]?.subarray(0, count) ?? new Float32Array();
      const found = seen[name]?.subarray(0, count) ?? new Float32Array();
      const most = expected.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
      const gap = expected.reduce(
        (largest, value, at) => Math.max(largest, Math.abs((found[at] ?? NaN) - value)),
        0,
      );
      return {
        gap: gap / most,
        limit: SAME,
        words: (share: number) => `${role} of the app's own network are off by ${(100 * share).toFixed(0)} %`,
      };
    }),
  );
}
