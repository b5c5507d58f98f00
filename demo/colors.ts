import { personColor } from 'body21';

/** Of everyone whom the filter leaves out: no person's, so that none of them looks like one they lie over. */
const DOUBTFUL = '#c9d1d3';

/** The colours of a photo's people. Only who counts as a person has one of their own: there are not many. */
export function colorsOf(judged: readonly { readonly valid: boolean }[]): string[] {
  let persons = 0;
  return judged.map(({ valid }) => (valid ? personColor(persons++) : DOUBTFUL));
}

/** The colours of people in a video: each keeps theirs for as long as they are followed. */
export class TrackColors {
  /** By `track_id`: which of the colours. */
  #taken = new Map<number, number>();

  /**
   * @param followed the `track_id` of everyone who is followed; whoever is not among them gives their colour back
   * @param shown the `track_id` of whom the colours are wanted for
   */
  of(followed: readonly number[], shown: readonly number[]): string[] {
    this.#taken = new Map([...this.#taken].filter(([id]) => followed.includes(id)));
    for (const id of shown) {
      if (!this.#taken.has(id)) this.#taken.set(id, this.#firstFree());
    }
    return shown.map((id) => personColor(this.#taken.get(id) ?? 0));
  }

  #firstFree(): number {
    const taken = new Set(this.#taken.values());
    let color = 0;
    while (taken.has(color)) color++;
    return color;
  }
}
