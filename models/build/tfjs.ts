import { product, same } from './arrays.ts';
import { entries, field, list, word } from './json.ts';

/*
 * TensorFlow.js's graph format: a JSON file with TensorFlow's GraphDef (its protocol buffer's own JSON form)
 * and a list of the weights, whose bytes lie one behind the other in files beside it. Whatever is not listed
 * here stops the build instead of being guessed at.
 */

export type AttributeValue = boolean | number | string | readonly (number | string)[];

export interface TfjsNode {
  name: string;
  /** TensorFlow's name of the operator. */
  operator: string;
  inputs: readonly string[];
  attributes: ReadonlyMap<string, AttributeValue>;
}

export interface TfjsWeights {
  type: 'float16' | 'int32';
  /** In TensorFlow's order. */
  shape: readonly number[];
  data: Uint8Array;
}

export interface TfjsModel {
  file: string;
  /** In the file's order, which is one in which they can run; without those that are constants. */
  nodes: readonly TfjsNode[];
  /** The constants, by the name of their node. */
  weights: ReadonlyMap<string, TfjsWeights>;
}

/** Gives the bytes of one of a model's files. */
export type ReadFile = (file: string) => Uint8Array;

/** Reads a whole model; every error names `file`. */
export function readTfjs(readFile: ReadFile, file: string): TfjsModel {
  try {
    return read(readFile, file);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function read(readFile: ReadFile, file: string): TfjsModel {
  const content: unknown = JSON.parse(new TextDecoder().decode(readFile(file)));
  const format = field(content, 'format');
  if (format !== 'graph-model') throw new Error(`unknown format: ${String(format)}`);
  const folder = file.slice(0, file.lastIndexOf('/') + 1);
  const groups = list(field(content, 'weightsManifest'));
  const weights = new Map(groups.flatMap((group) => readGroup(group, (path) => readFile(folder + path))));
  const nodes = list(field(field(content, 'modelTopology'), 'node'));
  return {
    file,
    weights,
    nodes: nodes.flatMap((node) => {
      if (word(node, 'op') !== 'Const') return [readNode(node)];
      const name = word(node, 'name');
      if (!weights.has(name)) throw new Error(`constant “${name}” has no weights`);
      return [];
    }),
  };
}

function readGroup(group: unknown, readFile: ReadFile): [string, TfjsWeights][] {
  const parts = list(field(group, 'paths')).map((path) => readFile(String(path)));
  const bytes = Buffer.concat(parts);
  let at = 0;
  const weights = list(field(group, 'weights')).map((entry): [string, TfjsWeights] => {
    const name = word(entry, 'name');
    const type = readType(entry, name);
    const shape = numbers(field(entry, 'shape'), `the shape of “${name}”`);
    const length = product(shape) * (type === 'float16' ? 2 : 4);
    const data = bytes.subarray(at, at + length);
    at += length;
    return [name, { type, shape, data }];
  });
  if (at !== bytes.length)
    throw new Error(`damaged weights: the list says ${at} bytes, there are ${bytes.length}`);
  return weights;
}

/** Weights are float16 numbers, `quantization` being how TensorFlow.js says so, and all else is int32. */
function readType(entry: unknown, name: string): TfjsWeights['type'] {
  const type = word(entry, 'dtype');
  const quantization = field(entry, 'quantization');
  const stored = quantization === undefined ? type : word(quantization, 'dtype');
  if (type === 'float32' && stored === 'float16') return stored;
  if (type === 'int32' && stored === 'int32') return stored;
  throw new Error(`unknown type of weights: ${type} stored as ${stored}, of “${name}”`);
}

function readNode(node: unknown): TfjsNode {
  const name = word(node, 'name');
  const attributes = entries(field(node, 'attr')).map(([attribute, value]): [string, AttributeValue] => {
    const known = readAttribute(value);
    if (known !== undefined) return [attribute, known];
    const [[kind] = []] = entries(value);
    throw new Error(`unknown kind of attribute: “${attribute}” of “${name}” is ${kind}`);
  });
  return {
    name,
    operator: word(node, 'op'),
    inputs: list(field(node, 'input')).map(String),
    attributes: new Map(attributes),
  };
}

/**
 * `AttrValue` of TensorFlow: one field, whose name is the kind. Whole
 * numbers are strings in JSON, words base64.
 */
function readAttribute(value: unknown): AttributeValue | undefined {
  const [[kind, content] = [], ...others] = entries(value);
  if (others.length > 0) return undefined;
  if (kind === 'b' && typeof content === 'boolean') return content;
  if (kind === 'f' && typeof content === 'number') return content;
  if (kind === 'i' && typeof content === 'string') return Number(content);
  if (kind === 'type' && typeof content === 'string') return content;
  if (kind === 's' && typeof content === 'string') return decodeWord(content);
  if (kind === 'shape')
    return numbers(
      list(field(content, 'dim')).map((size) => field(size, 'size')),
      'a shape',
    );
  if (kind === 'list') return readList(content);
  return undefined;
}

function readList(content: unknown): readonly (number | string)[] | undefined {
  const [[kind, values] = [], ...others] = entries(content);
  if (others.length > 0) return undefined;
  if (kind === undefined) return [];
  if (kind === 'i') return numbers(values, 'a list');
  if (kind === 's') return list(values).map((value) => decodeWord(String(value)));
  return undefined;
}

function decodeWord(base64: string): string {
  return Buffer.from(base64, 'base64').toString();
}

function numbers(value: unknown, what: string): number[] {
  const whole = list(value).map(Number);
  if (!Array.isArray(value) || !whole.every(Number.isInteger))
    throw new Error(`${what} is not made of whole numbers`);
  return whole;
}

/**
 * Checks that a node has the attributes with the values in `fixed`, and besides them none but those in
 * `free`, so that an attribute nobody thought of is an error.
 */
export function expectAttributes(
  { attributes }: TfjsNode,
  fixed: Readonly<Record<string, AttributeValue>>,
  free: readonly string[] = [],
): void {
  for (const [name, value] of attributes) {
    const expected = fixed[name];
    if (expected === undefined && !free.includes(name))
      throw new Error(`unknown attribute: ${name} = ${String(value)}`);
    if (expected !== undefined && !same([expected].flat(), [value].flat()))
      throw new Error(`unknown attribute: ${name} = ${String(value)}, expected ${String(expected)}`);
  }
  const missing = Object.keys(fixed).find((name) => !attributes.has(name));
  if (missing !== undefined) throw new Error(`attribute ${missing} is missing`);
}
