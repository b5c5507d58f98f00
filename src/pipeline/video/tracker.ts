import type { TrackedPerson } from '../../schema/tracking.ts';
import { isSamePerson, withoutDuplicates } from '../duplicates.ts';
import type { PictureSize, Region } from '../../networks/geometry.ts';
import { BLAZEPOSE } from '../../networks/blazepose.ts';
import { NANODET } from '../../networks/nanodet.ts';
import { whoIsBack, whoIsPlainer } from './identities.ts';
import { Doubts } from './doubts.ts';
import { LastingNeed } from './lasting-need.ts';
import { LateNetwork } from './late-network.ts';
import { findAgain } from './find-again.ts';
import { MediaTime } from './media-time.ts';
import type { Networks } from '../networks.ts';
import type { LandmarkRunner } from '../landmark-pass.ts';
import { personInfo } from '../answer.ts';
import { areaOf } from '../area.ts';
import type { Area } from '../area.ts';
import { locate } from '../location.ts';
import type { AnswerOptions } from '../answer.ts';
import type { Person } from '../person.ts';
import { freePlaces } from './places.ts';
import { Resizing } from './resizing.ts';
import { findCandidates, SearchInSteps } from './search.ts';
import { SearchTimes } from './search-times.ts';
import { SecondPasses } from './second-passes.ts';
import { isPlain, mayBeBack, peopleIn } from './acceptance.ts';
import { Track } from './track.ts';
import type { TrackerFrame, TrackerOptions } from './tracker-options.ts';
import { takeTurns } from './turns.ts';

/** A frame in which places are looked at. */
interface Scene {
  ms: number;
  seen: Map<Track, Person>;
  carried: ReadonlySet<Track>;
  picture: PictureSize;
  area: Area;
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
  /** Whether there was no time in the last frame to look at everyone. */
  #isInTurns = false;
  readonly #doubts = new Doubts();
  readonly #searchTimes: SearchTimes;
  readonly #search = new SearchInSteps();
  readonly #nanoDet: LateNetwork;
  readonly #bodyNeed = new LastingNeed();
  /** Whether searches see bodies, which takes NanoDet. */
  #hasBodies = false;
  readonly #secondPasses: SecondPasses | undefined;

  /** @param lastId the highest number that was given to a person before */
  constructor(options: TrackerOptions, lastId = 0) {
    this.#options = options;
    this.#searchTimes = new SearchTimes(options.hasIdleTime);
    this.#nanoDet = new LateNetwork(NANODET, options.prepare);
    if (options.hasSecondPasses) this.#secondPasses = new SecondPasses(options);
    this.#ids = lastId;
  }

