import { constantsOf, singleNumbers } from './graph.ts';
import type { Constant, Graph, Node } from './graph.ts';

/** The four nodes of `c·x · min(max(x + 3, 0), 6)`, where `c` is about a sixth, and the convolution that gives `x`. */
interface HardSwish {
  convolution: Node;
  nodes: readonly Node[];
  output: string;
  /** 6·c: what the gate is at most. */
  height: number;
}

/**
 * Writes hard swish with two operators instead of four, which pass over whole pictures: as `z · HardSigmoid(z)`.
 *
 * ONNX's HardSigmoid is at most 1 and the gate at most 6·c, which float16 weights make a little less than that. So
 * the convolution before it gives z = 6·c·x, and the gate is as steep as it has to be for x. The weights are scaled
 * while a model is loaded, by `src/runtime/plain-model.ts` or by the runtime: here they would be float16 numbers no longer.
 */
export function shortenHardSwish(graph: Graph): Graph {
  const found = findAll(graph);
  if (found.length === 0) return graph;
  const constants = new Map(graph.constants.map((constant) => [constant.name, constant]));
  const scaledBy = new Map(found.map((swish) => [swish.convolution, swish]));
  const dropped = new Set(found.flatMap(({ nodes }) => nodes));
  const last = new Map(found.map((swish) => [swish.nodes.at(-1), swish]));
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const before = scaledBy.get(node);
    if (before) return scaleConvolution(node, before.height, constants);
    const swish = last.get(node);
    if (swish) return writeGate(swish);
    return dropped.has(node) ? [] : [node];
  });
  return { ...graph, nodes, constants: constantsOf(nodes, constants.values()) };
}

function findAll({ nodes, constants, outputs }: Graph): HardSwish[] {
  const singles = singleNumbers(constants);
  const writers = new Map(nodes.map((node) => [node.outputs[0], node]));
  const readersOf = (value: string): Node[] => nodes.filter(({ inputs }) => inputs.includes(value));
  const kept = new Set(outputs.map(({ name }) => name));

  return nodes.flatMap((convolution): HardSwish[] => {
    const [x] = convolution.outputs;
    if (convolution.operator !== 'Conv' || x === undefined || kept.has(x)) return [];
    const readers = readersOf(x);
    const scaling = readers.find(({ operator }) => operator === 'Mul');
    const shift = readers.find(({ operator }) => operator === 'Add');
    if (!scaling || !shift || readers.length !== 2) return [];
    const factor = singleBeside(x, scaling);
    const [clip, ...otherClips] = readersOf(shift.outputs[0] ?? '');
    const [product, ...otherProducts] = readersOf(scaling.outputs[0] ?? '');
    if (factor === undefined || singleBeside(x, shift) !== 3) return [];
    if (clip?.operator !== 'Clip' || product?.operator !== 'Mul') return [];
    const [low, high] = clip.inputs.slice(1).map((name) => singles.get(name));
    if (low !== 0 || high !== 6 || otherClips.length > 0 || otherProducts.length > 0) return [];
    if (!product.inputs.every((input) => [clip, scaling].includes(writers.get(input) ?? product))) return [];
    const [output] = product.outputs;
    if (output === undefined) return [];
    return [{ convolution, nodes: [scaling, shift, clip, product], output, height: 6 * factor }];
  });

  function singleBeside(value: string, { inputs }: Node): number | undefined {
    const [other, ...more] = inputs.filter((input) => input !== value);
    return other === undefined || more.length > 0 ? undefined : singles.get(other);
  }
}

function scaleConvolution(convolution: Node, height: number, constants: Map<string, Constant>): Node[] {
  const factor = `swish_${height}`;
  constants.set(factor, { name: factor, shape: [], values: Float32Array.of(height), weights: false });
  const [picture = '', ...parameters] = convolution.inputs;
  const scaled = parameters.map((name) => ({ name, result: `${name}_swish` }));
  return [
    ...scaled.map(({ name, result }) => ({
      operator: 'Mul',
      inputs: [name, factor],
      outputs: [result],
      attributes: {},
    })),
    { ...convolution, inputs: [picture, ...scaled.map(({ result }) => result)] },
  ];
}

function writeGate({ convolution, output, height }: HardSwish): Node[] {
  const [z = ''] = convolution.outputs;
  const gate = `${output}_gate`;
  return [
    {
      operator: 'HardSigmoid',
      inputs: [z],
      outputs: [gate],
      attributes: { alpha: { float: 1 / (6 * height) }, beta: { float: 0.5 } },
    },
    { operator: 'Mul', inputs: [z, gate], outputs: [output], attributes: {} },
  ];
}
