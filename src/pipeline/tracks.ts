import type { SmoothingOptions } from '../schema/tracking.ts';
import { apart, moved, oks, oksOfSeen } from './duplicates.ts';
import { followedRegion, unitOf } from './upper-body.ts';
import type { Point, Region } from '../networks/geometry.ts';
import type { Pose } from './landmarks.ts';
import { personOfPose } from './person.ts';
import type { Person } from './person.ts';
import type { Resizing } from './resizing.ts';
import { PoseSmoother } from './smoothing.ts';

/** Sightings until a track is told of: one alone may be a mistake. */
const SIGHTINGS_TO_CONFIRM = 2;
/** How long someone may be out of sight and come back as the same, in milliseconds. */
export const MAX_MISSING_MS = 1200;
/** An unconfirmed track that was not seen for so long was a mistake. */
const MAX_UNCONFIRMED_MS = 250;
/** How long someone is taken to go on as before, in milliseconds: the time constant, since nobody walks on for ever. */
const COASTING_MS = Number(process.env['COAST'] ?? 1200);
/** How fast the speed of a track follows what is seen: the time constant in milliseconds. */
const SPEED_MS = Number(process.env['SPEED'] ?? 200);
/** The time constant of what a person usually scores, in milliseconds. */
const USUAL_MS = 1000;
/** A person who moved further than this share of their size from where they should be starts smoothing anew. */
const JUMP = 0.35;
const REACH = 0.35;
const E = (name: string, value: number) => Number(process.env[name] ?? value);
const SHAPE = E('SHAPE', 1);
const CUNIT = E('CUNIT', 1);
const RATIO = E('RATIO', 1.6);
const WEAK = E('WEAK', 0.6);
const SUREMS = E('SUREMS', 800);

/** Someone who is followed from frame to frame. */
export class Track {
  /** From 1, in the order in which people were confirmed; 0 before that. */
  id = 0;
  /** As they were seen last, in that frame's pixels. */
  person: Person;
  /** The same, without jitter. */
  smoothed: Person;
  /** What the person has scored of late. */
  #usualScore: number;
  /** When they were seen last, in milliseconds. */
  seenMs: number;
  readonly #smoother: PoseSmoother | undefined;
  #sightings = 1;
  #sureMs: number;
  /** Whether the last frame did not show them. */
  #isMissed = false;
  /** Whether what is seen next says nothing about how fast they are. */
  #isCut = false;
  /** Pixels a millisecond. */
  #velocity: Point = { x: 0, y: 0 };

  constructor(person: Person, ms: number, smoothing: SmoothingOptions | undefined) {
    this.#smoother = smoothing && new PoseSmoother(smoothing);
    this.person = person;
    this.smoothed = this.#smooth(person, ms);
    this.seenMs = ms;
    this.#usualScore = person.score;
    this.#sureMs = ms;
  }

  get isConfirmed(): boolean {
    return this.#sightings >= SIGHTINGS_TO_CONFIRM;
  }

  /** Whether to give up on someone who has been looked for in vain, however far apart frames are. */
  isOver(ms: number): boolean {
    return this.#isMissed && ms - this.seenMs > (this.isConfirmed ? MAX_MISSING_MS : MAX_UNCONFIRMED_MS);
  }

  /** The region that the person last asked for, moved to where they should be by then. */
  regionAt(ms: number): Region {
    const region = followedRegion(this.person.pose);
    const { x, y } = this.#shift(ms);
    return { ...region, centreX: region.centreX + x, centreY: region.centreY + y };
  }

