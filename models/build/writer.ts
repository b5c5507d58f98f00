import type { Attribute, Constant, Node } from './graph.ts';

/** Collects the nodes and the constants of an ONNX graph. */
export class GraphWriter {
  readonly nodes: Node[] = [];
  readonly #constants = new Map<string, Constant>();

  get constants(): Constant[] {
    return [...this.#constants.values()];
  }

  /** Adds a node with one output. */
  node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.nodes.push({ operator, inputs, outputs: [output], attributes });
  }

  /** Adds the node that enlarges a picture; the two lie on each other at their edges. */
  writeResize(input: string, output: string, [height, width]: readonly [number, number]): void {
    const factors = this.numbers(`scales_${height}x${width}`, [1, 1, height, width]);
    // The second input, the region of interest, is for another coordinate mode.
    this.node('Resize', [input, '', factors], output, {
      coordinate_transformation_mode: 'half_pixel',
      mode: 'linear',
    });
  }

  writeRelu6(input: string, output: string): void {
    this.node('Clip', [input, this.number('zero', 0), this.number('six', 6)], output);
  }

  /** Weights as a value to read; the same `name` is stored once. */
  weights(name: string, shape: readonly number[], values: () => Float32Array): string {
    if (!this.#constants.has(name))
      this.#constants.set(name, { name, shape, values: values(), weights: true });
    return name;
  }

  /** Some of a constant's rows, which for a convolution are its filters. */
  rows(name: string, from: number, count: number): string {
    const constant = this.#constants.get(name);
    const [all = 0, ...others] = constant?.shape ?? [];
    if (!(constant?.values instanceof Float32Array) || from + count > all)
      throw new Error(`“${name}” has no rows ${from} to ${from + count}`);
    const size = constant.values.length / all;
    const values = constant.values.slice(from * size, (from + count) * size);
    return this.weights(`${name}_${from}_${count}`, [count, ...others], () => values);
  }

  number(name: string, value: number): string {
    this.#constants.set(name, { name, shape: [], values: Float32Array.of(value), weights: false });
    return name;
  }

  numbers(name: string, values: readonly number[]): string {
    this.#constants.set(name, {
      name,
      shape: [values.length],
      values: Float32Array.from(values),
      weights: false,
    });
    return name;
  }

  wholeNumbers(name: string, numbers: readonly number[]): string {
    const values = BigInt64Array.from(numbers, BigInt);
    this.#constants.set(name, { name, shape: [values.length], values, weights: false });
    return name;
  }
}
