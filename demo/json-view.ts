import { filterValidPersons } from 'body21';
import type { BodyAnalysisResult } from 'body21';
import { byId, create } from './dom.ts';
import { FORMAT_NAMES, FORMATS } from './exports.ts';
import type { Exported } from './exports.ts';
import { jsonLines } from './json-lines.ts';
import { selectedPhoto } from './state.ts';
import type { Photo, State, Store } from './state.ts';
import { words } from './words/words.ts';

/** The photo's answer as JSON, as the filter leaves it or everyone, and the files it can be had in. */
export class JsonView {
  readonly #store: Store;
  readonly #text = byId('json', HTMLPreElement);
  readonly #all = byId('json-all', HTMLInputElement);
  readonly #copy = byId('copy', HTMLButtonElement);
  readonly #format = byId('format', HTMLSelectElement);
  /** Whom and which part each line tells of. */
  readonly #lines = new Map<Element, Pick<State, 'pointed' | 'part'>>();
  /** Whose lines were scrolled to. */
  #shown: number | undefined;
  readonly #download = byId('download', HTMLButtonElement);

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const store = this.#store;
    for (const value of FORMAT_NAMES) {
      this.#format.append(create('option', { value, textContent: words.photo.formats[value] }));
    }
    store.watch(
      (state) => [selectedPhoto(state)?.answer, state.thresholds, state.isExplaining],
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
    for (const choice of [this.#all, byId('json-valid', HTMLInputElement)]) {
      choice.addEventListener('change', () => this.#show());
    }
    this.#copy.addEventListener('click', () => void this.#copyText());
    this.#download.addEventListener('click', () => void this.#save());
  }

  #show(): void {
    const { state } = this.#store;
    const result = selectedPhoto(state)?.answer?.result;
    this.#copy.disabled = !result;
    this.#download.disabled = !result;
    this.#lines.clear();
    if (!result) {
      this.#text.replaceChildren();
      return;
    }
    const chosen = this.#chosen(result);
    const spans = jsonLines(chosen).map(({ text, person, part }) => {
      const line = create('span', { className: 'line-of-json' }, text);
      const of = person === undefined ? undefined : chosen.person_info[person];
      if (of) this.#lines.set(line, { pointed: result.person_info.indexOf(of), part });
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
    if (pinned !== this.#shown && first) {
      const { top } = this.#text.getBoundingClientRect();
      this.#text.scrollBy({ top: first.getBoundingClientRect().top - top - 16 });
    }
    this.#shown = pinned;
  }

  /** The people that the page's switch lets through; how they were found only while that is shown. */
  #chosen(result: BodyAnalysisResult): BodyAnalysisResult {
    const { isExplaining, thresholds } = this.#store.state;
    const { debug, ...documented } = this.#all.checked ? result : filterValidPersons(result, thresholds);
    return isExplaining && debug ? { ...documented, debug } : documented;
  }

  async #copyText(): Promise<void> {
    let notice = words.photo.jsonCopied;
    try {
      await navigator.clipboard.writeText(this.#text.textContent);
    } catch {
      notice = words.photo.notCopied;
    }
    this.#store.update({ notice });
  }

  async #save(): Promise<void> {
    const { state } = this.#store;
    const selected = selectedPhoto(state);
    const chosen = FORMAT_NAMES.find((each) => each === this.#format.value);
    if (!selected || !chosen) return;
    const format = FORMATS[chosen];
    const [first, ...others] = (format.all ? state.photos : [selected]).flatMap((photo) =>
      this.#exported(photo),
    );
    if (!first) return;
    const text = await format.write([first, ...others]);
    const name = format.all ? 'body21' : selected.name.replace(/\.\w+$/, '');
    const url = URL.createObjectURL(new Blob([text], { type: format.type }));
    create('a', { href: url, download: `${name}.${format.extension}` }).click();
    // The browser has taken the URL over by the next task.
    setTimeout(() => URL.revokeObjectURL(url));
  }

  #exported({ name, url, answer }: Photo): Exported[] {
    return answer ? [{ name, url, result: this.#chosen(answer.result) }] : [];
  }
}
