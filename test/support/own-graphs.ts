import { bytesField, join, textField } from '../../src/runtime/onnx/protobuf.ts';
import type { Bytes, Piece } from '../../src/runtime/onnx/protobuf.ts';
import type { OwnNetworkKind } from '../../src/schema/own-networks.ts';

/*
 * Small networks in the shapes in which an app's own come, whose answer is known: they see spots of magenta,
 * and put every keypoint of a person on the spot, moved by so much as `moveOf` says.
 */

/** A size of an input or an output; text for one that is left open. */
type Size = number | string;

const TYPES = { float: 1, uint8: 2, int32: 6, int64: 7, float16: 10 };
type Type = keyof typeof TYPES;

/** Collects the nodes of a graph. */
export class SmallGraph {
  readonly #nodes: Piece[] = [];
  readonly #constants: Piece[] = [];
  readonly #values: Piece[] = [];
  #count = 0;
  /** NaN where there are spots, of a network that is broken. */
  rootOfRest: string | undefined;

  /** Adds an input. */
  input(name: string, sizes: readonly Size[], type: Type = 'float'): string {
    this.#values.push(...bytesField(11, valueOf(name, sizes, type)));
    return name;
  }

  /** Makes a value an output. */
  output(value: string, name: string, sizes: readonly Size[], type: Type = 'float'): void {
    this.node('Cast', [value], { to: TYPES[type] }, name);
    this.#values.push(...bytesField(12, valueOf(name, sizes, type)));
  }

  /** Adds a node with one output. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[] | { text: string }>> = {},
    output = `${operator}_${this.#count++}`,
  ): string {
    this.nodes(operator, inputs, [output], attributes);
    return output;
  }

  nodes(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Readonly<Record<string, number | readonly number[] | { text: string }>> = {},
  ): void {
    const node = [
      ...inputs.flatMap((input) => textField(1, input)),
      ...outputs.flatMap((output) => textField(2, output)),
      ...textField(4, operator),
      ...Object.entries(attributes).flatMap(([name, value]) => bytesField(5, attributeOf(name, value))),
    ];
    this.#nodes.push(...bytesField(1, node));
  }

  /** Numbers that do not depend on the picture. */
  constant(sizes: readonly number[], values: ArrayLike<number>, type: 'float' | 'int64' = 'float'): string {
    const name = `constant_${this.#count++}`;
    const list = Array.from(values);
    const numbers = type === 'float' ? Float32Array.from(list) : BigInt64Array.from(list, BigInt);
    this.#constants.push(
      ...bytesField(5, [
        ...sizes.map((size) => numberField(1, size)),
        numberField(2, TYPES[type]),
        ...textField(8, name),
        ...bytesField(9, [new Uint8Array(numbers.buffer)]),
      ]),
    );
    return name;
  }

  /** The ONNX file. */
  bytes(): Bytes {
    const graph = [...this.#nodes, ...textField(2, 'small'), ...this.#constants, ...this.#values];
    return join([
      numberField(1, 8),
      ...bytesField(7, graph),
      ...bytesField(8, [...textField(1, ''), numberField(2, 13)]),
    ]);
  }
}

function attributeOf(name: string, value: number | readonly number[] | { text: string }): Piece[] {
  const rest: Piece[] =
    typeof value === 'number'
      ? [numberField(3, value), numberField(20, 2)]
      : 'text' in value
        ? [...textField(4, value.text), numberField(20, 3)]
        : [...value.map((each) => numberField(8, each)), numberField(20, 7)];
  return [...textField(1, name), ...rest];
}

function valueOf(name: string, sizes: readonly Size[], type: Type): Piece[] {
  const shape = sizes.flatMap((size) =>
    bytesField(1, typeof size === 'number' ? [numberField(1, size)] : textField(2, size)),
  );
  const tensor = [numberField(1, TYPES[type]), ...bytesField(2, shape)];
  return [...textField(1, name), ...bytesField(2, bytesField(1, tensor))];
}

