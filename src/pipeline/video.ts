import type { AnalysisStage } from '../schema/analysis.ts';
import { BODY_PARTS } from '../schema/body-parts.ts';
import type { SmoothingOptions, TrackedPerson } from '../schema/tracking.ts';
import { isSamePerson, oks, withoutDuplicates } from './duplicates.ts';
import type { PictureSize, Region } from '../networks/geometry.ts';
import { BLAZEPOSE, decodePose, isPlausible } from '../networks/blazepose.ts';
import type { Looking, Networks } from './networks.ts';
import { personInfo, personOfPose } from './person.ts';
import type { AnswerOptions, Person } from './person.ts';
import { batches, MIN_FLAG } from './photo.ts';
import { MediaTime } from './media-time.ts';
import { isUsable } from './region.ts';
import { Resizing } from './resizing.ts';
import { findPlaces, searching } from './search.ts';
import { Track } from './tracks.ts';

/** The score that someone needs to be followed further, and to be taken on. */
const MIN_SCORE = { kept: 0.2, born: 0.25 };
/**
 * Someone is to be followed who has so many parts in the picture that are so sure: of true people there were nine and more,
 * of what looks like one, in pictures on a wall and between two people, two at most. Someone of whom none is left has gone.
 */
const SURE = { peak: 0.5, born: 5, kept: 1 };
/** Someone else's pose fits a person by such a share as well as its owner: it may be either. */
const CONTESTED = 0.2;
/** Two tracks whose people are more alike than this have come onto one person. */
const SLID = 0.5;
/** What is seen where a track should be is that person if it is at least so much like them. */
const SAME_AGAIN = 0.05;
/**
 * Someone hidden by someone else is where they should be by now for so long, in milliseconds, and their score and their
 * points' peaks fall to this share: the documented filter leaves them out.
 */
const HIDDEN = { ms: 600, peak: 0.3 };
/**
 * After how long the detectors look again, in milliseconds: longer each time that they find nobody new; for someone who
 * is missed, at once and then every `missed`.
 */
const SEARCH_MS = { first: 200, longest: 2000, factor: 1.6, missed: 100 };
/** For so many frames a search that is due waits for free time. By frames, not by time: after a pause all would be due. */
const PATIENCE = 6;
/** A place so near to someone who was just seen, in shares of the region's side, is theirs. */
const TAKEN = { centre: 0.12, size: 0.75 };

/** How people are followed. */
export interface FollowOptions {
  /** The most people to follow. */
  maxPersons: number;
  /** `undefined` for points as the model gives them. */
  smoothing: SmoothingOptions | undefined;
  /** Whether {@link Follower.rest} is called between frames. */
  rests: boolean;
}

/** The next frame, as far as following goes. */
export interface FollowFrame extends AnswerOptions {
  /** When it was taken, in milliseconds by the video's own clock, which may go back: a clip that loops. */
  ms: number;
  /** How much rarer than usual the detectors look, as a factor: more than 1 to save time. Default 1. */
  rarer?: number;
  onStep?: (stage: AnalysisStage) => void;
}

/** Follows everyone from frame to frame: where they were last is where they are looked for, detectors only help. */
export class Follower {
  readonly #options: FollowOptions;
  readonly #time = new MediaTime();
  /** When the last frame was taken: all times in here rise, whatever the video's own do. */
  #nowMs = 0;
  /** The last frame's size, in whose pixels the tracks are. */
  #size: PictureSize | undefined;
  #tracks: Track[] = [];
  #ids: number;
  #searchedMs = -Infinity;
  #searchEveryMs = SEARCH_MS.first;
  #isMissing = false;
  /** Frames in which a search was due and has waited for free time. */
  #waited = 0;
  /** A search in free time that is under way, and one that is done. */
  #searching: AsyncGenerator<unknown, Region[], undefined> | undefined;
  #found: { places: Region[]; size: PictureSize } | undefined;

  /** @param lastId the highest number that was given to a person before */
  constructor(options: FollowOptions, lastId = 0) {
    this.#options = options;
    this.#ids = lastId;
  }

