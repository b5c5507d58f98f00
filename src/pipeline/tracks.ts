import { BODY_PARTS } from '../schema/body-parts.ts';
import type { SmoothingOptions } from '../schema/tracking.ts';
import { oks } from './duplicates.ts';
import { auxiliaryRegion } from './fusion.ts';
import type { Point, Region } from '../networks/geometry.ts';
import type { Pose } from '../networks/blazepose.ts';
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
const COASTING_MS = 600;
/** How fast the speed of a track follows what is seen: the time constant in milliseconds. */
const SPEED_MS = 200;
/** The time constant of what a person usually scores, in milliseconds. */
const USUAL_MS = 1000;
/** A person who moved further than this share of their size from where they should be starts smoothing anew. */
const JUMP = 0.35;

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
    const region = auxiliaryRegion(this.person.pose);
    const { x, y } = this.#shift(ms);
    return { ...region, centreX: region.centreX + x, centreY: region.centreY + y };
  }

  /** The person, moved to where they should be by then. */
  predict(ms: number): Person {
    const { x, y } = this.#shift(ms);
    const { pose } = this.person;
    const landmarks = pose.landmarks.map((landmark) => ({
      ...landmark,
      x: landmark.x + x,
      y: landmark.y + y,
    }));
    return personOfPose({ ...pose, landmarks });
  }

  /** How much a person looks like this one should by then, 0 … 1. */
  likeness(person: Person, ms: number): number {
    return oks(this.predict(ms), person, BODY_PARTS);
  }

  /**
   * How well someone whom two tracks have come onto would be this one. Beside the likeness it is the score against what
   * this one scores otherwise: whoever is hidden by someone else scores less, and what is seen is whoever is in front.
   */
  fit(person: Person, ms: number): number {
    return (this.likeness(person, ms) * person.score) / this.#usualScore;
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
  see(person: Person, ms: number): void {
    const elapsed = ms - this.seenMs;
    const from = auxiliaryRegion(this.person.pose);
    const to = auxiliaryRegion(person.pose);
    const expected = this.regionAt(ms);
    const jump = Math.hypot(to.centreX - expected.centreX, to.centreY - expected.centreY);
    if (jump > JUMP * to.size) this.#smoother?.reset();
    if (!this.#isCut) {
      const share = 1 - Math.exp(-elapsed / SPEED_MS);
      this.#velocity = {
        x: this.#velocity.x + share * ((to.centreX - from.centreX) / elapsed - this.#velocity.x),
        y: this.#velocity.y + share * ((to.centreY - from.centreY) / elapsed - this.#velocity.y),
      };
    }
    this.#usualScore += (1 - Math.exp(-elapsed / USUAL_MS)) * (person.score - this.#usualScore);
    this.#sightings++;
    this.#isMissed = false;
    this.#isCut = false;
    this.person = person;
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
      landmarks: this.#smoother.smooth(pose.landmarks, auxiliaryRegion(pose).size, ms),
    };
    // What the score was made of is what was seen now.
    return { ...personOfPose(smoothed), score: person.score };
  }
}

function resized(person: Person, to: Resizing): Person {
  // What the score was made of is what was seen.
  return { ...personOfPose(to.pose(person.pose)), score: person.score };
}
