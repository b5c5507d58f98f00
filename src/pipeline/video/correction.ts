import { MOVENET_KEYPOINTS } from '../../networks/movenet.ts';
import type { MoveNetPose } from '../../networks/movenet.ts';
import type { PictureSize, Point } from '../../networks/geometry.ts';
import { fuseParts } from '../fusion.ts';
import { LANDMARK_OF, personOfPose } from '../parts.ts';
import type { Person } from '../person.ts';
import { headAndNeck } from './next-region.ts';

/**
 * MoveNet has seen the same person as BlazePose if its points are no further from BlazePose's in the mean,
 * each weighted by how sure both are, in lengths from the shoulders to the ears. Of the same they are .1 to
 * .4 apart; at 1 one in ten of those who pass another gets the other one's points.
 */
const SAME_PERSON = 0.5;
/** How fast a correction that is not renewed fades: the time constant in milliseconds. */
const FADE_MS = 500;
/** After so many of these there is nothing left of it. */
const GONE = 3;

/** What a point that neither is sure of weighs in the mean. */
const UNSURE = 0.01;

/** MoveNet has no mouth: its corners go with the nose. */
const WITH_NOSE = [LANDMARK_OF.left_mouth_corner, LANDMARK_OF.right_mouth_corner];

/**
 * Where BlazePose errs about someone, by what MoveNet has seen of them in the same frame: the way from each
 * of its points to where both networks together have it. BlazePose errs alike from one frame to the next, so
 * that this holds for a few frames in which MoveNet does not look.
 */
export class Correction {
  readonly #ms: number;
  /** By BlazePose's landmark, in the region's sides: who comes nearer is off by as much more. */
  readonly #offsets: ReadonlyMap<number, Point>;

  private constructor(offsets: ReadonlyMap<number, Point>, ms: number) {
    this.#offsets = offsets;
    this.#ms = ms;
  }

  /**
   * By what both have seen.
   * @param ms the frame's time
   * @returns `undefined` where MoveNet has seen someone else, or nobody
   */
  static between(
    person: Person,
    pose: MoveNetPose,
    { ms, picture: { width, height } }: { ms: number; picture: PictureSize },
  ): Correction | undefined {
    if (!(distance(person, pose) < SAME_PERSON * headAndNeck(person.pose))) return undefined;
    const isOutside = ({ x, y }: Point) => x < 0 || y < 0 || x > width || y > height;
    const views = [{ pose, score: 1 }] as const;
    const { size } = person.pose.region;
    const { parts } = fuseParts([person.parts], views, size, isOutside);
    const offsets = new Map<number, Point>();
    for (const part of MOVENET_KEYPOINTS) {
      const [from, to] = [person.parts[part], parts[part]];
      const offset = { x: (to.x - from.x) / size, y: (to.y - from.y) / size };
      offsets.set(LANDMARK_OF[part], offset);
      if (part === 'nose') for (const corner of WITH_NOSE) offsets.set(corner, offset);
    }
    return new Correction(offsets, ms);
  }

  /** Whether there is nothing left of it by then. */
  isGone(ms: number): boolean {
    return ms - this.#ms > GONE * FADE_MS;
  }

  /** The person as they are by both networks; scores, and where to look next, stay BlazePose's. */
  of(person: Person, ms: number): Person {
    const scale = person.pose.region.size * Math.exp((this.#ms - ms) / FADE_MS);
    const landmarks = person.pose.landmarks.map((landmark, index) => {
      const offset = this.#offsets.get(index);
      if (!offset) return landmark;
      return { x: landmark.x + scale * offset.x, y: landmark.y + scale * offset.y, peak: landmark.peak };
    });
    return { ...personOfPose({ ...person.pose, landmarks }), score: person.score };
  }
}

/** How far MoveNet's points are from the person's in the mean. */
function distance({ parts }: Person, { points }: MoveNetPose): number {
  let sum = 0;
  let total = 0;
  for (const name of MOVENET_KEYPOINTS) {
    const [part, point] = [parts[name], points[name]];
    const weight = UNSURE + part.peak * point.score;
    sum += weight * Math.hypot(point.x - part.x, point.y - part.y);
    total += weight;
  }
  return sum / total;
}
