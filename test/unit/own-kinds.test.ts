import { describe, expect, test } from 'vitest';
import { OWN_KINDS } from '../../src/networks/own-kinds.ts';
import type { OwnFormat } from '../../src/networks/own-network.ts';
import { KEYPOINT_SETS } from '../../src/networks/keypoint-sets.ts';
import type { Networks } from '../../src/pipeline/networks.ts';
import { ownPosesIn, squareFor } from '../../src/pipeline/photo/own-landmarks.ts';
import { PixelPyramid } from '../../src/runtime/pictures/pixels.ts';
import { sampleSquare } from '../../src/runtime/pictures/sample-square.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import type { KeypointSet, OwnNetworkKind } from '../../src/schema/own-networks.ts';
import { open } from '../../src/worker/own-networks.ts';
import type { OwnNetworkRequest } from '../../src/worker/protocol.ts';

/*
 * What the numbers of networks of an app's own mean, kind by kind, as those define it who train such networks:
 * to less than half a bin, with nothing but numbers. Whole small networks are in `own-networks.test.ts`.
 */

/** What a network gives for one square. */
type Numbers = Readonly<Record<string, { dims: readonly number[]; data: Float32Array }>>;

/** What the network is fed where the app says nothing but its kind and its size. */
function openKind(kind: OwnNetworkKind, width: number, height: number) {
  const asked: unknown = { kind, url: '/own.onnx', keypoints: 'coco-17', input: { width, height } };
  return open(asked as OwnNetworkRequest).network.input;
}

/** The parts of whom a network of that kind sees that gives these numbers, in the picture. */
async function partsOf(
  kind: OwnNetworkKind,
  format: Omit<OwnFormat, 'keypoints'>,
  names: readonly (BodyPart | null)[],
  square: ReturnType<typeof squareFor>,
  given: Numbers,
) {
  const roles = Object.keys(OWN_KINDS[kind].outputs);
  const own = {
    network: { file: 'own', input: openKind(kind, format.width, format.height), outputs: roles } as never,
    kind: OWN_KINDS[kind],
    format: { ...format, keypoints: names.length },
    names,
    outputs: Object.fromEntries(roles.map((role) => [role, role])),
  };
  const outputs = Object.fromEntries(Object.entries(given).map(([name, { data }]) => [name, data]));
  const networks: Networks = {
    have: async () => {},
    batchOf: () => 1,
    run: async (_network, regions, read) =>
      regions.map((region) => read(outputs as never, region, (name) => given[name]?.dims ?? [])),
  };
  const [poses = []] = await ownPosesIn(own, networks, [square]);
  return poses;
}

/** Numbers that are 0 but for some. */
function numbers(dims: readonly number[], ...some: (readonly [at: readonly number[], value: number])[]) {
  const data = new Float32Array(dims.reduce((product, size) => product * size, 1));
  for (const [at, value] of some)
    data[at.reduce((sum, index, axis) => sum * (dims[axis] ?? 1) + index, 0)] = value;
  return { dims, data };
}

describe('keypoints', () => {
  const MPII: readonly (BodyPart | null)[] = [
    ...(['right_ankle', 'right_knee', 'right_hip', 'left_hip', 'left_knee', 'left_ankle'] as const),
    // Pelvis and thorax.
    ...([null, null, 'neck', 'top_head'] as const),
    ...([
      'right_wrist',
      'right_elbow',
      'right_shoulder',
      'left_shoulder',
      'left_elbow',
      'left_wrist',
    ] as const),
  ];
  const COCO: readonly BodyPart[] = [
    ...(['nose', 'left_eye', 'right_eye', 'left_ear', 'right_ear'] as const),
    ...([
      'left_shoulder',
      'right_shoulder',
      'left_elbow',
      'right_elbow',
      'left_wrist',
      'right_wrist',
    ] as const),
    ...(['left_hip', 'right_hip', 'left_knee', 'right_knee', 'left_ankle', 'right_ankle'] as const),
  ];
  /** Hips' middle, and the feet: big toes, small toes, heels. */
  const HALPE: readonly (BodyPart | null)[] = [...COCO, 'top_head', 'neck', null, ...Array(6).fill(null)];
  const WHOLE_BODY: readonly (BodyPart | null)[] = [
    ...COCO,
    // Six of the feet, then the face's 68, of which the 49th and the 55th are the mouth's corners, then hands.
    ...Array(6 + 48).fill(null),
    'right_mouth_corner',
    ...Array(5).fill(null),
    'left_mouth_corner',
    ...Array(68 - 55 + 2 * 21).fill(null),
  ];

  test.each<[KeypointSet, readonly (BodyPart | null)[], number]>([
    ['coco-17', COCO, 17],
    ['halpe-26', HALPE, 26],
    ['wholebody-133', WHOLE_BODY, 133],
    ['mpii-16', MPII, 16],
  ])('of %s have the data set’s own order', (set, names, count) => {
    expect(names).toHaveLength(count);
    expect(KEYPOINT_SETS[set]).toEqual(names);
  });
});

