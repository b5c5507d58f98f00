import { Table } from './flatbuffer.ts';

/*
 * The part of the TFLite schema that the four models use. Numbers are those of `schema.fbs` (version 3) in
 * TensorFlow Lite: field numbers count the fields of a table in their order of declaration, a union taking
 * two (its type, then its value). Whatever is not listed here stops the build instead of being guessed at.
 */

/** `BuiltinOperator`. */
const OPERATORS = {
  ADD: 0,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  DEPTH_TO_SPACE: 5,
  DEQUANTIZE: 6,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  RESHAPE: 22,
  RESIZE_BILINEAR: 23,
  PAD: 34,
  DENSIFY: 124,
} as const;

export type OperatorName = keyof typeof OPERATORS;

const OPERATOR_BY_CODE: ReadonlyMap<number, string> = new Map(
  Object.entries(OPERATORS).map(([name, code]) => [code, name]),
);

function isOperatorName(name: string | undefined): name is OperatorName {
  return name !== undefined && name in OPERATORS;
}

/** `TensorType`, in the order of its numbers; only the first three are known to this build. */
const TENSOR_TYPES = [
  'FLOAT32',
  'FLOAT16',
  'INT32',
  'UINT8',
  'INT64',
  'STRING',
  'BOOL',
  'INT16',
  'COMPLEX64',
  'INT8',
] as const;
const KNOWN_TYPES = ['FLOAT32', 'FLOAT16', 'INT32'] as const;

export type TensorType = (typeof KNOWN_TYPES)[number];

/** How one level of a sparse tensor is stored: every position, or (CSR) the positions that have a value. */
export type DimensionFormat =
  | { kind: 'dense'; size: number }
  | { kind: 'csr'; segments: readonly number[]; indices: readonly number[] };

export interface Sparsity {
  /** Which dimension of the tensor each level of the storage walks. */
  traversal: readonly number[];
  levels: readonly DimensionFormat[];
}

export interface Tensor {
  index: number;
  name: string;
  type: TensorType;
  /** In TFLite's order: a picture is batch, height, width, channels. */
  shape: readonly number[];
  /** Empty unless the tensor is a constant of the file. */
  data: Uint8Array;
  sparsity: Sparsity | undefined;
}

export interface Operator {
  /** Position in the file, for messages. */
  index: number;
  name: OperatorName;
  /** Tensor indices; −1 stands for an optional input that is left out. */
  inputs: readonly number[];
  outputs: readonly number[];
  /** Which table of the `BuiltinOptions` union the options are; 0 when there are none. */
  optionsType: number;
  options: Table | undefined;
}

export interface TfliteModel {
  file: string;
  tensors: readonly Tensor[];
  operators: readonly Operator[];
  inputs: readonly number[];
  outputs: readonly number[];
}