  /** The person, moved to where they should be by then. */
  predict(ms: number): Person {
    return shifted(this.person, this.#shift(ms));
  }

  /** How much a person looks like this one should by then, 0 … 1. */
  likeness(person: Person, ms: number): number {
    return (process.env['OKS'] ? oks : oksOfSeen)(this.predict(ms), person);
  }

  /** How far a person is from where this one should be by then; from 1 on it is someone else. */
  distance(person: Person, ms: number): number {
    const missingMs = Math.min(ms - this.seenMs, MAX_MISSING_MS);
    const reach = REACH * this.regionAt(ms).size * (1 + missingMs / 1000);
    const ratio = unitOf(person.pose) / unitOf(this.person.pose);
    if (Math.abs(Math.log(ratio)) > Math.log(RATIO)) return Infinity;
    return apart(this.predict(ms), person) / reach;
  }

  /**
   * How well someone whom two tracks have come onto would be this one. Beside the likeness it is the score against what
   * this one scores otherwise: whoever is hidden by someone else scores less, and what is seen is whoever is in front.
   */
  fit(person: Person, ms: number): number {
    const expected = this.predict(ms);
    const aligned = shifted(expected, moved(expected, person));
    const cost = apart(expected, person) + SHAPE * apart(aligned, person);
    return (Math.exp(-cost / (CUNIT * unitOf(expected.pose))) * person.score) / this.#usualScore;
  }

  /** They were looked for, and not seen. */
  miss(): void {
    this.#isMissed = true;
  }

  /** The video has jumped: whoever is still where they were is the same, but has not moved there. */
  cut(): void {
    this.#velocity = { x: 0, y: 0 };
    this.#smoother?.reset();
    this.#isCut = true;
  }

  /** The frames to come are of another size. */
  resize(to: Resizing): void {
    this.person = resized(this.person, to);
    this.smoothed = resized(this.smoothed, to);
    this.#velocity = { x: to.length(this.#velocity.x), y: to.length(this.#velocity.y) };
    this.#smoother?.resize(to);
  }

  /** Takes on what was seen of the person. */
  see(person: Person, ms: number, isContested = false): void {
    const elapsed = ms - this.seenMs;
    const to = followedRegion(person.pose);
    const expected = this.predict(ms);
    if (apart(expected, person) > JUMP * to.size) this.#smoother?.reset();
    const isWeak = (isContested || person.score < WEAK * this.#usualScore) && ms - this.#sureMs <= SUREMS;
    if (!isWeak) this.#sureMs = ms;
    if (!this.#isCut && !isWeak) {
      const share = 1 - Math.exp(-elapsed / SPEED_MS);
      const { x, y } = moved(this.person, person);
      this.#velocity = {
        x: this.#velocity.x + share * (x / elapsed - this.#velocity.x),
        y: this.#velocity.y + share * (y / elapsed - this.#velocity.y),
      };
    }
    this.#usualScore += (1 - Math.exp(-elapsed / USUAL_MS)) * (person.score - this.#usualScore);
    this.#sightings++;
    this.#isMissed = false;
    this.#isCut = false;
    this.person = isWeak ? expected : person;
    this.smoothed = this.#smooth(person, ms);
    this.seenMs = ms;
  }

  #shift(ms: number): Point {
    const coasted = COASTING_MS * (1 - Math.exp((this.seenMs - ms) / COASTING_MS));
    return { x: this.#velocity.x * coasted, y: this.#velocity.y * coasted };
  }

  #smooth(person: Person, ms: number): Person {
    if (!this.#smoother) return person;
    const { pose } = person;
    const smoothed: Pose = {
      ...pose,
      landmarks: this.#smoother.smooth(pose.landmarks, followedRegion(pose).size, ms),
    };
    // What the score was made of is what was seen now.
    return { ...personOfPose(smoothed), score: person.score };
  }
}

function shifted({ pose }: Person, by: Point): Person {
  const landmarks = pose.landmarks.map((landmark) => ({ ...landmark, x: landmark.x + by.x, y: landmark.y + by.y }));
  return personOfPose({ ...pose, landmarks });
}

function resized(person: Person, to: Resizing): Person {
  // What the score was made of is what was seen.
  return { ...personOfPose(to.pose(person.pose)), score: person.score };
}
