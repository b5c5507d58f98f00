import { regionToPicture } from '../../networks/geometry.ts';
import type { Box, Region } from '../../networks/geometry.ts';
import type { KeypointNames } from '../../networks/keypoint-sets.ts';
import type { ScoredPoint } from '../../networks/movenet.ts';
import type { DimsOf, Network, Outputs } from '../../networks/network.ts';
import { inSizes, isShape } from '../../networks/own-network.ts';
import type { OwnFormat, OwnKind, SeenPose } from '../../networks/own-network.ts';
import { BodyAnalysisError } from '../../schema/errors.ts';
import type { BodyPart } from '../../schema/body-parts.ts';
import type { Networks } from '../networks.ts';
import type { Person } from '../person.ts';
import { peakFor } from '../scores.ts';

/** A network of the app's own, ready to be asked. */
export interface OwnLandmarks {
  network: Network;
  kind: OwnKind;
  format: OwnFormat;
  /** Its keypoints in its order. */
  names: KeypointNames;
  /** What its outputs are called in {@link network}, by their roles. */
  outputs: Readonly<Record<string, string>>;
  /** What they are called in the file, where that has been read. */
  called?: Readonly<Record<string, string>>;
}

/** The body parts that a network of the app's own has seen of someone, in the picture. */
export interface OwnPose {
  parts: Partial<Record<BodyPart, ScoredPoint>>;
  /** How sure it is of the person, 0 … 1. */
  score: number;
  /** Around the person; around the points where the network gives none. */
  box: Box | undefined;
}

/**
 * Whom the network sees in each square.
 * @throws BodyAnalysisError `model-format` where it gives something else than it should
 */
export async function ownPosesIn(
  own: OwnLandmarks,
  networks: Networks,
  squares: readonly Region[],
): Promise<OwnPose[][]> {
  return networks.run(own.network, squares, (outputs, square, dimsOf) =>
    posesOf(own, outputs, dimsOf).map((pose) => inPicture(pose, own, square)),
  );
}

/** How many of a square's pixels lie before the input, which is its middle. */
export function marginsOf({ width, height }: Pick<OwnFormat, 'width' | 'height'>): { x: number; y: number } {
  const side = Math.max(width, height);
  return { x: Math.floor((side - width) / 2), y: Math.floor((side - height) / 2) };
}

/** The square of which the input is the middle, and the box that of the input, at that many of its sizes. */
export function squareFor(box: Box, { width, height }: OwnFormat, room = 1): Region {
  const scale = room * Math.max(box.width / width, box.height / height);
  const side = Math.max(width, height);
  const margins = marginsOf({ width, height });
  // Where the margins differ by a pixel, the middles do by half a one.
  const middle = (margin: number, length: number) => (margin + length / 2 - side / 2) * scale;
  return {
    centreX: box.left + box.width / 2 - middle(margins.x, width),
    centreY: box.top + box.height / 2 - middle(margins.y, height),
    size: side * scale,
    rotation: 0,
  };
}

/** What of a square the network sees. */
export function seenOf(square: Region, { width, height }: OwnFormat): { width: number; height: number } {
  const side = Math.max(width, height);
  return { width: (square.size * width) / side, height: (square.size * height) / side };
}

function posesOf(
  { network, kind, format, outputs: named, called = {} }: OwnLandmarks,
  outputs: Outputs<string>,
  dimsOf: DimsOf,
): SeenPose[] {
  const byRole: Record<string, Float32Array> = {};
  const nameOf = (role: string) => named[role] ?? role;
  for (const [role, { shapes }] of Object.entries(kind.outputs)) {
    const [found, wanted] = [dimsOf(nameOf(role)), shapes(format)];
    if (!isShape(found, wanted)) throw wrongNumbers(network, wrongShape(called[role] ?? role, found, wanted));
    const numbers = outputs[nameOf(role)];
    if (numbers) byRole[role] = numbers;
  }
  try {
    return kind.read(byRole, (role) => dimsOf(nameOf(role)), format);
  } catch (error) {
    throw error instanceof Error ? wrongNumbers(network, error.message) : error;
  }
}

/** What is wrong with an output, in words that go on after the file's name. */
export function wrongShape(
  output: string,
  found: readonly (number | undefined)[],
  wanted: readonly (readonly (number | string)[])[],
): string {
  return `gives ${output} as ${inSizes(found)}, wanted: ${wanted.map(inSizes).join(', or ')}`;
}

/**
 * The error of a network that gives something else than it should.
 * @param likely what it may be instead, as a sentence
 */
export function wrongNumbers(
  { file }: Pick<Network, 'file'>,
  what: string,
  likely?: string,
): BodyAnalysisError {
  return new BodyAnalysisError(
    'model-format',
    `${file} ${what}. ${likely === undefined ? '' : `${likely}. `}Correct \`kind\`, \`keypoints\`, \`input\` and \`outputs\` of options.landmarks, or export the network in that form.`,
  );
}

function inPicture(
  { points, score, box }: SeenPose,
  { format, names }: OwnLandmarks,
  square: Region,
): OwnPose {
  const side = Math.max(format.width, format.height);
  const margins = marginsOf(format);
  const toPicture = (x: number, y: number) =>
    regionToPicture(square, (x + margins.x) / side, (y + margins.y) / side);
  const parts: Partial<Record<BodyPart, ScoredPoint>> = {};
  for (const [index, name] of names.entries()) {
    const point = points[index];
    if (name && point) parts[name] = { ...toPicture(point.x, point.y), score: point.score };
  }
  const from = box && toPicture(box.left, box.top);
  const to = box && toPicture(box.right, box.bottom);
  return {
    parts,
    score,
    box: from && to && { left: from.x, top: from.y, width: to.x - from.x, height: to.y - from.y },
  };
}

/** A person with the parts that the network has seen in place of the house's; all others stay. */
export function withOwnParts(person: Person, { parts }: OwnPose): Person {
  const own = { ...person.parts };
  for (const [part, { x, y, score }] of entriesOf(parts)) own[part] = { x, y, peak: peakFor(score, person) };
  return { ...person, parts: own };
}

function entriesOf(parts: OwnPose['parts']): [BodyPart, ScoredPoint][] {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the keys are those of the type
  return Object.entries(parts) as [BodyPart, ScoredPoint][];
}