/** Reads a whole model; every error names `file`. */
export function readTflite(bytes: Uint8Array, file: string): TfliteModel {
  try {
    return read(bytes, file);
  } catch (error) {
    throw new Error(`${file}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function read(bytes: Uint8Array, file: string): TfliteModel {
  const model = Table.root(bytes, 'TFL3');
  const version = model.uint32(0);
  if (version !== 3) throw new Error(`unknown TFLite schema version ${version}`);

  const names = model.tables(1).map(readOperatorName);
  const graphs = model.tables(2);
  const [graph] = graphs;
  if (!graph || graphs.length !== 1) throw new Error(`expected one subgraph, found ${graphs.length}`);
  const buffers = model.tables(4).map(readBuffer);

  return {
    file,
    tensors: graph.tables(0).map((table, index) => readTensor(table, index, buffers)),
    inputs: graph.int32s(1),
    outputs: graph.int32s(2),
    operators: graph.tables(3).map((table, index) => readOperator(table, index, names)),
  };
}

function readOperatorName(table: Table): OperatorName {
  // The code outgrew its first field, a byte: writers fill both, and the larger one is right.
  const code = Math.max(table.int8(0), table.int32(3));
  const name = OPERATOR_BY_CODE.get(code);
  if (!isOperatorName(name)) {
    const custom = table.string(1);
    throw new Error(`unknown operator: BuiltinOperator ${code}${custom && ` (custom, “${custom}”)`}`);
  }
  return name;
}

function readBuffer(table: Table): Uint8Array {
  const unknown = table.presentFields().filter((field) => field > 0);
  if (unknown.length > 0) throw new Error('unknown kind of buffer: its data is outside the FlatBuffer');
  return table.bytes(0);
}

function readTensor(table: Table, index: number, buffers: readonly Uint8Array[]): Tensor {
  const name = table.string(3);
  const number = table.int8(1);
  const type = KNOWN_TYPES.find((known) => known === TENSOR_TYPES[number]);
  if (!type) {
    throw new Error(
      `unknown tensor type: TensorType ${number} (${TENSOR_TYPES[number] ?? 'not in the list'}) of tensor “${name}”`,
    );
  }
  const data = buffers[table.uint32(2)];
  if (!data) throw new Error(`tensor “${name}” has no buffer`);
  const sparsity = table.table(6);
  return {
    index,
    name,
    type,
    shape: table.int32s(0),
    data,
    sparsity: sparsity && readSparsity(sparsity, name),
  };
}

function readSparsity(table: Table, tensor: string): Sparsity {
  if (table.int32s(1).length > 0) throw new Error(`unknown sparsity: tensor “${tensor}” is stored in blocks`);
  return {
    traversal: table.int32s(0),
    levels: table.tables(2).map((level): DimensionFormat => {
      const format = level.int8(0);
      if (format === 0) return { kind: 'dense', size: level.int32(1) };
      if (format !== 1) throw new Error(`unknown sparsity: DimensionType ${format} of tensor “${tensor}”`);
      return { kind: 'csr', segments: readIndices(level, 2, tensor), indices: readIndices(level, 4, tensor) };
    }),
  };
}

/** The union `SparseIndexVector`: the same list in three widths. */
function readIndices(level: Table, field: number, tensor: string): number[] {
  const type = level.uint8(field);
  const vector = level.table(field + 1);
  if (vector && type === 1) return vector.int32s(0);
  if (vector && type === 2) return vector.uint16s(0);
  if (vector && type === 3) return Array.from(vector.bytes(0));
  throw new Error(`unknown sparsity: SparseIndexVector ${type} of tensor “${tensor}”`);
}

function readOperator(table: Table, index: number, names: readonly OperatorName[]): Operator {
  const name = names[table.uint32(0)];
  if (!name) throw new Error(`operator ${index} has no entry in the list of operators`);
  const custom = table.bytes(5).length > 0;
  const newer = table.uint8(11);
  if (custom || newer !== 0) {
    throw new Error(
      `unknown options: ${custom ? 'custom' : `BuiltinOptions2 ${newer}`} of ${name} (operator ${index})`,
    );
  }
  return {
    index,
    name,
    inputs: table.int32s(1),
    outputs: table.int32s(2),
    optionsType: table.uint8(3),
    options: table.table(4),
  };
}

/** For an operator whose options, if it had any, nobody has looked at. */
export function expectNoOptions({ name, index, optionsType }: Operator): void {
  if (optionsType !== 0) {
    throw new Error(`unknown options: BuiltinOptions ${optionsType} of ${name} (operator ${index})`);
  }
}

/** One field of an options table; the width matters, since the file holds no types. */
export interface OptionField {
  field: number;
  width: 8 | 32;
  absent: number;
}

export function byte(field: number): OptionField {
  return { field, width: 8, absent: 0 };
}

export function int(field: number, absent = 0): OptionField {
  return { field, width: 32, absent };
}

/**
 * Gives the options of an operator by name. `type` is the table's number in the `BuiltinOptions` union, and
 * `fields` has to list every field the file may hold, so that an option nobody thought of is an error.
 */
export function readOptions<Name extends string>(
  operator: Operator,
  type: number,
  fields: Readonly<Record<Name, OptionField>>,
): (option: Name) => number {
  const { name, index, options, optionsType } = operator;
  if (optionsType !== type || !options) {
    throw new Error(
      `unknown options: BuiltinOptions ${optionsType} of ${name} (operator ${index}), expected ${type}`,
    );
  }
  const listed = Object.values<OptionField>(fields);
  const unknown = options.presentFields().find((field) => !listed.some((known) => known.field === field));
  if (unknown !== undefined)
    throw new Error(`unknown option: field ${unknown} of ${name} (operator ${index})`);
  return (option) => {
    const { field, width, absent } = fields[option];
    return width === 8 ? options.int8(field, absent) : options.int32(field, absent);
  };
}