function numberField(number: number, value: number): Uint8Array {
  const bytes: number[] = [];
  for (const part of [number << 3, value]) {
    let rest = part;
    for (; rest > 0x7f; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
  }
  return Uint8Array.from(bytes);
}

/** How far a keypoint lies from the spot, in cells of the network. */
export function moveOf(index: number): { x: number; y: number } {
  return { x: (index % 3) - 1, y: (index % 5) - 2 };
}

/** What the small networks are fed: colours from 0 to 1. */
export const SMALL_INPUT = { channels: 'rgb', mean: [0, 0, 0], deviation: [255, 255, 255] } as const;

/** How a small network is made. */
export interface SmallOptions {
  keypoints: number;
  width: number;
  height: number;
  /** Whether the sizes of its outputs are left open. */
  isOpen?: boolean;
  /** As TensorFlow has it: the colours of a pixel side by side, as bytes, and planes inside out. */
  isInsideOut?: boolean;
  /** Whether spots make NaN of its numbers. */
  isBroken?: boolean;
}

/** Pixels of the input in a cell of those that look at one person, and of those that look at pictures. */
export const CELL = { person: 4, picture: 8 };

/** A network of that kind. */
export function smallNetwork(kind: OwnNetworkKind, options: SmallOptions): Bytes {
  const graph = new SmallGraph();
  const spots = spotsOf(graph, options);
  MAKERS[kind](graph, spots, options);
  return graph.bytes();
}

/** 1 where a pixel is magenta, 0 elsewhere; 1 × 1 × height × width. */
function spotsOf(graph: SmallGraph, { width, height, isInsideOut = false, isBroken = false }: SmallOptions) {
  let planes = 'picture';
  if (isInsideOut) {
    graph.input('picture', [1, height, width, 3], 'uint8');
    const numbers = graph.node('Cast', ['picture'], { to: TYPES.float });
    const shares = graph.node('Div', [numbers, graph.constant([], [255])]);
    planes = graph.node('Transpose', [shares], { perm: [0, 3, 1, 2] });
  } else graph.input('picture', ['batch', 3, height, width]);
  const weights = graph.constant([1, 3, 1, 1], [1, -2, 1]);
  const mixed = graph.node('Conv', [planes, weights, graph.constant([1], [-1])]);
  const spots = graph.node('Relu', [mixed]);
  if (!isBroken) return spots;
  const rest = graph.node('Sub', [
    graph.constant([], [0.5]),
    graph.node('ReduceMax', [spots], { keepdims: 1 }),
  ]);
  // Of a number below 0.
  graph.rootOfRest = graph.node('Sqrt', [rest]);
  return graph.node('Mul', [spots, graph.rootOfRest]);
}

type Maker = (graph: SmallGraph, spots: string, options: SmallOptions) => void;

/** Half the width of what finds the middle of a spot, in bins. */
const BLUR = 12;

/** Room for moves, in cells. */
const REACH = 5;

/** A plane for each keypoint: what is in one, moved. */
function moved(graph: SmallGraph, plane: string, keypoints: number): string {
  const side = 2 * REACH + 1;
  const weights = new Float32Array(keypoints * side ** 2);
  for (let index = 0; index < keypoints; index++) {
    const { x, y } = moveOf(index);
    weights[index * side ** 2 + (REACH - y) * side + REACH - x] = 1;
  }
  const pads = [REACH, REACH, REACH, REACH];
  return graph.node('Conv', [plane, graph.constant([keypoints, 1, side, side], weights)], { pads });
}

/** What lies around the first pixel of each cell. */
function cellsAround(graph: SmallGraph, spots: string): string {
  return graph.node('AveragePool', [spots], { kernel_shape: [5, 5], strides: [4, 4], pads: [2, 2, 2, 2] });
}

function open({ isOpen = false }: SmallOptions, ...sizes: readonly Size[]): readonly Size[] {
  return isOpen ? sizes.map((_, at) => `size_${at}`) : sizes;
}

const simcc: Maker = (graph, spots, options) => {
  const { keypoints, width, height } = options;
  for (const [name, axis, length] of [
    ['simcc_x', 2, width],
    ['simcc_y', 3, height],
  ] as const) {
    const sums = graph.node('ReduceSum', [spots, graph.constant([1], [axis], 'int64')], { keepdims: 0 });
    const row = graph.node('Reshape', [sums, graph.constant([4], [1, 1, 1, length], 'int64')]);
    // Two bins a pixel.
    const twice = Array.from({ length: 2 * length }, (_, bin) => Math.floor(bin / 2));
    const bins = graph.node('Gather', [row, graph.constant([2 * length], twice, 'int64')], { axis: 3 });
    const side = 16 * REACH + 1;
    const weights = new Float32Array(keypoints * side);
    for (let index = 0; index < keypoints; index++) {
      const move = 2 * CELL.person * moveOf(index)[axis === 2 ? 'x' : 'y'];
      // As wide as a spot, so that there is one bin where they agree best.
      for (let bin = -BLUR; bin <= BLUR; bin++)
        weights[index * side + (side - 1) / 2 - move + bin] = (1 - Math.abs(bin) / BLUR) / BLUR;
    }
    const reach = (side - 1) / 2;
    const found = graph.node('Conv', [bins, graph.constant([keypoints, 1, 1, side], weights)], {
      pads: [0, reach, 0, reach],
    });
    const flat = graph.node('Reshape', [found, graph.constant([3], [1, keypoints, 2 * length], 'int64')]);
    graph.output(flat, name, open(options, 1, keypoints, 2 * length));
  }
};

/** Planes as an output, inside out where that is asked for. */
function planesOut(
  graph: SmallGraph,
  planes: string,
  name: string,
  channels: number,
  options: SmallOptions,
): void {
  const [rows, columns] = [options.height / CELL.person, options.width / CELL.person];
  if (!options.isInsideOut) graph.output(planes, name, open(options, 1, channels, rows, columns));
  else {
    const turned = graph.node('Transpose', [planes], { perm: [0, 2, 3, 1] });
    graph.output(turned, name, open(options, 1, rows, columns, channels), 'float16');
  }
}

const heatmap: Maker = (graph, spots, options) => {
  const planes = moved(graph, cellsAround(graph, spots), options.keypoints);
  planesOut(graph, planes, 'output', options.keypoints, options);
};

const movenet: Maker = (graph, spots, options) => {
  const { keypoints, width, height } = options;
  const logits = (planes: string) =>
    graph.node('Sub', [graph.node('Mul', [planes, graph.constant([], [12])]), graph.constant([], [6])]);
  const cells = graph.node('AveragePool', [spots], { kernel_shape: [4, 4], strides: [4, 4] });
  const count = (width * height) / CELL.person ** 2;
  const everywhere = (ofPlane: (plane: number) => number) =>
    graph.constant(
      [1, 2 * keypoints, height / CELL.person, width / CELL.person],
      Float32Array.from({ length: 2 * keypoints * count }, (_, at) => ofPlane(Math.floor(at / count))),
    );
  planesOut(graph, logits(moved(graph, cells, keypoints)), 'heat', keypoints, options);
  planesOut(graph, logits(cells), 'middle', 1, options);
  const distances = everywhere((plane) => moveOf(Math.floor(plane / 2))[plane % 2 === 0 ? 'y' : 'x']);
  planesOut(graph, distances, 'distances', 2 * keypoints, options);
  planesOut(
    graph,
    everywhere(() => 0.5),
    'within',
    2 * keypoints,
    options,
  );
};

/** A person at each cell: the box's middle and size or its corners, and the keypoints. */
function tables({ keypoints, width, height }: SmallOptions) {
  const columns = width / CELL.picture;
  const count = columns * (height / CELL.picture);
  const middles = Array.from({ length: count }, (_, cell) => ({
    x: (cell % columns) * CELL.picture + CELL.picture / 2,
    y: Math.floor(cell / columns) * CELL.picture + CELL.picture / 2,
  }));
  const [across, down] = [6 * CELL.picture, 8 * CELL.picture];
  return {
    count,
    boxes: middles.map(({ x, y }) => [x, y, across, down]),
    corners: middles.map(({ x, y }) => [x - across / 2, y - down / 2, x + across / 2, y + down / 2]),
    points: middles.map(({ x, y }) =>
      Array.from({ length: keypoints }, (_, index) => {
        const move = moveOf(index);
        return [x + CELL.picture * move.x, y + CELL.picture * move.y, 0.9];
      }).flat(),
    ),
  };
}

/** How much of each cell is a spot, 1 × 1 × cells. */
function cellScores(graph: SmallGraph, spots: string, count: number): string {
  const size = [CELL.picture, CELL.picture];
  const most = graph.node('MaxPool', [spots], { kernel_shape: size, strides: size });
  // The highest of NaN is none.
  const sure = graph.node('Mul', [most, graph.rootOfRest ?? graph.constant([], [0.95])]);
  return graph.node('Reshape', [sure, graph.constant([3], [1, 1, count], 'int64')]);
}

const yoloPose: Maker = (graph, spots, options) => {
  const { count, boxes, points } = tables(options);
  const columnsOf = (rows: readonly (readonly number[])[]) => {
    const values = rows[0]?.map((_, value) => rows.map((row) => row[value] ?? 0)) ?? [];
    return graph.constant([1, values.length, count], values.flat());
  };
  const all = graph.node('Concat', [columnsOf(boxes), cellScores(graph, spots, count), columnsOf(points)], {
    axis: 1,
  });
  graph.output(all, 'output0', open(options, 1, 5 + 3 * options.keypoints, count));
};

/** The surest cells and their scores. */
function surest(graph: SmallGraph, spots: string, count: number, people: number) {
  const scores = cellScores(graph, spots, count);
  const [values, cells] = ['values', 'cells'];
  graph.nodes('TopK', [scores, graph.constant([1], [people], 'int64')], [values, cells], { axis: 2 });
  const which = graph.node('Reshape', [cells, graph.constant([2], [1, people], 'int64')]);
  return {
    score: graph.node('Reshape', [values, graph.constant([3], [1, people, 1], 'int64')]),
    rowsOf: (rows: readonly (readonly number[])[]) =>
      graph.node('Gather', [graph.constant([count, rows[0]?.length ?? 0], rows.flat()), which], { axis: 0 }),
  };
}

const PEOPLE = 4;

const yoloPoseNms: Maker = (graph, spots, options) => {
  const { count, corners, points } = tables(options);
  const { score, rowsOf } = surest(graph, spots, count, PEOPLE);
  const kind = graph.constant(
    [1, PEOPLE, 1],
    Array.from({ length: PEOPLE }, () => 0),
  );
  const all = graph.node('Concat', [rowsOf(corners), score, kind, rowsOf(points)], { axis: 2 });
  graph.output(all, 'output0', open(options, 1, PEOPLE, 6 + 3 * options.keypoints));
};

const rtmo: Maker = (graph, spots, options) => {
  const { count, corners, points } = tables(options);
  const { score, rowsOf } = surest(graph, spots, count, PEOPLE);
  const sizes = graph.constant([4], [1, PEOPLE, options.keypoints, 3], 'int64');
  graph.output(
    // Whole numbers are the pixels' middles.
    graph.node('Sub', [graph.node('Reshape', [rowsOf(points), sizes]), graph.constant([3], [0.5, 0.5, 0])]),
    'keypoints',
    open(options, 1, PEOPLE, options.keypoints, 3),
  );
  graph.output(
    graph.node('Concat', [rowsOf(corners), score], { axis: 2 }),
    'dets',
    open(options, 1, PEOPLE, 5),
  );
};

const MAKERS: Readonly<Record<OwnNetworkKind, Maker>> = {
  simcc,
  heatmap,
  movenet,
  'yolo-pose': yoloPose,
  'yolo-pose-nms': yoloPoseNms,
  rtmo,
};

/** The names of the small MoveNet's outputs. */
export const SMALL_MOVENET_OUTPUTS = {
  heatmaps: 'heat',
  centre: 'middle',
  regressions: 'distances',
  offsets: 'within',
};
