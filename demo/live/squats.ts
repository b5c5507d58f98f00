import { personColors } from 'body21';
import type { TrackedPerson } from 'body21';
import { RepCounter, SQUATS } from 'body21/measure';
import { byId, create } from '../dom.ts';

/** Counts everyone's squats, and shows them so large that they are read from where one squats. */
export class Squats {
  readonly #list = byId('squats', HTMLElement);
  readonly #counters = new Map<number, RepCounter>();
  #shown = '';

  /**
   * Takes the next frame.
   * @param people who is in it
   * @param timestamp of the frame, in milliseconds
   */
  add(people: readonly TrackedPerson[], timestamp: number): void {
    const counts = people.map((person) => {
      const counter = this.#counters.get(person.track_id) ?? new RepCounter(SQUATS);
      this.#counters.set(person.track_id, counter);
      return counter.add(person, timestamp).count;
    });
    const shown = people.map(({ track_id }, index) => `${track_id}: ${counts[index]}`).join();
    if (shown === this.#shown) return;
    this.#shown = shown;
    const colors = personColors(people);
    this.#list.replaceChildren(
      ...people.map(({ track_id }, index) => {
        const name = create('span', { className: 'squats-name' }, String(track_id));
        name.style.setProperty('--person', colors[index] ?? '');
        return create('li', {}, ...(people.length > 1 ? [name] : []), String(counts[index]));
      }),
    );
  }

  /** Begins anew. */
  clear(): void {
    this.#counters.clear();
    this.#shown = '';
    this.#list.replaceChildren();
  }
}
