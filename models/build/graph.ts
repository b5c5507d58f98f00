/**
 * A whole number, a list of them, a word, a fraction or a list of these: no
 * operator written here has another kind.
 */
export type Attribute =
  | number
  | readonly number[]
  | string
  | { float: number }
  | { floats: readonly number[] };

export interface Node {
  operator: string;
  /** Names of values; an empty name leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

export interface Constant {
  name: string;
  shape: readonly number[];
  /** Whole numbers are the shapes and paddings that ONNX wants as int64. */
  values: Float32Array | BigInt64Array<ArrayBuffer>;
  /**
   * Weights may be stored as float16; the few others are single numbers that a runtime looks at when fusing.
   */
  weights: boolean;
  /**
   * How it is stored where its numbers are codes times a scale each, one scale
   * for each entry of the first dimension.
   */
  codes?: { values: Int8Array<ArrayBuffer>; scales: Float32Array<ArrayBuffer> };
  /** Nodes read it through a Cast, whatever it is stored as, so that its precision can be switched. */
  switchable?: boolean;
}

export interface Value {
  name: string;
  /** For one picture; files leave the first dimension open. */
  shape: readonly number[];
}

/** An ONNX graph before it is written; lists are in the order in which they will lie in the file. */
export interface Graph {
  name: string;
  inputs: readonly Value[];
  outputs: readonly Value[];
  nodes: readonly Node[];
  constants: readonly Constant[];
}

/** The constants that some node reads. */
export function constantsOf(nodes: readonly Node[], constants: Iterable<Constant>): Constant[] {
  const read = new Set(nodes.flatMap(({ inputs }) => inputs));
  return [...constants].filter(({ name }) => read.has(name));
}

/** The constants that are one number, by their names. */
export function singleNumbers(constants: readonly Constant[]): ReadonlyMap<string, number> {
  return new Map(
    constants.flatMap(({ name, values }) => (values.length === 1 ? [[name, Number(values[0])]] : [])),
  );
}