describe('a network is fed', () => {
  /** Red, green and blue, as no two networks would have them alike. */
  const COLOUR = [200, 100, 30] as const;
  const imagenet = (colour: readonly number[]) => [
    ((colour[0] ?? NaN) - 123.675) / 58.395,
    ((colour[1] ?? NaN) - 116.28) / 57.12,
    ((colour[2] ?? NaN) - 103.53) / 57.375,
  ];
  const [BLACK, GREY] = [
    [0, 0, 0],
    [114, 114, 114],
  ];

  test.each<[OwnNetworkKind, (colour: readonly number[]) => number[], readonly number[]]>([
    ['simcc', imagenet, BLACK],
    ['heatmap', imagenet, BLACK],
    ['movenet', (colour) => colour.map((value) => value / 127.5 - 1), BLACK],
    ['yolo-pose', (colour) => colour.map((value) => value / 255), GREY],
    ['yolo-pose-nms', (colour) => colour.map((value) => value / 255), GREY],
    ['rtmo', (colour) => colour.toReversed(), GREY],
  ])('by %s what it was trained with, and around the picture too', (kind, numbersOf, around) => {
    // 300 × 480 in 128 × 96: a fifth as large, 34 columns from the left.
    const [width, height, side] = [300, 480, 128];
    const data = new Uint8ClampedArray(4 * width * height);
    for (let at = 0; at < data.length; at += 4) data.set([...COLOUR, 255], at);
    const input = openKind(kind, side, 96);
    expect(input.side).toBe(side);
    const square = squareFor(
      { left: 0, top: 0, width, height },
      { keypoints: 17, width: side, height: 96, anchor: 'corner' },
    );
    const planes = new Float32Array(3 * side ** 2);
    sampleSquare(new PixelPyramid({ data, width, height }), square, input, planes);
    // The input is the square's middle: 16 rows from its top.
    const at = (column: number, row: number) =>
      [0, 1, 2].map((plane) => planes[plane * side ** 2 + (row + 16) * side + column] ?? NaN);
    for (const [column, row, colour] of [
      [34, 0, COLOUR],
      [93, 95, COLOUR],
      [33, 50, around],
      [94, 50, around],
      [60, -1, around],
      [60, 96, around],
    ] as const) {
      for (const [plane, value] of numbersOf(colour).entries())
        expect(at(column, row)[plane], `${column}, ${row}`).toBeCloseTo(value, 4);
    }
  });
});

/** How a point that lies on the middle of one pixel of the input is told, that pixel's column and row given. */
type Tell = (column: number, row: number, size: { width: number; height: number }) => Numbers;

const CELL = 4;
const GRID = [24, 16] as const;
const [ROWS, COLUMNS] = GRID;

