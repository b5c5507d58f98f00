import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MODELS_DIRECTORY } from '../../models/build/index.ts';
import { ModelProto } from '../../models/build/onnx.ts';
import type { Attribute, Constant, Graph, Input, Node } from '../../src/engine/graph.ts';
import { foldConstants } from '../../src/runtime/onnx/constant-folding.ts';

/** `TensorProto.DataType` of whole numbers. */
const INT64 = 7;

/** `AttributeProto.AttributeType`. */
const ATTRIBUTE = { float: 1, int: 2, string: 3, floats: 6, ints: 7 };

/** A decoded file, as `models/build/onnx.ts` writes it; empty lists are left out. */
interface Model {
  graph: {
    node: {
      input?: string[];
      output: string[];
      opType: string;
      attribute?: {
        name: string;
        type: number;
        f?: number;
        i?: number;
        s?: Uint8Array;
        floats?: number[];
        ints?: number[];
      }[];
    }[];
    initializer?: { name: string; dims?: number[]; dataType: number; rawData: Uint8Array }[];
    input: { name: string; type: { tensorType: { shape: { dim: { dimValue?: number }[] } } } }[];
    output: { name: string }[];
  };
}

/** A file of `models/`, as the runtime is given it on WASM. */
export function modelBytes(file: string): Uint8Array<ArrayBuffer> {
  const path = join(MODELS_DIRECTORY, file);
  if (!existsSync(path)) throw new Error(`${file} is not built: run \`npm run models\``);
  return foldConstants(new Uint8Array(readFileSync(path)));
}

/** An ONNX file as the engine takes it. */
export function engineGraph(bytes: Uint8Array): Graph {
  const { graph } = ModelProto.toObject(ModelProto.decode(bytes), { longs: Number }) as Model;
  return {
    inputs: graph.input.map(({ name, type }): Input => {
      const shape = type.tensorType.shape.dim.map(({ dimValue = 1 }) => dimValue);
      return { name, shape };
    }),
    outputs: graph.output.map(({ name }) => name),
    nodes: graph.node.map(({ input = [], output, opType, attribute = [] }): Node => {
      const attributes = Object.fromEntries(attribute.map((each) => [each.name, valueOf(each)]));
      return { operator: opType, inputs: input, outputs: output, attributes };
    }),
    constants: new Map(
      (graph.initializer ?? []).map(({ name, dims = [], dataType, rawData }): [string, Constant] => {
        const values = () => {
          const copy = new Uint8Array(rawData).buffer;
          return dataType === INT64 ? new BigInt64Array(copy) : new Float32Array(copy);
        };
        return [name, { shape: dims, values }];
      }),
    ),
  };
}

type Attributes = NonNullable<Model['graph']['node'][number]['attribute']>;

function valueOf({ name, type, f, i, s, floats, ints }: Attributes[number]): Attribute {
  if (type === ATTRIBUTE.float) return f ?? 0;
  if (type === ATTRIBUTE.int) return i ?? 0;
  if (type === ATTRIBUTE.string) return new TextDecoder().decode(s);
  if (type === ATTRIBUTE.floats) return floats ?? [];
  if (type === ATTRIBUTE.ints) return ints ?? [];
  throw new Error(`an attribute “${name}” of type ${type}`);
}
