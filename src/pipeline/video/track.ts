import { BODY_PARTS } from '../../schema/body-parts.ts';
import type { SmoothingOptions } from '../../schema/tracking.ts';
import { oks } from '../duplicates.ts';
import { Certainty } from './certainty.ts';
import { Drift } from './drift.ts';
import { followedRegion, headAndNeck } from './next-region.ts';
import type { Point, Region } from '../../networks/geometry.ts';
import type { Pose } from '../../networks/blazepose.ts';
import { apart, faded, moved, resized, shifted, withoutMask } from './movement.ts';
import { personOfPose } from '../parts.ts';
import type { Person } from '../person.ts';
import type { Resizing } from './resizing.ts';
import { PoseSmoother } from './smoothing.ts';

/** Sightings until a track is told of: one alone may be a mistake. */
const SIGHTINGS_TO_CONFIRM = 2;
/** How long someone may be out of sight and come back as the same, in milliseconds. */
const MAX_MISSING_MS = 1200;
/** An unconfirmed track that was not seen for so long was a mistake. */
const MAX_UNCONFIRMED_MS = 250;
/**
 * How long someone is taken to go on as before, in milliseconds: the time
 * constant, since nobody walks on for ever.
 */
const COASTING_MS = 1200;
/** How fast the speed of a track follows what is seen: the time constant in milliseconds. */
const SPEED_MS = 200;
/** The time constant of what a person usually scores, in milliseconds. */
const USUAL_MS = 1000;
/**
 * The time constant of the length that a person is measured by, in
 * milliseconds: single poses are off by a tenth.
 */
const UNIT_MS = 300;
/**
 * A person who moved further than this share of their size from where they should be starts smoothing anew.
 */
const JUMP = 0.35;
/**
 * Someone found is who was missing if they are so near, in shares of their
 * size, and as much again for each second.
 */
const REACH = 0.35;
/** Nobody becomes so many times larger or smaller while they are missing. */
const RESIZED = 1.6;
/**
 * Someone this near may hide a person, or be seen in their stead, in lengths from their shoulders to their
 * ears: about two heads. At a head and a half, three in a hundred more of those who pass someone are lost.
 */
const COVERED = 2.5;
/**
 * Someone so near, in the same lengths, is in the region that a person is looked for in, and a pose that is
 * so far from the one before, once it is moved onto it, may be made of both.
 */
const MIXED = { near: 3, posedOtherwise: 0.5 };
/**
 * A pose that scores less than this share of the usual is half someone
 * else's, or hidden: nobody's speed follows it.
 */
const WEAK = 0.6;
/** Someone who was out of sight for so long, in milliseconds, is not known again by what is so weak. */
const GAP_MS = 400;
/**
 * Someone hidden by someone else stays in the answer, where they should
 * be by now, for so long, in milliseconds.
 */
const HIDDEN_MS = 600;

/** Scores and peaks of someone who is not looked at fall with this time constant, in milliseconds. */
const CARRIED_MS = 2000;

