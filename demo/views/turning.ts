import type { BodySide, WorldPoint } from 'body21';

/** How a figure is turned before it is looked at, in radians: to its side, and over. */
export interface Turn {
  readonly yaw: number;
  readonly pitch: number;
}

/** A little from the side and from above, so that it is seen to be solid. */
export const FIRST_TURN: Turn = { yaw: 0.45, pitch: 0.15 };

/** A point as it is seen. */
export interface SeenPoint {
  /** In pixels of the field. */
  readonly x: number;
  readonly y: number;
  /** How much larger than at the figure's middle things are there. */
  readonly scale: number;
  /** Pixels to a metre there. */
  readonly pixels: number;
}

/** Bones between BlazePose's 33 points, in its order, with those of {@link withHead}, and whose side they are of. */
export const BONES: readonly (readonly [from: number, to: number, side: BodySide])[] = [
  [7, 2, 'left'],
  [2, 0, 'left'],
  [8, 5, 'right'],
  [5, 0, 'right'],
  [9, 10, 'middle'],
  [11, 12, 'middle'],
  [33, 34, 'middle'],
  [23, 24, 'middle'],
  ...limb([11, 13, 15], 'left'),
  ...limb([12, 14, 16], 'right'),
  ...limb([15, 21], 'left'),
  ...limb([15, 17, 19, 15], 'left'),
  ...limb([16, 22], 'right'),
  ...limb([16, 18, 20, 16], 'right'),
  ...limb([11, 23, 25, 27], 'left'),
  ...limb([12, 24, 26, 28], 'right'),
  ...limb([27, 29, 31, 27], 'left'),
  ...limb([28, 30, 32, 28], 'right'),
];

/** Points where bones of the body meet; the others are of face, hands and feet. */
export const JOINTS: readonly number[] = [11, 12, 13, 14, 15, 16, 23, 24, 25, 26, 27, 28];

/** The point in {@link withHead} that the head is around. */
export const HEAD = 34;
/** Of the ball that stands for a head, in metres: adults' heads are some 15 cm wide and 22 high. */
export const HEAD_RADIUS = 0.1;

/** The 33 points, and two between them: one between the shoulders, and the middle of the head. */
export function withHead(points: readonly WorldPoint[]): WorldPoint[] {
  return [...points, between(points[11], points[12]), between(points[7], points[8])];
}

function between(a = ORIGIN, b = ORIGIN): WorldPoint {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2, z: (a.z + b.z) / 2 };
}

const ORIGIN: WorldPoint = { x: 0, y: 0, z: 0 };

function limb(points: readonly number[], side: BodySide): [number, number, BodySide][] {
  return points.slice(1).map((to, at) => [points[at] ?? to, to, side]);
}

/** Further than straight from above or below there is nothing to see. */
const MOST_PITCH = Math.PI / 2;

/** Turned on by so much. */
export function turned({ yaw, pitch }: Turn, by: Turn): Turn {
  return { yaw: yaw + by.yaw, pitch: Math.min(Math.max(pitch + by.pitch, -MOST_PITCH), MOST_PITCH) };
}

/** How far away the eye is, in radii of the figure: near enough to see depth, far enough to bend nothing. */
const EYE = 4.5;
/** What is left free around the figure, as a share of the field. */
const MARGIN = 0.1;

/** What a figure is seen in the middle of. */
export interface Figure {
  readonly middle: WorldPoint;
  /** Of the ball around it, in metres. */
  readonly radius: number;
}

/** The ball that a figure never leaves however it is turned, so that it keeps its size. */
export function figureOf(points: readonly WorldPoint[]): Figure {
  const span = (axis: keyof WorldPoint) => {
    const values = points.map((point) => point[axis]);
    return (Math.min(...values) + Math.max(...values)) / 2;
  };
  const middle = { x: span('x'), y: span('y'), z: span('z') };
  const reach = points.map(({ x, y, z }) => Math.hypot(x - middle.x, y - middle.y, z - middle.z));
  return { middle, radius: Math.max(0.1, ...reach) };
}

/** Where points are seen in a field of this size; the figure is in its middle. */
export function seen(
  points: readonly WorldPoint[],
  { middle, radius }: Figure,
  { yaw, pitch }: Turn,
  field: { readonly width: number; readonly height: number },
): SeenPoint[] {
  const [cosYaw, sinYaw] = [Math.cos(yaw), Math.sin(yaw)];
  const [cosPitch, sinPitch] = [Math.cos(pitch), Math.sin(pitch)];
  // A ball's outline is larger than its middle's cut, by what the eye's nearness makes of it.
  const room = Math.min(field.width, field.height) * (0.5 - MARGIN) * Math.sqrt(1 - 1 / EYE ** 2);
  return points.map((point) => {
    const [x, y, z] = [point.x - middle.x, point.y - middle.y, point.z - middle.z];
    const across = cosYaw * x + sinYaw * z;
    const away = cosYaw * z - sinYaw * x;
    // From above: what is further away is seen higher up.
    const down = cosPitch * y - sinPitch * away;
    const depth = cosPitch * away + sinPitch * y;
    const scale = EYE / (EYE + depth / radius);
    const pixels = (room / radius) * scale;
    return { x: field.width / 2 + across * pixels, y: field.height / 2 + down * pixels, scale, pixels };
  });
}

/** Rings on the floor below the figure, as rows of points. */
export function floor(points: readonly WorldPoint[], { middle, radius }: Figure): WorldPoint[][] {
  const y = Math.max(...points.map((point) => point.y));
  const corners = 48;
  return [0.35, 0.7].map((share) =>
    Array.from({ length: corners + 1 }, (_, at) => {
      const angle = (2 * Math.PI * at) / corners;
      const reach = share * radius;
      return { x: middle.x + reach * Math.cos(angle), y, z: middle.z + reach * Math.sin(angle) };
    }),
  );
}

/** A part of what is drawn on, in its pixels. */
export interface Field {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * So many fields beside and below each other, as many in a row as have figures be largest.
 * @param slim how wide a figure is, as a share of its height: fields that are narrower than high reach into those
 * beside them, where figures have room for their arms
 */
export function fieldsOf(count: number, width: number, height: number, slim = 1): Field[] {
  let columns = 1;
  const side = (across: number) => Math.min(width / across / slim, height / Math.ceil(count / across));
  for (let across = 2; across <= count; across++) if (side(across) > side(columns)) columns = across;
  const rows = Math.ceil(count / columns);
  return Array.from({ length: count }, (_, at) => {
    const row = Math.floor(at / columns);
    // What is in the last row stands in its middle.
    const inRow = Math.min(columns, count - row * columns);
    const middle = ((at % columns) + (columns - inRow) / 2 + 0.5) * (width / columns);
    const own = Math.max(width / columns, side(columns));
    return { left: middle - own / 2, top: row * (height / rows), width: own, height: height / rows };
  });
}