describe('what lies on a pixel’s middle is told there', () => {
  const inCells: Tell = (column, row) => ({
    heatmaps: numbers([1, 1, ...GRID], [[0, 0, row / CELL, column / CELL], 0.8]),
  });
  const CASES: Record<
    string,
    [OwnNetworkKind, Tell, Partial<OwnFormat>?, pixels?: readonly [number, number][]]
  > = {
    // Two bins a pixel, of which bin 2 p is pixel p; and one.
    'simcc with two bins a pixel': [
      'simcc',
      (column, row, { width, height }) => ({
        x: numbers([1, 1, 2 * width], [[0, 0, 2 * column], 0.8], [[0, 0, 2 * column + 1], 0.79]),
        y: numbers([1, 1, 2 * height], [[0, 0, 2 * row], 0.9], [[0, 0, 2 * row + 1], 0.89]),
      }),
    ],
    'simcc with one bin a pixel': [
      'simcc',
      (column, row, { width, height }) => ({
        x: numbers([1, 1, width], [[0, 0, column], 0.8]),
        y: numbers([1, 1, height], [[0, 0, row], 0.9]),
      }),
    ],
    // HRNet: a joint's cell is its place in pixels by 4.
    'heatmaps, corner': ['heatmap', inCells],
    // UDP: the outer cells are the outer pixels, and between them each is as far from the next.
    'heatmaps, udp': [
      'heatmap',
      (column, row, { width, height }) => {
        const cell = (place: number, length: number, cells: number) => (place * (cells - 1)) / (length - 1);
        return {
          heatmaps: numbers(
            [1, 1, ...GRID],
            [[0, 0, cell(row, height, ROWS), cell(column, width, COLUMNS)], 0.8],
          ),
        };
      },
      { anchor: 'udp' },
      // Where cells lie on pixels' middles at all: 63 and 95 are 15 × 4.2 and 23 × 4.13.
      [
        [0, 0],
        [63, 0],
        [0, 95],
        [21, 95],
      ],
    ],
    // Between the second and the third pixel of a cell is its middle: two cells that are as high make it a pixel's.
    'heatmaps, middle': [
      'heatmap',
      (column, row) => {
        const gaussian = (x: number, y: number) => Math.exp(-(x ** 2 + y ** 2) / 8);
        const data = Float32Array.from({ length: ROWS * COLUMNS }, (_, cell) =>
          gaussian(
            (cell % COLUMNS) + 0.5 - (column + 0.5) / CELL,
            Math.floor(cell / COLUMNS) + 0.5 - (row + 0.5) / CELL,
          ),
        );
        return { heatmaps: { dims: [1, 1, ...GRID], data } };
      },
      { anchor: 'middle' },
      [
        [20, 40],
        [41, 59],
        [43, 58],
      ],
    ],
    // MoveNet: y and x by turns, in cells; the place within a cell is added.
    'movenet’s heads': [
      'movenet',
      (column, row) => {
        const [cellX, cellY] = [Math.floor(column / CELL), Math.floor(row / CELL)];
        const [centreX, centreY] = [9, 13];
        // Where x and y would change sides, something else is surer.
        const other = [0, 0, centreY + cellX - centreX, centreX + cellY - centreY];
        return {
          heatmaps: numbers([1, 1, ...GRID], [other, 3.2], [[0, 0, cellY, cellX], 3]),
          centre: numbers([1, 1, ...GRID], [[0, 0, centreY, centreX], 5]),
          regressions: numbers(
            [1, 2, ...GRID],
            [[0, 0, centreY, centreX], cellY - centreY],
            [[0, 1, centreY, centreX], cellX - centreX],
          ),
          offsets: numbers(
            [1, 2, ...GRID],
            [[0, 0, cellY, cellX], (row + 0.5) / CELL - cellY],
            [[0, 1, cellY, cellX], (column + 0.5) / CELL - cellX],
          ),
        };
      },
      {},
      [
        [21, 43],
        [38, 28],
      ],
    ],
    // YOLO: edges between pixels are whole numbers, since colours and points are scaled from 0.
    'yolo-pose': ['yolo-pose', (column, row) => ({ people: raw([column + 0.5, row + 0.5, 0.7]) })],
    'yolo-pose, the other way round': [
      'yolo-pose',
      (column, row) => {
        const { dims, data } = raw([column + 0.5, row + 0.5, 0.7]);
        const [, values = 0, cells = 0] = dims;
        const turned = Float32Array.from(
          data,
          (_, at) => data[(at % values) * cells + Math.floor(at / values)] ?? NaN,
        );
        return { people: { dims: [1, cells, values], data: turned } };
      },
    ],
    'yolo-pose-nms': [
      'yolo-pose-nms',
      (column, row) => ({
        people: {
          dims: [1, 2, 9],
          data: Float32Array.of(10, 20, 34, 68, 0.9, 0, column + 0.5, row + 0.5, 0.7, ...Array(9).fill(0)),
        },
      }),
    ],
    // RTMO: as MMPose mirrors points, whole numbers are the pixels' middles.
    rtmo: [
      'rtmo',
      (column, row) => ({
        boxes: { dims: [1, 2, 5], data: Float32Array.of(10, 20, 34, 68, 0.9, 0, 0, 0, 0, 0) },
        keypoints: { dims: [1, 2, 1, 3], data: Float32Array.of(column, row, 0.7, 0, 0, 0) },
      }),
    ],
  };

  /** One person as a column: the box's middle, width and height, how sure, and the keypoint; and one that is none. */
  function raw(keypoint: readonly number[]) {
    const column = [22, 44, 24, 48, 0.9, ...keypoint];
    return {
      dims: [1, column.length, 3],
      data: Float32Array.from({ length: 3 * column.length }, (_, at) =>
        at % 3 === 1 ? (column[(at / 3) | 0] ?? NaN) : 0,
      ),
    };
  }

  /** The input as large as it is cut out: 64 × 96, from the pixel (30, 11) of the picture on. */
  const SIZE = { width: COLUMNS * CELL, height: ROWS * CELL };
  const FROM = { x: 30, y: 11 };
  const PIXELS: readonly [number, number][] = [
    [20, 40],
    [0, 0],
    [60, 92],
  ];

  test.each(Object.entries(CASES))('%s', async (_, [kind, tell, more, pixels = PIXELS]) => {
    const format = { ...SIZE, anchor: 'corner' as const, ...more };
    const square = squareFor({ left: FROM.x, top: FROM.y, ...SIZE }, { ...format, keypoints: 1 });
    const input = openKind(kind, SIZE.width, SIZE.height);
    const [marginX, marginY] = [(input.side - SIZE.width) / 2, (input.side - SIZE.height) / 2];
    for (const [column, row] of pixels) {
      // One white pixel is the brightest of the input, where it should be.
      const [x, y] = [FROM.x + column, FROM.y + row];
      const data = new Uint8ClampedArray(4 * 120 * 120);
      data.set([255, 255, 255, 255], 4 * (y * 120 + x));
      const planes = new Float32Array(3 * input.side ** 2);
      sampleSquare(new PixelPyramid({ data, width: 120, height: 120 }), square, input, planes);
      const green = planes.subarray(input.side ** 2, 2 * input.side ** 2);
      const brightest = column + marginX + (row + marginY) * input.side;
      expect(green[brightest]).toBeGreaterThan(green[0] ?? NaN);
      for (const beside of [1, -1, input.side, -input.side])
        expect(green[brightest + beside] ?? green[0], 'beside it is none of it').toBeLessThan(
          green[brightest] ?? NaN,
        );

      const [pose] = await partsOf(kind, format, ['nose'], square, tell(column, row, SIZE));
      expect(pose?.parts.nose?.x, `column ${column}`).toBeCloseTo(x + 0.5, 3);
      expect(pose?.parts.nose?.y, `row ${row}`).toBeCloseTo(y + 0.5, 3);
    }
  });
});

