import type { Constant, Graph, Node } from './graph.ts';
import { FLOAT } from './onnx.ts';

/**
 * Puts Casts where numbers enter a graph's computation and where they leave it, so that one file
 * serves two precisions. All of them are to FLOAT, which changes nothing and which runtimes drop.
 * With the first `halfCasts` of the written file to FLOAT16 instead, the same graph computes in
 * float16, with inputs and outputs in float32.
 *
 * The Casts of constants and inputs are the first nodes of the file, so that a runtime
 * finds them without knowing the format.
 */
export function makeSwitchable(graph: Graph): { graph: Graph; halfCasts: number } {
  const constants = graph.constants.map((constant) =>
    isOperand(constant, graph.nodes) ? { ...constant, switchable: true } : constant,
  );
  const inputs = graph.inputs.map(({ name }) => ({ name, inner: `${name}_cast` }));
  const outputs = graph.outputs.map(({ name }) => ({ name, inner: `${name}_uncast` }));
  const inner = new Map([...inputs, ...outputs].map((ends) => [ends.name, ends.inner]));
  const renamed = (values: readonly string[]): string[] => values.map((name) => inner.get(name) ?? name);
  const nodes = graph.nodes.map((node) => ({
    ...node,
    inputs: renamed(node.inputs),
    outputs: renamed(node.outputs),
  }));
  return {
    graph: {
      ...graph,
      constants,
      nodes: [
        ...inputs.map((ends) => castToFloat(ends.name, ends.inner)),
        ...nodes,
        ...outputs.flatMap((ends) => writeOutput(ends.inner, ends.name)),
      ],
    },
    halfCasts: constants.filter(({ switchable }) => switchable).length + inputs.length,
  };
}

/** Whether a constant is computed with: a Resize's factors are not, and ONNX wants them in float32. */
function isOperand({ name, values }: Constant, nodes: readonly Node[]): boolean {
  const readers = nodes.filter(({ inputs }) => inputs.includes(name));
  return values instanceof Float32Array && readers.every(({ operator }) => operator !== 'Resize');
}

function castToFloat(input: string, output: string): Node {
  return { operator: 'Cast', inputs: [input], outputs: [output], attributes: { to: FLOAT } };
}

/**
 * ONNX Runtime keeps the node that gives an output, even a Cast that changes nothing, and so would copy every
 * output. Of an Identity it can do without, and of the Cast before it as well.
 */
function writeOutput(input: string, output: string): Node[] {
  const cast = `${output}_cast`;
  return [
    castToFloat(input, cast),
    { operator: 'Identity', inputs: [cast], outputs: [output], attributes: {} },
  ];
}
