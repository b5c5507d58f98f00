import type { PersonInfo, PersonLocation, TrackedPerson, TrackedResult } from 'body21';

/** Two boxes that share more than this, of all that they cover, are one person's. */
const SAME_PERSON = 0.5;

/**
 * So far from each other, as a share of their longer sides, may the middles of one person's boxes be: someone who is
 * seen from the side walks out of their box while a run begins.
 */
const A_STEP = 0.3;

/** So many frames of a run may bring back who was there before: not everyone is found in the first of them. */
const FRAMES_TO_FIND = 10;

/** For so long, in milliseconds, those who are found anew may be missing, before it is said of them. */
const AGAIN_MS = 700;
/** And for so many frames, however slow the device is. */
const AGAIN_FRAMES = 3;

/**
 * Who is who in two answers. Pairs that are alike most come first; nobody is in two.
 * @param alike how much so two boxes are; at 0 they are different people's
 */
export function pairUp<One extends PersonInfo, Other extends PersonInfo>(
  people: readonly One[],
  others: readonly Other[],
  alike: (a: PersonLocation, b: PersonLocation) => number = overlapOf,
): Map<One, Other> {
  const pairs = people.flatMap((person) =>
    others.map((other) => ({ person, other, score: alike(person.location, other.location) })),
  );
  const found = new Map<One, Other>();
  const taken = new Set<Other>();
  for (const { person, other, score } of pairs.toSorted((a, b) => b.score - a.score)) {
    if (score <= 0 || found.has(person) || taken.has(other)) continue;
    found.set(person, other);
    taken.add(other);
  }
  return found;
}

/**
 * Gives people the numbers that they had before. Each run over a video counts from 1; where one goes on from
 * a frame that was answered already, who stands in the same place keeps their number, and whoever is new
 * gets one that nobody had.
 */
export class Numbering {
  readonly #ids = new Map<number, number>();
  readonly #known: readonly TrackedPerson[];
  readonly #began = performance.now();
  #lastId: number;
  /** Frames that were answered, and those of them with anybody in them. */
  #answers = 0;
  #frames = 0;

  /**
   * @param known who is in the frame that the run begins with, as answered before
   * @param lastId the highest number so far
   */
  constructor(known: readonly TrackedPerson[] = [], lastId = 0) {
    this.#known = known;
    this.#lastId = Math.max(lastId, ...known.map(({ track_id }) => track_id));
  }

  /**
   * Whether those who were there before are still to be found anew. Nobody is believed in who was seen in one frame
   * alone: a run's first answers have nobody, who are there all the same.
   */
  get isFindingAnew(): boolean {
    const isEarly = this.#answers <= AGAIN_FRAMES || performance.now() - this.#began < AGAIN_MS;
    return this.#frames === 0 && this.#known.length > 0 && isEarly;
  }

  /** The answer to the run's next frame with the numbers that last. */
  apply<Result extends TrackedResult>(result: Result): Result {
    this.#answers++;
    if (result.person_info.length > 0 && this.#frames++ < FRAMES_TO_FIND) {
      for (const alike of [overlapOf, nearnessOf]) {
        const found = new Set(this.#ids.values());
        const anew = result.person_info.filter(({ track_id }) => !this.#ids.has(track_id));
        const missing = this.#known.filter(({ track_id }) => !found.has(track_id));
        for (const [{ track_id }, before] of pairUp(anew, missing, alike))
          this.#ids.set(track_id, before.track_id);
      }
    }
    const person_info = result.person_info.map((person) => ({
      ...person,
      track_id: this.#idOf(person.track_id),
    }));
    return { ...result, person_info: person_info.toSorted((a, b) => a.track_id - b.track_id) };
  }

  /** The highest number so far. */
  get lastId(): number {
    return this.#lastId;
  }

  #idOf(id: number): number {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#ids.set(id, ++this.#lastId);
    return this.#lastId;
  }
}

/** What two boxes share, of all that they cover: `0 … 1`; 0 where that is too little for one person's. */
function overlapOf(a: PersonLocation, b: PersonLocation): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  const share = shared / (a.width * a.height + b.width * b.height - shared);
  return share > SAME_PERSON ? share : 0;
}

/** How near two boxes are: `0 … 1`; 0 where they are a step or more apart. */
function nearnessOf(a: PersonLocation, b: PersonLocation): number {
  const across = a.left + a.width / 2 - b.left - b.width / 2;
  const down = a.top + a.height / 2 - b.top - b.height / 2;
  const longer = Math.min(Math.max(a.width, a.height), Math.max(b.width, b.height));
  return Math.max(0, 1 - Math.hypot(across, down) / (A_STEP * longer));
}
