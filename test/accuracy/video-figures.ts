/** How well a clip's people were followed, against what is known of them. */
import { BODY_PARTS } from '../../src/schema/body-parts.ts';
import type { BodyPart } from '../../src/schema/body-parts.ts';
import type { TrackedFrame } from '../../src/schema/tracking.ts';

interface TruePoint {
  x: number;
  y: number;
  visible: boolean;
}

interface TruePerson {
  id: number;
  keypoints: Record<BodyPart, TruePoint>;
}

/** A video, and who is where in each of its frames. */
export interface Clip {
  name: string;
  file: string;
  fps: number;
  frames: { t_ms: number; persons: TruePerson[] }[];
}

/** What is said of a clip. Lengths are in head lengths, from the top of the head to the neck. */
export interface VideoFigures {
  frames: number;
  /**
   * Share of people with twelve or more unhidden points that were found, from
   * their third such frame on. `null`: of none.
   */
  found: number | null;
  /** The same for people with six to eleven. */
  foundPartly: number | null;
  /** Over unhidden points of people found. */
  meanError: number;
  medianError: number;
  /** How often someone's `track_id` changed. */
  idSwitches: number;
  /** People in the answers who are nobody, per frame. */
  falsePerFrame: number;
  /** Standard deviation of points that do not move at all. */
  jitter: number | null;
  /** By how many frames the answer's moving points are behind. */
  lag: number | null;
}

/** Someone is found where the answer has a person so near, in head lengths on average. */
const FOUND_WITHIN = 0.6;
/**
 * A point is still whose true places are all within so many pixels, and moves that has a mean
 * speed over so many head lengths a second.
 */
const STILL_PIXELS = 0.3;
const MOVING_HEADS = 0.5;
/**
 * A person is in plain sight with so many unhidden points in every frame that is so near:
 * what hides someone moves their points.
 */
const PLAIN = { points: 19, frames: 8 };
/** Frames until smoothing has settled. */
const SETTLING_FRAMES = 10;

/** A true person of a frame, and who in the answer it is. */
interface Match {
  frame: number;
  truth: TruePerson;
  track: number;
  parts: Record<BodyPart, { x: number; y: number }>;
}

/** Compares the answers to a clip's frames with its truth. */
export function judge(
  clip: Clip,
  frames: readonly Pick<TrackedFrame, 'timestamp' | 'result'>[],
): VideoFigures {
  const matches: Match[] = [];
  const sightings = new Map<number, number>();
  const counts = { wanted: 0, found: 0, wantedPartly: 0, foundPartly: 0, nobody: 0 };
  for (const { timestamp, result } of frames) {
    const index = nearestFrame(clip, timestamp);
    const persons = clip.frames[index]?.persons ?? [];
    const pairs = persons
      .flatMap((truth) =>
        result.person_info.map((found) => ({ truth, found, error: meanError(truth, found.body_parts) })),
      )
      .filter(({ error }) => error < FOUND_WITHIN)
      .toSorted((a, b) => a.error - b.error);
    const [taken, matched] = [new Set<number>(), new Set<number>()];
    for (const { truth, found } of pairs) {
      if (taken.has(found.track_id) || matched.has(truth.id)) continue;
      taken.add(found.track_id);
      matched.add(truth.id);
      matches.push({ frame: index, truth, track: found.track_id, parts: found.body_parts });
    }
    for (const truth of persons) {
      const shown = BODY_PARTS.filter((part) => truth.keypoints[part].visible).length;
      if (shown < 6) continue;
      const seen = (sightings.get(truth.id) ?? 0) + 1;
      sightings.set(truth.id, seen);
      if (seen < 3) continue;
      const isFound = matched.has(truth.id) ? 1 : 0;
      if (shown >= 12) {
        counts.wanted++;
        counts.found += isFound;
      } else {
        counts.wantedPartly++;
        counts.foundPartly += isFound;
      }
    }
    counts.nobody += result.person_info.length - taken.size;
  }
  const errors = matches.flatMap((match) =>
    unhidden(match.truth).map(
      (part) => distance(match.parts[part], match.truth.keypoints[part]) / headLength(match.truth),
    ),
  );
  return {
    frames: frames.length,
    found: counts.wanted > 0 ? counts.found / counts.wanted : null,
    foundPartly: counts.wantedPartly > 0 ? counts.foundPartly / counts.wantedPartly : null,
    meanError: mean(errors),
    medianError: errors.toSorted((a, b) => a - b)[Math.floor(errors.length / 2)] ?? Number.NaN,
    idSwitches: switches(matches),
    falsePerFrame: counts.nobody / frames.length,
    jitter: jitter(matches),
    lag: lag(clip, matches),
  };
}

