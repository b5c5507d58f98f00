import type { Codes } from '../../engine/graph.ts';
import { decodeHalves } from './halves.ts';
import { FLOAT, FLOAT16, GRAPH, GRAPH_FIELDS, NODE_FIELDS, TENSOR_FIELDS } from './onnx.ts';
import { bytesField, bytesOf, fieldsOf, firstOf, join, numberField, textField, textOf } from './protobuf.ts';
import type { Bytes, Field, Piece, Span } from './protobuf.ts';

/** A node of a model file. */
export interface FileNode extends Field {
  operator: string;
  inputs: readonly string[];
  output: string;
}

/** A tensor of a model file. */
export interface Weights {
  content: Span;
  /** Of codes the tensor with their scales, one for each entry of the first dimension. */
  scales?: Span;
}

/**
 * A graph's nodes but for those that unpack weights, and the weights by the
 * names under which these nodes read them.
 */
export function readGraph(
  file: Bytes,
  fields: readonly Field[],
): { nodes: readonly FileNode[]; weights: ReadonlyMap<string, Weights> } {
  const all = fields
    .filter(({ number }) => number === GRAPH_FIELDS.node)
    .map((field) => readNode(file, field));
  const weights = new Map(
    fields
      .filter(({ number }) => number === GRAPH_FIELDS.initializer)
      .map(({ content }): [string, Weights] => [nameOf(file, content), { content }]),
  );
  const unpacking = all.filter(({ operator }) => operator === 'DequantizeLinear');
  for (const { inputs, output } of unpacking) {
    const [codes, scales] = inputs.map((name) => weights.get(name)?.content);
    if (codes && scales) weights.set(output, { content: codes, scales });
    for (const name of inputs) weights.delete(name);
  }
  return { nodes: all.filter((node) => !unpacking.includes(node)), weights };
}

/**
 * A model whose weights of 8 bits are in single precision, for ONNX Runtime: to compute with so few
 * bits would be another computation.
 * @returns a changed copy
 */
export function widenWeights(file: Bytes): Bytes {
  return join(
    fieldsOf(file, { start: 0, end: file.length }).flatMap((field) =>
      field.number === GRAPH ? bytesField(GRAPH, wideGraph(file, field.content)) : [bytesOf(file, field)],
    ),
  );
}

function wideGraph(file: Bytes, graph: Span): Piece[] {
  const { node, initializer } = GRAPH_FIELDS;
  const fields = fieldsOf(file, graph);
  const { nodes, weights } = readGraph(file, fields);
  return [
    ...nodes.map((each) => bytesOf(file, each)),
    ...[...weights].flatMap(([name, each]) =>
      bytesField(initializer, each.scales ? wideTensor(file, each, name) : [bytesOf(file, each.content)]),
    ),
    ...fields.flatMap((field) =>
      field.number === node || field.number === initializer ? [] : [bytesOf(file, field)],
    ),
  ];
}

function readNode(file: Bytes, field: Field): FileNode {
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

function nameOf(file: Bytes, tensor: Span): string {
  return textOf(file, firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.name));
}

/** The type of a tensor's numbers. */
export function typeOf(file: Bytes, tensor: Span): number | undefined {
  return file[firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.type).start];
}

/** The numbers of weights in single precision. */
export function valuesOf(file: Bytes, { content, scales }: Weights): Float32Array<ArrayBuffer> {
  const data = bytesOf(file, firstOf(fieldsOf(file, content), TENSOR_FIELDS.data));
  if (scales) return scaledCodes(codesOf(file, { content, scales }));
  if (typeOf(file, content) === FLOAT16) return decodeHalves(data);
  // They need not begin where four bytes can be read at once.
  const values = new Float32Array(data.length / 4);
  new Uint8Array(values.buffer).set(data);
  return values;
}

/** Codes of 8 bits, sign included, and the scales of their rows. */
export function codesOf(file: Bytes, { content, scales }: Required<Weights>): Codes {
  const data = bytesOf(file, firstOf(fieldsOf(file, content), TENSOR_FIELDS.data));
  const codes = new Int8Array(data.buffer, data.byteOffset, data.length);
  return { codes, factors: valuesOf(file, { content: scales }) };
}

/** Each times the scale of its row. */
function scaledCodes({ codes, factors }: Codes): Float32Array<ArrayBuffer> {
  const values = new Float32Array(codes.length);
  const size = codes.length / factors.length;
  for (let row = 0, k = 0; row < factors.length; row++) {
    const scale = factors[row] ?? 0;
    for (const end = k + size; k < end; k++) values[k] = (codes[k] ?? 0) * scale;
  }
  return values;
}

/** Codes of 8 bits as a tensor in single precision. */
function wideTensor(file: Bytes, weights: Weights, name: string): Piece[] {
  return fieldsOf(file, weights.content).flatMap((field) => {
    if (field.number === TENSOR_FIELDS.type) return [numberField(TENSOR_FIELDS.type, FLOAT)];
    if (field.number === TENSOR_FIELDS.name) return textField(TENSOR_FIELDS.name, name);
    if (field.number !== TENSOR_FIELDS.data) return [bytesOf(file, field)];
    const length = Float32Array.BYTES_PER_ELEMENT * (field.content.end - field.content.start);
    const make = () => new Uint8Array(valuesOf(file, weights).buffer);
    return bytesField(TENSOR_FIELDS.data, [{ length, make }]);
  });
}
