import { byId, create } from './dom.ts';
import { jsonLines } from './json-lines.ts';
import { scrollWithin } from './sheet.ts';
import { answerOf, judge, selectedPhoto } from './state.ts';
import type { State, Store } from './state.ts';

/** The photo's answer as JSON, as the filter leaves it or everyone. */
export class JsonView {
  readonly #store: Store;
  readonly #text = byId('json', HTMLPreElement);
  /** Whom and which part each line tells of. */
  readonly #lines = new Map<Element, Pick<State, 'pointed' | 'part'>>();
  /** Whose lines were scrolled to. */
  #shown: number | undefined;

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const store = this.#store;
    store.watch(
      (state) => [selectedPhoto(state)?.answer, state.thresholds, state.isEveryone, state.isExplaining],
      () => this.#show(),
    );
    store.watch(
      ({ pointed, pinned, part }) => [pointed, pinned, part],
      () => this.#mark(),
    );
    this.#text.addEventListener('pointerover', ({ target }) => store.update(this.#lineAt(target)));
    this.#text.addEventListener('pointerleave', () => store.update({ pointed: undefined, part: undefined }));
    this.#text.addEventListener('click', ({ target }) => {
      // Whoever selects text to copy it means no person.
      if (getSelection()?.isCollapsed === false) return;
      const { pointed } = this.#lineAt(target);
      if (pointed !== undefined)
        store.update({ pinned: pointed === store.state.pinned ? undefined : pointed });
    });
  }

  #show(): void {
    const { state } = this.#store;

    const result = selectedPhoto(state)?.answer?.result;
    this.#lines.clear();
    if (!result) {
      this.#text.replaceChildren();
      return;
    }
    const chosen = answerOf(result, state);
    const people = judge(result, state.thresholds).filter(({ valid }) => valid || state.isEveryone);
    const spans = jsonLines(chosen).map(({ text, person, part }) => {
      const line = create('span', { className: 'line-of-json' }, text);
      const of = person === undefined ? undefined : people[person];
      if (of) this.#lines.set(line, { pointed: of.index, part });
      return line;
    });
    this.#text.replaceChildren(...spans);
    this.#mark();
  }

  #lineAt(target: EventTarget | null): Pick<State, 'pointed' | 'part'> {
    const line = target instanceof Element ? this.#lines.get(target) : undefined;
    return { pointed: line?.pointed, part: line?.part };
  }

  /** Marks whoever is highlighted, and shows whoever is kept so. */
  #mark(): void {
    const { pointed, pinned, part } = this.#store.state;
    let first: Element | undefined;
    for (const [line, of] of this.#lines) {
      const isPinned = of.pointed === pinned;
      line.classList.toggle('is-pinned', isPinned);
      line.classList.toggle(
        'is-pointed',
        of.pointed === (pointed ?? pinned) && of.part !== undefined && of.part === part,
      );
      if (isPinned) first ??= line;
    }
    if (pinned !== this.#shown && first?.checkVisibility()) scrollWithin(this.#text, first, 16);
    this.#shown = pinned;
  }
}