function nearestFrame({ frames }: Clip, ms: number): number {
  let nearest = 0;
  for (const [index, { t_ms: at }] of frames.entries()) {
    if (Math.abs(at - ms) < Math.abs((frames[nearest]?.t_ms ?? Infinity) - ms)) nearest = index;
  }
  return nearest;
}

function unhidden({ keypoints }: TruePerson): BodyPart[] {
  return BODY_PARTS.filter((part) => keypoints[part].visible);
}

function headLength({ keypoints }: TruePerson): number {
  return distance(keypoints.top_head, keypoints.neck);
}

function meanError(truth: TruePerson, parts: Match['parts']): number {
  return (
    mean(unhidden(truth).map((part) => distance(parts[part], truth.keypoints[part]))) / headLength(truth)
  );
}

function switches(matches: readonly Match[]): number {
  const last = new Map<number, number>();
  let count = 0;
  for (const { truth, track } of matches) {
    const before = last.get(truth.id);
    if (before !== undefined && before !== track) count++;
    last.set(truth.id, track);
  }
  return count;
}

/** Every person's matches, frame by frame. */
function byPerson(matches: readonly Match[]): Match[][] {
  const ids = new Set(matches.map(({ truth }) => truth.id));
  return [...ids].map((id) => matches.filter(({ truth }) => truth.id === id));
}

function jitter(matches: readonly Match[]): number | null {
  const deviations: number[] = [];
  for (const ofOne of byPerson(matches)) {
    const hidden = ofOne
      .filter(({ truth }) => unhidden(truth).length < PLAIN.points)
      .map(({ frame }) => frame);
    const settled = ofOne
      .slice(SETTLING_FRAMES)
      .filter(({ frame }) => !hidden.some((other) => Math.abs(other - frame) <= PLAIN.frames));
    if (settled.length < SETTLING_FRAMES) continue;
    for (const part of BODY_PARTS) {
      const truths = settled.map(({ truth }) => truth.keypoints[part]);
      if (!truths.every(({ visible }) => visible)) continue;
      if (spread(truths.map(({ x }) => x)) > STILL_PIXELS || spread(truths.map(({ y }) => y)) > STILL_PIXELS)
        continue;
      const places = settled.map(({ parts }) => parts[part]);
      const head = mean(settled.map(({ truth }) => headLength(truth)));
      deviations.push(
        Math.hypot(deviation(places.map(({ x }) => x)), deviation(places.map(({ y }) => y))) / head,
      );
    }
  }
  return deviations.length > 0 ? mean(deviations) : null;
}

/** The delay of the truth at which it is most like the answer, constant errors aside. */
function lag(clip: Clip, matches: readonly Match[]): number | null {
  const delays = Array.from({ length: 41 }, (_, index) => index / 10 - 1);
  const courses = byPerson(matches).flatMap((ofOne) => {
    const settled = ofOne.slice(3);
    if (settled.length < SETTLING_FRAMES) return [];
    return BODY_PARTS.flatMap((part) => {
      const shown = settled.filter(({ truth }) => truth.keypoints[part].visible);
      const head = mean(shown.map(({ truth }) => headLength(truth)));
      const speed = mean(
        shown.flatMap(({ frame, truth }) => {
          const before = placeAt(clip, truth.id, part, frame - 1);
          return before ? [distance(before, truth.keypoints[part]) * clip.fps] : [];
        }),
      );
      return shown.length >= SETTLING_FRAMES && speed > MOVING_HEADS * head ? [{ part, shown, head }] : [];
    });
  });
  if (courses.length === 0) return null;
  const costs = delays.map((delay) =>
    mean(
      courses.map(({ part, shown, head }) => {
        const offsets = shown.flatMap(({ frame, truth, parts }) => {
          const place = placeAt(clip, truth.id, part, frame - delay);
          return place ? [{ x: parts[part].x - place.x, y: parts[part].y - place.y }] : [];
        });
        return Math.hypot(deviation(offsets.map(({ x }) => x)), deviation(offsets.map(({ y }) => y))) / head;
      }),
    ),
  );
  return delays[costs.indexOf(Math.min(...costs))] ?? null;
}

/** Where a part is between two frames. */
function placeAt(
  clip: Clip,
  id: number,
  part: BodyPart,
  frame: number,
): { x: number; y: number } | undefined {
  const at = (index: number) =>
    clip.frames[index]?.persons.find((person) => person.id === id)?.keypoints[part];
  const [before, after] = [at(Math.floor(frame)), at(Math.ceil(frame))];
  if (!before || !after) return undefined;
  const share = frame - Math.floor(frame);
  return { x: before.x + share * (after.x - before.x), y: before.y + share * (after.y - before.y) };
}

function distance(a: { x: number; y: number }, b: { x: number; y: number }): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function deviation(values: readonly number[]): number {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)));
}

function spread(values: readonly number[]): number {
  return Math.max(...values) - Math.min(...values);
}