  /** Everyone in the next frame. */
  async next(
    networks: Networks,
    picture: PictureSize,
    { ms: sourceMs, rarer = 1, onStep = () => {}, ...answer }: FollowFrame,
  ): Promise<TrackedPerson[]> {
    const looking: Looking = { networks, landmarks: BLAZEPOSE[answer.model] };
    const ms = this.#goOn(sourceMs, picture);
    this.#tracks = this.#tracks.filter((track) => !track.isOver(ms));
    onStep('landmarks');
    const { seen, hidden, contested } = await this.#lookAgain(looking, picture, ms);
    const wasMissing = this.#isMissing;
    this.#isMissing = this.#tracks.some((track) => !seen.has(track));
    let places = this.#takeFound(picture);
    if (!places && this.#isSearchDue(ms, rarer, this.#isMissing && !wasMissing)) {
      onStep('detect');
      this.#begin(ms);
      places = await findPlaces(networks, picture);
    }
    if (places) await this.#lookAt(places, looking, { ms, seen, picture });
    for (const [track, person] of seen) track.see(person, ms, contested.has(person));
    for (const track of this.#tracks) if (track.seenMs !== ms) track.miss();
    for (const track of this.#tracks) if (track.isConfirmed && track.id === 0) track.id = ++this.#ids;
    return this.#tracks
      .toSorted((a, b) => a.id - b.id)
      .flatMap((track) => {
        const isHidden = hidden.has(track) && ms - track.seenMs <= HIDDEN.ms;
        if (track.id === 0 || (track.seenMs !== ms && !isHidden)) return [];
        const person = track.seenMs === ms ? track.smoothed : faded(track.predict(ms));
        return [{ ...personInfo(person, picture, answer), track_id: track.id }];
      });
  }

  /** Whether a search in free time is under way, for which its picture is needed. */
  get isSearching(): boolean {
    return this.#searching !== undefined;
  }

  /** Whether there is something to do for {@link rest} after the last frame. */
  canRest(rarer = 1): boolean {
    if (this.#found || !this.#hasRoom()) return false;
    return this.#searching !== undefined || this.#nowMs - this.#searchedMs >= rarer * this.#searchEveryMs;
  }

  /**
   * Uses free time for one run of a detector. A search takes several; what it finds is looked at in the frame after the
   * last.
   * @param networks looking at the last frame, and as long as a search goes on at the one that it began with
   * @param picture that frame's size
   */
  async rest(networks: Networks, picture: PictureSize): Promise<void> {
    if (!this.#searching) {
      this.#begin(this.#nowMs);
      this.#searching = searching(networks, picture);
    }
    const search = this.#searching;
    this.#searching = undefined;
    const { done, value } = await search.next();
    if (done) this.#found = { places: value, size: picture };
    else this.#searching = search;
  }

  /** Brings everything to the next frame's time and pixels. */
  #goOn(sourceMs: number, picture: PictureSize): number {
    const { ms, isCut } = this.#time.next(sourceMs);
    this.#nowMs = ms;
    const resizing = this.#size && Resizing.between(this.#size, picture);
    this.#size = picture;
    if (resizing) for (const track of this.#tracks) track.resize(resizing);
    if (isCut) for (const track of this.#tracks) track.cut();
    if (isCut || resizing?.isOtherShape) {
      // Others may be in sight now, and what was seen before is of no use.
      this.#found = undefined;
      this.#searching = undefined;
      this.#searchedMs = -Infinity;
      this.#searchEveryMs = SEARCH_MS.first;
    }
    return ms;
  }

  /** Where a search in free time has found someone, in the picture's pixels; `undefined` where none is done. */
  #takeFound(picture: PictureSize): Region[] | undefined {
    const found = this.#found;
    this.#found = undefined;
    const resizing = found && Resizing.between(found.size, picture);
    if (!resizing) return found?.places;
    return found.places.map((place) => resizing.region(place));
  }

  #hasRoom(): boolean {
    return this.#isMissing || this.#tracks.length < this.#options.maxPersons;
  }

  /** @param isNewlyMissing whether someone was still there a frame ago */
  #isSearchDue(ms: number, rarer: number, isNewlyMissing: boolean): boolean {
    if (isNewlyMissing || this.#searchedMs === -Infinity) return true;
    if (!this.#hasRoom()) return false;
    const sinceMs = ms - this.#searchedMs;
    if (this.#isMissing) return sinceMs >= rarer * SEARCH_MS.missed;
    if (sinceMs < rarer * this.#searchEveryMs) return false;
    return !this.#options.rests || ++this.#waited > PATIENCE;
  }

  /** A search begins; one that was under way is of no use any more. */
  #begin(ms: number): void {
    this.#searching = undefined;
    this.#searchedMs = ms;
    this.#waited = 0;
  }

  /** Looks for each person where they should be. */
  async #lookAgain(looking: Looking, picture: PictureSize, ms: number): Promise<Identities> {
    const regions = this.#tracks
      .map((track) => track.regionAt(ms))
      .filter((region) => isUsable(region) && isInPicture(region, picture));
    const people = (await lookAt(looking, regions)).flatMap((person) => person ?? []);
    return identify(
      people.filter((person) => person.score >= MIN_SCORE.kept && sureParts(person, picture) >= SURE.kept),
      this.#tracks,
      ms,
    );
  }

  /** Looks where the detectors saw someone, for those who are missing and for new people. */
  async #lookAt(
    places: readonly Region[],
    looking: Looking,
    { ms, seen, picture }: { ms: number; seen: Map<Track, Person>; picture: PictureSize },
  ): Promise<void> {
    const taken = [...seen.keys()].map((track) => track.regionAt(ms));
    const free = places.filter((region) => !taken.some((other) => isTaken(region, other)));
    const room = this.#options.maxPersons - seen.size;
    const people = await lookAt(looking, free.slice(0, 2 * Math.max(room, 0)));
    let hasNews = false;
    const found = withoutDuplicates(people.flatMap((person) => person ?? [])).filter(
      (person) =>
        person.score >= MIN_SCORE.kept && ![...seen.values()].some((other) => isSamePerson(other, person)),
    );
    const missing = this.#tracks.filter((track) => !seen.has(track) && track.seenMs !== ms);
    const returned = new Set<Person>();
    const pairs = missing
      .flatMap((track) => found.map((person) => ({ track, person, distance: track.distance(person, ms) })))
      .filter(({ distance }) => distance < 1)
      .toSorted((a, b) => a.distance - b.distance);
    for (const { track, person } of pairs) {
      if (seen.has(track) || returned.has(person)) continue;
      seen.set(track, person);
      returned.add(person);
      hasNews = true;
    }
    for (const person of found) {
      if (
        returned.has(person) ||
        person.score < MIN_SCORE.born ||
        sureParts(person, picture) < SURE.born ||
        this.#tracks.length >= this.#options.maxPersons
      )
        continue;
      this.#tracks.push(new Track(person, ms, this.#options.smoothing));
      hasNews = true;
    }
    this.#searchEveryMs = hasNews
      ? SEARCH_MS.first
      : Math.min(SEARCH_MS.longest, SEARCH_MS.factor * this.#searchEveryMs);
  }
}

/** Who is who in a frame. */
interface Identities {
  seen: Map<Track, Person>;
  /** Those in whose place someone else was seen. */
  hidden: Set<Track>;
  /** Poses that may be of someone hidden as well. */
  contested: Set<Person>;
}

/** Gives each pose to whoever it fits best, in whosever place it was seen; one person seen twice counts once. */
function identify(people: readonly Person[], tracks: readonly Track[], ms: number): Identities {
  const pairs = people
    .flatMap((person) => tracks.map((track) => ({ track, person })))
    .filter(({ track, person }) => track.likeness(person, ms) >= SAME_AGAIN)
    .map((pair) => ({ ...pair, fit: pair.track.fit(pair.person, ms) }))
    .toSorted((a, b) => b.fit - a.fit);
  const seen = new Map<Track, Person>();
  const fits = new Map<Person, number>();
  for (const { track, person, fit } of pairs) {
    if (seen.has(track) || [...seen.values()].some((other) => other === person || isOne(other, person)))
      continue;
    seen.set(track, person);
    fits.set(person, fit);
  }
  const unseen = tracks.filter((track) => !seen.has(track));
  return {
    seen,
    hidden: new Set(unseen.filter((track) => [...seen.values()].some((other) => track.isCovered(other, ms)))),
    contested: new Set(
      pairs
        .filter(
          ({ track, person, fit }) => !seen.has(track) && fit > CONTESTED * (fits.get(person) ?? Infinity),
        )
        .map(({ person }) => person),
    ),
  };
}

/** Whether two poses that were found in two people's places are of one of them. */
function isOne(a: Person, b: Person): boolean {
  return oks(a, b, BODY_PARTS) >= SLID || isSamePerson(a, b);
}

/** How many of a person's parts are in sight, and plain. */
function sureParts({ parts }: Person, { width, height }: PictureSize): number {
  return Object.values(parts).filter(
    ({ x, y, peak }) => peak > SURE.peak && x >= 0 && y >= 0 && x < width && y < height,
  ).length;
}

/** The same person, as unsure as someone is who was not seen. */
function faded(person: Person): Person {
  const landmarks = person.pose.landmarks.map((landmark) => ({
    ...landmark,
    peak: HIDDEN.peak * landmark.peak,
  }));
  return { ...personOfPose({ ...person.pose, landmarks }), score: HIDDEN.peak * person.score };
}

async function lookAt(
  { networks, landmarks }: Looking,
  regions: readonly Region[],
): Promise<(Person | undefined)[]> {
  const people: (Person | undefined)[] = [];
  for (const batch of batches(regions, networks.batchOf(landmarks))) {
    const outputs = await networks.run(landmarks, batch);
    for (const [index, region] of batch.entries()) {
      const output = outputs[index];
      const pose = output && decodePose(output, region);
      people.push(pose && pose.flag >= MIN_FLAG && isPlausible(pose) ? personOfPose(pose) : undefined);
    }
  }
  return people;
}

function isTaken(region: Region, other: Region): boolean {
  const size = Math.max(region.size, other.size);
  return (
    Math.hypot(region.centreX - other.centreX, region.centreY - other.centreY) < TAKEN.centre * size &&
    Math.min(region.size, other.size) > TAKEN.size * size
  );
}

function isInPicture({ centreX, centreY, size }: Region, { width, height }: PictureSize): boolean {
  const reach = size / 2;
  return centreX > -reach && centreY > -reach && centreX < width + reach && centreY < height + reach;
}
