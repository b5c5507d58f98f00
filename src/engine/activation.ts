import { listOf, numberOf, unsupported, wordOf } from './graph.ts';
import type { Constant, Node } from './graph.ts';

/** What kernels do to a number before they write it: a slope below zero, then two bounds. */
export interface Activation {
  /** At most 1; 1 changes nothing. */
  slope: number;
  low: number;
  high: number;
  /** What a kernel of its own does then. */
  after?: 'sigmoid' | 'hardSwish';
}

/** No activation. */
export const LINEAR: Activation = { slope: 1, low: -Infinity, high: Infinity };

/** Operators that are an activation of their first input. */
export const ACTIVATIONS: ReadonlySet<string> = new Set([
  'Relu',
  'Clip',
  'LeakyRelu',
  'Sigmoid',
  'HardSwish',
]);

/** The activation that a node of {@link ACTIVATIONS} is. */
export function activationOfNode(node: Node, constants: ReadonlyMap<string, Constant>): Activation {
  if (node.operator === 'LeakyRelu') return leaky(node, numberOf(node, 'alpha', 0.01));
  if (node.operator !== 'Clip') return named(node, node.operator);
  const [low = -Infinity, high = Infinity] = node.inputs.slice(1).map((name) => {
    if (!name) return undefined;
    const values = constants.get(name)?.values();
    return values?.length === 1 ? Number(values[0]) : unsupported(node, `its bound “${name}” is computed`);
  });
  return { ...LINEAR, low, high };
}

/** The activation that a node has in its attributes, as `FusedConv` has. */
export function fusedActivation(node: Node): Activation {
  const name = wordOf(node, 'activation', '');
  const [first, second] = listOf(node, 'activation_params', []);
  if (name === '') return LINEAR;
  if (name === 'LeakyRelu') return leaky(node, first ?? 0.01);
  if (name === 'Clip') return { ...LINEAR, low: first ?? -Infinity, high: second ?? Infinity };
  return named(node, name);
}

/** The attributes that say so; none for one that has a kernel of its own. */
export function attributesOf({ slope, low, high, after }: Activation): Node['attributes'] | undefined {
  if (after) return undefined;
  if (slope !== 1) return { activation: 'LeakyRelu', activation_params: [slope] };
  return { activation: 'Clip', activation_params: [low, high] };
}

function named(node: Node, name: string): Activation {
  if (name === 'Relu') return { ...LINEAR, low: 0 };
  if (name === 'Sigmoid') return { ...LINEAR, after: 'sigmoid' };
  if (name === 'HardSwish') return { ...LINEAR, after: 'hardSwish' };
  return unsupported(node, `the activation ${name} is not known`);
}

function leaky(node: Node, slope: number): Activation {
  // The kernels take the larger of x and slope · x.
  if (!(slope <= 1)) unsupported(node, `a slope of ${slope} is above 1`);
  return slope === 0 ? { ...LINEAR, low: 0 } : { ...LINEAR, slope };
}
