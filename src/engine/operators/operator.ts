import type { Builder, Tensor } from '../builder.ts';
import type { Constant, Node } from '../graph.ts';

/** The values that nodes before have made, and the constants. */
export interface Values {
  readonly constants: ReadonlyMap<string, Constant>;
  /** A value by its name; constants too. */
  tensor(name: string): Tensor;
  /** @throws UnsupportedError where it is computed */
  constant(name: string): Constant;
}

/**
 * Makes calls of a node.
 * @returns its outputs
 * @throws UnsupportedError
 */
export type Operator = (node: Node, values: Values, builder: Builder) => readonly Tensor[];
