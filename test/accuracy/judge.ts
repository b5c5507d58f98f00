/** Which of the people in an answer are there: the scorer's rules, person by person. */
import { boxIou, overlap } from '../../src/networks/geometry.ts';
import type { Box } from '../../src/networks/geometry.ts';
import type { PersonInfo } from '../../src/schema/result.ts';
import { labelledBodies } from './data.ts';
import type { LabelledBox, LabelledPerson, Photo } from './data.ts';
import type { Similarity } from './scorer.ts';

/** From this similarity on a person is the one that is labelled: COCO's laxest threshold. */
const SAME = 0.5;
/** Answered parts under this score say nothing about where a person is. */
const SURE = 0.2;

/** Boxes that overlap so are of the same person, however the parts lie: as the scorer has it. */
const SAME_BOX = 0.4;

/** A person of an answer, judged. */
export interface Judged {
  person: PersonInfo;
  /** Index in the answer's `person_info`. */
  index: number;
  /**
   * `true`: a labelled person; `false`: nobody, or someone found before or with the parts far off; `unknown`:
   * not everyone is labelled there.
   */
  verdict: 'true' | 'false' | 'unknown';
  /** Whom the person was taken for; there for true people only. */
  label?: LabelledPerson;
}

/**
 * Whether the photo says how many people are in it, or who is none: faces are labelled without their bodies.
 */
function tellsFalsePeople(photo: Photo): boolean {
  return photo.exhaustive && !photo.tags.includes('face');
}

/**
 * Judges the people of an answer as COCO does: from the surest on, each takes the best label that is free.
 */
export function judgePeople(photo: Photo, people: readonly PersonInfo[], similarity: Similarity): Judged[] {
  const free = new Set(photo.tags.includes('face') ? [] : labelledBodies(photo));
  const surestFirst = people
    .map((person, index) => ({ person, index }))
    .toSorted((a, b) => b.person.location.score - a.person.location.score);
  const judged = surestFirst.map(({ person, index }): Judged => {
    let best: { label: LabelledPerson; similarity: number } | undefined;
    for (const label of free) {
      const found = { label, similarity: similarity(label, person) };
      if (found.similarity >= (best?.similarity ?? SAME)) best = found;
    }
    if (best) {
      free.delete(best.label);
      return { person, index, verdict: 'true', label: best.label };
    }
    const unknown = !tellsFalsePeople(photo) || liesInIgnored(photo, person);
    return { person, index, verdict: unknown ? 'unknown' : 'false' };
  });
  return judged.toSorted((a, b) => a.index - b.index);
}

/**
 * Whether the person's box is that of someone labelled: then even a false
 * person is someone, seen twice or badly.
 */
export function hasSomeonesBox(photo: Photo, { location }: PersonInfo): boolean {
  return labelledBodies(photo).some(({ box }) => boxIou(location, boxOf(box)) >= SAME_BOX);
}

/**
 * How far a number of people is from the labelled ones: below 0 where some are missing. People who may be
 * found or not are no error. Nothing for photos that do not tell.
 */
export function countError(photo: Photo, people: number): number | undefined {
  if (!tellsFalsePeople(photo)) return undefined;
  const least = labelledBodies(photo).length;
  const anyNumber =
    (photo.ignore ?? []).length > 0 ||
    (photo.ignore_polygons ?? []).length > 0 ||
    photo.persons.some((person) => person.iscrowd);
  const most = anyNumber ? Infinity : least + photo.persons.filter((person) => person.ignored).length;
  if (people < least) return people - least;
  return people > most ? people - most : 0;
}

/**
 * The length of a labelled person's head, crown to neck, in pixels: the measure of
 * errors. Where one of the two is not labelled it is estimated from the distance of the
 * eyes, ears and shoulders, at last from the box.
 */
export function headLength({ keypoints, box }: LabelledPerson): number {
  const distance = (from: string, to: string) => {
    const a = keypoints[from];
    const b = keypoints[to];
    return a && b ? Math.hypot(a.x - b.x, a.y - b.y) : 0;
  };
  const labelled = distance('top_head', 'neck');
  if (labelled > 3) return labelled;
  const estimated = Math.max(
    4.4 * distance('left_eye', 'right_eye'),
    2 * distance('left_ear', 'right_ear'),
    0.8 * distance('left_shoulder', 'right_shoulder'),
  );
  return estimated > 3 ? estimated : 0.16 * Math.max(box[2], box[3]);
}

/** A labelled box as the library has boxes. */
export function boxOf([left, top, width, height]: LabelledBox): Box {
  return { left, top, width, height };
}

/** Half of the box in an ignored one, or half of the sure parts in an ignored outline. */
function liesInIgnored(photo: Photo, { location, body_parts }: PersonInfo): boolean {
  const boxes = photo.persons.filter(({ ignored, iscrowd }) => ignored || iscrowd).map(({ box }) => box);
  const area = Math.max(location.width * location.height, 1);
  if ([...(photo.ignore ?? []), ...boxes].some((box) => overlap(location, boxOf(box)) / area >= 0.5))
    return true;
  const sure = Object.values(body_parts).filter(({ score }) => score >= SURE);
  const inside = sure.filter(({ x, y }) =>
    (photo.ignore_polygons ?? []).some((polygon) => isInside(x, y, polygon)),
  );
  return sure.length > 0 && inside.length / sure.length >= 0.5;
}

/** Whether a ray from the point crosses the outline an odd number of times. */
function isInside(x: number, y: number, polygon: readonly (readonly [x: number, y: number])[]): boolean {
  let inside = false;
  let [fromX, fromY] = polygon.at(-1) ?? [0, 0];
  for (const [toX, toY] of polygon) {
    const crossesRow = fromY > y !== toY > y;
    if (crossesRow && x < ((toX - fromX) * (y - fromY)) / (toY - fromY) + fromX) inside = !inside;
    [fromX, fromY] = [toX, toY];
  }
  return inside;
}
