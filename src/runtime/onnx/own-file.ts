import {
  ATTRIBUTE_FIELDS,
  ATTRIBUTE_TYPES,
  FLOAT,
  GRAPH,
  GRAPH_FIELDS,
  INT64,
  NODE_FIELDS,
  TENSOR_FIELDS,
  VALUE_FIELDS,
} from './onnx.ts';
import {
  allOf,
  bytesField,
  bytesOf,
  fieldsOf,
  firstOf,
  integerOf,
  join,
  numberField,
  textField,
  textOf,
} from './protobuf.ts';
import type { Bytes, Field, Piece, Span } from './protobuf.ts';

/*
 * ONNX files of an app's own: what they take and give, and a copy that takes what every network here is fed,
 * three planes of a square in single precision, and gives single precision. What lies between is added to the
 * graph, so that it runs wherever the graph does, with operators that are the same in every version of the
 * format.
 */

/** Something is wrong with a file; the message goes on after its name. */
export class FileError extends Error {
  /** Whether the file ends too soon. */
  readonly isCutShort: boolean;

  constructor(message: string, isCutShort = false) {
    super(message);
    this.isCutShort = isCutShort;
  }
}

/** An input or an output. */
export interface FileValue {
  name: string;
  /** As onnx.proto numbers types of numbers; `undefined` of what is no tensor. */
  type: number | undefined;
  /** `undefined` for a size that is open; for all where the file says nothing of them. */
  dims: readonly (number | undefined)[] | undefined;
}

/** What a file takes and gives. */
export interface FileFace {
  inputs: readonly FileValue[];
  outputs: readonly FileValue[];
}

/** What is added to a file. */
export interface Adapters {
  input: {
    name: string;
    type: number;
    /** Whether the colours of a pixel lie side by side in it. */
    isInterleaved: boolean;
    width: number;
    height: number;
    /** The name of what is fed, of which the middle is taken: a square of the longer side. */
    square: string;
  };
  outputs: readonly {
    name: string;
    /** What it is called from then on. */
    as: string;
    /** Whether rows × columns × channels become channels × rows × columns. */
    isInsideOut: boolean;
  }[];
}

/** Of a model: its first field is the version of the format; operators have versions of their own. */
const MODEL_FIELDS = { version: 1, operators: 8 };
const ATTRIBUTE_TENSOR = { field: 5, type: 4 };
/** Of a tensor's type: that of its numbers. */
const ELEMENT = 1;
/** The kinds of fields that onnx.proto has: a number, eight bytes, a length and bytes, four bytes. */
const KINDS: readonly number[] = [0, 1, 2, 5];

/**
 * Reads what a file takes and gives.
 * @throws FileError where it is no ONNX file, or ends too soon
 */
export function readFace(file: Bytes): FileFace {
  const graph = graphOf(file);
  const fields = fieldsOf(file, graph);
  const constants = new Set(
    allOf(fields, GRAPH_FIELDS.initializer).map((tensor) =>
      textOf(file, firstOf(fieldsOf(file, tensor), TENSOR_FIELDS.name)),
    ),
  );
  const values = (number: number) => allOf(fields, number).map((span) => readValue(file, span));
  return {
    // Old versions of the format list constants among the inputs.
    inputs: values(GRAPH_FIELDS.input).filter(({ name }) => !constants.has(name)),
    outputs: values(GRAPH_FIELDS.output),
  };
}

/** The graph, once all that surrounds it is what it should be. */
function graphOf(file: Bytes): Span {
  const [first] = file;
  // Whatever else it is: each kind of file begins otherwise than with this number.
  if (first !== MODEL_FIELDS.version << 3)
    throw new FileError(`is no ONNX file: it begins with ${inWords(file)}`);
  const whole = { start: 0, end: file.length };
  let fields: Field[];
  try {
    fields = fieldsOf(file, whole);
  } catch {
    throw new FileError('is no ONNX file');
  }
  for (const { start, end } of fields) {
    if (!KINDS.includes((file[start] ?? 0) & 7)) throw new FileError('is no ONNX file');
    if (end > file.length)
      throw new FileError(`is cut short: of ${end} bytes or more ${file.length} are there`, true);
  }
  const graph = firstOf(fields, GRAPH);
  if (graph.end === 0) throw new FileError('is cut short, or no ONNX file: it has no graph', true);
  if (allOf(fields, MODEL_FIELDS.operators).length === 0)
    throw new FileError('is cut short, or no ONNX file: it names no operators', true);
  return graph;
}

function inWords(file: Bytes): string {
  return JSON.stringify(String.fromCharCode(...file.subarray(0, 12)));
}

function readValue(file: Bytes, span: Span): FileValue {
  const fields = fieldsOf(file, span);
  const tensor = firstOf(fieldsOf(file, firstOf(fields, VALUE_FIELDS.type)), VALUE_FIELDS.tensor);
  const about = fieldsOf(file, tensor);
  const shape = about.find(({ number }) => number === VALUE_FIELDS.shape)?.content;
  const type = about.find(({ number }) => number === ELEMENT);
  return {
    name: textOf(file, firstOf(fields, VALUE_FIELDS.name)),
    type: type && integerOf(file, type.content),
    dims:
      shape &&
      allOf(fieldsOf(file, shape), VALUE_FIELDS.dimension).map((dimension) => {
        const size = fieldsOf(file, dimension).find(({ number }) => number === VALUE_FIELDS.size);
        const length = size && integerOf(file, size.content);
        return length !== undefined && length >= 0 ? length : undefined;
      }),
  };
}

