import type { TfliteSpec } from './catalogue.ts';
import { Context } from './context.ts';
import type { Graph } from './graph.ts';
import { HANDLERS } from './operators.ts';
import { split } from './split.ts';
import type { Operator, TfliteModel } from './tflite.ts';

/** Turns a TFLite model into ONNX graphs, one for each file that the catalogue asks for. */
export function convert(model: TfliteModel, spec: TfliteSpec): readonly Graph[] {
  const [input] = model.inputs;
  if (input === undefined || model.inputs.length !== 1) {
    throw new Error(`${model.file}: expected one input, found ${model.inputs.length}`);
  }
  const outputs = spec.outputs.map(({ position, name }) => {
    const index = model.outputs[position];
    if (index === undefined) throw new Error(`${model.file}: has no output ${position} to be “${name}”`);
    return { index, name };
  });

  const context = new Context(
    model,
    new Map([[input, spec.input], ...outputs.map(({ index, name }): [number, string] => [index, name])]),
  );
  for (const operator of neededFor(outputs, model)) {
    try {
      HANDLERS[operator.name](operator, context);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`${model.file}: operator ${operator.index}, ${operator.name}: ${reason}`, {
        cause: error,
      });
    }
  }
  const graph: Graph = {
    name: spec.name,
    inputs: [{ name: spec.input, shape: context.shape(input) }],
    outputs: outputs.map(({ index }) => ({ name: context.value(index), shape: context.shape(index) })),
    nodes: context.nodes,
    constants: context.constants,
  };
  return spec.part ? split(graph, spec.part, (name) => context.shapeOf(name)) : [graph];
}

/** The operators that lead to these outputs, in the file's order, which is one in which they can run. */
function neededFor(outputs: readonly { index: number }[], model: TfliteModel): Operator[] {
  const needed = new Set(outputs.map(({ index }) => index));
  return model.operators
    .toReversed()
    .filter((operator) => {
      if (!operator.outputs.some((index) => needed.has(index))) return false;
      for (const index of operator.inputs) needed.add(index);
      return true;
    })
    .toReversed();
}
