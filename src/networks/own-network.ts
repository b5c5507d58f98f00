import type { DimsOf, NetworkInput, Outputs } from './network.ts';

/*
 * What networks of an app's own have in common, whatever the shape of their numbers. Each kind has a file of
 * its own.
 */

/** The sizes of a tensor; `undefined` where a file leaves one open. */
export type Dims = readonly (number | undefined)[];

/** What a size must be: a number, or any of which the word says what it counts. */
export type WantedSize = number | string;

/** What is known of a network before it runs. */
export interface OwnFormat {
  /** How many keypoints it gives. */
  keypoints: number;
  /** Of its input, in pixels. */
  width: number;
  height: number;
  /** Where in a plane's cell a point lies: see `HeatmapNetwork`. */
  anchor: 'corner' | 'middle' | 'udp';
}

/** One output. */
export interface OutputRole {
  /** The names under which it is exported. */
  names: readonly string[];
  /** Whether an output is taken by its place in the file where none has such a name. */
  byPlace: boolean;
  /** The shapes that it may have. */
  shapes: (format: OwnFormat) => readonly (readonly WantedSize[])[];
  /** Whether its planes may lie inside out, rows × columns × channels, as TensorFlow has them. */
  isPlanes?: boolean;
}

/** A keypoint in pixels of the input. */
export interface InputPoint {
  x: number;
  y: number;
  /** How sure the network is, 0 … 1. */
  score: number;
}

/** Someone whom a network has seen, in pixels of its input. */
export interface SeenPose {
  /** All keypoints, in the network's order. */
  points: readonly InputPoint[];
  /** How sure it is of the person, 0 … 1. */
  score: number;
  /** Of those who look at whole pictures. */
  box?: { left: number; top: number; right: number; bottom: number };
}

/** A shape in which networks come. */
export interface OwnKind<Role extends string = string> {
  /** Whether it looks at one person, or finds them itself. */
  looksAt: 'person' | 'picture';
  /** What it is fed where nothing else is said. */
  input: Omit<NetworkInput, 'side' | 'name'>;
  outputs: Readonly<Record<Role, OutputRole>>;
  /**
   * How many of the first numbers of an output are alike wherever it runs, of networks that give people in
   * the order of their scores: those of the first. All where absent.
   */
  comparable?: (format: OwnFormat) => Readonly<Record<Role, number>>;
  /**
   * Everyone seen: exactly one by those who look at a person.
   * @throws Error in whose message is what is wrong with the numbers
   */
  read: (outputs: Outputs<Role>, dimsOf: DimsOf<Role>, format: OwnFormat) => SeenPose[];
}

/**
 * ImageNet's mean and deviation, of colours from 0 to 255, which nearly all backbones are trained with, and
 * black beyond the edges: what OpenCV's `warpAffine` leaves there, which cuts people out in training.
 */
export const IMAGENET = {
  channels: 'rgb',
  mean: [123.675, 116.28, 103.53],
  deviation: [58.395, 57.12, 57.375],
  border: 'black',
} as const;

/**
 * How far from a pixel's edge its middle lies: to be added to places in which whole numbers are the middles
 * of pixels, since here they are the edges between them. All that is trained by MMPose or HRNet's scripts
 * gives such places: mirrored points are at width − 1 − x there.
 */
export const PIXEL_MIDDLE = 0.5;

/** Whether sizes are those of one of the shapes, as far as they are known. */
export function isShape(dims: Dims, shapes: readonly (readonly WantedSize[])[]): boolean {
  return shapes.some(
    (shape) =>
      shape.length === dims.length &&
      shape.every((size, at) => {
        const found = dims[at];
        return found === undefined || (typeof size === 'string' ? found >= 0 : found === size);
      }),
  );
}

/** Sizes in words, such as "1 × 17 × rows × columns". */
export function inSizes(dims: readonly (number | string | undefined)[]): string {
  return dims.length === 0 ? 'one number' : dims.map((size) => size ?? '?').join(' × ');
}

/** Networks may give a little more than certainty; logits are none of it. */
export function asScore(value: number): number {
  return Math.min(1, Math.max(0, value));
}

/** The error of numbers that are none. */
export function notNumbers(output: string): Error {
  return new Error(`gives NaN or Infinity as ${output}`);
}

/** @throws Error where a number is none */
export function checkNumbers(output: string, ...values: readonly number[]): void {
  if (!values.every(Number.isFinite)) throw notNumbers(output);
}
