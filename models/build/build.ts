import { createHash } from 'node:crypto';
import { packPlanes } from './byte-planes.ts';
import { filesOf } from './catalogue.ts';
import type { ModelName, ModelSpec } from './catalogue.ts';
import { convert } from './convert.ts';
import { readCorrections } from './corrections.ts';
import { fuseActivations } from './fuse.ts';
import type { Constant, Graph, Value } from './graph.ts';
import { encodeOnnx } from './onnx.ts';
import { quantize } from './quantize.ts';
import { sourceFiles, sourceVersion } from './sources.ts';
import { makeSwitchable } from './switchable.ts';
import { readTfjs } from './tfjs.ts';
import type { ReadFile } from './tfjs.ts';
import { convertTfjs } from './tfjs-convert.ts';
import { readTflite } from './tflite.ts';

/** One file in `models/manifest.json`. */
export interface ManifestEntry {
  name: ModelName;
  file: string;
  bytes: number;
  /** Its size as planes of bytes, see `src/runtime/files/byte-planes.ts`, before gzip: less is sent. */
  packedBytes: number;
  sha256: string;
  inputs: readonly Value[];
  outputs: readonly Value[];
  licence: string;
  source: string;
  /** How many weights are stored in which way. */
  weights: Readonly<Partial<Record<WeightType, number>>>;
  /**
   * How many Casts, the first of the file, to turn from FLOAT to FLOAT16 for the model to
   * compute in float16. Absent where it cannot.
   */
  halfCasts?: number;
}

/** float16 as in the source but for biases that are corrected, int8 as `quantize.ts` rounds them. */
type WeightType = 'float16' | 'int8';

export interface BuiltModel {
  bytes: Uint8Array<ArrayBuffer>;
  entry: ManifestEntry;
}

/**
 * Converts one model in memory, into its files in the order of `filesOf`: the same
 * bytes whenever the source is the same.
 * @param graphs what `convertFast` gives, where there is that already; they are left as they are
 */
export function buildModel(
  spec: ModelSpec,
  readFile: ReadFile = sourceFiles(spec),
  graphs: readonly Graph[] = convertFast(spec, readFile),
): readonly BuiltModel[] {
  const source = `${spec.package} ${sourceVersion(spec.package)} ${spec.source}`;
  return filesOf(spec).map(({ name, file, switchable }) => {
    const fast = graphs.find((candidate) => candidate.name === name);
    if (!fast) throw new Error(`${file}: nothing was converted for it`);
    const light = spec.bits ? quantize(fast, readCorrections(name)) : fast;
    const { graph, halfCasts } = switchable ? makeSwitchable(light) : { graph: light };
    const about = { licence: spec.licence, source, changes: changesOf(spec, graph) };
    const bytes = new Uint8Array(encodeOnnx(graph, about));
    return {
      bytes,
      entry: {
        name,
        file,
        bytes: bytes.length,
        packedBytes: packPlanes(bytes).reduce((sum, { length }) => sum + length, 0),
        sha256: sha256(bytes),
        inputs: graph.inputs,
        outputs: graph.outputs,
        licence: spec.licence,
        source,
        weights: countWeights(graph),
        ...(halfCasts !== undefined && { halfCasts }),
      },
    };
  });
}

function countWeights({ constants }: Graph): ManifestEntry['weights'] {
  const count = (isOne: (constant: Constant) => boolean): number =>
    constants.reduce((total, constant) => total + (isOne(constant) ? constant.values.length : 0), 0);
  const rounded = count(({ codes }) => codes !== undefined);
  return {
    float16: count(({ weights, codes }) => weights && codes === undefined),
    ...(rounded > 0 && { int8: rounded }),
  };
}

/**
 * The graphs of a model's files, with nothing left in them that a runtime would
 * join, and every weight as in the source.
 */
export function convertFast(spec: ModelSpec, readFile: ReadFile = sourceFiles(spec)): readonly Graph[] {
  const graphs =
    spec.format === 'tflite'
      ? convert(readTflite(readFile(spec.source), spec.source), spec)
      : [convertTfjs(readTfjs(readFile, spec.source), spec)];
  return graphs.map(fuseActivations);
}

/** What the file says of how it differs from its source. */
function changesOf(spec: ModelSpec, { name, constants }: Graph): string {
  const format = spec.format === 'tflite' ? 'TensorFlow Lite' : 'TensorFlow.js';
  const isOfOneClass = spec.format === 'tfjs' && spec.outputs.some(({ channel }) => channel !== undefined);
  const classes = isOfOneClass ? ', of the classes only “person”' : '';
  const others = readCorrections(name) ? 'and biases adjusted to that' : 'no other was changed';
  const weights = constants.some(({ codes }) => codes)
    ? `weights of dense convolutions were rounded to 8 bits, ${others}`
    : 'no weight was changed';
  return `Converted from ${format} to ONNX, with the outputs listed here${classes}; ${weights}.`;
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
