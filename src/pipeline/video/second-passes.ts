import { clipToPicture } from '../../networks/geometry.ts';
import type { PictureSize } from '../../networks/geometry.ts';
import { MOVENET, decodeMoveNet } from '../../networks/movenet.ts';
import type { Networks } from '../networks.ts';
import type { Person } from '../person.ts';
import { isUsable, squareOfBox } from '../region.ts';
import { Correction } from './correction.ts';
import { LastingNeed } from './lasting-need.ts';
import { LateNetwork } from './late-network.ts';
import { showsLegs } from './next-region.ts';
import type { Track } from './track.ts';
import type { TrackerOptions } from './tracker-options.ts';

/**
 * After how long MoveNet looks at someone again, in milliseconds: in every second frame at 15 a second, in
 * every third at 30. Over eight runs of clips of people who are cut off the mean error is .085 head lengths
 * without it, .072 so, .067 in every frame and .073 every 200 ms.
 */
const EVERY_MS = 90;
/**
 * In idle time it takes no more than this share of the time, whatever the machine's speed; of a clip that is
 * played at double speed, twice as much.
 */
const SHARE = 0.2;

/**
 * MoveNet, made for people who are cut off, looks at those followed whose legs are not seen: of them
 * BlazePose alone is less sure where they are. Whoever is whole takes nothing of this.
 */
export class SecondPasses {
  readonly #hasIdleTime: boolean;
  /** Whether frames wait for the network: what they show must not depend on how long it is on its way. */
  readonly #isAwaited: boolean;
  readonly #network: LateNetwork;
  readonly #need = new LastingNeed();
  #isReady = false;
  readonly #corrections = new WeakMap<Track, Correction>();
  /** When it has looked at each, or at the soonest would have. */
  readonly #ranMs = new WeakMap<Track, number>();
  /** Whose turn it is after the last frame, as BlazePose has seen them in it: longest ago first. */
  #due: [Track, Person][] = [];
  #ms = 0;
  /** Until when there was enough of it, in idle time. */
  #idleUntilMs = -Infinity;

  constructor({ prepare, hasIdleTime }: Pick<TrackerOptions, 'prepare' | 'hasIdleTime'>) {
    this.#network = new LateNetwork(MOVENET, prepare);
    this.#hasIdleTime = hasIdleTime;
    this.#isAwaited = prepare === undefined;
  }

  /** Whether there is someone to look at in idle time. */
  get isDueInIdleTime(): boolean {
    return this.#hasIdleTime && this.#due.length > 0 && this.#ms >= this.#idleUntilMs;
  }

  /**
   * Takes on whom a frame shows: where it is of use MoveNet is fetched, and looks at them next.
   * @param contested those who may be of someone else: MoveNet would see the one who is in front
   */
  async note(seen: ReadonlyMap<Track, Person>, contested: ReadonlySet<Person>, ms: number): Promise<void> {
    this.#ms = ms;
    const inNeed: [Track, Person][] = [];
    for (const [track, person] of seen) {
      // What BlazePose errs about whoever is whole is something else.
      if (showsLegs(person.pose)) this.forget(track);
      else if (track.isConfirmed && !contested.has(person)) inNeed.push([track, person]);
    }
    this.#need.note(ms, inNeed.length > 0);
    if (!this.#isReady && inNeed.length > 0 && (this.#need.isThere || this.#isAwaited)) {
      this.#isReady = await this.#network.isReady(ms, true);
    }
    this.#due = this.#isReady ? this.#whoseTurnItIs(inNeed) : [];
  }

  #whoseTurnItIs(inNeed: readonly [Track, Person][]): [Track, Person][] {
    const due: { ms: number; each: [Track, Person] }[] = [];
    for (const each of inNeed) {
      const ranMs = this.#ranMs.get(each[0]);
      // In single frames legs are less plain of those who are whole as well.
      if (ranMs === undefined) this.#ranMs.set(each[0], this.#ms);
      else if (this.#ms - ranMs >= EVERY_MS) due.push({ ms: ranMs, each });
    }
    return due.toSorted((a, b) => a.ms - b.ms).map(({ each }) => each);
  }

  /**
   * Looks at those of the last frame whose turn it is, where there is no idle time for it.
   * @param onRun told before it does
   */
  async inFrame(networks: Networks, picture: PictureSize, onRun: () => void): Promise<void> {
    if (this.#hasIdleTime || this.#due.length === 0) return;
    onRun();
    await this.#run(networks, picture, Infinity);
  }

  /**
   * Looks at one of them in idle time, where it is due.
   * @returns learns how long it has taken, in milliseconds
   */
  async idle(networks: Networks, picture: PictureSize): Promise<(tookMs: number) => void> {
    if (!this.isDueInIdleTime) return () => {};
    await this.#run(networks, picture, 1);
    return (tookMs) => {
      this.#idleUntilMs = this.#ms + tookMs / SHARE;
    };
  }

  async #run(networks: Networks, picture: PictureSize, most: number): Promise<void> {
    const looked = this.#due.splice(0, most).map(([track, person]) => {
      this.#ranMs.set(track, this.#ms);
      return { track, person, square: squareOfBox(clipToPicture(person.box, picture)) };
    });
    const usable = looked.filter(({ square }) => isUsable(square));
    const poses = await networks.run(
      MOVENET,
      usable.map(({ square }) => square),
      (output, square) => decodeMoveNet(output, square),
    );
    for (const [index, { track, person }] of usable.entries()) {
      const pose = poses[index];
      const correction = pose && Correction.between(person, pose, { ms: this.#ms, picture });
      if (correction) this.#corrections.set(track, correction);
    }
  }

  /** The person with their points where both networks have them, as far as MoveNet has looked of late. */
  corrected(track: Track, person: Person, ms: number): Person {
    const correction = this.#corrections.get(track);
    if (!correction) return person;
    if (!correction.isGone(ms)) return correction.of(person, ms);
    this.#corrections.delete(track);
    return person;
  }

  /** What was seen of that one says nothing more about where they are. */
  forget(track: Track): void {
    this.#corrections.delete(track);
    this.#ranMs.delete(track);
  }
}
