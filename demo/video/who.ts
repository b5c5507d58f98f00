import { byId, create } from '../dom.ts';
import { words } from '../words/words.ts';

/** Chooses whom to see in 3D, or cut out: one of those who were found, or everyone. */
export class Who {
  /** Told who it is, by their `track_id`; `undefined` for everyone. */
  onChoose: ((id: number | undefined) => void) | undefined;
  readonly #select = byId('who', HTMLSelectElement);

  connect(): void {
    this.#select.addEventListener('change', () => this.onChoose?.(Number(this.#select.value) || undefined));
  }

  /**
   * Offers these, in this order, and whoever is chosen already: they may be found again. Of one alone there is
   * nothing to choose.
   * @param isWanted whether what is on show is of someone
   */
  offer(ids: readonly number[], isWanted: boolean): void {
    const select = this.#select;
    const { value } = select;
    const isMissed = value !== '' && !ids.includes(Number(value));
    const offered = isMissed ? [...ids, Number(value)].toSorted((a, b) => a - b) : ids;
    const had = [...select.options].slice(1).map((option) => Number(option.value));
    if (had.join() !== offered.join()) {
      for (const option of [...select.options].slice(1)) option.remove();
      select.append(...offered.map((id) => create('option', { value: String(id) }, words.person(id))));
      select.value = value;
    }
    select.hidden = !isWanted || offered.length < 2;
  }

  /** Forgets them all: another video has other people. */
  forget(): void {
    this.#select.value = '';
    this.offer([], false);
    this.onChoose?.(undefined);
  }
}
