import { decodeHalves } from './halves.ts';
import { FLOAT, FLOAT16, GRAPH, INITIALIZER, NODE, NODE_FIELDS, TENSOR_FIELDS } from './onnx.ts';
import { bytesField, bytesOf, fieldsOf, firstOf, join, numberField, textField, textOf } from './protobuf.ts';
import type { Bytes, Field, Span } from './protobuf.ts';

interface Node extends Field {
  operator: string;
  inputs: readonly string[];
  output: string;
}

/**
 * A model with nothing left to do but to compute: its weights in single precision, those computed that are computed from
 * others, and without the Casts that it begins and ends with, which change nothing then. Left to itself the runtime does
 * the same when a session starts, with code that the browser has only just got, which takes longer than all the rest.
 * @param file an ONNX file, whose Casts are all to single precision
 * @returns a changed copy, that gives the same
 */
export function plainModel(file: Bytes): Bytes {
  return join(
    fieldsOf(file, { start: 0, end: file.length }).flatMap((field) =>
      field.number === GRAPH ? bytesField(GRAPH, plainGraph(file, field.content)) : [bytesOf(file, field)],
    ),
  );
}

function plainGraph(file: Bytes, graph: Span): Uint8Array[] {
  const fields = fieldsOf(file, graph);
  const all = fields.filter(({ number }) => number === NODE).map((field) => readNode(file, field));
  const { nodes, names } = withoutEnds(all);
  const tensors = new Map(
    fields
      .filter(({ number }) => number === INITIALIZER)
      .map(({ content }) => [nameOf(file, content), content] as const),
  );
  const renamed = (name: string) => names.get(name) ?? name;
  const isScaling = ({ operator, inputs }: Node) =>
    operator === 'Mul' && inputs.every((name) => tensors.has(renamed(name)));
  const left = nodes.filter((node) => !isScaling(node));
  const read = new Set(left.flatMap(({ inputs }) => inputs.map(renamed)));
  return [
    ...left.flatMap((node) => bytesField(NODE, renameEnds(file, node, renamed))),
    ...[...tensors].flatMap(([name, tensor]) =>
      read.has(name) ? bytesField(INITIALIZER, plainTensor(file, tensor)) : [],
    ),
    ...nodes.filter(isScaling).flatMap(({ inputs, output }) => {
      const [weights, factor] = inputs.map((name) => tensors.get(renamed(name)));
      return weights && factor ? bytesField(INITIALIZER, scaledTensor(file, weights, factor, output)) : [];
    }),
    ...fields.flatMap((field) =>
      field.number === NODE || field.number === INITIALIZER ? [] : [bytesOf(file, field)],
    ),
  ];
}

function readNode(file: Bytes, field: Field): Node {
  const fields = fieldsOf(file, field.content);
  return {
    ...field,
    operator: textOf(file, firstOf(fields, NODE_FIELDS.operator)),
    inputs: fields
      .filter(({ number }) => number === NODE_FIELDS.input)
      .map(({ content }) => textOf(file, content)),
    output: textOf(file, firstOf(fields, NODE_FIELDS.output)),
  };
}

/** The nodes between the Casts that come first, and those that come last; and other names for what these read and gave. */
function withoutEnds(all: readonly Node[]): { nodes: readonly Node[]; names: ReadonlyMap<string, string> } {
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

function renameEnds(file: Bytes, { content }: Node, renamed: (name: string) => string): Uint8Array[] {
  return fieldsOf(file, content).flatMap((field) =>
    field.number === NODE_FIELDS.input || field.number === NODE_FIELDS.output
      ? textField(field.number, renamed(textOf(file, field.content)))
      : [bytesOf(file, field)],
  );
}

function nameOf(file: Bytes, tensor: Span): string {
  return textOf(file, firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.name));
}

function plainTensor(file: Bytes, tensor: Span): Uint8Array[] {
  return isHalf(file, tensor)
    ? rewriteTensor(file, tensor, valuesOf(file, tensor), nameOf(file, tensor))
    : [bytesOf(file, tensor)];
}

/** @param factor a tensor of one number */
function scaledTensor(file: Bytes, tensor: Span, factor: Span, name: string): Uint8Array[] {
  const [by = 1] = valuesOf(file, factor);
  const values = new Float32Array(valuesOf(file, tensor).map((value) => value * by));
  return rewriteTensor(file, tensor, values, name);
}

function isHalf(file: Bytes, tensor: Span): boolean {
  return file[firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.type).start] === FLOAT16;
}

function valuesOf(file: Bytes, tensor: Span): Float32Array<ArrayBuffer> {
  const data = bytesOf(file, firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.data));
  if (isHalf(file, tensor)) return decodeHalves(data);
  // They need not begin where four bytes can be read at once.
  const values = new Float32Array(data.length / 4);
  new Uint8Array(values.buffer).set(data);
  return values;
}

/** A tensor of the same shape. */
function rewriteTensor(
  file: Bytes,
  tensor: Span,
  values: Float32Array<ArrayBuffer>,
  name: string,
): Uint8Array[] {
  return fieldsOf(file, tensor).flatMap((field) => {
    if (field.number === TENSOR_FIELDS.type) return [numberField(TENSOR_FIELDS.type, FLOAT)];
    if (field.number === TENSOR_FIELDS.name) return textField(TENSOR_FIELDS.name, name);
    if (field.number !== TENSOR_FIELDS.data) return [bytesOf(file, field)];
    return bytesField(TENSOR_FIELDS.data, [new Uint8Array(values.buffer)]);
  });
}
