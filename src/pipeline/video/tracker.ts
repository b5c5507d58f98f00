import type { AnalysisStage } from '../../schema/analysis.ts';
import type { PictureRectangle } from '../../schema/picture-region.ts';
import type { SmoothingOptions, TrackedPerson } from '../../schema/tracking.ts';
import { isSamePerson, withoutDuplicates } from '../duplicates.ts';
import type { PictureSize, Region } from '../../networks/geometry.ts';
import { BLAZEPOSE } from '../../networks/blazepose.ts';
import { NANODET } from '../../networks/nanodet.ts';
import { BodyNeed } from './body-need.ts';
import { identify, whoIsBack, whoIsPlainer } from './identities.ts';
import type { Identities } from './identities.ts';
import { LateNetwork } from './late-network.ts';
import type { PrepareNetwork } from './late-network.ts';
import { MediaTime } from './media-time.ts';
import type { Networks } from '../networks.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { personInfo } from '../answer.ts';
import { areaOf } from '../area.ts';
import type { Area } from '../area.ts';
import { locate } from '../location.ts';
import type { AnswerOptions } from '../answer.ts';
import type { Person } from '../person.ts';
import { boxIn, isUsable } from '../region.ts';
import { Resizing } from './resizing.ts';
import { findCandidates, SearchInSteps } from './search.ts';
import { SearchTimes } from './search-times.ts';
import { isPlain, isStillThere, mayBeBack, peopleIn } from './acceptance.ts';
import { Track } from './track.ts';

/** A place so near to someone who was just seen, in shares of the region's side, is theirs. */
const TAKEN = { centre: 0.12, size: 0.75 };

/** How people are followed. */
export interface TrackerOptions {
  /** The most people to follow. */
  maxPersons: number;
  /** `undefined` for points as the model gives them. */
  smoothing: SmoothingOptions | undefined;
  /** What of each frame is to be looked at. Default: all. */
  region?: PictureRectangle | undefined;
  /** Whether {@link Tracker.idle} is called between frames. */
  hasIdleTime: boolean;
  /** Sees to NanoDet, until which searches do without it. Default: they wait for it. */
  prepare?: PrepareNetwork;
}

/** The next frame, as far as following goes. */
export interface TrackerFrame extends AnswerOptions {
  /** When it was taken, in milliseconds by the video's own clock, which may go back: a clip that loops. */
  ms: number;
  /** How much rarer than usual the detectors look, as a factor: more than 1 to save time. Default 1. */
  rarer?: number;
  onStep?: (stage: AnalysisStage) => void;
}

/**
 * Follows everyone from frame to frame: where they were last is where
 * they are looked for, detectors only help.
 */
export class Tracker {
  readonly #options: TrackerOptions;
  readonly #time = new MediaTime();
  /** When the last frame was taken: all times in here rise, whatever the video's own do. */
  #nowMs = 0;
  /** The last frame's size, in whose pixels the tracks are. */
  #size: PictureSize | undefined;
  #tracks: Track[] = [];
  #ids: number;
  #isMissing = false;
  /** Those of whom the last frame showed too little for anyone to be followed by. */
  #doubtful: ReadonlySet<Track> = new Set();
  readonly #searchTimes: SearchTimes;
  readonly #search = new SearchInSteps();
  readonly #nanoDet: LateNetwork;
  readonly #bodyNeed = new BodyNeed();
  /** Whether searches see bodies, which takes NanoDet. */
  #hasBodies = false;

  /** @param lastId the highest number that was given to a person before */
  constructor(options: TrackerOptions, lastId = 0) {
    this.#options = options;
    this.#searchTimes = new SearchTimes(options.hasIdleTime);
    this.#nanoDet = new LateNetwork(NANODET, options.prepare ?? (async () => 'ready'));
    this.#ids = lastId;
  }