describe('the top of a Gaussian lies between the cells', () => {
  const FORMAT = { keypoints: 1, width: 64, height: 96, anchor: 'corner' } as const;
  const read = (plane: (column: number, row: number) => number) => {
    const heatmaps = Float32Array.from({ length: ROWS * COLUMNS }, (_, at) =>
      plane(at % COLUMNS, Math.floor(at / COLUMNS)),
    );
    const [pose] = OWN_KINDS.heatmap.read({ heatmaps }, () => [1, 1, ...GRID], FORMAT);
    const [point] = pose?.points ?? [];
    if (!point) throw new Error('one keypoint');
    return { column: (point.x - 0.5) / CELL, row: (point.y - 0.5) / CELL, score: point.score };
  };

  test.each([
    [7, 11],
    [7.25, 10.75],
    [6.6, 11.4],
    [7.49, 11.5],
  ])('at %d, %d', (x, y) => {
    const { column, row, score } = read((c, r) => 0.9 * Math.exp(-((c - x) ** 2 + (r - y) ** 2) / 8));
    expect(column).toBeCloseTo(x, 4);
    expect(row).toBeCloseTo(y, 4);
    expect(score).toBeGreaterThan(0.84);
  });

  test('no further than half a cell, and not at all at the edge or where one cell stands alone', () => {
    const alone = read((c, r) => (c === 7 && r === 11 ? 0.4 : 0));
    expect(alone).toEqual({ column: 7, row: 11, score: Math.fround(0.4) });
    const edge = read((c, r) => Math.exp(-((c + 0.3) ** 2 + (r - 23.4) ** 2) / 8));
    expect([edge.column, edge.row]).toEqual([0, 23]);
    // Beside it nothing is below 0, and on one side nothing at all.
    const half = read((c, r) => (r === 11 && (c === 7 || c === 8) ? 0.5 : 0));
    expect(half.column).toBeCloseTo(7.5, 5);
  });
});