/** Scores and peaks of someone who was not seen fall to this share: the documented filter leaves them out. */
const FADED = 0.3;

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
  /** The length that they are measured by, as it has been of late: see {@link headAndNeck}. */
  #unit: number;
  readonly #certainty: Certainty;
  /** What {@link predict} has said last, since it is asked again and again. */
  #expected: { ms: number; person: Person } | undefined;
  /** Whether they were not seen when they were looked for last, and someone else was in their place. */
  #missed: 'hidden' | 'away' | undefined;
  readonly #drift: Drift;
  /** Whether what is seen next says nothing about how fast they are. */
  #isCut = false;
  /** Pixels a millisecond. */
  #velocity: Point = { x: 0, y: 0 };

  constructor(person: Person, ms: number, smoothing: SmoothingOptions | undefined) {
    this.#smoother = smoothing && new PoseSmoother(smoothing);
    this.person = person;
    this.#unit = headAndNeck(person.pose);
    this.smoothed = this.#smooth(person, ms);
    this.seenMs = ms;
    this.#usualScore = person.score;
    this.#certainty = new Certainty(ms);
    this.#drift = new Drift(ms);
  }

  /** The person as the answer to a frame has them; `undefined` where it has not. */
  shown(ms: number): Person | undefined {
    if (this.seenMs === ms) return this.smoothed;
    if (!this.#missed) return this.#carried(ms);
    const isShown = this.#missed === 'hidden' && ms - this.seenMs <= HIDDEN_MS;
    return isShown ? faded(withoutMask(this.predict(ms)), FADED) : undefined;
  }

  /** Whether they were not seen when they were last looked for. */
  get isMissed(): boolean {
    return this.#missed !== undefined;
  }

  /** How soon they are to be looked at: see {@link Drift}. */
  urgency(ms: number): number {
    return this.#drift.urgency(ms, this.isMissed || !this.isConfirmed);
  }

  get isConfirmed(): boolean {
    return this.#sightings >= SIGHTINGS_TO_CONFIRM;
  }

  /** Whether to give up on someone who has been looked for in vain, however far apart frames are. */
  isOver(ms: number): boolean {
    return this.isMissed && ms - this.seenMs > (this.isConfirmed ? MAX_MISSING_MS : MAX_UNCONFIRMED_MS);
  }

  /** The region that the person was last to be looked for in, moved to where they should be by then. */
  regionAt(ms: number): Region {
    const region = followedRegion(this.person.pose, this.#unit);
    const { x, y } = this.#shift(ms);
    return { ...region, centreX: region.centreX + x, centreY: region.centreY + y };
  }

  /** The person, moved to where they should be by then. */
  predict(ms: number): Person {
    if (this.#expected?.ms !== ms) this.#expected = { ms, person: shifted(this.person, this.#shift(ms)) };
    return this.#expected.person;
  }

  /** Whether someone seen may be this one at all: whoever is back after a while is seen plainly. */
  mayBe({ score }: Person, ms: number): boolean {
    return !this.isMissed || ms - this.seenMs < GAP_MS || score >= WEAK * this.#usualScore;
  }

  /** How much a person looks like this one should by then, 0 … 1. */
  likeness(person: Person, ms: number): number {
    return oks(this.predict(ms), person, BODY_PARTS);
  }

  /** How far someone found is from where this one should be by then; from 1 on it is someone else. */
  distance(person: Person, ms: number): number {
    const growth = headAndNeck(person.pose) / this.#unit;
    if (Math.abs(Math.log(growth)) > Math.log(RESIZED)) return Infinity;
    const missingMs = Math.min(ms - this.seenMs, MAX_MISSING_MS);
    const reach = REACH * this.regionAt(ms).size * (1 + missingMs / 1000);
    return apart(this.predict(ms), person) / reach;
  }

  /**
   * How well someone would be this one, against others: by how far they are from where this one
   * should be, by how far their pose is another one, and by the score against what this one scores
   * otherwise, since whoever is hidden scores less. By distance, not by {@link likeness}, which is
   * next to 0 for everyone who is a head away.
   */
  fit(person: Person, ms: number): number {
    const away = apart(this.predict(ms), person) + this.#posedOtherwise(person, ms);
    return (Math.exp(-away / this.#unit) * person.score) / this.#usualScore;
  }

  /** Whether someone is so near that they may hide this one. */
  isCovered(by: Person, ms: number): boolean {
    return apart(this.predict(ms), by) < COVERED * this.#unit;
  }

  /** Whether someone may be made of this one and one of the others, who is beside them. */
  isMixed(person: Person, others: readonly Track[], ms: number): boolean {
    const isBeside = (other: Track) => apart(this.predict(ms), other.predict(ms)) < MIXED.near * this.#unit;
    return (
      others.some((other) => other !== this && other.isConfirmed && isBeside(other)) &&
      this.#posedOtherwise(person, ms) > MIXED.posedOtherwise * this.#unit
    );
  }

  /** What they were measured by was a poor pose of theirs: this is a better one. */
  measure(person: Person): void {
    this.#unit = headAndNeck(person.pose);
  }

  /**
   * They were looked for, and not seen.
   * @param isHidden whether someone else was seen in their place
   */
  miss(ms: number, isHidden: boolean): void {
    this.#missed = isHidden ? 'hidden' : 'away';
    this.#drift.look(ms);
  }

  /** The video has jumped: whoever is still where they were is the same, but has not moved there. */
  cut(): void {
    this.#velocity = { x: 0, y: 0 };
    this.#expected = undefined;
    this.#smoother?.reset();
    this.#isCut = true;
  }

  /** The frames to come are of another size. */
  resize(to: Resizing): void {
    this.person = resized(this.person, to);
    this.smoothed = resized(this.smoothed, to);
    this.#velocity = { x: to.length(this.#velocity.x), y: to.length(this.#velocity.y) };
    this.#unit = to.length(this.#unit);
    this.#expected = undefined;
    this.#smoother?.resize(to);
  }

  /**
   * Takes on what was seen of the person.
   * @param isContested whether it may be someone else who hides them, or is beside them: they are shown so,
   * but go on as before
   * @param shown the same person with better points, for the answer
   */
  see(person: Person, ms: number, isContested: boolean, shown = person): void {
    const elapsed = ms - this.seenMs;
    const expected = this.predict(ms);
    const isWeak = isContested || person.score < WEAK * this.#usualScore;
    const { sureMs } = this.#certainty;
    const isSure = this.#certainty.note(ms, { isWeak, wasAway: this.isMissed });
    if (isSure) {
      if (!this.#isCut) {
        // What is not where it should be has drifted away from there since the last time.
        const sinceMs = ms - sureMs;
        const share = (1 - Math.exp(-sinceMs / SPEED_MS)) / sinceMs;
        const { x, y } = moved(expected, person);
        this.#velocity = { x: this.#velocity.x + share * x, y: this.#velocity.y + share * y };
      }
      this.#unit *= (headAndNeck(person.pose) / this.#unit) ** (1 - Math.exp(-elapsed / UNIT_MS));
      this.#isCut = false;
    }
    if (apart(expected, person) > JUMP * this.#sizeOf(person)) this.#smoother?.reset();
    this.#usualScore += (1 - Math.exp(-elapsed / USUAL_MS)) * (person.score - this.#usualScore);
    this.#drift.look(ms, apart(this.person, person) / this.#unit, elapsed);
    this.#sightings++;
    this.#missed = undefined;
    this.person = isSure ? person : expected;
    this.smoothed = this.#smooth(shown, ms);
    this.seenMs = ms;
    this.#expected = undefined;
  }

  /** As they should be by then, who was not looked at. */
  #carried(ms: number): Person {
    return faded(shifted(this.smoothed, this.#shift(ms)), Math.exp((this.seenMs - ms) / CARRIED_MS));
  }

  #shift(ms: number): Point {
    const coasted = COASTING_MS * (1 - Math.exp((this.seenMs - ms) / COASTING_MS));
    return { x: this.#velocity.x * coasted, y: this.#velocity.y * coasted };
  }

  /** How far someone's pose is from this one's, wherever they are. */
  #posedOtherwise(person: Person, ms: number): number {
    const expected = this.predict(ms);
    return apart(expected, person, moved(expected, person));
  }

  #sizeOf({ pose }: Person): number {
    return followedRegion(pose, this.#unit).size;
  }

  #smooth(person: Person, ms: number): Person {
    if (!this.#smoother) return person;
    const { pose } = person;
    const smoothed: Pose = {
      ...pose,
      landmarks: this.#smoother.smooth(pose.landmarks, this.#sizeOf(person), ms),
    };
    // What the score was made of is what was seen now.
    return { ...personOfPose(smoothed), score: person.score };
  }
}
