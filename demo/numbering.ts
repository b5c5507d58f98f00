import type { PersonLocation, TrackedPerson, TrackedResult } from 'body21';

/** Two boxes that share more than this, of all that they cover, are one person's. */
const SAME_PERSON = 0.5;

/**
 * Gives people the numbers that they had before. Each run over a video counts from 1; where one goes on from
 * a frame that was answered already, who stands in the same place keeps their number, and whoever is new
 * gets one that nobody had.
 */
export class Numbering {
  readonly #ids = new Map<number, number>();
  readonly #known: readonly TrackedPerson[];
  #lastId: number;
  #hasBegun = false;

  /**
   * @param known who is in the frame that the run begins with, as answered before
   * @param lastId the highest number so far
   */
  constructor(known: readonly TrackedPerson[] = [], lastId = 0) {
    this.#known = known;
    this.#lastId = lastId;
  }

  /** The answer to the run's next frame with the numbers that last. */
  apply<Result extends TrackedResult>(result: Result): Result {
    // A run tells of nobody before they were seen twice.
    if (!this.#hasBegun && result.person_info.length > 0) {
      this.#recognise(result.person_info);
      this.#hasBegun = true;
    }
    const person_info = result.person_info.map((person) => ({
      ...person,
      track_id: this.#idOf(person.track_id),
    }));
    return { ...result, person_info: person_info.toSorted((a, b) => a.track_id - b.track_id) };
  }

  #idOf(id: number): number {
    const known = this.#ids.get(id);
    if (known !== undefined) return known;
    this.#ids.set(id, ++this.#lastId);
    return this.#lastId;
  }

  /** The pairs that lie over each other most come first. */
  #recognise(people: readonly TrackedPerson[]): void {
    const pairs = people.flatMap((person) =>
      this.#known.map((before) => ({
        id: person.track_id,
        was: before.track_id,
        overlap: overlapOf(person.location, before.location),
      })),
    );
    const taken = new Set<number>();
    for (const { id, was, overlap } of pairs.toSorted((a, b) => b.overlap - a.overlap)) {
      if (overlap <= SAME_PERSON || this.#ids.has(id) || taken.has(was)) continue;
      this.#ids.set(id, was);
      taken.add(was);
    }
  }
}

/** What two boxes share, of all that they cover: `0 … 1`. */
function overlapOf(a: PersonLocation, b: PersonLocation): number {
  const width = Math.min(a.left + a.width, b.left + b.width) - Math.max(a.left, b.left);
  const height = Math.min(a.top + a.height, b.top + b.height) - Math.max(a.top, b.top);
  if (width <= 0 || height <= 0) return 0;
  const shared = width * height;
  return shared / (a.width * a.height + b.width * b.height - shared);
}
