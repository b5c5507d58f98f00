import type { Attribute, Constant, Graph, Input, Node } from '../../engine/graph.ts';
import {
  ATTRIBUTE_FIELDS,
  ATTRIBUTE_TYPES,
  GRAPH,
  GRAPH_FIELDS,
  INT64,
  NODE_FIELDS,
  TENSOR_FIELDS,
  VALUE_FIELDS,
} from './onnx.ts';
import { allOf, bytesOf, fieldsOf, firstOf, floatOf, integerOf, textOf } from './protobuf.ts';
import type { Bytes, Span } from './protobuf.ts';
import { codesOf, readGraph, typeOf, valuesOf } from './weights.ts';
import type { FileNode, Weights } from './weights.ts';

/**
 * An ONNX file as the engine takes it: for one picture, in single precision, and without the Casts that it
 * begins and ends with, which change nothing then.
 * @param file as `models/build/` makes it, whose Casts are all to single precision
 */
export function readEngineGraph(file: Bytes): Graph {
  const fields = fieldsOf(file, firstOf(fieldsOf(file, { start: 0, end: file.length }), GRAPH));
  const { nodes: all, weights } = readGraph(file, fields);
  const { nodes, names } = withoutEnds(all);
  const renamed = (name: string) => names.get(name) ?? name;
  return {
    inputs: allOf(fields, GRAPH_FIELDS.input).map((input) => readInput(file, input)),
    outputs: allOf(fields, GRAPH_FIELDS.output).map((output) => textIn(file, output, VALUE_FIELDS.name)),
    nodes: nodes.map(({ content, operator, inputs, output }): Node => {
      const attributes = allOf(fieldsOf(file, content), NODE_FIELDS.attribute);
      return {
        operator,
        inputs: inputs.map(renamed),
        outputs: [renamed(output)],
        attributes: Object.fromEntries(attributes.map((attribute) => readAttribute(file, attribute))),
      };
    }),
    constants: new Map([...weights].map(([name, each]) => [name, readConstant(file, each)])),
  };
}

/**
 * The nodes between the Casts that come first, and those that come last; and
 * other names for what these read and gave.
 */
function withoutEnds(all: readonly FileNode[]): {
  nodes: readonly FileNode[];
  names: ReadonlyMap<string, string>;
} {
  const first = all.findIndex(({ operator }) => operator !== 'Cast');
  const end = 1 + all.findLastIndex(({ operator }) => operator !== 'Cast' && operator !== 'Identity');
  const names = new Map<string, string>();
  for (const { inputs, output } of all.slice(0, first)) names.set(output, inputs[0] ?? '');
  // From the end, since an Identity has the Cast before it as its input.
  for (const { inputs, output } of all.slice(end).toReversed()) {
    names.set(inputs[0] ?? '', names.get(output) ?? output);
  }
  return { nodes: all.slice(first, end), names };
}

function readInput(file: Bytes, value: Span): Input {
  const type = firstOf(fieldsOf(file, value), VALUE_FIELDS.type);
  const tensor = firstOf(fieldsOf(file, type), VALUE_FIELDS.tensor);
  const shape = firstOf(fieldsOf(file, tensor), VALUE_FIELDS.shape);
  const sizes = allOf(fieldsOf(file, shape), VALUE_FIELDS.dimension).map((dimension) => {
    const [size] = allOf(fieldsOf(file, dimension), VALUE_FIELDS.size);
    // One without a size has a name: it is how many pictures there are.
    return size ? integerOf(file, size) : 1;
  });
  return { name: textIn(file, value, VALUE_FIELDS.name), shape: sizes };
}

function readAttribute(file: Bytes, attribute: Span): [name: string, value: Attribute] {
  const fields = fieldsOf(file, attribute);
  const { name, float, integer, text, floats, integers, type } = ATTRIBUTE_FIELDS;
  const values: Record<number, () => Attribute> = {
    [ATTRIBUTE_TYPES.float]: () => floatOf(file, firstOf(fields, float)),
    [ATTRIBUTE_TYPES.integer]: () => integerOf(file, firstOf(fields, integer)),
    [ATTRIBUTE_TYPES.text]: () => textOf(file, firstOf(fields, text)),
    [ATTRIBUTE_TYPES.floats]: () => allOf(fields, floats).map((each) => floatOf(file, each)),
    [ATTRIBUTE_TYPES.integers]: () => allOf(fields, integers).map((each) => integerOf(file, each)),
  };
  const read = values[integerOf(file, firstOf(fields, type))];
  const own = textIn(file, attribute, name);
  if (!read) throw new TypeError(`the attribute “${own}” is of a type that is not read`);
  return [own, read()];
}

function readConstant(file: Bytes, weights: Weights): Constant {
  const fields = fieldsOf(file, weights.content);
  const shape = allOf(fields, TENSOR_FIELDS.dimension).map((each) => integerOf(file, each));
  if (typeOf(file, weights.content) !== INT64) {
    const { scales } = weights;
    const values = () => valuesOf(file, weights);
    return scales ? { shape, values, codes: () => codesOf(file, { ...weights, scales }) } : { shape, values };
  }
  // They need not begin where eight bytes can be read at once.
  const { buffer } = new Uint8Array(bytesOf(file, firstOf(fields, TENSOR_FIELDS.data)));
  return { shape, values: () => new BigInt64Array(buffer) };
}

function textIn(file: Bytes, message: Span, number: number): string {
  return textOf(file, firstOf(fieldsOf(file, message), number));
}
