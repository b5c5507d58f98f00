import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { ModelName, ModelSpec } from './catalogue.ts';
import { convert } from './convert.ts';
import type { Value } from './graph.ts';
import { encodeOnnx } from './onnx.ts';
import { readTflite } from './tflite.ts';

/** One model in `models/manifest.json`. */
export interface ManifestEntry {
  name: ModelName;
  file: string;
  bytes: number;
  sha256: string;
  inputs: readonly Value[];
  outputs: readonly Value[];
  licence: string;
  source: string;
}

export interface BuiltModel {
  bytes: Uint8Array;
  entry: ManifestEntry;
}

const PACKAGE = '@mediapipe/pose';
const LICENCE = 'Apache-2.0';

/** A file of the package with the weights. */
export function readSource(file: string): Uint8Array {
  return readFileSync(join(dirname(packageFile()), file));
}

/** Converts one model in memory: the same bytes whenever the source is the same. */
export function buildModel(spec: ModelSpec, tflite: Uint8Array = readSource(spec.source)): BuiltModel {
  const graph = convert(readTflite(tflite, spec.source), spec);
  const source = `${PACKAGE} ${packageVersion()} ${spec.source}`;
  const bytes = encodeOnnx(graph, {
    licence: LICENCE,
    source,
    changes: 'Converted from TensorFlow Lite to ONNX, with the outputs listed here; no weight was changed.',
  });
  return {
    bytes,
    entry: {
      name: spec.name,
      file: spec.file,
      bytes: bytes.length,
      sha256: sha256(bytes),
      inputs: graph.inputs,
      outputs: graph.outputs,
      licence: LICENCE,
      source,
    },
  };
}

export function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function packageFile(): string {
  return createRequire(import.meta.url).resolve(`${PACKAGE}/package.json`);
}

function packageVersion(): string {
  const content: unknown = JSON.parse(readFileSync(packageFile(), 'utf8'));
  if (typeof content === 'object' && content && 'version' in content && typeof content.version === 'string') {
    return content.version;
  }
  throw new Error(`${packageFile()} has no version`);
}
