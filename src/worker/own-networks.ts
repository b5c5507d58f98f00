import { worstOf } from '../networks/difference.ts';
import type { Difference, Network, NetworkInput, Outputs } from '../networks/network.ts';
import { inSizes, isShape } from '../networks/own-network.ts';
import { analyseWithOwnPeople } from '../pipeline/photo/own-picture.ts';
import { analyseWithOwnPoses } from '../pipeline/photo/own-person.ts';
import { wrongNumbers } from '../pipeline/photo/own-landmarks.ts';
import { downloadOwn } from '../runtime/files/own-download.ts';
import { FLOAT, FLOAT16 } from '../runtime/onnx/onnx.ts';
import { adaptFile, FileError, readFace } from '../runtime/onnx/own-file.ts';
import type { FileFace } from '../runtime/onnx/own-file.ts';
import { BodyAnalysisError } from '../schema/errors.ts';
import { check } from './own-network-options.ts';
import type { Checked } from './own-network-options.ts';
import { findOutputs, likelyOptions } from './own-network-outputs.ts';
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
  // As the file calls them, for what is said of them.
  const called: Record<string, string> = {};
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
        return adaptFile(bytes, { input, outputs: readOutputs(checked, face, outputs, called) });
      } catch (error) {
        throw asFormatError(checked, error);
      }
    },
    compare: (seen, wanted) => compare(checked, outputs, seen, wanted),
  };
  const own = { network, kind, format, names, outputs, called };
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
function readOutputs(
  checked: Checked,
  face: FileFace,
  as: Readonly<Record<string, string>>,
  called: Record<string, string>,
) {
  const found = findOutputs(checked, face);
  if (typeof found === 'string')
    throw wrongNumbers({ file: checked.url }, found, likelyOptions(checked, face));
  return found.map(({ role, name, isInsideOut }) => {
    called[role] = name;
    return { name, as: as[role] ?? role, isInsideOut };
  });
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
