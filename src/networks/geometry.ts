/** A point in the picture, in its pixels. */
export interface Point {
  x: number;
  y: number;
}

/** An upright rectangle in the picture, in its pixels. */
export interface Box {
  left: number;
  top: number;
  width: number;
  height: number;
}

/**
 * A square of the picture that a model looks at ("ROI" in the papers). It may reach beyond the picture's
 * edges and stand at an angle.
 */
export interface Region {
  centreX: number;
  centreY: number;
  /** The square's side in the picture's pixels. */
  size: number;
  /** Radians, clockwise on the screen, in [−π, π): turning the square back by it sets the person upright. */
  rotation: number;
  /** Whether it is looked at in a mirror: left and right change sides. */
  mirrored?: boolean;
}

/** The picture that the models look at: large ones are analysed as a smaller copy. All in pixels. */
export interface PictureSize {
  /** Of the copy that is analysed. */
  width: number;
  height: number;
  /** Of the picture as it was handed in, which the result's coordinates belong to. */
  originalWidth: number;
  originalHeight: number;
}

/** The angle in [−π, π) that points the same way. */
export function normaliseAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
}

/**
 * Where the point (u, v) of a region lies in the picture; (0, 0) is the region's
 * own top left, (1, 1) its bottom right.
 */
export function regionToPicture(region: Region, u: number, v: number): Point {
  const cos = Math.cos(region.rotation);
  const sin = Math.sin(region.rotation);
  const x = (region.mirrored ? 0.5 - u : u - 0.5) * region.size;
  const y = (v - 0.5) * region.size;
  return { x: region.centreX + cos * x - sin * y, y: region.centreY + sin * x + cos * y };
}

/** Where a point of the picture lies in a region: the inverse of {@link regionToPicture}. */
export function pictureToRegion(region: Region, { x, y }: Point): [u: number, v: number] {
  const cos = Math.cos(region.rotation);
  const sin = Math.sin(region.rotation);
  const dx = (x - region.centreX) / region.size;
  const dy = (y - region.centreY) / region.size;
  const across = cos * dx + sin * dy;
  return [0.5 + (region.mirrored ? -across : across), 0.5 + cos * dy - sin * dx];
}

/** Half-way between two points. */
export function midpoint(a: Point, b: Point): Point {
  return { x: (a.x + b.x) / 2, y: (a.y + b.y) / 2 };
}

/** The area that two boxes share. */
export function overlap(a: Box, b: Box): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  return width > 0 && height > 0 ? width * height : 0;
}

/** The part of a box that lies within the picture. */
export function clipToPicture(box: Box, { width, height }: PictureSize): Box {
  const left = Math.min(Math.max(box.left, 0), width);
  const top = Math.min(Math.max(box.top, 0), height);
  return {
    left,
    top,
    width: Math.max(0, Math.min(box.left + box.width, width) - left),
    height: Math.max(0, Math.min(box.top + box.height, height) - top),
  };
}

/** Intersection over union of two boxes, 0 … 1. */
export function boxIou(a: Box, b: Box): number {
  const shared = overlap(a, b);
  return shared > 0 ? shared / (a.width * a.height + b.width * b.height - shared) : 0;
}

/** The smallest box that holds all of the points. */
export function boxAround(points: readonly Point[]): Box {
  let left = Infinity;
  let top = Infinity;
  let right = -Infinity;
  let bottom = -Infinity;
  for (const { x, y } of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return { left, top, width: right - left, height: bottom - top };
}

/** Rounded to one part of that many; NaN and Infinity, which networks may give, become 0. */
export function rounded(value: number, parts: number): number {
  return Number.isFinite(value) ? Math.round(value * parts) / parts : 0;
}

/** The logistic function. */
export function sigmoid(x: number): number {
  return 1 / (1 + Math.exp(-x));
}
