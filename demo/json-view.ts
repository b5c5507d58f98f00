import { filterValidPersons } from 'body21';
import type { BodyAnalysisResult } from 'body21';
import { byId, create } from './dom.ts';
import { FORMATS } from './exports.ts';
import type { Exported } from './exports.ts';
import { selectedPhoto } from './state.ts';
import type { Photo, Store } from './state.ts';

/** The photo's answer as JSON, as the filter leaves it or everyone, and the files it can be had in. */
export class JsonView {
  readonly #store: Store;
  readonly #text = byId('json', HTMLPreElement);
  readonly #all = byId('json-all', HTMLInputElement);
  readonly #copy = byId('copy', HTMLButtonElement);
  readonly #format = byId('format', HTMLSelectElement);
  readonly #download = byId('download', HTMLButtonElement);

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const store = this.#store;
    for (const [value, { label }] of Object.entries(FORMATS)) {
      this.#format.append(create('option', { value, textContent: label }));
    }
    store.watch(
      (state) => [selectedPhoto(state)?.answer, state.thresholds, state.isExplaining],
      () => this.#show(),
    );
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
    this.#text.textContent = result ? pretty(this.#chosen(result)) : '';
  }

  /** The people that the page's switch lets through; how they were found only while that is shown. */
  #chosen(result: BodyAnalysisResult): BodyAnalysisResult {
    const { isExplaining, thresholds } = this.#store.state;
    const { debug, ...documented } = this.#all.checked ? result : filterValidPersons(result, thresholds);
    return isExplaining && debug ? { ...documented, debug } : documented;
  }

  async #copyText(): Promise<void> {
    let notice = 'The JSON is copied.';
    try {
      await navigator.clipboard.writeText(this.#text.textContent);
    } catch {
      notice = 'The browser did not let the page copy. Download the JSON instead.';
    }
    this.#store.update({ notice });
  }

  async #save(): Promise<void> {
    const { state } = this.#store;
    const selected = selectedPhoto(state);
    const format = FORMATS[this.#format.value];
    if (!selected || !format) return;
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

/** One line a keypoint: five would bury the shape of the answer. */
function pretty(result: BodyAnalysisResult): string {
  return JSON.stringify(result, undefined, 2).replace(/\{[^{}]*\}/g, (leaf) => leaf.replace(/\s+/g, ' '));
}
