import { at } from './arrays.ts';
import type { Graph, Node } from './graph.ts';

/**
 * The shapes of a graph's pictures: values of four dimensions, batch first, then channels, height and width. Values
 * that come from a Reshape or a Transpose are left out.
 */
export function pictureShapes({ inputs, nodes, constants }: Graph): Map<string, readonly number[]> {
  const shapes = new Map(inputs.map(({ name, shape }) => [name, shape]));
  const weights = new Map(constants.map((constant) => [constant.name, constant]));
  for (const node of nodes) {
    const known = node.inputs.flatMap((name) => shapes.get(name) ?? []).length > 0;
    const shape = known ? shapeOf(node) : undefined;
    const [output] = node.outputs;
    if (shape && output !== undefined) shapes.set(output, shape);
  }
  return shapes;

  function shapeOf({ operator, inputs: read, attributes }: Node): readonly number[] | undefined {
    const pictures = read.flatMap((name) => {
      const shape = shapes.get(name);
      return shape ? [shape] : [];
    });
    const [batch = 1, channels = 0, height = 0, width = 0] = pictures[0] ?? [];
    const list = (name: string): readonly number[] => {
      const value = attributes[name];
      if (!Array.isArray(value)) throw new Error(`${operator} has no ${name}`);
      return value.map(Number);
    };
    const numbers = (position: number): number[] =>
      Array.from(weights.get(read[position] ?? '')?.values ?? [], Number);
    const slide = (): readonly number[] => {
      const [kernel, strides, pads] = [list('kernel_shape'), list('strides'), list('pads')];
      return [height, width].map(
        (size, k) => Math.floor((size + at(pads, k) + at(pads, k + 2) - at(kernel, k)) / at(strides, k)) + 1,
      );
    };
    switch (operator) {
      case 'Conv':
        return [batch, at(weights.get(read[1] ?? '')?.shape ?? [], 0), ...slide()];
      case 'MaxPool':
        return [batch, channels, ...slide()];
      case 'GlobalAveragePool':
        return [batch, channels, 1, 1];
      case 'Concat':
        if (attributes['axis'] !== 1) return undefined;
        return [batch, pictures.reduce((sum, shape) => sum + at(shape, 1), 0), height, width];
      case 'DepthToSpace': {
        const block = Number(attributes['blocksize']);
        return [batch, channels / block ** 2, height * block, width * block];
      }
      case 'Resize': {
        const scales = numbers(2);
        return [batch, channels, height * at(scales, 2), width * at(scales, 3)];
      }
      case 'Pad': {
        const pads = numbers(1);
        return [batch, channels, height, width].map((size, k) => size + at(pads, k) + at(pads, k + 4));
      }
      case 'Add':
      case 'Mul':
        return [0, 1, 2, 3].map((k) => Math.max(...pictures.map((shape) => at(shape, k))));
      case 'Clip':
      case 'HardSigmoid':
      case 'Relu':
      case 'Sigmoid':
        return pictures[0];
      default:
        return undefined;
    }
  }
}
