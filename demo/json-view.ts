import { filterValidPersons } from 'body21';
import type { BodyAnalysisResult } from 'body21';
import { byId, create } from './dom.ts';
import { selectedPhoto } from './state.ts';
import type { Store } from './state.ts';

/** The photo's answer as JSON: as the filter leaves it, or everyone. */
export class JsonView {
  readonly #store: Store;
  readonly #text = byId('json', HTMLPreElement);
  readonly #all = byId('json-all', HTMLInputElement);
  readonly #copy = byId('copy', HTMLButtonElement);
  readonly #download = byId('download', HTMLButtonElement);

  constructor(store: Store) {
    this.#store = store;
  }

  connect(): void {
    const store = this.#store;
    store.watch(
      (state) => [selectedPhoto(state)?.answer, state.thresholds],
      () => this.#show(),
    );
    for (const choice of [this.#all, byId('json-valid', HTMLInputElement)]) {
      choice.addEventListener('change', () => this.#show());
    }
    this.#copy.addEventListener('click', () => void this.#copyText());
    this.#download.addEventListener('click', () => this.#save());
  }

  #show(): void {
    const { state } = this.#store;
    const result = selectedPhoto(state)?.answer?.result;
    this.#copy.disabled = !result;
    this.#download.disabled = !result;
    if (!result) this.#text.textContent = '';
    else {
      const chosen = this.#all.checked ? result : filterValidPersons(result, state.thresholds);
      this.#text.textContent = pretty(chosen);
    }
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

  #save(): void {
    const name = selectedPhoto(this.#store.state)?.name ?? 'result';
    const url = URL.createObjectURL(new Blob([this.#text.textContent], { type: 'application/json' }));
    create('a', { href: url, download: `${name.replace(/\.\w+$/, '')}.json` }).click();
    // The browser has taken the URL over by the next task.
    setTimeout(() => URL.revokeObjectURL(url));
  }
}

/** One line a keypoint: five would bury the shape of the answer. */
function pretty(result: BodyAnalysisResult): string {
  return JSON.stringify(result, undefined, 2).replace(/\{[^{}]*\}/g, (leaf) => leaf.replace(/\s+/g, ' '));
}
