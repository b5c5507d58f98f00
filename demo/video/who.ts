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
   * Offers these, in this order; of one alone there is nothing to choose.
   * @param isWanted whether what is on show is of someone
   */
  offer(ids: readonly number[], isWanted: boolean): void {
    const select = this.#select;
    const had = [...select.options].slice(1).map(({ value }) => Number(value));
    if (had.join() !== ids.join()) {
      const { value } = select;
      for (const option of [...select.options].slice(1)) option.remove();
      select.append(...ids.map((id) => create('option', { value: String(id) }, words.person(id))));
      const isThere = value === '' || ids.includes(Number(value));
      select.value = isThere ? value : '';
      if (!isThere) this.onChoose?.(undefined);
    }
    select.hidden = !isWanted || ids.length < 2;
  }
}