  /**
   * Everyone in the next frame.
   * @throws BodyAnalysisError `invalid-option` where the region lies outside of it
   */
  async next(
    networks: Networks,
    picture: PictureSize,
    { ms: sourceMs, rarer = 1, looks = Infinity, onStep = () => {}, ...answer }: TrackerFrame,
  ): Promise<TrackedPerson[]> {
    const area = areaOf(picture, this.#options.region);
    const withMask = answer.extras?.includes('mask');
    const runner: LandmarkRunner = { networks, landmarks: BLAZEPOSE[answer.model], withMask };
    const ms = this.#goOn(sourceMs, picture);
    await this.#seeToBodies(ms);
    this.#isInTurns = this.#tracks.length > looks;
    const isStep = this.#isInTurns && this.#isStepDue(ms, rarer);
    if (isStep) {
      onStep('detect');
      await this.#searchOn(networks, picture);
    }
    onStep('landmarks');
    let places = isStep ? undefined : this.#search.found(picture);
    const turns = { looks: isStep ? 0 : looks, hasPlaces: !!places, ms };
    const { looked, carried, looksAtPlaces } = takeTurns(this.#tracks, turns);
    const { seen, hidden, contested } = await findAgain(looked, runner, {
      picture,
      tracks: this.#tracks,
      ms,
    });
    this.#leave(seen, picture, area);
    if (this.#doubts.note(seen, carried, picture)) this.#searchTimes.hasten();
    // A frame may be given up in the middle of this: until it is through the next one has to do the same.
    const isMissing = this.#tracks.some((track) => !seen.has(track) && !carried.has(track));
    const isDue = !this.#isInTurns && !places && this.#isSearchDue(ms, rarer, isMissing);
    if (isDue) {
      onStep('detect');
      this.#search.stop();
      places = await findCandidates(networks, { searched: area.searched, hasBodies: this.#hasBodies });
    }
    if (places) {
      const scene = { ms, seen, carried, picture, area };
      const { hasNews, rest } = await this.#tryCandidates(places, runner, scene, looksAtPlaces);
      if (isDue) this.#searchTimes.begin(ms);
      if (hasNews || rest.length === 0) this.#searchTimes.end({ hasNews });
      this.#search.forget(rest, picture);
      if (!this.#hasBodies) this.#bodyNeed.note(ms, !this.#isEnough(seen, carried));
    }
    this.#isMissing = isMissing;
    await this.#secondPasses?.note(seen, contested, ms);
    if (!this.#isInTurns) await this.#secondPasses?.inFrame(networks, picture, () => onStep('refine'));
    for (const track of this.#tracks) {
      const person = seen.get(track);
      if (person) {
        const isContested = contested.has(person) || track.isMixed(person, this.#tracks, ms);
        const shown = isContested ? person : this.#secondPasses?.corrected(track, person, ms);
        track.see(person, ms, isContested, shown);
      } else if (looked.has(track)) track.miss(ms, hidden.has(track));
    }
    return this.#answer(picture, answer, ms);
  }

  /** How many are followed. */
  get count(): number {
    return this.#tracks.length;
  }

  /** Whether a search in idle time is under way, for which its picture is needed. */
  get isSearching(): boolean {
    return this.#search.isUnderWay;
  }

  /** Whether there is something to do for {@link idle} after the last frame. */
  hasIdleWork(rarer = 1): boolean {
    // A run of another network would take more than what is left of a frame's time.
    if (this.#isInTurns) return false;
    return this.#hasSearchWork(rarer) || !!this.#secondPasses?.isDueInIdleTime;
  }

  /**
   * Uses time that is left for one run of a detector, where a search is under way or due, or of MoveNet. A
   * search takes several runs; what it finds is looked at in the frame after the last.
   * @param networks looking at the last frame, and as long as a search goes on at the one that it began with
   * @param picture that frame's size
   * @returns learns how long it has taken, in milliseconds
   */
  async idle(networks: Networks, picture: PictureSize, rarer = 1): Promise<(tookMs: number) => void> {
    if (!this.#search.isUnderWay && !this.#hasSearchWork(rarer))
      return (await this.#secondPasses?.idle(networks, picture)) ?? (() => {});
    await this.#searchOn(networks, picture);
    return () => {};
  }

  /** Whether there is time for a search, and one is under way or due. */
  #hasSearchWork(rarer: number): boolean {
    if (this.#search.isOver || !this.#hasRoom(this.#isMissing)) return false;
    return this.#search.isUnderWay || this.#searchTimes.isDueInIdleTime(this.#nowMs, rarer);
  }

  /** Runs one detector of a search. */
  async #searchOn(networks: Networks, picture: PictureSize): Promise<void> {
    if (!this.#search.isUnderWay) this.#searchTimes.begin(this.#nowMs);
    const { searched } = areaOf(picture, this.#options.region);
    await this.#search.step(networks, picture, { searched, hasBodies: this.#hasBodies });
  }

  /** Whether a frame in which people are looked at by turns is to have a detector run instead. */
  #isStepDue(ms: number, rarer: number): boolean {
    const { isOver, isUnderWay } = this.#search;
    return !isOver && (isUnderWay || this.#isSearchDue(ms, rarer, this.#isMissing));
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
      for (const track of this.#tracks) this.#secondPasses?.forget(track);
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

  #hasRoom(isMissing: boolean): boolean {
    return isMissing || this.#doubts.about.size > 0 || this.#tracks.length < this.#options.maxPersons;
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
  #isEnough(seen: ReadonlyMap<Track, Person>, carried: ReadonlySet<Track>): boolean {
    const confirmed = this.#tracks.filter((track) => track.isConfirmed);
    const isWhole = this.#tracks.length > 0 && this.#doubts.about.size === 0;
    return (
      isWhole && confirmed.length <= 1 && confirmed.every((track) => seen.has(track) || carried.has(track))
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
   * @param frame.seen whom the frame has shown so far; those who are back or seen better are added
   * @param frame.carried those at whom it is not their turn to be looked at
   * @param looks at how many places; the rest is for the next frame
   */
  async #tryCandidates(
    places: readonly Region[],
    runner: LandmarkRunner,
    { ms, seen, carried, picture, area }: Scene,
    looks: number,
  ): Promise<{ hasNews: boolean; rest: Region[] }> {
    const inSight = this.#tracks.filter((track) => seen.has(track) || carried.has(track));
    const taken = inSight.filter((track) => !this.#doubts.about.has(track));
    const free = freePlaces(
      places,
      taken.map((track) => track.regionAt(ms)),
      area,
    );
    const room = this.#options.maxPersons - taken.length;
    const tried = free.slice(0, 2 * Math.max(room, 0));
    const people = await peopleIn(runner, tried.slice(0, looks));
    const once = withoutDuplicates(people.flatMap((person) => person ?? []));
    const plain = once.filter((person) => isPlain(person, picture));
    const plainer = whoIsPlainer(plain, { seen, doubtful: this.#doubts.about });
    for (const [person, track] of plainer) {
      seen.set(track, person);
      track.measure(person);
    }
    const known = inSight.map((track) => seen.get(track) ?? track.predict(ms));
    const found = once.filter(
      (person) =>
        mayBeBack(person) && !known.some((other) => other === person || isSamePerson(other, person)),
    );
    const missing = this.#tracks.filter((track) => !seen.has(track) && !carried.has(track));
    const back = whoIsBack(missing, found, ms);
    for (const [person, track] of back) seen.set(track, person);
    const added = area
      .wanted(found, (person) => locate(person, picture))
      .filter((person) => !back.has(person) && isPlain(person, picture))
      .slice(0, Math.max(0, this.#options.maxPersons - this.#tracks.length))
      .map((person) => new Track(person, ms, this.#options.smoothing));
    this.#tracks.push(...added);
    return { hasNews: plainer.size + back.size + added.length > 0, rest: tried.slice(looks) };
  }

  /** The people of the answer: whom the frame shows, for a while those who are hidden in it, and
   * those who were not looked at. */
  #answer(picture: PictureSize, options: AnswerOptions, ms: number): TrackedPerson[] {
    for (const track of this.#tracks) if (track.isConfirmed && track.id === 0) track.id = ++this.#ids;
    return this.#tracks
      .toSorted((a, b) => a.id - b.id)
      .flatMap((track) => {
        const person = track.id > 0 && track.shown(ms);
        if (!person) return [];
        return [{ ...personInfo(person, picture, options), track_id: track.id }];
      });
  }
}