/** The same file with adapters before its input and behind its outputs: a changed copy. */
export function adaptFile(file: Bytes, adapters: Adapters): Bytes {
  return join(
    fieldsOf(file, { start: 0, end: file.length }).flatMap((field) =>
      field.number === GRAPH
        ? bytesField(GRAPH, adaptGraph(file, field.content, adapters))
        : [bytesOf(file, field)],
    ),
  );
}

function adaptGraph(file: Bytes, graph: Span, { input, outputs }: Adapters): Piece[] {
  const { node, input: inputField, output: outputField } = GRAPH_FIELDS;
  const fields = fieldsOf(file, graph);
  const of = (number: number) => fields.filter((field) => field.number === number);
  const isOf = ({ content }: Field, name: string) =>
    textOf(file, firstOf(fieldsOf(file, content), VALUE_FIELDS.name)) === name;
  const rest = fields.filter(
    (field) =>
      field.number !== node &&
      field.number !== outputField &&
      !(field.number === inputField && isOf(field, input.name)),
  );
  const side = Math.max(input.width, input.height);
  return [
    ...inputNodes(input).flatMap((content) => bytesField(node, content)),
    ...of(node).map((field) => bytesOf(file, field)),
    ...outputs.flatMap((output) => outputNodes(output)).flatMap((content) => bytesField(node, content)),
    ...rest.map((field) => bytesOf(file, field)),
    ...bytesField(inputField, value(input.square, [1, 3, side, side])),
    ...outputs.flatMap(({ as }) => bytesField(outputField, value(as))),
  ];
}

/** From the square to what the file takes: the middle of it, in the file's own order and type. */
function inputNodes({ name, type, isInterleaved, width, height, square }: Adapters['input']): Piece[][] {
  const nodes: Piece[][] = [];
  let last = square;
  const add = (operator: string, inputs: readonly string[], attributes: readonly Piece[][]) => {
    const next = `${square}_${nodes.length}`;
    nodes.push(nodeOf(operator, inputs, next, attributes));
    last = next;
  };
  const side = Math.max(width, height);
  // Not by Slice, which takes what it needs in other ways from version to version.
  for (const [axis, length] of [
    [2, height],
    [3, width],
  ] as const) {
    if (length === side) continue;
    const whole = last;
    const from = Math.floor((side - length) / 2);
    add(
      'Constant',
      [],
      [
        tensorAttribute(
          'value',
          Array.from({ length }, (_, index) => from + index),
        ),
      ],
    );
    add('Gather', [whole, last], [integerAttribute('axis', axis)]);
  }
  if (isInterleaved) add('Transpose', [last], [integersAttribute('perm', [0, 2, 3, 1])]);
  // The last one, whatever there is to do, since it gives the name.
  nodes.push(nodeOf('Cast', [last], name, [integerAttribute('to', type)]));
  return nodes;
}

function outputNodes({ name, as, isInsideOut }: Adapters['outputs'][number]): Piece[][] {
  const single = isInsideOut ? `${as}_single` : as;
  const cast = nodeOf('Cast', [name], single, [integerAttribute('to', FLOAT)]);
  return isInsideOut
    ? [cast, nodeOf('Transpose', [single], as, [integersAttribute('perm', [0, 3, 1, 2])])]
    : [cast];
}

function nodeOf(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Piece[][],
): Piece[] {
  return [
    ...inputs.flatMap((input) => textField(NODE_FIELDS.input, input)),
    ...textField(NODE_FIELDS.output, output),
    ...textField(NODE_FIELDS.operator, operator),
    ...attributes.flatMap((each) => bytesField(NODE_FIELDS.attribute, each)),
  ];
}

function attribute(name: string, type: number, content: readonly Piece[]): Piece[] {
  return [...textField(ATTRIBUTE_FIELDS.name, name), ...content, numberField(ATTRIBUTE_FIELDS.type, type)];
}

function integerAttribute(name: string, number: number): Piece[] {
  return attribute(name, ATTRIBUTE_TYPES.integer, [numberField(ATTRIBUTE_FIELDS.integer, number)]);
}

function integersAttribute(name: string, numbers: readonly number[]): Piece[] {
  return attribute(
    name,
    ATTRIBUTE_TYPES.integers,
    numbers.map((number) => numberField(ATTRIBUTE_FIELDS.integers, number)),
  );
}

function tensorAttribute(name: string, numbers: readonly number[]): Piece[] {
  const data = new Uint8Array(BigInt64Array.from(numbers, BigInt).buffer);
  return attribute(
    name,
    ATTRIBUTE_TENSOR.type,
    bytesField(ATTRIBUTE_TENSOR.field, [
      numberField(TENSOR_FIELDS.dimension, numbers.length),
      numberField(TENSOR_FIELDS.type, INT64),
      ...bytesField(TENSOR_FIELDS.data, [data]),
    ]),
  );
}

/** A tensor in single precision, of any shape where none is given. */
function value(name: string, dims?: readonly number[]): Piece[] {
  const { type, tensor, shape, dimension, size } = VALUE_FIELDS;
  const sizes = (dims ?? []).flatMap((length) => bytesField(dimension, [numberField(size, length)]));
  return [
    ...textField(VALUE_FIELDS.name, name),
    ...bytesField(
      type,
      bytesField(tensor, [numberField(ELEMENT, FLOAT), ...(dims ? bytesField(shape, sizes) : [])]),
    ),
  ];
}