  /**
   * Everyone in the next frame.
   * @throws BodyAnalysisError `invalid-option` where the region lies outside of it
   */
  async next(
    networks: Networks,
    picture: PictureSize,
    { ms: sourceMs, rarer = 1, onStep = () => {}, ...answer }: TrackerFrame,
  ): Promise<TrackedPerson[]> {
    const area = areaOf(picture, this.#options.region);
    const withMask = answer.extras?.includes('mask');
    const runner: LandmarkRunner = { networks, landmarks: BLAZEPOSE[answer.model], withMask };
    const ms = this.#goOn(sourceMs, picture);
    await this.#seeToBodies(ms);
    onStep('landmarks');
    const { seen, hidden, contested } = await this.#trackAll(runner, picture, ms);
    this.#leave(seen, picture, area);
    this.#noteDoubts(seen, picture);
    // A frame may be given up in the middle of this: until it is through the next one has to do the same.
    const isMissing = this.#tracks.some((track) => !seen.has(track));
    let places = this.#search.found(picture);
    const isDue = !places && this.#isSearchDue(ms, rarer, isMissing);
    if (isDue) {
      onStep('detect');
      this.#search.stop();
      places = await findCandidates(networks, { searched: area.searched, hasBodies: this.#hasBodies });
    }
    if (places) {
      const hasNews = await this.#tryCandidates(places, runner, { ms, seen, picture, area });
      if (isDue) this.#searchTimes.begin(ms);
      this.#searchTimes.end({ hasNews });
      this.#search.forget();
      if (!this.#hasBodies) this.#bodyNeed.note(ms, this.#isEnough(seen));
    }
    this.#isMissing = isMissing;
    for (const track of this.#tracks) {
      const person = seen.get(track);
      if (person) track.see(person, ms, contested.has(person) || track.isMixed(person, this.#tracks, ms));
      else if (track.seenMs !== ms) track.miss();
    }
    return this.#answer(picture, answer, { ms, hidden });
  }

  /** Whether a search in idle time is under way, for which its picture is needed. */
  get isSearching(): boolean {
    return this.#search.isUnderWay;
  }

  /** Whether there is something to do for {@link idle} after the last frame. */
  hasIdleWork(rarer = 1): boolean {
    if (this.#search.isOver || !this.#hasRoom(this.#isMissing)) return false;
    return this.#search.isUnderWay || this.#searchTimes.isDueInIdleTime(this.#nowMs, rarer);
  }

  /**
   * Uses idle time for one run of a detector. A search takes several; what it finds is
   * looked at in the frame after the last.
   * @param networks looking at the last frame, and as long as a search goes on at the one that it began with
   * @param picture that frame's size
   */
  async idle(networks: Networks, picture: PictureSize): Promise<void> {
    if (!this.#search.isUnderWay) this.#searchTimes.begin(this.#nowMs);
    const { searched } = areaOf(picture, this.#options.region);
    await this.#search.step(networks, picture, { searched, hasBodies: this.#hasBodies });
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
      this.#search.stop();
      this.#search.forget();
      this.#searchTimes.restart();
    }
    this.#tracks = this.#tracks.filter((track) => !track.isOver(ms));
    return ms;
  }

  /** Has NanoDet fetched once it is needed, and people looked for anew as soon as it is there. */
  async #seeToBodies(ms: number): Promise<void> {
    if (this.#hasBodies) return;
    this.#hasBodies = await this.#nanoDet.isReady(ms, this.#bodyNeed.isThere);
    if (this.#hasBodies) this.#searchTimes.hasten();
  }

  /** Notes of whom too little is plain: a search soon may see them better. */
  #noteDoubts(seen: ReadonlyMap<Track, Person>, picture: PictureSize): void {
    const before = this.#doubtful;
    this.#doubtful = new Set(
      [...seen].filter(([, person]) => !isPlain(person, picture)).map(([track]) => track),
    );
    if ([...this.#doubtful].some((track) => !before.has(track))) this.#searchTimes.hasten();
  }

  #hasRoom(isMissing: boolean): boolean {
    return isMissing || this.#doubtful.size > 0 || this.#tracks.length < this.#options.maxPersons;
  }

  /** @param isMissing whether someone is, whom the frame does not show where they should be */
  #isSearchDue(ms: number, rarer: number, isMissing: boolean): boolean {
    const isNewlyMissing = isMissing && !this.#isMissing;
    const hasRoom = this.#hasRoom(isMissing);
    return this.#searchTimes.isDueInFrame(ms, { isMissing, isNewlyMissing, hasRoom, rarer });
  }

  /**
   * Whether a search has left nothing to be desired: somebody is followed, plain and in sight, and nobody
   * else, who might hide others.
   */
  #isEnough(seen: ReadonlyMap<Track, Person>): boolean {
    const confirmed = this.#tracks.filter((track) => track.isConfirmed);
    const isWhole = this.#tracks.length > 0 && this.#doubtful.size === 0;
    return isWhole && confirmed.length <= 1 && confirmed.every((track) => seen.has(track));
  }

  /** Looks for each person where they should be. */
  async #trackAll(runner: LandmarkRunner, picture: PictureSize, ms: number): Promise<Identities> {
    const regions = this.#tracks
      .map((track) => track.regionAt(ms))
      .filter((region) => isUsable(region) && isInPicture(region, picture));
    const people = (await peopleIn(runner, regions)).flatMap((person) => person ?? []);
    return identify(
      people.filter((person) => isStillThere(person, picture)),
      this.#tracks,
      ms,
    );
  }

  /** Forgets those who have left what is looked at. */
  #leave(seen: Map<Track, Person>, picture: PictureSize, area: Area): void {
    for (const [track, person] of seen) {
      if (area.keeps(() => locate(person, picture))) continue;
      seen.delete(track);
      this.#tracks = this.#tracks.filter((other) => other !== track);
    }
  }

  /**
   * Looks where the detectors saw someone, for those who are missing or in doubt, and for new people.
   * @param frame.seen whom the frame has shown so far; those who are back
   * are added, and those who are seen better
   * @returns whether there was anybody of them
   */
  async #tryCandidates(
    places: readonly Region[],
    runner: LandmarkRunner,
    { ms, seen, picture, area }: { ms: number; seen: Map<Track, Person>; picture: PictureSize; area: Area },
  ): Promise<boolean> {
    const taken = [...seen.keys()]
      .filter((track) => !this.#doubtful.has(track))
      .map((track) => track.regionAt(ms));
    const free = places.filter(
      (region) => area.mayHave(boxIn(region)) && !taken.some((other) => isTaken(region, other)),
    );
    const room = this.#options.maxPersons - taken.length;
    const people = await peopleIn(runner, free.slice(0, 2 * Math.max(room, 0)));
    const once = withoutDuplicates(people.flatMap((person) => person ?? []));
    const plain = once.filter((person) => isPlain(person, picture));
    const plainer = whoIsPlainer(plain, { seen, doubtful: this.#doubtful });
    for (const [person, track] of plainer) {
      seen.set(track, person);
      track.measure(person);
    }
    const found = once.filter(
      (person) =>
        mayBeBack(person) &&
        ![...seen.values()].some((other) => other === person || isSamePerson(other, person)),
    );
    const missing = this.#tracks.filter((track) => !seen.has(track));
    const back = whoIsBack(missing, found, ms);
    for (const [person, track] of back) seen.set(track, person);
    const added = area
      .wanted(found, (person) => locate(person, picture))
      .filter((person) => !back.has(person) && isPlain(person, picture))
      .slice(0, Math.max(0, this.#options.maxPersons - this.#tracks.length))
      .map((person) => new Track(person, ms, this.#options.smoothing));
    this.#tracks.push(...added);
    return plainer.size + back.size + added.length > 0;
  }

  /** The people of the answer: whom the frame shows, and for a while those who are hidden in it. */
  #answer(
    picture: PictureSize,
    options: AnswerOptions,
    { ms, hidden }: { ms: number; hidden: Identities['hidden'] },
  ): TrackedPerson[] {
    for (const track of this.#tracks) if (track.isConfirmed && track.id === 0) track.id = ++this.#ids;
    return this.#tracks
      .toSorted((a, b) => a.id - b.id)
      .flatMap((track) => {
        const person = track.id > 0 && track.shown(ms, hidden.has(track));
        if (!person) return [];
        return [{ ...personInfo(person, picture, options), track_id: track.id }];
      });
  }
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