describe('of whole pictures', () => {
  const LETTERBOX = { width: 128, height: 96, anchor: 'corner' } as const;
  /** 300 × 480 in 128 × 96: a fifth as large, 34 columns from the left. */
  const SQUARE = squareFor({ left: 0, top: 0, width: 300, height: 480 }, { ...LETTERBOX, keypoints: 2 });
  const NAMES = ['left_knee', null, 'right_wrist'] as const;
  /** As the networks give it: box, score, and x, y and score of the three keypoints; in the input's pixels. */
  const PEOPLE = [
    { corners: [40, 10, 60, 90], score: 0.8, points: [44, 80, 0.7, 1, 2, 0.3, 57, 40, 0.6] },
    { corners: [70, 20, 90, 60], score: 0.3, points: [88, 57, 0.2, 3, 4, 0.3, 71, 22, 1.2] },
    { corners: [0, 0, 9, 9], score: 0.09, points: [1, 1, 1, 1, 1, 1, 1, 1, 1] },
  ] as const;

  const flat = (rows: readonly (readonly number[])[]) => Float32Array.from(rows.flat());
  const raw = PEOPLE.map(({ corners: [left, top, right, bottom], score, points }) => [
    (left + right) / 2,
    (top + bottom) / 2,
    right - left,
    bottom - top,
    score,
    ...points,
  ]);

  test.each<[OwnNetworkKind, number, Numbers]>([
    ['yolo-pose', 0, { people: { dims: [1, 3, 14], data: flat(raw) } }],
    [
      'yolo-pose',
      0,
      {
        people: {
          dims: [1, 14, 3],
          data: flat(Array.from({ length: 14 }, (_, at) => raw.map((row) => row[at] ?? NaN))),
        },
      },
    ],
    [
      'yolo-pose-nms',
      0,
      {
        people: {
          dims: [1, 3, 15],
          data: flat(PEOPLE.map(({ corners, score, points }) => [...corners, score, 0, ...points])),
        },
      },
    ],
    [
      'rtmo',
      0.5,
      {
        boxes: { dims: [1, 3, 5], data: flat(PEOPLE.map(({ corners, score }) => [...corners, score])) },
        keypoints: { dims: [1, 3, 3, 3], data: flat(PEOPLE.map(({ points }) => points)) },
      },
    ],
  ])('everyone of %s is where they are in the picture', async (kind, middle, given) => {
    const [first, second, ...others] = await partsOf(kind, LETTERBOX, NAMES, SQUARE, given);
    // Whom it is as good as sure not to see is nobody.
    expect(others).toEqual([]);
    const close = (value: number) => expect.closeTo(value, 3);
    const more = 5 * middle;
    expect(first).toEqual({
      score: close(0.8),
      box: { left: close(30), top: close(50), width: close(100), height: close(400) },
      parts: {
        left_knee: { x: close(50 + more), y: close(400 + more), score: close(0.7) },
        right_wrist: { x: close(115 + more), y: close(200 + more), score: close(0.6) },
      },
    });
    expect(second).toEqual({
      score: close(0.3),
      box: { left: close(180), top: close(100), width: close(100), height: close(200) },
      parts: {
        left_knee: { x: close(270 + more), y: close(285 + more), score: close(0.2) },
        right_wrist: { x: close(185 + more), y: close(110 + more), score: 1 },
      },
    });
  });
});

test('a keypoint of SimCC is as sure as the less sure of its two distributions', async () => {
  const format = { width: 64, height: 96, anchor: 'corner' } as const;
  const square = squareFor({ left: 0, top: 0, width: 64, height: 96 }, { ...format, keypoints: 3 });
  const given = {
    x: numbers([1, 3, 128], [[0, 0, 5], 0.4], [[0, 1, 90], 0.9], [[0, 2, 127], 1.3]),
    y: numbers([1, 3, 192], [[0, 0, 170], 0.7], [[0, 1, 8], 0.2], [[0, 2, 191], 1.1]),
  };
  const [pose] = await partsOf('simcc', format, ['nose', 'neck', 'left_hip'], square, given);
  const close = (value: number) => expect.closeTo(value, 5);
  expect(pose?.parts).toEqual({
    nose: { x: close(3), y: close(85.5), score: close(0.4) },
    neck: { x: close(45.5), y: close(4.5), score: close(0.2) },
    left_hip: { x: close(64), y: close(96), score: 1 },
  });
});

test('around a person a quarter more is looked at, of the side that needs more', () => {
  // 192 × 256 for 120 × 409.6 px: by its height, two pixels each.
  const upright = { keypoints: 17, width: 192, height: 256, anchor: 'corner' } as const;
  const box = { left: 70, top: 40, width: 120, height: 409.6 };
  expect(squareFor(box, upright, 1.25)).toEqual({ centreX: 130, centreY: 244.8, size: 512, rotation: 0 });
  expect(squareFor({ ...box, width: 614.4 }, upright, 1.25)).toMatchObject({
    centreX: expect.closeTo(377.2, 6),
    size: expect.closeTo(1024, 6),
  });
  // Of an odd number of pixels beside the input there is one more behind it: its middle lies half a one before.
  expect(
    squareFor({ left: 0, top: 0, width: 95, height: 128 }, { ...upright, width: 95, height: 128 }),
  ).toEqual({
    centreX: 48,
    centreY: 64,
    size: 128,
    rotation: 0,
  });
});
