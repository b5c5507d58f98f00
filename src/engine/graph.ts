/*
 * What the engine is handed: a network as plain data, whichever file it came from. Names and meanings are
 * those of ONNX (opset 17), with ONNX Runtime's `FusedConv`.
 */

/** Whole numbers, fractions, a list of either, or a word. */
export type Attribute = number | readonly number[] | string;

/** One operator. */
export interface Node {
  operator: string;
  /** Names of values; an empty name leaves an optional input out. */
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, Attribute>>;
}

/** A value that is known before anything runs. */
export interface Constant {
  shape: readonly number[];
  /**
   * Makes the numbers, in ONNX's order: `shape`'s product of them. Called when a network is loaded, for some
   * constants more than once, and what it gives is not kept: so weights that are stored in fewer bits are
   * widened one at a time.
   */
  values: () => Float32Array | BigInt64Array;
  /** The same where it is stored in 8 bits. */
  codes?: () => Codes;
}

/** Numbers in 8 bits: each times the factor of its row. */
export interface Codes {
  /** In ONNX's order. */
  codes: Int8Array;
  /** One for each entry of the first dimension. */
  factors: Float32Array;
}

/** How many numbers a shape has. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((size, length) => size * length, 1);
}

/** What a run is given. */
export interface Input {
  name: string;
  /** For one picture. */
  shape: readonly number[];
}

/** A network. Nodes come after those whose values they read. */
export interface Graph {
  inputs: readonly Input[];
  /** Names of the values that a run gives. */
  outputs: readonly string[];
  nodes: readonly Node[];
  constants: ReadonlyMap<string, Constant>;
}

/** That a network has something in it that the engine does not know. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError';
}

/** Stops the compilation, saying at which node. */
export function unsupported({ operator, outputs }: Node, what: string): never {
  throw new UnsupportedError(`${operator} “${outputs[0] ?? ''}”: ${what}`);
}

/** A list of whole numbers among a node's attributes. */
export function listOf(node: Node, name: string, otherwise: readonly number[]): readonly number[] {
  const value = node.attributes[name] ?? otherwise;
  return typeof value === 'object' ? value : unsupported(node, `${name} is no list`);
}

/** A number among a node's attributes. */
export function numberOf(node: Node, name: string, otherwise: number): number {
  const value = node.attributes[name] ?? otherwise;
  return typeof value === 'number' ? value : unsupported(node, `${name} is no number`);
}

/** A word among a node's attributes. */
export function wordOf(node: Node, name: string, otherwise: string): string {
  const value = node.attributes[name] ?? otherwise;
  return typeof value === 'string' ? value : unsupported(node, `${name} is no word`);
}

/** Stops the compilation where an attribute has another value than the only one that is known. */
export function expectAttribute(node: Node, name: string, known: Attribute): void {
  const value = node.attributes[name];
  if (value !== undefined && String(value) !== String(known))
    unsupported(node, `${name} is ${String(value)}, only ${String(known)} is known`);
}
